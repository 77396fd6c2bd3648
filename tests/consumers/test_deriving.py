"""The derived tables against a plain computation from the same events, in whatever order and pieces these come."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from consumers import deriving
from consumers.batches import Range
from consumers.decoding import Row, read
from consumers.deriving import EPOCH, OVERLAP, Scope, Seen, chunks
from consumers.inserting import Inserter
from consumers.tables import TABLES
from schemas.events import AccountSnapshot, AnyEvent, CrawlReceipt, EngagementSample, PostSeen
from schemas.topics import TOPICS, topic_of
from tests.consumers.plain_measures import Plain
from tests.consumers.records import record_of

BEGIN = datetime(2026, 3, 1, 11, tzinfo=UTC)
TOPIC = {topic.name: topic for topic in TOPICS}
NUMBERS = count(1)


def scope(account: str, hours: int | None = None, posts: int | None = None) -> Scope:
    return Scope(
        account,
        None if hours is None else BEGIN + timedelta(hours=hours),
        None if posts is None else BEGIN + timedelta(hours=posts),
    )


def test_accounts_whose_change_lies_far_back_stand_together():
    scopes = [scope("new", 9, 9), scope("old", 0, 0), scope("newer", 10, 10), scope("older", -9, -9)]
    found = list(chunks(scopes, 2))
    assert [(table, accounts) for table, accounts, _ in found if table in ("account_hours", "post_ages")] == [
        ("account_hours", ["older", "old"]),
        ("account_hours", ["new", "newer"]),
        ("post_ages", ["older", "old"]),
        ("post_ages", ["new", "newer"]),
    ]
    assert [moment for table, _, moment in found if table == "post_ages"] == [
        BEGIN - timedelta(hours=9),
        BEGIN + timedelta(hours=9),
    ]


def test_ages_are_computed_before_the_measures_that_hold_the_score():
    assert [table for table, _, _ in chunks([scope("a", 0, 0)])] == [
        "account_hours",
        "account_days",
        "post_ages",
        "post_measures",
    ]


def test_what_changed_nothing_of_a_kind_has_no_statement_of_it():
    assert {table for table, _, _ in chunks([scope("a", posts=1)])} == {"post_ages", "post_measures"}
    assert {table for table, _, _ in chunks([scope("a", hours=1)])} == {"account_hours", "account_days"}
    assert list(chunks([])) == []


class Store:
    """Writes events as the loader does, in pieces of any size."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._inserter = Inserter(client)
        self._inserter.prepare(TABLES)
        self._offset = 0

    def write(self, events: Sequence[AnyEvent]) -> None:
        for table in TABLES:
            rows = []
            first = self._offset
            for event in events:
                if type(event) in table.events:
                    row = read(record_of(event, self._offset), TOPIC[topic_of(event).name])
                    assert isinstance(row, Row), row
                    rows.append(row)
                    self._offset += 1
            if rows:
                self._inserter.insert(table, rows, Range(first, self._offset - 1))

    def rows(self, table: str, account: str, key: str) -> dict[Any, dict[str, Any]]:
        found = self.client.query(
            f"SELECT * FROM weibo.{table} WHERE account_id = %(account)s", parameters={"account": account}
        ).named_results()
        names = key.split(", ")
        return {row[names[0]] if len(names) == 1 else tuple(row[name] for name in names): row for row in found}


@pytest.fixture
def store(migrated: tuple[Client, Any]) -> Store:
    return Store(migrated[0])


ROUNDED = {"value": 20_000, "low": 15_000, "high": 24_999, "precision": "rounded", "raw": "2万"}
CAPPED = {"value": 1_000_000, "low": 1_000_000, "high": None, "precision": "lower_bound", "raw": "100万+"}
COUNTERS = st.one_of(
    st.none(), st.integers(0, 40), st.integers(0, 5_000), st.just(ROUNDED), st.just(CAPPED)
)  # what a page may show
MINUTES = st.one_of(st.integers(0, 180), st.integers(0, 3 * 24 * 60), st.integers(0, 40 * 24 * 60))


