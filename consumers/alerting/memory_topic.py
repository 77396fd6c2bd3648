"""The alerter's memory in Kafka, read and written: what consumers.alerting.turns says of it, with a broker."""

from collections.abc import Iterator, Mapping, Sequence

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from consumers.alerting.keeping import State
from consumers.alerting.turns import (
    CLOSING,
    EPOCH,
    Memory,
    Record,
    closing_value,
    read,
    repaired,
    state_of,
    state_value,
)
from consumers.errors import KafkaUnreachableError
from consumers.posting import Letter, Post
from schemas.alerts import AlertChanged
from schemas.cloudevents import Headers, Message, encode, event_of
from schemas.events import type_of
from schemas.software import SOFTWARE
from schemas.topics import ALERT_STATE, ALERTS

PATIENCE_MS = 30_000
POLL_MS = 500


class MemoryTopic:
    """The memory of one alerter: opened once at its start, then turn after turn."""

    def __init__(self, servers: Sequence[str], source: str) -> None:
        self._servers = list(servers)
        self._source = source
        self._post = Post(servers, "weiplomacy-alerter", max(ALERT_STATE.max_message_bytes, ALERTS.max_message_bytes))
        self._memory = Memory()

    def open(self) -> tuple[list[tuple[str, State]], dict[str, int]]:
        """Read what is remembered, begin an epoch of its own, and publish the last alerts once more.

        Returns the state by key, and the offsets that it covers by `topic:partition`. Raises KafkaUnreachableError or
        StateRecordError.
        """
        memory = read(self._records())
        memory.epoch += 1
        self._memory = memory
        self._close_turn(dict(repaired(memory)), memory.offsets, memory.alerts)
        state = [(key, state_of(key, value)) for key, value in memory.state.items()]
        memory.state.clear()
        return state, dict(memory.offsets)

    def close_turn(
        self, changed: Mapping[str, State | None], offsets: Mapping[str, int], alerts: Sequence[AlertChanged]
    ) -> None:
        """Write a turn, and publish what is told of it. Raises KafkaUnreachableError: then the process must end."""
        values = {key: state_value(state) for key, state in changed.items()}
        self._close_turn(values, offsets, [alert.model_dump_json() for alert in alerts])

    def close(self) -> None:
        """Close the connection."""
        self._post.close()

    def _close_turn(
        self, values: Mapping[str, bytes | None], offsets: Mapping[str, int], alerts: Sequence[str]
    ) -> None:
        self._memory.number += 1
        headers: Headers = [(EPOCH, str(self._memory.epoch).encode())]
        letters = [Letter(ALERT_STATE, key.encode(), value, headers) for key, value in values.items()]
        closing = closing_value(self._memory.number, offsets, alerts)
        letters.append(Letter(ALERT_STATE, CLOSING.encode(), closing, headers))
        self._post.send(letters, "what the alerter remembers, which will be computed again,")
        messages = [self._message(alert) for alert in alerts]
        self._post.send(
            [Letter(ALERTS, message.key, message.value, message.headers) for message in messages],
            f"{len(alerts)} alerts, which will be published again,",
        )

    def _message(self, alert: str) -> Message:
        event = event_of(alert.encode(), type_of(AlertChanged))
        return encode(event, self._source, SOFTWARE)

    def _records(self) -> Iterator[Record]:
        """All records of the topic as of now, from its beginning."""
        partition = TopicPartition(ALERT_STATE.name, 0)
        try:
            consumer = KafkaConsumer(
                bootstrap_servers=self._servers,
                client_id="weiplomacy-alerter-memory",
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
                f"Kafka at {','.join(self._servers)} does not give what the alerter remembers "
                f"({type(error).__name__}: {error}): see `weiplomacy status`"
            ) from error


def _epoch(headers: Headers) -> int:
    value = next((value for name, value in headers if name == EPOCH), None) or b""
    return int(value) if value.isdigit() else 0
