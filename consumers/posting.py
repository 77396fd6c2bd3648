"""Sending messages to Kafka and waiting until it has them: what is committed afterwards hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from kafka import KafkaProducer
from kafka.errors import KafkaError

from consumers.errors import KafkaUnreachableError
from schemas.cloudevents import Headers
from schemas.topics import Topic

ACKNOWLEDGED_WITHIN_S = 60.0
BATCH_BYTES = 768 << 10


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that is to be sent; no value: what a compacted topic has under the key is gone."""

    topic: Topic
    key: bytes
    value: bytes | None
    headers: Headers = ()


class Post:
    """Sends records in order. `name` is the client's in Kafka's logs, `most` the size of a record at most, in bytes."""

    def __init__(self, servers: Sequence[str], name: str, most: int) -> None:
        self._servers = list(servers)
        self._name = name
        self._most = most
        self._producer: KafkaProducer | None = None

    def send(self, letters: Sequence[Letter], what: str) -> None:
        """Send and wait until Kafka has them all. Raises KafkaUnreachableError; then none counts as sent.

        `what` says in the error what they are, and what becomes of them now.
        """
        if not letters:
            return
        try:
            futures = [
                self._open().send(
                    letter.topic.name,
                    key=letter.key,
                    value=letter.value,
                    headers=list(letter.headers),
                    # Where there is no choice, the key need not be hashed.
                    partition=0 if letter.topic.partitions == 1 else None,
                )
                for letter in letters
            ]
            self._open().flush(timeout=ACKNOWLEDGED_WITHIN_S)
            for future in futures:
                if not future.succeeded():
                    future.get(timeout=ACKNOWLEDGED_WITHIN_S)
        except KafkaError as error:
            raise KafkaUnreachableError(
                f"Kafka at {','.join(self._servers)} did not acknowledge {what} within {ACKNOWLEDGED_WITHIN_S:.0f} s "
                f"({type(error).__name__}): see `weiplomacy status`"
            ) from error

    def close(self) -> None:
        """Close the connection; everything that counts was acknowledged."""
        if self._producer:
            self._producer.close(timeout=5)

    def _open(self) -> KafkaProducer:
        if self._producer is None:
            self._producer = KafkaProducer(
                bootstrap_servers=self._servers,
                client_id=self._name,
                acks="all",
                enable_idempotence=True,
                compression_type="lz4",
                max_request_size=self._most,
                # What is sent is always flushed. Until then nothing goes out half full: a batch per record costs more
                # than all else that is done for it.
                linger_ms=1_000,
                batch_size=BATCH_BYTES,
                delivery_timeout_ms=int(ACKNOWLEDGED_WITHIN_S * 1000),
                allow_auto_create_topics=False,
            )
        return self._producer
