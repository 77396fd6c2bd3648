"""The visit plan: the budget holds, promises are kept or named, and requests go where most is gained."""

import itertools
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.planning.curves import CurveModel, known
from crawler.planning.plan import Plan, plan, requests_in
from crawler.planning.promises import TIERS, Budget, Promise, Tier, needed_per_hour
from crawler.planning.watched import Kind, WatchedAccount, WatchedPost
from schemas.errors import SettingsError

NOW = datetime(2016, 6, 1, 4, tzinfo=UTC)  # noon in Beijing
HOUR = timedelta(hours=1)
MODEL = CurveModel()
SLOW: dict[Tier, Promise] = {tier: Promise(timedelta(hours=2)) for tier in TIERS}
QUICK: dict[Tier, Promise] = {
    "first": Promise(timedelta(minutes=20), None, 2.0),
    "normal": Promise(timedelta(minutes=60)),
    "last": Promise(timedelta(hours=4), None, 0.5),
}


def post(name: str, age: timedelta, counts: Sequence[int]) -> WatchedPost:
    """A post with counts at equal parts of its age, the last one five minutes ago."""
    published = (NOW - age).timestamp()
    step = (age.total_seconds() - 300) / len(counts)
    samples = [(published + step * (place + 1), float(count)) for place, count in enumerate(counts)]
    return WatchedPost(name, known(MODEL, published, samples))


def account(
    name: str, tier: Tier = "normal", visited: float = 5, posts: tuple[WatchedPost, ...] = ()
) -> WatchedAccount:
    """Visited so many minutes ago."""
    return WatchedAccount(name, tier, 1.0, NOW - timedelta(minutes=visited), NOW - HOUR, posts)


def crowd(size: int, seed: int = 1, posts: int = 12) -> tuple[WatchedAccount, ...]:
    dice = random.Random(seed)
    accounts = []
    for number in range(size):
        ages = sorted(dice.uniform(0.3, 40) for _ in range(posts))
        watched = tuple(
            post(f"{number}-{place}", timedelta(hours=age), sorted(dice.randrange(300) for _ in range(3)))
            for place, age in enumerate(ages)
        )
        accounts.append(account(f"a{number:04}", dice.choice(TIERS), dice.uniform(0, 15), watched))
    return tuple(accounts)


def check_budget(made: Plan, budget: Budget, span: timedelta) -> None:
    assert made.requests == sum(visit.cost for visit in made.visits) <= made.allowed
    assert made.allowed <= budget.per_hour * (span / HOUR) + 1e-6
    moments = [visit.at for visit in made.visits]
    assert moments == sorted(moments)
    slot = timedelta(hours=1 / budget.per_hour)
    for before, after in itertools.pairwise(made.visits):
        assert after.at - before.at >= slot * before.cost - timedelta(milliseconds=1)


@settings(max_examples=40)
@given(st.integers(0, 12), st.floats(1, 900), st.integers(0, 1_000), st.integers(1, 200))
def test_the_budget_is_never_exceeded(size: int, per_hour: float, seed: int, render_cost: int) -> None:
    budget = Budget(per_hour, render_cost)
    made = plan(crowd(size, seed, 3), budget, NOW)
    check_budget(made, budget, HOUR)
    assert made.allowed == requests_in(budget, 3_600)


def test_it_is_the_same_every_time_and_whatever_the_order_of_accounts() -> None:
    accounts = crowd(20)
    first = plan(accounts, Budget(200), NOW)
    assert first == plan(accounts, Budget(200), NOW) == plan(accounts[::-1], Budget(200), NOW)
    assert first.visits


def followed(accounts: tuple[WatchedAccount, ...], budget: Budget, spans: int) -> dict[str, list[datetime]]:
    """Carry out one plan after the other; samples show what is expected. Returns the visits of each account."""
    state = {one.account_id: one for one in accounts}
    visits: dict[str, list[datetime]] = defaultdict(list)
    span = HOUR / 2
    for number in range(spans):
        begin = NOW + number * span
        made = plan(tuple(state.values()), budget, begin, span, QUICK)
        check_budget(made, budget, span)
        assert made.broken == ()
        for visit in made.visits:
            if visit.kind is not Kind.POST:
                visits[visit.account_id].append(visit.at)
                state[visit.account_id] = replace(state[visit.account_id], visited_at=visit.at)
    return visits


@settings(max_examples=15)
@given(st.integers(1, 15), st.floats(1.6, 6), st.integers(0, 1_000))
def test_every_account_is_visited_within_its_promise_when_the_budget_allows_it(
    size: int, plenty: float, seed: int
) -> None:
    accounts = crowd(size, seed, 3)
    needed = needed_per_hour([one.tier for one in accounts], QUICK, Budget(1))
    spans = 10
    visits = followed(accounts, Budget(max(needed * plenty, 60)), spans)
    for one in accounts:
        assert one.visited_at
        moments = [one.visited_at, *visits[one.account_id], NOW + spans * HOUR / 2]
        gaps = [after - before for before, after in itertools.pairwise(moments)]
        assert max(gaps) <= QUICK[one.tier].every + timedelta(seconds=1)


