from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from kafka.structs import TopicPartition

from consumers.batches import Batch, Range
from consumers.decoding import Row
from consumers.errors import DrainTimeoutError, KafkaUnreachableError, SchemaMismatchError, TooManyDeadLettersError
from consumers.inserting import Written
from consumers.limits import DeadLetterLimit
from consumers.retrying import RetryPolicy
from consumers.tables import Table
from consumers.writing import BatchWriter
from schemas.events import DeadLetter, PostRemoved, PostSeen
from schemas.topics import DEAD_LETTERS, POSTS
from tests.consumers.records import record, record_of

NOW = datetime(2024, 1, 1, tzinfo=UTC)
PARTITION = TopicPartition(POSTS.name, 0)


class Tables:
    """An inserter that keeps what it is given by token, as ClickHouse's deduplication does."""

    def __init__(self, refused: Sequence[int] = (), failures: Sequence[Exception] = ()) -> None:
        self.written: dict[tuple[str, Range], list[int]] = {}
        self.attempts: list[tuple[str, Range]] = []
        self.refused = set(refused)
        self.failures = list(failures)
        self.broken_view = False
        self.account_failures: list[Exception] = []
        self.accounted: dict[tuple[TopicPartition, Range], tuple[Written, int]] = {}

    def insert(self, table: Table, rows: Sequence[Row], piece: Range) -> None:
        self.attempts.append((table.name, piece))
        if self.failures:
            raise self.failures.pop(0)
        offsets = [row.record.offset for row in rows]
        if self.refused & set(offsets):
            if self.broken_view:
                self.written.setdefault((table.name, piece), offsets)
            raise DatabaseError("Code: 6. Cannot parse", code=6)
        self.written.setdefault((table.name, piece), offsets)

    def account(self, partition: TopicPartition, batch: Range, written: Written) -> None:
        if self.account_failures:
            raise self.account_failures.pop(0)
        self.accounted.setdefault((partition, batch), (written, len(self.written)))

    def holds(self, table: Table, partition: int, piece: Range) -> bool:
        return any(
            name == table.name and piece.holds(offset)
            for (name, _), offsets in self.written.items()
            for offset in offsets
        )


class Letters:
    def __init__(self) -> None:
        self.sent: list[DeadLetter] = []

    def send(self, letters: Sequence[DeadLetter]) -> None:
        self.sent += letters


def writer(tables: Tables, letters: Letters, **limit: float) -> BatchWriter:
    return BatchWriter(
        tables,  # type: ignore[arg-type]
        letters,
        limit=DeadLetterLimit(**limit),  # type: ignore[arg-type]
        retry=RetryPolicy(),
        now=lambda: NOW,
        trouble=lambda sentence: None,
    )


def post(offset: int):
    return record_of(
        PostSeen(
            account_id="a", observed_at=NOW, uid="1", post_id="5", created_at=None, text="x", text_truncated=False,
            kind="original", format="text", content_version="0" * 16, via="timeline",
        ),
        offset,
    )  # fmt: skip


def removal(offset: int):
    event = PostRemoved(account_id="a", observed_at=NOW, post_id="5", removal="hidden", first_missing_at=NOW)
    return record_of(event, offset)


def batch(*records) -> Batch:
    return Batch(PARTITION, Range(records[0].offset, records[-1].offset), records)


def no_wait(seconds: float) -> None:
    raise AssertionError("nothing to wait for")


def test_rows_go_to_their_tables_under_the_range_of_the_batch_and_the_rest_to_dead_letters():
    tables, letters = Tables(), Letters()
    some = batch(post(10), removal(11), record(POSTS.name, b"no", offset=12), post(13))
    assert writer(tables, letters).write(some, {}, no_wait) == Written(messages=4, rows=3, rejected=1)
    assert tables.written == {
        ("post_versions", Range(10, 13)): [10, 13],
        ("post_removals", Range(10, 13)): [11],
    }
    assert [letter.offset for letter in letters.sent] == [12]
    assert tables.accounted == {(PARTITION, Range(10, 13)): (Written(4, 3, 1), 2)}, "when all tables have it"


def test_a_batch_is_not_accounted_for_before_its_dead_letters_are_sent():
    class Closed(Letters):
        def send(self, letters: Sequence[DeadLetter]) -> None:
            raise KafkaUnreachableError("closed")

    tables = Tables()
    with pytest.raises(KafkaUnreachableError):
        writer(tables, Closed()).write(batch(record(POSTS.name, b"no", offset=12)), {}, no_wait)
    assert tables.accounted == {}


