"""Events as Kafka messages: CloudEvents 1.0, Kafka protocol binding, binary content mode.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pydantic import ValidationError

from schemas.errors import ContractError
from schemas.event_fields import iso_milliseconds
from schemas.events import MODEL_BY_TYPE, AnyEvent

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed to Kafka: key, value and headers of one record."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Provenance(NamedTuple):
    """What the headers of a message say of who observed its event; what they don't say is empty."""

    source: str
    software: str
    lane: str


class NotJsonError(ContractError):
    """The value is not JSON at all."""


class InvalidEventError(ContractError):
    """The value does not satisfy the model of its type."""


class UnknownTypeError(ContractError):
    """The message says no type, or one that was never in the contract."""


class NewerContractError(ContractError):
    """The message has a type that a newer contract knows: this software is too old for it."""


def encode(event: AnyEvent, source: str, software: str, lane: str | None = None) -> Message:
    """The Kafka message of an event.

    `source` says where it comes from, such as `urn:weiplomacy:live`; `software` what observed it, `weiplomacy/0.1.0`;
    `lane` which session saw it, None where it was none.
    """
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", event.type.encode()),
        ("ce_id", event.event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_time", iso_milliseconds(event.observed_at).encode()),
        ("ce_software", software.encode()),
        ("content-type", b"application/json"),
    ]
    if lane is not None:
        headers.append(("ce_lane", lane.encode()))
    return Message(key=event.key.encode(), value=event.model_dump_json().encode(), headers=headers)


def header(headers: Headers, name: str) -> str | None:
    """The text of a header, or None where it is missing."""
    return next((_text(value) for key, value in headers if key == name and value is not None), None)


def attributes(headers: Headers) -> tuple[str, Provenance]:
    """The type that the headers say, empty where they don't, and the provenance; in one pass, for each message."""
    of = dict(reversed(headers)).get  # of two with one name, the first
    return _text(of("ce_type")), _provenance(of("ce_source"), of("ce_software"), of("ce_lane"))


# One lane after the other sends thousands of messages: most ask for what was read a moment ago.
@lru_cache(maxsize=128)
def _provenance(source: bytes | None, software: bytes | None, lane: bytes | None) -> Provenance:
    return Provenance(_text(source), _text(software), _text(lane))


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode("utf-8", "replace")


def decode(value: bytes | None, headers: Headers) -> AnyEvent:
    """The event of a Kafka message.

    Raises NotJsonError, InvalidEventError, UnknownTypeError or NewerContractError; each says what is wrong.
    """
    return event_of(value, attributes(headers)[0])


def event_of(value: bytes | None, kind: str) -> AnyEvent:
    """The event of a value, by the type that its message says; as `decode`."""
    model = MODEL_BY_TYPE.get(kind)
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


def _unknown(kind: str) -> ContractError:
    if not kind:
        return UnknownTypeError("the message has no header ce_type")
    stem, _, version = kind.rpartition(".v")
    known = {name.rpartition(".v")[0] for name in MODEL_BY_TYPE}
    if stem in known and version.isdigit():
        return NewerContractError(f"{kind} is from a newer contract: update the loader, then replay the dead letters")
    return UnknownTypeError(f"{kind!r} is not an event of this contract")
