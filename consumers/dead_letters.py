"""Dead letters: messages that can't be loaded go to a topic of their own, with their original bytes."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from kafka import KafkaProducer
from kafka.errors import KafkaError

from consumers.decoding import Rejected
from consumers.errors import KafkaUnreachableError
from schemas.cloudevents import encode
from schemas.events import DeadLetter
from schemas.settings import Settings
from schemas.topics import DEAD_LETTERS

ACKNOWLEDGED_WITHIN_S = 60.0


def dead_letter(rejected: Rejected, moment: datetime) -> DeadLetter:
    """The event of a message that can't be loaded. `moment` is machine time, UTC."""
    record = rejected.record
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        message_key=_text(record.key),
        message_value=_text(record.value),
        message_headers=tuple((name, _text(value)) for name, value in record.headers),
        message_at=datetime.fromtimestamp(max(record.timestamp or 0, 0) / 1000, UTC),
        stage=rejected.stage,
        reason=rejected.reason,
        detail=rejected.detail,
        software=f"weiplomacy {version('weiplomacy')}",
        observed_at=moment,
    )


def _text(data: bytes | None) -> str | None:
    return None if data is None else b64encode(data).decode("ascii")


class DeadLetterPost:
    """Sends dead letters. A batch is only committed after all of its dead letters are acknowledged."""

    def __init__(self, settings: Settings, source: str) -> None:
        self._servers = settings.kafka_servers
        self._source = source
        self._producer: KafkaProducer | None = None

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Send and wait until Kafka has them all. Raises KafkaUnreachableError; then none counts as sent."""
        if not letters:
            return
        try:
            futures = []
            for letter in letters:
                message = encode(letter, self._source)
                futures.append(
                    self._open().send(DEAD_LETTERS.name, key=message.key, value=message.value, headers=message.headers)
                )
            self._open().flush(timeout=ACKNOWLEDGED_WITHIN_S)
            for future in futures:
                future.get(timeout=ACKNOWLEDGED_WITHIN_S)
        except KafkaError as error:
            raise KafkaUnreachableError(
                f"{len(letters)} dead letters were not acknowledged by Kafka at {','.join(self._servers)} within "
                f"{ACKNOWLEDGED_WITHIN_S:.0f} s ({type(error).__name__}); their batch is not committed and will be "
                "repeated: see `weiplomacy status`"
            ) from error

    def close(self) -> None:
        """Close the connection; everything that counts was acknowledged."""
        if self._producer:
            self._producer.close(timeout=5)

    def _open(self) -> KafkaProducer:
        if self._producer is None:
            self._producer = KafkaProducer(
                bootstrap_servers=self._servers,
                client_id="weiplomacy-loader-dead-letters",
                acks="all",
                enable_idempotence=True,
                compression_type="lz4",
                # A dead letter holds a whole message in base64; the default of 1 MiB would refuse it.
                max_request_size=DEAD_LETTERS.max_message_bytes,
                delivery_timeout_ms=int(ACKNOWLEDGED_WITHIN_S * 1000),
                allow_auto_create_topics=False,
            )
        return self._producer
