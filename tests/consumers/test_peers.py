"""What is to be expected by the posts of other accounts, against a plain computation and by hand."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from consumers import deriving, peers, reloading
from consumers.deriving import Seen
from consumers.horizon import EPOCH
from consumers.peers import Pace, pieces
from schemas.events import AccountSnapshot, AnyEvent
from tests.consumers.plain_measures import Plain
from tests.consumers.plain_peers import PlainPeers, hashed
from tests.consumers.test_deriving import BEGIN, Store, expect, sampled, seen
from tests.consumers.test_deriving import pieces as parts
from tests.migrated import truncate

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TODAY = BEGIN + 40 * DAY


def test_days_are_cut_into_pieces_without_a_gap() -> None:
    first = BEGIN.date()
    assert list(pieces(first, first)) == []
    found = list(pieces(first, first + 65 * DAY))
    assert found == [
        (first, first + 30 * DAY),
        (first + 30 * DAY, first + 60 * DAY),
        (first + 60 * DAY, first + 65 * DAY),
    ]


class Clock:
    """Seconds, moved by hand; a refresh takes `takes` of them."""

    def __init__(self) -> None:
        self.now, self.takes = 0.0, 0.5
        self.asked: list[datetime] = []

    def refresh(self, since: datetime) -> datetime:
        self.asked.append(since)
        self.now += self.takes
        return since + DAY

    def __call__(self) -> float:
        return self.now


def test_a_refresh_comes_once_a_minute_at_most_and_takes_two_percent_of_the_time() -> None:
    clock = Clock()
    pace = Pace(BEGIN, clock.refresh, clock)
    assert pace.turn()
    clock.now += 59.9
    assert not pace.turn()
    clock.now, clock.takes = 60.5, 10.0
    assert pace.turn()
    clock.now = 60.5 + 10 + 50 * 10 - 0.1
    assert not pace.turn()
    clock.now += 0.2
    assert pace.turn()
    assert clock.asked == [BEGIN, BEGIN + DAY, BEGIN + 2 * DAY]


def test_a_refresh_that_failed_is_due_at_once_from_the_same_moment_on() -> None:
    clock = Clock()

    def breaks(_: datetime) -> datetime:
        raise OSError

    pace = Pace(BEGIN, breaks, clock)
    with pytest.raises(OSError):
        pace.turn()
    pace.refresh = clock.refresh
    assert pace.turn()
    assert clock.asked == [BEGIN]


@pytest.fixture
def store(migrated: tuple[Client, Any]) -> Store:
    return Store(migrated[0])


def followed(account: str, followers: Any, at: datetime) -> AccountSnapshot:
    return AccountSnapshot.model_validate(
        {"account_id": account, "observed_at": at, "followers": followers, "via": "profile"}
    )


def post(account: str, number: int, created: datetime, likes: int) -> list[AnyEvent]:
    """A post with one sample, an hour after its publication."""
    return [seen(account, number, created), sampled(account, number, created + HOUR, created, (0, 0, likes))]


def of_group(digits: int, posts: int, accounts: int, *days: int) -> Iterator[AnyEvent]:
    """Posts of accounts with so many digits of followers, in turn, so many days before today; and one of today's by an
    account that has no other. Their likes: a quarter has none, a quarter a thousand, the others 5, 6, 7 and so on.
    """
    for number in range(accounts):
        yield followed(f"{digits}-{number}", 10 ** (digits - 1), BEGIN - DAY)
    quarter = posts // 4
    likes = [0] * quarter + [1_000] * quarter + [5 + number for number in range(posts - 2 * quarter)]
    random.Random(digits).shuffle(likes)
    for number, count in enumerate(likes):
        created = TODAY - days[number % len(days)] * DAY
        yield from post(f"{digits}-{number % accounts}", 100 * digits + number, created, count)
    yield followed(f"{digits}-judged", 10**digits - 1, BEGIN - DAY)
    yield from post(f"{digits}-judged", 100 * digits + 99, TODAY, 100)


def bring_up_to_date(client: Client) -> None:
    scopes, _ = deriving.changed(client, Seen(datetime.now(UTC) - HOUR, {}))
    deriving.derive(client, scopes)
    peers.refresh(client, peers.begin(client))


@pytest.mark.stack
def test_twenty_posts_of_three_accounts_of_the_thirty_days_before_and_of_them_the_middle_half(store: Store) -> None:
    events = [
        *of_group(2, 19, 3, 1),
        *of_group(3, 20, 2, 1),
        *of_group(4, 20, 3, 1),
        *of_group(5, 20, 3, 0, 1),  # what was published on the same day does not count
        *of_group(6, 20, 3, 31),
        *of_group(7, 20, 3, 30),
    ]
    store.write(events)
    bring_up_to_date(store.client)
    rows = store.client.query(
        "SELECT account_id, benchmark, expected, benchmark_posts, ratio FROM weibo.counters_at_age "
        "WHERE account_id LIKE '%-judged' AND age_s = 3600 ORDER BY account_id"
    ).result_rows
    mean = 5 + 9 / 2
    assert rows == [
        ("2-judged", "", None, 0, None),
        ("3-judged", "", None, 0, None),
        ("4-judged", "peers", mean, 20, 100 / mean),
        ("5-judged", "", None, 0, None),
        ("6-judged", "", None, 0, None),
        ("7-judged", "peers", mean, 20, 100 / mean),
    ]
    measures = store.client.query(
        "SELECT account_id, benchmark, expected, benchmark_posts, ratio FROM weibo.post_measures "
        "WHERE account_id LIKE '%-judged' ORDER BY account_id"
    ).result_rows
    assert measures == rows
    assert_as_computed(store, events)


@pytest.mark.stack
def test_of_a_day_a_hundred_posts_count_and_the_hash_of_their_ids_says_which(store: Store) -> None:
    created = TODAY - DAY
    events: list[AnyEvent] = [followed(f"a{number}", 500, BEGIN) for number in range(13)]
    for number in range(130):
        events += post(f"a{number % 13}", number, created + timedelta(minutes=number), 7 * number)
    events += [followed("judged", 500, BEGIN), *post("judged", 999, TODAY, 1)]
    store.write(events)
    bring_up_to_date(store.client)
    counted = sorted(range(130), key=lambda number: hashed(1_000 + number))[:100]
    middle = sorted(7 * number for number in counted)[25:75]
    found = store.rows("counters_at_age", "judged", "post_id, age_s")[1_999, 3600]
    assert (found["benchmark_posts"], found["expected"]) == (100, pytest.approx(sum(middle) / 50))


@pytest.mark.stack
def test_what_peers_no_longer_give_is_taken_back(store: Store) -> None:
    events = list(of_group(4, 20, 3, 1))
    store.write(events)
    bring_up_to_date(store.client)
    assert store.rows("post_measures", "4-judged", "post_id")[1_499]["benchmark"] == "peers"
    # It turns out that one of the twenty was published on the same day.
    moved = sampled("4-0", 400, TODAY + 5 * HOUR, TODAY, (0, 0, 1_000))
    store.write([moved])
    bring_up_to_date(store.client)
    for found in (
        store.rows("counters_at_age", "4-judged", "post_id, age_s")[1_499, 3600],
        store.rows("post_measures", "4-judged", "post_id")[1_499],
    ):
        assert (found["benchmark"], found["expected"], found["benchmark_posts"]) == ("", None, 0)
    assert_as_computed(store, [*events, moved])


@pytest.mark.stack
def test_a_refresh_writes_what_changed_and_looks_from_the_day_of_the_first_change_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written() -> list[int]:
        return [
            store.client.query(f"SELECT count() FROM weibo_store.{table}").result_rows[0][0]
            for table in ("peer_expectations", "post_ages", "post_measures")
        ]

    events = list(of_group(4, 20, 3, 1))
    store.write(events)
    bring_up_to_date(store.client)
    before = written()
    peers.refresh(store.client, EPOCH)
    deriving.derive(store.client, deriving.everything(store.client))
    assert written() == before, "nothing is rewritten"
    since = peers.refresh(store.client, EPOCH)
    asked: list[Any] = []
    with monkeypatch.context() as patched:
        patched.setattr(peers, "pieces", lambda first, behind: asked.append((first, behind)) or pieces(first, behind))
        peers.refresh(store.client, since)
        assert asked == [], "nothing changed"
        late = post("4-0", 4_000, TODAY - 3 * DAY, 7)
        store.write(late)
        deriving.derive(store.client, deriving.everything(store.client))
        peers.refresh(store.client, since)
    first = (TODAY - 3 * DAY + 8 * HOUR).date()
    assert asked == [(first, first + (3 + 31) * DAY)]
    assert_as_computed(store, [*events, *late])


@pytest.mark.stack
def test_a_reload_takes_back_whatever_was_done_to_the_expectations(store: Store) -> None:
    events = list(of_group(4, 20, 3, 1))
    store.write(events)
    bring_up_to_date(store.client)
    for wrong in ("99 AS expected", "day + 100 AS day", "day - 100 AS day", "3 AS peer_group"):
        store.client.command(
            f"INSERT INTO weibo_store.peer_expectations SELECT * REPLACE ({wrong}, now64(3, 'UTC') AS derived_at) "
            "FROM weibo_store.peer_expectations FINAL WHERE age_s = 3600"
        )
    everything = deriving.everything(store.client)
    reloading.reload(store.client, everything, whole=True)
    assert_as_computed(store, events)


@pytest.mark.stack
def test_begin_goes_on_where_the_last_record_stood(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert peers.begin(store.client) == EPOCH
    deriving.record(store.client, Seen(TODAY, {}), TODAY, 1, BEGIN)
    assert peers.begin(store.client) == BEGIN
    monkeypatch.setattr(deriving, "REVISION", deriving.REVISION + 1)
    assert peers.begin(store.client) == EPOCH


def told(chance: random.Random) -> dict[str, list[AnyEvent]]:
    """Accounts in two groups, and some whose followers pass from one to the other or are not known, with few posts each
    or with enough of their own.
    """
    stories: dict[str, list[AnyEvent]] = {}
    for place in range(chance.randint(7, 10)):
        account = f"a{place}"
        followers = chance.choice(((500,), (500,), (70_000,), (70_000,), (500, 70_000), (None, 500), ()))
        events: list[AnyEvent] = [
            followed(account, figure, BEGIN + (20 * number - 1) * DAY) for number, figure in enumerate(followers)
        ]
        for number in range(chance.choice((6, 12, 12, 19, 35))):
            created = BEGIN + timedelta(minutes=chance.randint(0, 40 * 24 * 60))
            kind = chance.choice(("original", "original", "repost"))
            events.append(seen(account, 100 * place + number, created, kind))
            for minutes in {60, chance.choice((50, 61, 180))} - {chance.choice((60, 0, 0, 0))}:
                counters = [chance.choice((*chance.choices(range(50), k=7), None)) for _ in range(2)]
                moment = created + timedelta(minutes=minutes)
                events.append(sampled(account, 100 * place + number, moment, created, (*counters, minutes)))
        stories[account] = events
    return stories


@pytest.mark.stack
# An example costs some seconds, so a failing one is not made smaller.
@settings(
    max_examples=2,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, 1 << 32))
def test_whatever_the_order_and_the_pieces_expectations_follow_from_the_raw_rows(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    truncate(store.client)
    events = [event for story in told(chance).values() for event in story]
    chance.shuffle(events)
    since = EPOCH
    for piece in parts(events, chance):
        store.write(piece)
        scopes, _ = deriving.changed(store.client, Seen(datetime.now(UTC) - HOUR, {}))
        deriving.derive(store.client, scopes)
        if chance.randrange(2):
            since = peers.refresh(store.client, since)
    peers.refresh(store.client, since)
    assert_as_computed(store, events)
    deriving.derive(store.client, deriving.everything(store.client), anew=True)
    assert_as_computed(store, events)
    store.client.command("TRUNCATE TABLE weibo_store.peer_expectations")
    deriving.derive(store.client, deriving.everything(store.client))
    peers.refresh(store.client, EPOCH)
    assert_as_computed(store, events)


def assert_as_computed(store: Store, events: Iterable[AnyEvent]) -> None:
    stories: dict[str, list[AnyEvent]] = {}
    for event in events:
        stories.setdefault(event.account_id, []).append(event)
    plain = PlainPeers({account: Plain(story) for account, story in stories.items()})
    expect(rows_of(store, "weibo_store.peer_expectations FINAL", "peer_group", "age_s", "day"), plain.expectations())
    ages = {(account, *key): row for account in stories for key, row in plain.ages(account).items()}
    expect(rows_of(store, "weibo.counters_at_age", "account_id", "post_id", "age_s"), ages)
    measures = {(account, key): row for account in stories for key, row in plain.measures(account).items()}
    expect(rows_of(store, "weibo.post_measures", "account_id", "post_id"), measures)


def rows_of(store: Store, table: str, *key: str) -> dict[Any, dict[str, Any]]:
    rows = store.client.query(f"SELECT * FROM {table}").named_results()
    return {tuple(row[name] for name in key): row for row in rows}
