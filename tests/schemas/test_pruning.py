"""Views read no more than a question is about: a condition on account, post or period reaches the tables below."""

import pytest
from clickhouse_connect.driver.client import Client

from schemas.settings import Settings

pytestmark = pytest.mark.stack

POST = "account_id = 'a7' AND post_id = 10"
ONCE = 77
"""An id that one post has; all others are those of two hundred posts."""
PERIOD = "BETWEEN toDate('2026-03-01') AND toDate('2026-03-31')"
MONTH = f"toDate(created_at_beijing) {PERIOD}"
OF_MONTH = "SELECT post_id FROM weibo.post_measures WHERE " + MONTH


def reads(client: Client, question: str) -> int:
    """Rows that a question reads at most of one table: from the plan of the engine."""
    parts = client.query(f"EXPLAIN ESTIMATE {question}").result_rows
    rows: dict[str, int] = {}
    for _, table, _, some, _ in parts:
        rows[table] = rows.get(table, 0) + some
    assert rows, question
    return max(rows.values())


@pytest.fixture
def filled(migrated: tuple[Client, Settings]) -> Client:
    """Two hundred accounts with two hundred posts each over many months, one sample of each."""
    client, _ = migrated
    columns = "concat('a', toString(number % 200)) AS account_id, intDiv(number, 200) * 2 AS post_id"
    moment = "toDateTime64('2024-01-01 00:00:00', 3, 'UTC') + toIntervalDay(intDiv(number, 200) * 5)"
    everything = "FROM numbers(40000)"
    observed = f"(SELECT {columns}, {moment} AS observed_at {everything})"
    once = f"'a7' AS account_id, {ONCE} AS post_id, toDateTime64('2025-01-01 00:00:00', 3, 'UTC') AS moment"
    for statement in (
        f"INSERT INTO weibo_store.engagement_samples (account_id, post_id, observed_at, created_at, likes) "
        f"SELECT {columns}, {moment}, {moment}, 1 {everything}",
        f"INSERT INTO weibo_store.post_versions (account_id, post_id, observed_at, created_at, text) "
        f"SELECT {columns}, {moment}, {moment}, 'x' {everything}",
        f"INSERT INTO weibo_store.post_measures (account_id, post_id, created_at) "
        f"SELECT {columns}, {moment} {everything}",
        f"INSERT INTO weibo_store.post_ages (account_id, post_id, created_at, age_s) "
        f"SELECT {columns}, {moment}, 3600 {everything}",
        f"INSERT INTO weibo_store.account_snapshots (account_id, observed_at, followers) "
        f"SELECT account_id, observed_at, 1 FROM {observed}",
        f"INSERT INTO weibo_store.receipts (account_id, observed_at, spider, cycle) "
        f"SELECT account_id, observed_at, 'embassy', toString(post_id) FROM {observed}",
        f"INSERT INTO weibo_store.comment_versions (account_id, post_id, comment_id, observed_at) "
        f"SELECT account_id, post_id * 1000 + toUInt64(substring(account_id, 2)), 1, observed_at FROM {observed}",
        "INSERT INTO weibo_store.engagement_samples (account_id, post_id, observed_at, created_at, likes) "
        f"SELECT {once}, moment, 1",
        f"INSERT INTO weibo_store.post_versions (account_id, post_id, observed_at, created_at, text) "
        f"SELECT {once}, moment, 'x'",
    ):
        client.command(statement, settings={"max_partitions_per_insert_block": 0})
    for table in ("engagement_samples", "post_versions", "post_latest", "post_measures", "post_ages"):
        client.command(f"OPTIMIZE TABLE weibo_store.{table} FINAL")
    return client


def test_a_post_is_found_by_its_id_alone(filled: Client) -> None:
    assert reads(filled, f"SELECT text, likes FROM weibo.posts WHERE post_id = {ONCE}") <= 2 * 8_192


def test_a_question_reads_what_it_is_about(filled: Client) -> None:
    granule = 8_192
    found = {
        question: reads(filled, question)
        for question in (
            f"SELECT text, likes FROM weibo.posts WHERE {POST}",
            f"SELECT likes FROM weibo.samples WHERE {POST}",
            f"SELECT likes_delta FROM weibo.hourly_deltas WHERE {POST}",
            f"SELECT velocity FROM weibo.post_measures WHERE {MONTH}",
            f"SELECT ratio FROM weibo.counters_at_age WHERE age_s = 3600 AND {MONTH}",
            f"SELECT followers FROM weibo.snapshots WHERE toDate(observed_at_beijing) {PERIOD}",
            f"SELECT complete FROM weibo.receipts WHERE toDate(ended_at_beijing) {PERIOD} AND complete",
            f"SELECT text FROM weibo.comments WHERE post_id IN (SELECT post_id * 1000 + 7 FROM ({OF_MONTH}))",
            "SELECT followers FROM weibo.ranking(at = '2026-03-31')",
        )
    }
    # Months have twelve hundred rows here; a post is somewhere in one granule, or in two.
    assert {
        question: rows for question, rows in found.items() if rows > (2_500 if PERIOD in question else 2 * granule)
    } == {}
    for view, column in (
        ("post_measures", "velocity"),
        ("snapshots", "followers"),
        ("receipts", "planned"),
        ("comments", "likes"),
    ):
        assert reads(filled, f"SELECT max({column}) FROM weibo.{view}") == 40_000, "else the test could not fail"


def test_a_condition_on_a_measure_is_held_against_the_newest_row_only(migrated: tuple[Client, Settings]) -> None:
    client, _ = migrated
    for likes, derived_at in ((5, "2026-03-01 10:00:00"), (50, "2026-03-01 11:00:00")):
        client.command(
            "INSERT INTO weibo_store.post_measures (account_id, post_id, created_at, likes, derived_at) "
            f"VALUES ('a1', 1, '2026-03-01 09:00:00', {likes}, '{derived_at}')"
        )
    asked = "SELECT likes FROM weibo.post_measures WHERE account_id = 'a1' AND likes"
    assert client.query(f"{asked} < 10").result_rows == []
    assert client.query(f"{asked} > 10").result_rows == [(50,)]
