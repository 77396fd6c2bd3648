"""The views over rows that were written by hand: what a number means when it is rounded, late, falling or missing."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from consumers.batches import Range
from consumers.decoding import Row, read
from consumers.inserting import Inserter
from consumers.tables import TABLES, TABLES_BY_TOPIC
from schemas import accounts_table, reference_2016, registry
from schemas.events import AccountSnapshot, AnyEvent, Comment, EngagementSample, PostRemoved, PostSeen, Repost
from schemas.software import SOFTWARE
from schemas.topics import TOPICS, topic_of
from tests.consumers.records import record, record_of
from tests.schemas.examples import EXAMPLES, LANE, RECEIPT

pytestmark = pytest.mark.stack

VIEW_OF = {AccountSnapshot: "snapshots", EngagementSample: "samples", Comment: "comments", Repost: "reposts"}
OTHER_IDS = {"account_id": "another", "comment_id": "9", "repost_id": "9"}
TOPIC = {topic.name: topic for topic in TOPICS}
DAY = datetime(2016, 12, 31, tzinfo=UTC)


def fill(client: Client, events: Sequence[AnyEvent], first: int = 0) -> None:
    """Write events as the loader would, one batch per event and in the given order, from an offset on."""
    inserter = Inserter(client)
    inserter.prepare(TABLES)
    for offset, event in enumerate(events, first):
        row = read(record_of(event, offset), TOPIC[topic_of(event).name])
        assert isinstance(row, Row), row
        inserter.insert(row.table, [row], Range(offset, offset))


def ask(client: Client, question: str) -> list[dict[str, Any]]:
    return list(client.query(question).named_results())


def rounded(value: int, low: int, high: int) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "precision": "rounded", "raw": f"{value / 10_000}万"}


def sample(minutes: int, **counters: Any) -> EngagementSample:
    values = {"reposts": None, "comments": None, "likes": None} | counters
    return EngagementSample.model_validate(
        {
            "account_id": "a1",
            "post_id": "5",
            "observed_at": DAY + timedelta(minutes=minutes),
            "created_at": DAY,
            "via": "timeline",
            **values,
        }
    )


def snapshot(account: str, moment: datetime, followers: Any, **more: Any) -> AccountSnapshot:
    return AccountSnapshot.model_validate(
        {"account_id": account, "observed_at": moment, "followers": followers, "via": "profile", **more}
    )


def test_every_view_answers_when_nothing_is_there(migrated):
    client, _ = migrated
    views = [row[0] for row in client.query("SELECT name FROM system.tables WHERE database = 'weibo'").result_rows]
    assert len(views) <= 17, "about 15, each with a reason to be there"
    for view in views:
        argument = "(at = '2016-12-31')" if view == "ranking" else ""
        assert ask(client, f"SELECT * FROM weibo.{view}{argument}") == []


def test_views_and_their_columns_say_what_they_are(migrated):
    client, _ = migrated
    assert (
        ask(
            client,
            "SELECT name FROM system.tables WHERE database LIKE 'weibo%' AND comment = '' "
            "AND engine != 'MaterializedView'",
        )
        == []
    )
    # The columns of views with parameters can't have any.
    both = r"match(comment, '[a-z]') AND match(comment, '\\p{Han}')"
    assert ask(client, f"SELECT table, name FROM system.columns WHERE database = 'weibo' AND NOT ({both})") == []
    assert ask(client, f"SELECT name FROM system.tables WHERE database = 'weibo' AND NOT ({both})") == []


def test_december_2016_as_it_was_printed(migrated):
    client, settings = migrated
    accounts_table.load_registry(client, settings, registry.load(settings), DAY)
    events = reference_2016.snapshots()
    fill(client, events)
    rows = ask(client, "SELECT * FROM weibo.ranking(at = '2016-12-31')")
    assert len(rows) == 48
    assert {row["account_id"]: row["printed_rank"] for row in rows} == {e.account_id: e.printed_rank for e in events}
    assert [row["country_code"] for row in rows if row["printed_rank"] is None] == ["EU"]
    assert rows[0]["country_code"] == "IL"
    assert (rows[0]["rank"], rows[0]["followers"], rows[0]["followers_precision"]) == (1, 1_913_384, "exact")
    assert (rows[1]["followers_precision"], rows[1]["followers_high"]) == ("lower_bound", None)
    followers = [row["followers"] for row in rows]
    assert followers == sorted(followers, reverse=True)
    assert all(row["name_en"] and row["name_zh"] for row in rows)


def test_a_day_ends_in_beijing_and_a_moment_is_a_moment(migrated):
    client, _ = migrated
    last = datetime(2016, 12, 31, 15, 59, 59, 999_000, tzinfo=UTC)
    fill(client, [snapshot("a1", last, 10), snapshot("a1", last + timedelta(milliseconds=1), 20)])

    def followers(at: str) -> int:
        return int(ask(client, f"SELECT followers FROM weibo.ranking(at = '{at}')")[0]["followers"])

    assert followers("2016-12-31") == 10
    assert followers("2017-01-01") == 20
    assert followers("2016-12-31T15:59:59.999Z") == 10
    assert followers("2017-01-01T00:00:00+08:00") == 20


def test_an_unknown_number_of_followers_hides_none_that_was_known(migrated):
    client, _ = migrated
    fill(client, [snapshot("a1", DAY, 10), snapshot("a1", DAY + timedelta(hours=1), None), snapshot("a2", DAY, None)])
    rows = ask(client, "SELECT account_id, followers, observed_at FROM weibo.ranking(at = '2016-12-31')")
    assert [tuple(row.values()) for row in rows] == [("a1", 10, DAY)]


@pytest.mark.parametrize("seed", range(3))
def test_who_was_seen_at_moments_of_others_ranks_by_the_own_newest_one(migrated, seed):
    client, _ = migrated
    dice = random.Random(seed)
    events = [
        snapshot(
            f"a{dice.randrange(4)}",
            DAY + timedelta(hours=12 * dice.randrange(8)),
            dice.choice([None, *range(1, 6)]),
            printed_rank=dice.choice([None, None, dice.randrange(1, 9)]),
        )
        for _ in range(24)
    ]
    fill(client, events)
    for half_days in range(9):
        at = DAY + timedelta(hours=12 * half_days) - timedelta(milliseconds=1)
        seen = sorted(
            ((event.observed_at, offset, event) for offset, event in enumerate(events) if event.observed_at <= at),
            key=lambda one: one[:2],
        )
        followers = {one.account_id: (one.followers, one.observed_at) for _, _, one in seen if one.followers}
        printed = {one.account_id: one.printed_rank for _, _, one in seen if one.printed_rank is not None}
        rows = ask(client, f"SELECT * FROM weibo.ranking(at = '{at.isoformat()}')")
        assert {row["account_id"]: (row["followers"], row["observed_at"], row["printed_rank"]) for row in rows} == {
            account: (*newest, printed.get(account)) for account, newest in followers.items()
        }


def test_latest_counters_are_the_newest_known_ones_in_whatever_order_they_come(migrated):
    client, _ = migrated
    fill(
        client,
        [
            sample(50, reposts=9, likes=0),
            sample(10, reposts=7, likes=3),
            sample(90, likes=2),
            sample(50, reposts=9, likes=0),
            post(0, "x", "a"),
        ],
    )
    (row,) = ask(client, "SELECT * FROM weibo.posts")
    assert (row["reposts"], row["reposts_at"]) == (9, DAY + timedelta(minutes=50))
    assert (row["likes"], row["likes_at"], row["likes_precision"]) == (2, DAY + timedelta(minutes=90), "exact")
    assert (row["comments"], row["comments_at"], row["comments_precision"]) == (None, None, None)
    assert (row["first_observed_at"], row["last_observed_at"]) == (DAY, DAY + timedelta(minutes=90))
    assert ask(client, "SELECT count() AS n FROM weibo.samples") == [{"n": 3}], "the same event twice is one sample"


def test_hourly_deltas_keep_falls_and_do_not_invent_zeros(migrated):
    client, _ = migrated
    fill(
        client,
        [
            sample(130, reposts=6, likes=rounded(20_000, 15_000, 24_999)),
            sample(10, reposts=5, likes=10), sample(50, reposts=8, likes=20),
            sample(190, comments=1), sample(250, reposts=6, likes=rounded(20_000, 15_000, 24_999), comments=0),
        ],
    )  # fmt: skip
    rows = ask(client, "SELECT * FROM weibo.hourly_deltas ORDER BY hour")
    assert [row["hour"].hour for row in rows] == [0, 2, 3, 4]
    assert [row["reposts"] for row in rows] == [8, 6, None, 6]
    assert [row["reposts_delta"] for row in rows] == [8, -2, None, 0]
    assert [row["likes_delta"] for row in rows] == [20, 19_980, None, None]
    assert [(row["likes_delta_low"], row["likes_delta_high"]) for row in rows] == [
        (20, 20), (14_980, 24_979), (None, None), (-9_999, 9_999),
    ]  # fmt: skip
    assert [row["comments_delta"] for row in rows] == [None, None, 1, -1]
    assert [row["samples"] for row in rows] == [2, 1, 1, 1]


def test_what_an_old_post_had_when_it_was_found_is_no_gain(migrated):
    client, _ = migrated
    late = 24 * 60
    fill(client, [sample(late, reposts=500, likes=9), sample(late + 60, reposts=501, likes=9)])
    rows = ask(client, "SELECT reposts_delta, likes_delta FROM weibo.hourly_deltas ORDER BY hour")
    assert [tuple(row.values()) for row in rows] == [(None, None), (1, 0)]


def post(minutes: int, text: str, version: str, **more: Any) -> PostSeen:
    return PostSeen.model_validate(
        {
            "account_id": "a1", "observed_at": DAY + timedelta(minutes=minutes), "uid": "1", "post_id": "5",
            "created_at": DAY, "text": text, "text_truncated": False, "kind": "original", "format": "text",
            "content_version": version * 16, "via": "timeline", **more,
        }
    )  # fmt: skip


def test_a_post_is_shown_in_full_and_in_its_newest_edit(migrated):
    client, _ = migrated
    fill(
        client,
        [
            post(0, "long…", "a", text_truncated=True),
            post(1, "long text", "b"),
            post(9, "long…", "a", text_truncated=True),
        ],
    )
    (row,) = ask(client, "SELECT * FROM weibo.posts")
    assert (row["text"], row["versions"], row["removal"]) == ("long text", 2, None)
    assert row["last_observed_at"] == DAY + timedelta(minutes=9)


def test_a_removed_post_says_so_until_it_is_seen_again(migrated):
    client, _ = migrated
    gone = DAY + timedelta(minutes=30)
    missing = PostRemoved(account_id="a1", observed_at=gone, post_id="5", removal="unknown", first_missing_at=gone)
    confirmed = missing.model_copy(update={"removal": "hidden", "confirmed_at": gone, "notice": "抱歉"})
    fill(client, [post(0, "x", "a"), missing, confirmed, missing])
    (row,) = ask(client, "SELECT * FROM weibo.posts")
    assert (row["removal"], row["removal_notice"], row["first_missing_at"]) == ("hidden", "抱歉", gone)
    incident = "SELECT what, first_seen_at, confirmed_at, ended_at, detail FROM weibo.interference"
    removed = {
        "what": "removed",
        "first_seen_at": gone,
        "confirmed_at": gone,
        "detail": "hidden: 抱歉",
        "ended_at": None,
    }
    assert ask(client, incident) == [removed]
    fill(client, [*[post(0, "x", "a")] * 10, post(60, "x", "a")])
    assert ask(client, "SELECT removal FROM weibo.posts") == [{"removal": None}]
    assert ask(client, incident) == [removed | {"ended_at": DAY + timedelta(minutes=60)}]


def test_the_columns_that_the_loader_writes_are_those_of_the_tables(migrated):
    client, _ = migrated
    for table in {table.name: table for tables in TABLES_BY_TOPIC.values() for table in tables}.values():
        there = ask(
            client, f"SELECT name FROM system.columns WHERE database = 'weibo_store' AND table = '{table.name}'"
        )
        assert {row["name"] for row in there} == {*table.column_names, "ingested_at"}


@pytest.mark.parametrize("view", ["samples", "snapshots", "comments", "reposts"])
def test_a_row_says_by_which_software_and_in_which_lane_it_was_seen(migrated, view):
    client, _ = migrated
    (event,) = (one for one in EXAMPLES if VIEW_OF.get(type(one)) == view)
    (other,) = (one.model_copy(update=OTHER_IDS) for one in [event])
    fill(client, [event])
    inserter = Inserter(client)
    inserter.prepare(TABLES)
    older = record_of(other, 1)
    older = record(older.topic, older.value, [one for one in older.headers if one[0] == "ce_type"], offset=1)
    row = read(older, TOPIC[topic_of(event).name])
    assert isinstance(row, Row), row
    inserter.insert(row.table, [row], Range(1, 1))
    rows = ask(client, f"SELECT software, lane FROM weibo.{view} ORDER BY software NULLS LAST")
    assert rows == [{"software": SOFTWARE, "lane": "guest-1"}, {"software": None, "lane": None}]


def test_a_receipt_keeps_its_coverage_and_a_lane_its_changes(migrated):
    client, _ = migrated
    fill(client, [RECEIPT, LANE, LANE])
    (receipt,) = ask(client, "SELECT * FROM weibo.receipts")
    assert list(zip(receipt["lists_order"], receipt["lists_reported"], receipt["lists_captured"], strict=True)) == [
        ("hot", 9, 7),
        ("repost", None, 0),
    ]
    assert receipt["missing_what"][0] == "thread 4059000000000008"
    assert receipt["missing_count"] == [2, None]
    assert receipt["watermark"] == 4059000000000001
    (lane,) = ask(client, "SELECT lane, state, before, resumes_at FROM weibo_store.lanes")
    assert lane == {"lane": "guest-1", "state": "challenged", "before": "healthy", "resumes_at": LANE.resumes_at}


def test_what_feeds_a_table_can_be_read_like_it(migrated):
    client, _ = migrated
    gone = PostRemoved(account_id="a1", observed_at=DAY, post_id="5", removal="unknown", first_missing_at=DAY)
    fill(client, [sample(1, likes=1), post(0, "x", "a"), gone, snapshot("a1", DAY, 10, screen_name="A"), RECEIPT])
    feeds = ask(client, "SELECT name FROM system.tables WHERE engine = 'MaterializedView' AND database = 'weibo_store'")
    assert len(feeds) > 5
    for feed in feeds:
        assert client.raw_query(f"SELECT * FROM weibo_store.{feed['name']} FORMAT JSONEachRow")
