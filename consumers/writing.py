"""A batch, all the way: read its messages, write its tables, send its dead letters, then account for it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from kafka.structs import TopicPartition

from consumers.batches import Batch, Range
from consumers.dead_letters import dead_letter
from consumers.decoding import DETAIL_CHARACTERS, Rejected, Row, read
from consumers.errors import SchemaMismatchError, TooManyDeadLettersError
from consumers.insert_errors import Blame, blame
from consumers.inserting import BATCHES, Inserter, Written
from consumers.limits import DeadLetterLimit, NewestMessages
from consumers.recovery import pieces
from consumers.retrying import RetryPolicy
from consumers.tables import DEAD_LETTERS as DEAD_LETTER_TABLE
from consumers.tables import TABLES_BY_TOPIC, Table
from schemas.clickhouse import paragraph
from schemas.cloudevents import Provenance
from schemas.events import DeadLetter
from schemas.topics import DEAD_LETTERS, TOPICS, Topic

log = logging.getLogger(__name__)

T = TypeVar("T")
TOPIC_BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
Wait = Callable[[float], None]
#: What no message says of a dead letter that the loader keeps itself.
NOBODY = Provenance("", "", "")


class Post(Protocol):
    """Where dead letters go."""

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Send, and wait until they are acknowledged."""


class BatchWriter:
    """Writes batches. It waits only by the function that it is given, which keeps the consumer alive."""

    def __init__(
        self,
        inserter: Inserter,
        post: Post,
        *,
        limit: DeadLetterLimit,
        retry: RetryPolicy,
        now: Callable[[], datetime],
        trouble: Callable[[str], None],
    ) -> None:
        self._inserter = inserter
        self._post = post
        self._limit = limit
        self._retry = retry
        self._now = now
        self._trouble = trouble
        self._newest: dict[str, NewestMessages] = {}

    def write(self, batch: Batch, known: Mapping[str, Sequence[Range]], wait: Wait) -> Written:
        """Write one batch; when it returns, the batch may be committed.

        `known` are the ranges that each table holds of this partition past the committed offset. Raises
        SchemaMismatchError, TooManyDeadLettersError, KafkaUnreachableError, and what `wait` raises.
        """
        topic = TOPIC_BY_NAME[batch.partition.topic]
        read_ones = [read(record, topic) for record in batch.records]
        rejected = [one for one in read_ones if isinstance(one, Rejected)]
        rows = [one for one in read_ones if isinstance(one, Row)]
        if topic is DEAD_LETTERS:
            # A dead letter about a dead letter would have one of its own, for ever: it is kept in the table at once.
            rows = sorted(
                [*rows, *(self._own_row(one) for one in rejected)],
                key=lambda row: row.record.offset,
            )
            rejected = []
        written = 0
        for table in TABLES_BY_TOPIC[topic.name]:
            mine = [row for row in rows if row.table is table]
            for piece in pieces(batch.range, known.get(table.name, ())):
                part = [row for row in mine if piece.holds(row.record.offset)]
                if part:
                    refused = self._write_piece(table, part, piece, wait)
                    rejected.extend(refused)
                    written += len(part) - len(refused)
        if topic is DEAD_LETTERS:
            for one in rejected:
                log.error("%s: %s", _place(batch.partition, one.record.offset), one.detail)
        else:
            self._check_limit(topic, len(batch.records), rejected)
            self._post.send([dead_letter(one, self._now()) for one in rejected])
        result = Written(len(batch.records), written, len(rejected))
        self._account(batch, result, wait)
        return result

    def _account(self, batch: Batch, written: Written, wait: Wait) -> None:
        try:
            self._patiently(BATCHES, lambda: self._inserter.account(batch.partition, batch.range, written), wait)
        except _DataRefused as refused:
            raise SchemaMismatchError(
                f"weibo_store.{BATCHES} refuses a row of ours, no message is to blame: {paragraph(refused.error)}"
            ) from refused

    def _write_piece(self, table: Table, rows: Sequence[Row], piece: Range, wait: Wait) -> list[Rejected]:
        """Write the rows of a range; where a row is refused for itself, find it by halves. Returns the refused rows."""
        error = self._insert(table, rows, piece, wait)
        if error is None:
            return []
        if self._holds(table, rows, piece, wait):
            raise SchemaMismatchError(
                f"weibo_store.{table.name} took a batch that a table behind it refused ({paragraph(error)}): "
                "a materialized view is broken, no message is to blame"
            )
        if len(rows) == 1:
            return [Rejected(rows[0].record, "insert", "refused", paragraph(error)[:DETAIL_CHARACTERS])]
        middle = len(rows) // 2
        border = rows[middle].record.offset
        return [
            *self._write_piece(table, rows[:middle], Range(piece.first, border - 1), wait),
            *self._write_piece(table, rows[middle:], Range(border, piece.last), wait),
        ]

    def _insert(self, table: Table, rows: Sequence[Row], piece: Range, wait: Wait) -> Exception | None:
        """Insert; returns the error where the data is to blame."""
        try:
            self._patiently(table.name, lambda: self._inserter.insert(table, rows, piece), wait)
        except _DataRefused as refused:
            return refused.error
        return None

    def _holds(self, table: Table, rows: Sequence[Row], piece: Range, wait: Wait) -> bool:
        return self._patiently(table.name, lambda: self._inserter.holds(table, rows[0].record.partition, piece), wait)

    def _patiently(self, table: str, attempt: Callable[[], T], wait: Wait) -> T:
        """Repeat while the failure is transient."""
        attempts = 0
        while True:
            try:
                result = attempt()
            except Exception as error:
                judged = blame(error)
                if judged is Blame.SCHEMA:
                    raise SchemaMismatchError(
                        f"ClickHouse refuses inserts into weibo_store.{table}, whatever they hold: {paragraph(error)}"
                    ) from error
                if judged is Blame.DATA:
                    raise _DataRefused(error) from error
                attempts += 1
                self._trouble(f"ClickHouse: {paragraph(error)[:300]}")
                wait(self._retry.wait_s(attempts))
            else:
                if attempts:
                    self._trouble("")
                return result

    def _check_limit(self, topic: Topic, messages: int, rejected: Sequence[Rejected]) -> None:
        newest = self._newest.setdefault(topic.name, NewestMessages(self._limit))
        if newest.add(messages, len(rejected)) and rejected:
            one = rejected[-1]
            place = _place(TopicPartition(topic.name, one.record.partition), one.record.offset)
            raise TooManyDeadLettersError(
                f"at least {self._limit.share:.0%} of the newest messages of {topic.name} can't be loaded, most "
                f"recently {place}: {one.reason}, {one.detail}. Nothing of this batch is committed. Deploy a loader "
                "that knows these messages, or set loader.stop_at_invalid_share above 1: then all of them become dead "
                "letters"
            )

    def _own_row(self, rejected: Rejected) -> Row:
        letter = dead_letter(rejected, self._now())
        return Row(DEAD_LETTER_TABLE, DEAD_LETTER_TABLE.values(letter, NOBODY), rejected.record)


class _DataRefused(Exception):
    """The data is to blame for the failed insert."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _place(partition: TopicPartition, offset: int) -> str:
    return f"{partition.topic} partition {partition.partition} offset {offset}"
