"""Kafka records as the consumer gives them, for tests without a broker."""

from kafka.consumer.fetcher import ConsumerRecord

from schemas.cloudevents import encode
from schemas.events import AnyEvent
from schemas.software import SOFTWARE
from schemas.topics import topic_of


def record_of(
    event: AnyEvent,
    offset: int = 0,
    partition: int = 0,
    source: str = "urn:weiplomacy:live",
    lane: str | None = "guest-1",
) -> ConsumerRecord:
    """The record of an event."""
    message = encode(event, source, SOFTWARE, lane)
    return record(
        topic_of(event).name, message.value, message.headers, offset=offset, partition=partition, key=message.key
    )


def record(topic, value, headers=(), *, offset=0, partition=0, key=b"k") -> ConsumerRecord:
    """A record with any bytes."""
    return ConsumerRecord(
        topic,
        partition,
        -1,
        offset,
        1_700_000_000_000,
        1,
        key,
        value,
        list(headers),
        None,
        len(key),
        len(value or b""),
        0,
    )
