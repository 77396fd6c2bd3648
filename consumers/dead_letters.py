"""Dead letters: messages that can't be loaded go to a topic of their own, with their original bytes."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

from consumers.decoding import DETAIL_CHARACTERS, Rejected
from consumers.posting import Letter, Post
from schemas.cloudevents import Headers, encode
from schemas.events import DeadLetter
from schemas.settings import Settings
from schemas.software import SOFTWARE
from schemas.topics import DEAD_LETTERS

#: Bytes of an original's value, key and headers that a dead letter has at most: all of them in base64, a third longer,
#: fit its topic. Kafka bounds what it takes only after compression, so an original may have any size.
VALUE_BYTES = (DEAD_LETTERS.max_message_bytes - 262_144) // 4 * 3
KEY_BYTES = 65_536
HEADERS_BYTES = 65_536
CUT = "; it is too large to be kept whole here, Kafka holds it at its position until its retention ends"


def dead_letter(rejected: Rejected, moment: datetime) -> DeadLetter:
    """The event of a message that can't be loaded. `moment` is machine time, UTC.

    Of an original that is larger than a dead letter it has the first bytes, and says so: a dead letter that can't be
    sent would stop its partition for good.
    """
    record = rejected.record
    headers = _fitting(record.headers)
    cut = len(record.value or b"") > VALUE_BYTES or len(record.key or b"") > KEY_BYTES or headers != record.headers
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        message_key=_text(record.key, KEY_BYTES),
        message_value=_text(record.value, VALUE_BYTES),
        message_headers=tuple((name, _text(value, HEADERS_BYTES)) for name, value in headers),
        message_at=datetime.fromtimestamp(max(record.timestamp or 0, 0) / 1000, UTC),
        stage=rejected.stage,
        reason=rejected.reason,
        detail=rejected.detail[: DETAIL_CHARACTERS - len(CUT)] + CUT if cut else rejected.detail,
        software=SOFTWARE,
        observed_at=moment,
    )


def _fitting(headers: Headers) -> Headers:
    """The first headers that fit, each of them whole."""
    room = HEADERS_BYTES
    for place, (name, value) in enumerate(headers):
        # A character of a name may need six in JSON, and the signs around a header some more.
        room -= 8 * len(name.encode()) + len(value or b"") + 16
        if room < 0:
            return headers[:place]
    return headers


def _text(data: bytes | None, most: int) -> str | None:
    return None if data is None else b64encode(data[:most]).decode("ascii")


class DeadLetterPost:
    """Sends dead letters. A batch is only committed after all of its dead letters are acknowledged."""

    def __init__(self, settings: Settings, source: str) -> None:
        self._source = source
        # A dead letter holds a whole message in base64; the client's own limit of 1 MiB would refuse it.
        self._post = Post(settings.kafka_servers, "weiplomacy-loader-dead-letters", DEAD_LETTERS.max_message_bytes)

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Send and wait until Kafka has them all. Raises KafkaUnreachableError; then none counts as sent."""
        messages = [encode(letter, self._source, SOFTWARE) for letter in letters]
        self._post.send(
            [Letter(DEAD_LETTERS, message.key, message.value, message.headers) for message in messages],
            f"{len(letters)} dead letters, whose batch is not committed and will be repeated,",
        )

    def close(self) -> None:
        """Close the connection; everything that counts was acknowledged."""
        self._post.close()