@pytest.mark.parametrize("since", [NOW, None])
def test_an_account_that_waits_for_its_first_visit_is_not_passed_over(
    since: datetime | None,
) -> None:
    accounts = {f"a{number:02}": WatchedAccount(f"a{number:02}", promised_at=since) for number in range(12)}
    visited, span = set(), timedelta(minutes=30)
    for number in range(4):
        begin = NOW + number * span
        for visit in plan(tuple(accounts.values()), Budget(9), begin, promises=SLOW).visits:
            if visit.at < begin + span:
                visited.add(visit.account_id)
                accounts[visit.account_id] = replace(accounts[visit.account_id], visited_at=visit.at)
    # Without the moment since when it waits, its turn is always yet to come.
    assert (visited == set(accounts)) == (since is not None)


def test_promises_that_cant_be_kept_are_named_with_the_budget_that_would() -> None:
    accounts = tuple(account(f"{tier}-{number}", tier, number * 1.8) for tier in TIERS for number in range(10))
    # 30 an hour for the first tier, 10 for the second, 2.5 for the last.
    made = plan(accounts, Budget(35), NOW, promises=QUICK)
    assert [(one.tier, one.of, round(one.needed_per_hour, 6)) for one in made.broken] == [
        ("normal", 10, 40.0),
        ("last", 10, 42.5),
    ]
    assert "10 of 10 accounts" in made.broken[0].says
    assert "40.0 requests per hour" in made.broken[0].says
    first = [visit for visit in made.visits if visit.account_id.startswith("first")]
    assert {visit.account_id for visit in first} == {f"first-{number}" for number in range(10)}
    for name in {visit.account_id for visit in first}:
        before = NOW - timedelta(minutes=int(name[-1]) * 1.8)
        moments = [before, *(visit.at for visit in first if visit.account_id == name), NOW + HOUR]
        assert all(b - a <= timedelta(minutes=20) for a, b in itertools.pairwise(moments))
    assert plan(accounts, Budget(made.broken[-1].needed_per_hour * 1.6), NOW, promises=QUICK).broken == ()


def test_what_was_overdue_before_is_no_fault_of_the_budget() -> None:
    [late] = plan((account("a", "first", 90),), Budget(60), NOW, promises=QUICK).broken
    assert late.needed_per_hour <= late.per_hour
    assert late.says == (
        "tier first: 1 of 1 accounts are visited later than promised: they were overdue before; 60.0 requests per hour "
        "are enough from now on"
    )


def test_short_requests_go_by_tier() -> None:
    accounts = tuple(account(f"{tier}-{number}", tier, 600) for tier in TIERS for number in range(10))
    made = plan(accounts, Budget(15), NOW, promises=QUICK)
    tiers = [visit.account_id.partition("-")[0] for visit in made.visits]
    assert tiers[:10] == ["first"] * 10
    assert {one.tier for one in made.broken} == set(TIERS)


def test_an_account_that_was_never_visited_is_visited_at_once() -> None:
    made = plan((WatchedAccount("new"), account("old")), Budget(120), NOW, promises=QUICK)
    assert made.visits[0].account_id == "new"
    assert made.visits[0].at == NOW
    assert "never yet" in made.visits[0].reason


def test_a_page_is_rendered_when_promised_and_costs_its_price() -> None:
    promises: dict[Tier, Promise] = {tier: Promise(timedelta(hours=2), timedelta(minutes=90)) for tier in TIERS}
    made = plan((account("a"),), Budget(240, 100), NOW, promises=promises)
    [rendered] = [visit for visit in made.visits if visit.kind is Kind.RENDERED]
    assert rendered.cost == 100
    assert rendered.at <= NOW + timedelta(minutes=30) - timedelta(minutes=25)
    assert made.broken == ()
    # Where a rendering does not fit, it is said.
    short = plan((account("a"),), Budget(50, 100), NOW, promises=promises)
    assert [visit for visit in short.visits if visit.kind is Kind.RENDERED] == []
    assert [one.accounts for one in short.broken] == [("a",)]


def test_what_grows_faster_is_looked_at_earlier_and_more_often() -> None:
    # As many reactions, but one of them has most of its own from just now.
    slow = account("slow", posts=(post("s", timedelta(hours=4), (480, 490, 495, 500)),))
    fast = account("fast", posts=(post("f", timedelta(hours=4), (20, 40, 60, 500)),))
    made = plan((slow, fast), Budget(30), NOW, promises=QUICK)
    by_name = {name: [visit.at for visit in made.visits if visit.account_id == name] for name in ("slow", "fast")}
    assert len(by_name["fast"]) > len(by_name["slow"])
    assert by_name["fast"][0] < by_name["slow"][0]


