"""Reads what comes into the topics of a broker, for tests that compare it with what was expected."""

from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from crawler.offsets import ends_of
from schemas.cloudevents import attributes, decode
from schemas.events import AnyEvent
from schemas.software import SOFTWARE
from schemas.topics import TOPICS
from tests.kafka_process import KafkaProcess

HOLDS_EVENTS = {topic.name for topic in TOPICS if topic.events}


class EventReader:
    """Reads what comes into all topics after it was made, topic by topic."""

    def __init__(self, kafka: KafkaProcess) -> None:
        self._consumer = KafkaConsumer(bootstrap_servers=kafka.servers, enable_auto_commit=False)
        self._partitions = [
            TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)
        ]
        self._consumer.assign(self._partitions)
        for partition, end in ends_of(self._consumer, self._partitions).items():
            self._consumer.seek(partition, end)

    def events(self) -> list[tuple[AnyEvent | None, bytes]]:
        """All of it, and no more will be read."""
        found = self.new()
        self.close()
        return found

    def close(self) -> None:
        self._consumer.close()

    def new(self) -> list[tuple[AnyEvent | None, bytes]]:
        """What has come since the last call, raw, with the events of those topics that have events."""
        ends = ends_of(self._consumer, self._partitions)
        found: list[tuple[AnyEvent | None, bytes]] = []
        while any(self._consumer.position(partition) < end for partition, end in ends.items()):
            for records in self._consumer.poll(timeout_ms=500).values():
                for record in records:
                    is_event = record.topic in HOLDS_EVENTS
                    _, said = attributes(record.headers)
                    assert not is_event or (said.source, said.software) == ("urn:weiplomacy:replica", SOFTWARE)
                    assert not is_event or said.lane, "what the crawler sees, a lane saw"
                    found.append((decode(record.value, record.headers) if is_event else None, record.value))
        return found


def every_record(servers: list[str]) -> Iterator[Any]:
    """All records that all topics hold now, from their beginnings."""
    consumer = KafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    try:
        partitions = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
        consumer.assign(partitions)
        ends = ends_of(consumer, partitions)
        consumer.seek_to_beginning(*partitions)
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            for records in consumer.poll(timeout_ms=500).values():
                yield from records
    finally:
        consumer.close()