def test_a_failure_to_account_for_a_batch_is_waited_out_or_stops():
    tables = Tables()
    tables.account_failures = [OperationalError("gone")]
    waits: list[float] = []
    writer(tables, Letters()).write(batch(post(1)), {}, waits.append)
    assert (waits, list(tables.accounted)) == ([0.2], [(PARTITION, Range(1, 1))])
    tables.account_failures = [DatabaseError("Code: 6. Cannot parse", code=6)]
    with pytest.raises(SchemaMismatchError, match=r"weibo_store\.batches"):
        writer(tables, Letters()).write(batch(post(2)), {}, no_wait)


def test_what_a_table_holds_already_is_repeated_under_its_own_ranges():
    tables = Tables()
    some = batch(*(post(offset) for offset in range(10, 16)), removal(16))
    known = {"post_versions": [Range(11, 12)], "post_removals": [Range(10, 16)]}
    writer(tables, Letters()).write(some, known, no_wait)
    assert tables.written == {
        ("post_versions", Range(10, 10)): [10],
        ("post_versions", Range(11, 12)): [11, 12],
        ("post_versions", Range(13, 16)): [13, 14, 15],
        ("post_removals", Range(10, 16)): [16],
    }


def test_a_refused_row_is_found_by_halves_and_the_others_are_written_once():
    tables, letters = Tables(refused=[13]), Letters()
    written = writer(tables, letters).write(batch(*(post(offset) for offset in range(10, 18))), {}, no_wait)
    assert written == Written(messages=8, rows=7, rejected=1)
    assert sorted(offset for offsets in tables.written.values() for offset in offsets) == [10, 11, 12, 14, 15, 16, 17]
    assert all(
        piece.first <= min(offsets) and max(offsets) <= piece.last for (_, piece), offsets in tables.written.items()
    )
    assert [(letter.offset, letter.stage, letter.reason) for letter in letters.sent] == [(13, "insert", "refused")]


def test_a_table_that_took_the_rows_before_the_failure_blames_no_message():
    tables, letters = Tables(refused=[11]), Letters()
    tables.broken_view = True
    with pytest.raises(SchemaMismatchError, match="materialized view"):
        writer(tables, letters).write(batch(post(10), post(11)), {}, no_wait)
    assert letters.sent == []


def test_transient_failures_are_waited_out_under_the_same_token():
    tables = Tables(failures=[OperationalError("gone"), ConnectionResetError(), DatabaseError("full", code=241)])
    waits: list[float] = []
    writer(tables, Letters()).write(batch(post(1)), {}, waits.append)
    assert waits == [0.2, 0.4, 0.8]
    assert tables.attempts == [("post_versions", Range(1, 1))] * 4


def test_a_missing_table_stops_and_makes_no_dead_letter():
    letters = Letters()
    with pytest.raises(SchemaMismatchError, match=r"weibo_store\.post_versions"):
        writer(Tables(failures=[DatabaseError("UNKNOWN_TABLE", code=60)]), letters).write(batch(post(1)), {}, no_wait)
    assert letters.sent == []


def test_waiting_may_end_the_batch():
    def give_up(seconds: float) -> None:
        raise DrainTimeoutError("stop")

    with pytest.raises(DrainTimeoutError):
        writer(Tables(failures=[OperationalError("gone")]), Letters()).write(batch(post(1)), {}, give_up)


def test_nearly_everything_invalid_stops_before_the_dead_letters_are_sent():
    letters = Letters()
    bad = [record(POSTS.name, b"no", offset=offset) for offset in range(20)]
    with pytest.raises(TooManyDeadLettersError, match=r"weibo\.posts partition 0 offset 19"):
        writer(Tables(), letters, least=10).write(batch(*bad), {}, no_wait)
    assert letters.sent == []


def test_a_bad_dead_letter_is_kept_in_its_table_and_makes_no_other():
    tables, letters = Tables(), Letters()
    bad = [record(DEAD_LETTERS.name, b"no", offset=offset) for offset in range(2_000)]
    some = Batch(TopicPartition(DEAD_LETTERS.name, 0), Range(0, 1_999), bad)
    assert writer(tables, letters).write(some, {}, no_wait).rows == 2_000
    assert list(tables.written) == [("dead_letters", Range(0, 1_999))]
    assert letters.sent == []