def test_a_page_samples_ten_posts_and_older_ones_are_asked_for_alone() -> None:
    new = tuple(post(f"new-{number}", timedelta(hours=20, minutes=number), (5, 6, 6)) for number in range(10))
    old = post("old", timedelta(hours=22), (10, 20, 400))
    made = plan((account("a", posts=(*new, old)),), Budget(60), NOW, promises=QUICK)
    pages = [visit for visit in made.visits if visit.kind is Kind.TIMELINE]
    alone = [visit for visit in made.visits if visit.kind is Kind.POST]
    assert pages
    assert all(len(visit.posts) == 10 and "old" not in visit.posts for visit in pages)
    assert alone
    assert all(visit.posts == ("old",) and visit.cost == 1 for visit in alone)


def test_a_reason_says_what_is_expected() -> None:
    made = plan(
        (account("a", posts=(post("p", timedelta(hours=2), (50, 100, 200)),)),), Budget(60), NOW, promises=QUICK
    )
    assert "p had 200 " in made.visits[0].reason
    assert "more expected" in made.visits[0].reason
    promised = plan((account("quiet", "first", 19),), Budget(60), NOW, promises=QUICK)
    assert promised.visits[0].reason == "promised: tier first is visited every 20 min, last 19 min ago"


def test_nothing_to_watch_and_posts_without_growth_are_no_trouble() -> None:
    assert plan((), Budget(60), NOW).visits == ()
    still = account("a", posts=(post("p", timedelta(hours=2), (0, 0, 0)), post("q", timedelta(days=90), (9, 9, 5))))
    check_budget(plan((still,), Budget(60), NOW), Budget(60), HOUR)


@pytest.mark.parametrize("wrong", [lambda: Budget(0), lambda: Budget(5, 0), lambda: Promise(timedelta(0))])
def test_a_budget_or_promise_of_nothing_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(SettingsError):
        wrong()


def carried_out(accounts: Sequence[WatchedAccount], hours: float, renders: bool) -> tuple[float, float]:
    """The longest wait for a plain visit and for a rendering, in minutes, where a plan is made every ten minutes.

    A request takes 20 seconds, a rendering 50 of them; where nothing `renders`, each one fails.
    """
    known_accounts = {one.account_id: one for one in accounts}
    budget, promises = Budget(180, 50), {tier: Promise(timedelta(hours=1), timedelta(hours=24)) for tier in TIERS}
    moment, waits = NOW, [0.0]
    while moment < NOW + hours * HOUR:
        free = end = moment + timedelta(minutes=10)
        for visit in plan(list(known_accounts.values()), budget, moment, promises=promises).visits:
            if visit.at >= end:
                break
            free = visit.at + visit.cost * timedelta(seconds=20)
            rendered = visit.kind is Kind.RENDERED
            if rendered and not renders:
                continue
            one = known_accounts[visit.account_id]
            assert one.visited_at
            waits.append((visit.at - one.visited_at) / timedelta(minutes=1))
            known_accounts[visit.account_id] = replace(
                one, visited_at=visit.at, rendered_at=visit.at if rendered else one.rendered_at
            )
        moment = max(end, free)
    left = known_accounts.values()
    waits += [(moment - one.visited_at) / timedelta(minutes=1) for one in left if one.visited_at]
    return max(waits), max((moment - one.rendered_at) / timedelta(minutes=1) for one in left if one.rendered_at)


@pytest.mark.parametrize("renders", [True, False])
def test_renderings_that_are_late_keep_no_plain_visit_waiting(renders: bool) -> None:
    late = [replace(account(f"a{n}", visited=10 + n), rendered_at=NOW - 25 * HOUR) for n in range(20)]
    visited, rendered = carried_out(late, 10, renders)
    assert visited <= 60
    assert (rendered < 11 * 60) == renders, "and the renderings are made up for, where they can be"


@pytest.mark.parametrize("kind", [Kind.TIMELINE, Kind.RENDERED])
def test_what_has_failed_is_tried_again_at_its_moment_and_not_before(kind: Kind) -> None:
    again = NOW + timedelta(minutes=40)
    one = replace(account("a", visited=500), rendered_at=NOW - 99 * HOUR, again_at={kind: again})
    promises = {tier: Promise(timedelta(hours=1), timedelta(hours=24)) for tier in TIERS}
    visits = plan([one], Budget(180, 5), NOW, promises=promises).visits
    first = {kind: min(visit.at for visit in visits if visit.kind is kind) for kind in (Kind.TIMELINE, Kind.RENDERED)}
    assert first.pop(kind) >= again
    assert min(first.values()) < again