@st.composite
def histories(draw: st.DrawFn) -> list[AnyEvent]:
    """An account's posts with their samples, and its followers now and then."""
    account = "a"
    events: list[AnyEvent] = []
    for number in range(draw(st.integers(1, 4))):
        created = None if draw(st.integers(0, 9)) == 0 else BEGIN + timedelta(minutes=draw(MINUTES))
        kind = draw(st.sampled_from(("original", "repost")))
        events.append(seen(account, number, created, kind))
        after = created or BEGIN
        events += [
            sampled(account, number, after + timedelta(minutes=minutes), created, counters)
            for minutes, counters in draw(
                st.dictionaries(MINUTES, st.tuples(COUNTERS, COUNTERS, COUNTERS), min_size=1, max_size=8)
            ).items()
        ]
    events += [
        AccountSnapshot.model_validate(
            {"account_id": account, "observed_at": BEGIN + timedelta(minutes=minutes), "followers": followers,
             "via": "profile"}
        )
        for minutes, followers in draw(st.dictionaries(MINUTES, COUNTERS, max_size=3)).items()
    ]  # fmt: skip
    return events


def seen(account: str, number: int, created: datetime | None, kind: str = "original") -> PostSeen:
    return PostSeen.model_validate(
        {"account_id": account, "observed_at": (created or BEGIN) + timedelta(minutes=1), "uid": "1",
         "post_id": str(1_000 + number), "created_at": created, "text": "今天", "text_truncated": False, "kind": kind,
         "format": "text", "content_version": "a" * 16, "via": "timeline"}
    )  # fmt: skip


def sampled(
    account: str, number: int, moment: datetime, created: datetime | None, counters: Sequence[Any]
) -> EngagementSample:
    reposts, comments, likes = counters
    return EngagementSample.model_validate(
        {"account_id": account, "post_id": str(1_000 + number), "observed_at": moment, "created_at": created,
         "reposts": reposts, "comments": comments, "likes": likes, "via": "timeline"}
    )  # fmt: skip


def compare(store: Store, events: Sequence[AnyEvent]) -> None:
    account, plain = events[0].account_id, Plain(events)
    expect(store.rows("account_hours", account, "hour"), plain.hours())
    expect(store.rows("account_days", account, "day"), plain.days())
    expect(store.rows("counters_at_age", account, "post_id, age_s"), plain.ages())
    expect(store.rows("post_measures", account, "post_id"), plain.measures())


def expect(found: dict[Any, dict[str, Any]], expected: dict[Any, dict[str, Any]]) -> None:
    assert set(found) == set(expected)
    for key, row in expected.items():
        shown = {name: found[key][name] for name in row}
        assert shown == {
            name: pytest.approx(value, rel=1e-6, abs=1e-6) if isinstance(value, float) else value
            for name, value in row.items()
        }, (key, shown, row)


