"""A Kafka message becomes a row of a table, or what is said about it in its dead letter."""

from dataclasses import dataclass
from typing import Any, Literal

from kafka.consumer.fetcher import ConsumerRecord

from consumers.columns import RefusedValueError
from consumers.tables import TABLE_BY_EVENT, Table
from schemas.cloudevents import InvalidEventError, NewerContractError, NotJsonError, attributes, event_of
from schemas.errors import ContractError
from schemas.topics import Topic

Stage = Literal["decode", "validate", "encode", "insert"]
Reason = Literal["not_json", "invalid", "unknown_type", "newer_contract", "too_large", "refused"]

#: A dead letter's sentence is a line of the contract.
DETAIL_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """A message that can be written: its table, its values without the batch, and its offset."""

    table: Table
    values: tuple[Any, ...]
    record: ConsumerRecord


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that can't be loaded: at which stage, why as a name, and why as a sentence."""

    record: ConsumerRecord
    stage: Stage
    reason: Reason
    detail: str


def read(record: ConsumerRecord, topic: Topic) -> Row | Rejected:
    """Decode, validate and encode one message of a topic. Never raises for what a message holds."""
    if len(record.value or b"") > topic.max_message_bytes:
        size = len(record.value)
        return Rejected(record, "decode", "too_large", f"{size} bytes; the topic's limit is {topic.max_message_bytes}")
    kind, provenance = attributes(record.headers)
    try:
        event = event_of(record.value, kind)
    except ContractError as error:
        return _rejected(record, error)
    if type(event) not in topic.events:
        return Rejected(record, "decode", "unknown_type", f"{event.type} does not belong to the topic {topic.name}")
    table = TABLE_BY_EVENT[type(event)]
    try:
        values = table.values(event, provenance)
    except RefusedValueError as error:
        return Rejected(record, "encode", "invalid", str(error)[:DETAIL_CHARACTERS])
    return Row(table, values, record)


def _rejected(record: ConsumerRecord, error: ContractError) -> Rejected:
    detail = str(error)[:DETAIL_CHARACTERS]
    if isinstance(error, NotJsonError):
        return Rejected(record, "decode", "not_json", detail)
    if isinstance(error, NewerContractError):
        return Rejected(record, "decode", "newer_contract", detail)
    if isinstance(error, InvalidEventError):
        return Rejected(record, "validate", "invalid", detail)
    return Rejected(record, "decode", "unknown_type", detail)
