"""What a consumer remembers, read and written: what consumers.turns says of it, with a broker."""

import json
from collections.abc import Iterator, Mapping, Sequence

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from consumers.errors import KafkaUnreachableError
from consumers.posting import Letter, Post
from consumers.turns import (
    CLOSING,
    EPOCH,
    Memory,
    Record,
    State,
    closing_value,
    read,
    repaired,
    state_of,
    state_value,
)
from schemas.cloudevents import Headers, encode, event_of
from schemas.events import AnyEvent
from schemas.software import SOFTWARE
from schemas.topics import TOPICS, Topic, topic_of

PATIENCE_MS = 30_000
POLL_MS = 500


class MemoryTopic:
    """The memory of one consumer, in a topic of its own: opened once at its start, then turn after turn."""

    def __init__(self, servers: Sequence[str], topic: Topic, source: str) -> None:
        self._servers = list(servers)
        self._topic = topic
        self._source = source
        self._post = Post(servers, topic.name, max(topic.max_message_bytes for topic in TOPICS))
        self._memory = Memory()

    def open(self) -> tuple[list[tuple[str, State]], dict[str, int]]:
        """Read what is remembered, begin an epoch of its own, and publish the last events once more.

        Returns the state by key, and the offsets that it covers by `topic:partition`. Raises KafkaUnreachableError or
        StateRecordError.
        """
        memory = read(self._records(), self._topic.name)
        memory.epoch += 1
        self._memory = memory
        self._close_turn(dict(repaired(memory)), memory.offsets, memory.events)
        state = [(key, state_of(key, value, self._topic.name)) for key, value in memory.state.items()]
        memory.state.clear()
        return state, dict(memory.offsets)

    def close_turn(
        self, changed: Mapping[str, State | None], offsets: Mapping[str, int], events: Sequence[AnyEvent]
    ) -> None:
        """Write a turn, and publish what is told of it. Raises KafkaUnreachableError: then the process must end."""
        values = {key: state_value(state) for key, state in changed.items()}
        self._close_turn(values, offsets, [event.model_dump_json() for event in events])

    def close(self) -> None:
        """Close the connection."""
        self._post.close()

    def _close_turn(
        self, values: Mapping[str, bytes | None], offsets: Mapping[str, int], events: Sequence[str]
    ) -> None:
        self._memory.number += 1
        headers: Headers = [(EPOCH, str(self._memory.epoch).encode())]
        letters = [Letter(self._topic, key.encode(), value, headers) for key, value in values.items()]
        closing = closing_value(self._memory.number, offsets, events)
        letters.append(Letter(self._topic, CLOSING.encode(), closing, headers))
        self._post.send(letters, f"a turn of {self._topic.name}, which will be done again,")
        self._post.send([self._letter(event) for event in events], f"{len(events)} events, which will be sent again,")

    def _letter(self, text: str) -> Letter:
        event = event_of(text.encode(), json.loads(text)["type"])
        message = encode(event, self._source, SOFTWARE)
        return Letter(topic_of(event), message.key, message.value, message.headers)

    def _records(self) -> Iterator[Record]:
        """All records of the topic as of now, from its beginning."""
        partition = TopicPartition(self._topic.name, 0)
        try:
            consumer = KafkaConsumer(
                bootstrap_servers=self._servers,
                client_id=f"{self._topic.name}-reader",
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                allow_auto_create_topics=False,
                bootstrap_timeout_ms=PATIENCE_MS,
            )
            try:
                consumer.assign([partition])
                end = consumer.end_offsets([partition])[partition]
                consumer.seek_to_beginning(partition)
                while consumer.position(partition) < end:
                    for records in consumer.poll(timeout_ms=POLL_MS).values():
                        for record in records:
                            if record.offset < end:
                                key = record.key.decode("utf-8", "replace")
                                yield Record(key, record.value, _epoch(record.headers))
            finally:
                consumer.close()
        except (KafkaError, OSError) as error:
            raise KafkaUnreachableError(
                f"Kafka at {','.join(self._servers)} does not give the topic {self._topic.name} "
                f"({type(error).__name__}: {error}): see `weiplomacy status`"
            ) from error


def _epoch(headers: Headers) -> int:
    value = next((value for name, value in headers if name == EPOCH), None) or b""
    return int(value) if value.isdigit() else 0