@pytest.mark.stack
# An example costs some seconds, whatever the number of accounts, so a failing one is not made smaller.
@settings(
    max_examples=3,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(histories(), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_whatever_the_order_the_pieces_and_the_repeats_the_tables_are_the_same(
    store: Store, of_accounts: list[list[AnyEvent]], chance: random.Random
) -> None:
    # Time does not pass between the pieces, so each turn looks at all changes again, and at no older ones.
    stories: dict[str, list[AnyEvent]] = {}
    told: list[AnyEvent] = []
    for events in of_accounts:
        account = f"a{next(NUMBERS)}"
        stories[account] = [event.model_copy(update={"account_id": account}) for event in events]
        told += [*stories[account], *chance.sample(stories[account], k=min(3, len(events)))]
    chance.shuffle(told)
    for piece in pieces(told, chance):
        store.write(piece)
        scopes, _ = deriving.changed(store.client, Seen(datetime.now(UTC) - timedelta(hours=1), {}))
        deriving.derive(store.client, [one for one in scopes if one.account_id in stories])
    for events in stories.values():
        compare(store, events)
    deriving.derive(store.client, [Scope(account, EPOCH, EPOCH) for account in stories])
    for events in stories.values():
        compare(store, events)


def pieces(events: Sequence[AnyEvent], chance: random.Random) -> Iterator[Sequence[AnyEvent]]:
    place = 0
    while place < len(events):
        size = chance.randint(max(1, len(events) // 3), len(events))
        yield events[place : place + size]
        place += size


@pytest.mark.stack
def test_expected_is_the_middle_half_of_the_last_hundred_of_the_type(store: Store) -> None:
    chance = random.Random(5)
    events: list[AnyEvent] = []
    for number in range(140):
        created = BEGIN + timedelta(hours=7 * number)
        events.append(seen("many", number, created, chance.choice(("original", "original", "original", "repost"))))
        # A post that was found late tells nothing of what posts have after an hour.
        found = created + timedelta(hours=1 if number % 5 else 30)
        events.append(sampled("many", number, found, created, (1, chance.randint(0, 99), 5)))
    store.write(events)
    scopes, _ = deriving.changed(store.client, None)
    deriving.derive(store.client, scopes)
    plain = Plain(events).ages()
    assert {row["benchmark"] for row in plain.values()} == {"", "account", "type"}
    expect(store.rows("counters_at_age", "many", "post_id, age_s"), plain)
    measures = store.rows("post_measures", "many", "post_id")
    newest, last = measures[1_139], plain[1_139, 3600]
    assert newest["expected"] == pytest.approx(last["expected"])
    assert newest["ratio"] == pytest.approx((last["reposts"] + last["comments"] + last["likes"]) / last["expected"])
    guessed = store.rows("counters_at_age", "many", "post_id, age_s")[1_135, 3600]
    assert (guessed["gap_s"], guessed["ratio"], guessed["score"]) == (30 * 3600, None, None)
    assert measures[1_135]["score_age_s"] is None
    # A newer post changes nothing of what was to be expected of an older one.
    more = [
        seen("many", 140, BEGIN + timedelta(hours=980)),
        sampled("many", 140, BEGIN + timedelta(hours=981), None, (1, 1, 1)),
    ]
    store.write(more)
    before = store.client.query("SELECT count() FROM weibo_store.post_ages").result_rows
    deriving.derive(store.client, [Scope("many", None, BEGIN)])
    assert store.client.query("SELECT count() FROM weibo_store.post_ages").result_rows == before, "nothing is rewritten"


def receipt(spider: str, hours: int, reason: str, complete: bool = True) -> CrawlReceipt:
    ended = BEGIN + timedelta(hours=hours)
    return CrawlReceipt.model_validate(
        {"account_id": "seen", "observed_at": ended, "started_at": ended, "cycle": str(hours), "spider": spider,
         "lane": "guest-1", "software": "0.1.0", "planned": 1, "fetched": 1, "published": {}, "acknowledged": {},
         "responses": {"ok": 1}, "stop_reason": reason, "complete": complete}
    )  # fmt: skip


@pytest.mark.stack
def test_a_day_knows_its_visits_and_the_newest_of_them(store: Store) -> None:
    looked_up = receipt("names", 5, "caught_up")
    visits = [receipt("embassy", 1, "caught_up"), receipt("resample", 3, "blocked", complete=False), looked_up]
    # A receipt that came twice is one visit; another day has one of its own, and a day with a look-up only has none.
    store.write([*visits, visits[0], receipt("embassy", 30, "budget"), receipt("canary", 60, "caught_up")])
    deriving.derive(store.client, [Scope("seen", EPOCH, None)])
    days = store.rows("account_days", "seen", "day")
    assert [
        (row["visits"], row["visits_complete"], row["last_visit_at"], row["last_stop_reason"])
        for _, row in sorted(days.items())
    ] == [(2, 1, BEGIN + timedelta(hours=3), "blocked"), (1, 1, BEGIN + timedelta(hours=30), "budget")]


@pytest.mark.stack
def test_a_day_knows_how_many_posts_an_account_may_have(store: Store) -> None:
    figures = [
        (1, 44),
        (2, None),
        (26, {"value": 10_000, "low": 10_000, "high": 19_999, "precision": "rounded", "raw": "1万"}),
    ]
    store.write(
        [
            AccountSnapshot.model_validate(
                {"account_id": "many", "observed_at": BEGIN + timedelta(hours=hours), "posts": posts, "via": "profile"}
            )
            for hours, posts in figures
        ]
    )
    deriving.derive(store.client, [Scope("many", EPOCH, None)])
    days = store.rows("account_days", "many", "day")
    assert [(row["posts_reported"], row["posts_reported_high"]) for _, row in sorted(days.items())] == [
        (44, 44),
        (10_000, 19_999),
    ]
    assert [row["last_snapshot_at"] for _, row in sorted(days.items())] == [
        BEGIN + timedelta(hours=2),
        BEGIN + timedelta(hours=26),
    ]


@pytest.mark.stack
def test_what_was_looked_at_is_not_looked_at_again_and_nothing_is_passed_over(store: Store) -> None:
    store.write([sampled("once", 1, BEGIN, BEGIN, (1, 2, 3))])
    scopes, seen_so_far = deriving.changed(store.client, None)
    assert {one.account_id for one in scopes} == {"once"}
    scopes, seen_so_far = deriving.changed(store.client, seen_so_far)
    assert scopes == []
    store.write([sampled("once", 1, BEGIN + timedelta(hours=1), BEGIN, (1, 2, 4))])
    scopes, seen_so_far = deriving.changed(store.client, seen_so_far)
    assert [one.account_id for one in scopes] == ["once"]
    # An insert that carries an earlier moment and becomes visible only now.
    late = datetime.now(UTC) - OVERLAP / 2
    store.client.insert(
        "weibo_store.changes",
        [[late, "late", "engagement_samples", BEGIN, None]],
        column_names=["changed_at", "account_id", "source", "hours_from", "posts_from"],
    )
    scopes, seen_so_far = deriving.changed(store.client, seen_so_far)
    assert scopes == [Scope("late", BEGIN, None)]


@pytest.mark.stack
def test_a_deriver_goes_on_where_the_last_one_stopped(store: Store) -> None:
    store.write([sampled("x", 1, BEGIN, BEGIN, (1, 2, 3))])
    assert deriving.begin(store.client) is None
    _, looked = deriving.changed(store.client, None)
    deriving.record(store.client, looked, datetime.now(UTC), 1, EPOCH)
    again = deriving.begin(store.client)
    assert again is not None
    assert again.until == looked.until


@pytest.mark.stack
def test_what_other_statements_derived_is_derived_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write([sampled("y", 1, BEGIN, BEGIN, (1, 2, 3))])
    with monkeypatch.context() as patched:
        patched.setattr(deriving, "REVISION", deriving.REVISION - 1)
        deriving.record(store.client, Seen(datetime.now(UTC), {}), datetime.now(UTC), 1, EPOCH)
        assert deriving.begin(store.client) is not None
    assert deriving.begin(store.client) is None
    scopes, _ = deriving.changed(store.client, deriving.begin(store.client))
    assert Scope("y", EPOCH, EPOCH) in scopes


@pytest.mark.stack
def test_a_post_with_another_moment_of_publication_has_one_row(store: Store) -> None:
    later = BEGIN + timedelta(days=40)
    for created in (None, BEGIN, later):
        store.write([sampled("moved", 1, later + timedelta(days=1), created, (1, 2, 3))])
        scopes, _ = deriving.changed(store.client, Seen(datetime.now(UTC) - timedelta(minutes=5), {}))
        deriving.derive(store.client, scopes)
        measures = store.client.query(
            "SELECT created_at FROM weibo.post_measures WHERE account_id = 'moved'"
        ).result_rows
        assert [row[0] for row in measures] == ([created] if created else [])
    ages = store.client.query("SELECT DISTINCT created_at FROM weibo.counters_at_age WHERE account_id = 'moved'")
    assert ages.result_rows == [(later,)]


@pytest.mark.stack
def test_a_kill_between_ages_and_measures_leaves_no_row_of_another_moment(store: Store) -> None:
    later = BEGIN + timedelta(days=40)
    for created in (BEGIN, later):
        store.write([sampled("torn", 1, later + timedelta(days=1), created, (1, 2, 3))])
        scopes, _ = deriving.changed(store.client, Seen(datetime.now(UTC) - timedelta(minutes=5), {}))
        deriving.derive(store.client, scopes)
        if created == BEGIN:
            # As after a kill behind the first statement: there are no measures yet that could say the old moment.
            store.client.command("DELETE FROM weibo_store.post_measures WHERE account_id = 'torn'")
    ages = store.client.query("SELECT DISTINCT created_at FROM weibo.counters_at_age WHERE account_id = 'torn'")
    assert ages.result_rows == [(later,)]
