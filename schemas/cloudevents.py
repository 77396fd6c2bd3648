"""Events as Kafka messages: CloudEvents 1.0, Kafka protocol binding, binary content mode.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from schemas.errors import ContractError
from schemas.events import MODEL_BY_TYPE, AnyEvent, iso_milliseconds

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed to Kafka: key, value and headers of one record."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class NotJsonError(ContractError):
    """The value is not JSON at all."""


class InvalidEventError(ContractError):
    """The value does not satisfy the model of its type."""


class UnknownTypeError(ContractError):
    """The message says no type, or one that was never in the contract."""


class NewerContractError(ContractError):
    """The message has a type that a newer contract knows: this software is too old for it."""


def encode(event: AnyEvent, source: str) -> Message:
    """The Kafka message of an event. `source` says where it comes from, such as `urn:weiplomacy:live`."""
    return Message(
        key=event.key.encode(),
        value=event.model_dump_json().encode(),
        headers=[
            ("ce_specversion", b"1.0"),
            ("ce_type", event.type.encode()),
            ("ce_id", event.event_id.encode()),
            ("ce_source", source.encode()),
            ("ce_time", iso_milliseconds(event.observed_at).encode()),
            ("content-type", b"application/json"),
        ],
    )


def header(headers: Headers, name: str) -> str | None:
    """The text of a header, or None where it is missing."""
    # Asked twice of every message: a plain loop costs half of what a generator would.
    for key, value in headers:
        if key == name and value is not None:
            return value.decode("utf-8", "replace")
    return None


def decode(value: bytes | None, headers: Headers) -> AnyEvent:
    """The event of a Kafka message.

    Raises NotJsonError, InvalidEventError, UnknownTypeError or NewerContractError; each says what is wrong.
    """
    kind = header(headers, "ce_type")
    model = MODEL_BY_TYPE.get(kind or "")
    if model is None:
        raise _unknown(kind)
    if value is None:
        raise NotJsonError("the message has no value")
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise NotJsonError(f"the value is not JSON: {first['msg']}") from error
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        more = error.error_count() - 1
        raise InvalidEventError(f"{place}: {first['msg']}" + (f" (and {more} more)" if more else "")) from error


def _unknown(kind: str | None) -> ContractError:
    if kind is None:
        return UnknownTypeError("the message has no header ce_type")
    stem, _, version = kind.rpartition(".v")
    known = {name.rpartition(".v")[0] for name in MODEL_BY_TYPE}
    if stem in known and version.isdigit():
        return NewerContractError(f"{kind} is from a newer contract: update the loader, then replay the dead letters")
    return UnknownTypeError(f"{kind!r} is not an event of this contract")
