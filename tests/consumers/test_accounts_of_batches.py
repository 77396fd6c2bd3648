"""Batches accounted for in a real database: once, whenever the loader dies, and found again after weeks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import TopicPartition

from consumers.batches import Batch, Gathered, Range
from consumers.errors import ExpiredRangesError
from consumers.inserting import Inserter, Written
from consumers.limits import DeadLetterLimit
from consumers.recovery import Recovery, recover
from consumers.retrying import RetryPolicy
from consumers.tables import TABLES, TABLES_BY_TOPIC
from consumers.writing import BatchWriter
from schemas.software import SOFTWARE
from schemas.topics import POSTS
from tests.consumers.records import record
from tests.consumers.test_writing import Letters, post, removal

pytestmark = pytest.mark.stack

NOW = datetime(2024, 1, 1, tzinfo=UTC)
PARTITION = TopicPartition(POSTS.name, 0)
ACCOUNTS = "SELECT first, last, messages, rows, dead_letters FROM weibo_store.batches ORDER BY last"


class KilledError(BaseException):
    """The end of a loader."""


class Mortal(Inserter):
    """Dies before it accounts for a batch."""

    def account(self, partition: TopicPartition, batch: Range, written: Written) -> None:
        raise KilledError


def write(client: Client, some: Batch, recovery: Recovery | None = None, kind: type[Inserter] = Inserter) -> Written:
    inserter = kind(client)
    inserter.prepare(TABLES)
    patient = {"limit": DeadLetterLimit(), "retry": RetryPolicy(), "now": lambda: NOW, "trouble": lambda sentence: None}
    loader = BatchWriter(inserter, Letters(), **patient)  # type: ignore[arg-type]
    return loader.write(some, recovery.tables if recovery else {}, lambda seconds: None)


def batch(records: Sequence[ConsumerRecord]) -> Batch:
    return Batch(PARTITION, Range(records[0].offset, records[-1].offset), records)


def messages(first: int, last: int) -> list[ConsumerRecord]:
    """Posts, a removal in each ten of them, and one in ten that is nothing."""
    kinds: dict[int, Any] = {3: removal, 7: lambda offset: record(POSTS.name, b"no", offset=offset)}
    return [kinds.get(offset % 10, post)(offset) for offset in range(first, last + 1)]


def found(client: Client, committed: int | None, beginning: int = 0) -> Recovery:
    return recover(client, PARTITION, [table.name for table in TABLES_BY_TOPIC[POSTS.name]], committed, beginning)


def rows(client: Client, question: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(question).result_rows]


def go_on(client: Client, committed: int, records: Sequence[ConsumerRecord]) -> Recovery:
    """What a loader does that begins with these messages in Kafka."""
    recovery = found(client, committed)
    gathered = Gathered(recovery.start, recovery.whole)
    gathered.add([one for one in records if one.offset >= recovery.start], 0.0)
    for some in gathered.take(PARTITION, 1_000):
        write(client, some, recovery)
    return recovery


def expire(client: Client) -> None:
    """Let weeks go by for what is in the tables."""
    for table in TABLES_BY_TOPIC[POSTS.name]:
        name = f"weibo_store.{table.name}"
        client.command(
            f"ALTER TABLE {name} UPDATE ingested_at = ingested_at - INTERVAL 31 DAY WHERE 1 SETTINGS mutations_sync = 2"
        )
        client.command(f"ALTER TABLE {name} MATERIALIZE TTL SETTINGS mutations_sync = 2")
        client.command(f"OPTIMIZE TABLE {name} FINAL")
        assert rows(client, f"SELECT DISTINCT batch_first, batch_last FROM {name}") == [(0, 0)]


def test_a_loader_that_died_before_its_account_leaves_it_to_the_next_one(migrated):
    client, _ = migrated
    with pytest.raises(KilledError):
        write(client, batch(messages(0, 9)), kind=Mortal)
    assert rows(client, ACCOUNTS) == []
    assert go_on(client, 0, messages(0, 19)).whole == (Range(0, 9),)
    assert rows(client, ACCOUNTS) == [(0, 9, 10, 9, 1), (10, 19, 10, 9, 1)]
    assert rows(client, "SELECT count() FROM weibo_store.post_versions") == [(16,)]
    assert rows(client, "SELECT DISTINCT topic, partition, software FROM weibo_store.batches") == [
        (POSTS.name, 0, SOFTWARE)
    ]


def test_a_batch_without_rows_is_repeated_as_it_was_too(migrated):
    client, _ = migrated
    nothing = [record(POSTS.name, b"no", offset=offset) for offset in range(5)]
    write(client, batch(nothing))
    assert go_on(client, 0, [*nothing, *messages(5, 19)]).whole == (Range(0, 4),)
    assert rows(client, ACCOUNTS) == [(0, 4, 5, 0, 5), (5, 19, 15, 13, 2)]


def test_a_batch_that_was_accounted_for_and_not_committed_is_not_accounted_for_twice(migrated):
    client, _ = migrated
    write(client, batch(messages(0, 9)))
    go_on(client, 0, messages(0, 19))
    go_on(client, 10, messages(0, 29))
    assert rows(client, ACCOUNTS) == [(0, 9, 10, 9, 1), (10, 19, 10, 9, 1), (20, 29, 10, 9, 1)]
    assert rows(client, "SELECT count(), uniqExact(kafka_offset) FROM weibo_store.post_versions") == [(24, 24)]


@pytest.mark.parametrize("committed", [None, 0, 10, 20])
def test_ranges_that_have_expired_mean_nothing_where_their_batches_are_accounted_for(migrated, committed):
    client, _ = migrated
    write(client, batch(messages(0, 9)))
    write(client, batch(messages(10, 19)))
    expire(client)
    recovery = found(client, committed)
    assert (recovery.start, recovery.whole) == (20, ())
    # What a loader left half done since then is repeated as ever.
    with pytest.raises(KilledError):
        write(client, batch(messages(20, 24)), kind=Mortal)
    recovery = found(client, committed)
    assert (recovery.start, recovery.whole) == (20, (Range(20, 24),))


@pytest.mark.parametrize("committed", [None, 0])
def test_a_batch_left_half_done_weeks_ago_is_refused_by_name(migrated, committed):
    client, _ = migrated
    with pytest.raises(KilledError):
        write(client, batch(messages(0, 9)), kind=Mortal)
    expire(client)
    with pytest.raises(ExpiredRangesError, match="set the group's offset to 10"):
        found(client, committed)


def test_a_single_row_at_the_very_beginning_that_has_expired_is_no_batch(migrated):
    client, _ = migrated
    with pytest.raises(KilledError):
        write(client, batch([post(0), *(record(POSTS.name, b"no", offset=n) for n in range(1, 4))]), kind=Mortal)
    for committed in (None, 0):
        assert found(client, committed).whole == (Range(0, 3),)
    client.command(
        "ALTER TABLE weibo_store.post_versions UPDATE ingested_at = ingested_at - INTERVAL 31 DAY WHERE 1 "
        "SETTINGS mutations_sync = 2"
    )
    client.command("OPTIMIZE TABLE weibo_store.post_versions FINAL")
    with pytest.raises(ExpiredRangesError):
        found(client, 0)


def test_beginning_anew_without_an_offset_goes_on_behind_the_last_account(migrated):
    client, _ = migrated
    write(client, batch(messages(0, 9)))
    assert (found(client, None).start, found(client, None, beginning=15).start) == (10, 15)
