"""Guest sessions: values signed by the replica, so that it knows its own again after a restart and keeps no list."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.replica.errors import StateError
from deploy.replica.tls import write_private

KEY_FILE: Final = "session.key"
SUB_START: Final = "_2AkM"
"""How the identity of a guest begins, as browsers show it."""
_NONCE: Final = 15
_SIGNATURE: Final = 18


@dataclass(frozen=True, slots=True)
class Guest:
    """The identity that the gate gives to a browser; `sub` is the signed one."""

    tid: str
    sub: str
    subp: str


class Sessions:
    """Gives and checks signed values."""

    def __init__(self, key: bytes, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._key = key
        self._random_bytes = random_bytes

    def new_guest(self) -> Guest:
        """A new identity."""
        return Guest(
            tid=self._signed("tid"),
            sub=SUB_START + self._signed("sub"),
            subp="0033WrSXqPxfM72wWs9jqgMF55529P9D9" + _text(self._random_bytes(_NONCE)),
        )

    def is_guest(self, sub: str | None) -> bool:
        """Whether the value of the cookie SUB was given by this replica, now or before a restart."""
        return bool(sub) and str(sub).startswith(SUB_START) and self._is_signed("sub", str(sub)[len(SUB_START) :])

    def new_ticket(self) -> str:
        """The id in the gate's page that its script sends back: who has it has read the page."""
        return self._signed("request")

    def is_ticket(self, ticket: str | None) -> bool:
        """Whether the gate gave this id."""
        return bool(ticket) and self._is_signed("request", str(ticket))

    def token(self) -> str:
        """A value without meaning, for _T_WM and XSRF-TOKEN."""
        return self._random_bytes(3).hex()

    def _signed(self, purpose: str) -> str:
        nonce = self._random_bytes(_NONCE)
        return _text(nonce + self._signature(purpose, nonce))

    def _is_signed(self, purpose: str, value: str) -> bool:
        try:
            raw = base64.urlsafe_b64decode(value.encode("ascii"))
        except ValueError:
            return False
        nonce, signature = raw[:_NONCE], raw[_NONCE:]
        return len(nonce) == _NONCE and hmac.compare_digest(signature, self._signature(purpose, nonce))

    def _signature(self, purpose: str, nonce: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode("ascii") + nonce, hashlib.sha256)[:_SIGNATURE]


def sessions_of(folder: Path) -> Sessions:
    """The sessions of a state folder; their key is made at the first call. Raises StateError."""
    file = folder / KEY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            write_private(file, secrets.token_bytes(32))
        key = file.read_bytes()
    except OSError as error:
        raise StateError(f"the key of the sessions in {folder} can't be used ({error})") from error
    if len(key) != 32:
        raise StateError(f"{file} is damaged: remove it, and all sessions begin anew")
    return Sessions(key)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii")
