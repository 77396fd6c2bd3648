"""Secrets: rules name where one is, `file:/etc/weiplomacy/dingtalk` or `env:NAME`, and never hold it themselves."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from consumers.delivery.errors import SecretError
from schemas.errors import first_reason

MOST_BYTES = 16_384


def read(reference: str, channel: str, environment: Mapping[str, str] = os.environ) -> SecretStr:
    """The secret that a reference leads to, without the line end of its file.

    Raises SecretError, which names the channel and the reference, never the value.
    """
    kind, _, place = reference.partition(":")
    if kind == "env" and place:
        value = environment.get(place)
        if value is None:
            raise SecretError(
                f"channel {channel}: the environment of the sender has no variable {place}: set it before `weiplomacy "
                "up`, which hands on those that begin with WEIPLOMACY_SECRET_, or name a file"
            )
    elif kind == "file" and Path(place).is_absolute():
        value = _file(Path(place), channel)
    else:
        raise SecretError(
            f"channel {channel}: a secret is named as file:/absolute/path or env:NAME; what stands there is not "
            "repeated here, in case it is the secret itself"
        )
    value = value.rstrip("\r\n")
    if not value.strip():
        raise SecretError(f"channel {channel}: the secret at {reference} is empty")
    if not value.isprintable():
        raise SecretError(f"channel {channel}: the secret at {reference} has line ends or control characters within")
    return SecretStr(value)


def _file(path: Path, channel: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SecretError(f"channel {channel}: the secret's file {path} can't be read: {first_reason(error)}") from None
    if len(data) > MOST_BYTES:
        raise SecretError(f"channel {channel}: the secret's file {path} is larger than {MOST_BYTES} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise SecretError(f"channel {channel}: the secret's file {path} is not text in UTF-8") from None
