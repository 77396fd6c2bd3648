"""Waves of accounts, countries and all: what is a gain, what is held out, and what order and repeats do."""

import json
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from consumers.alerting.buckets import RECENT
from consumers.alerting.findings import Finding
from consumers.alerting.waves import LEAST_DAYS, SETTINGS, Waves
from schemas.counts import Count, Precision
from schemas.events import AccountSnapshot, AnyEvent, CrawlReceipt, EngagementSample
from tests.schemas.examples import RECEIPT, SAMPLE, SNAPSHOT

BEGIN = datetime(2026, 3, 1, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HALF_HOUR = 30
DAY = 24 * 60
OLD = BEGIN - timedelta(days=30)
CAPPED = Count(value=1_000_000, low=1_000_000, high=None, precision=Precision.LOWER_BOUND, raw="100万+")
ROUNDED = Count(value=12_000, low=11_500, high=12_499, precision=Precision.ROUNDED, raw="1.2万")


def sample(minute: float, comments: Any, post: int = 1, **more: Any) -> EngagementSample:
    fields = {
        "account_id": "us-embassy", "observed_at": BEGIN + minute * MINUTE, "post_id": f"{post}", "created_at": OLD,
        "comments": comments, "reposts": None, "likes": None, **more,
    }  # fmt: skip
    return SAMPLE.model_copy(update=fields)


def snapshot(minute: float, followers: Any) -> AccountSnapshot:
    fields = {"account_id": "us-embassy", "observed_at": BEGIN + minute * MINUTE, "followers": followers}
    return SNAPSHOT.model_copy(update=fields)


def receipt(begin: float, end: float, account_id: str = "us-embassy") -> CrawlReceipt:
    moments = {"started_at": BEGIN + begin * MINUTE, "observed_at": BEGIN + end * MINUTE}
    return RECEIPT.model_copy(update={"account_id": account_id, **moments})


def waves(countries: dict[str, str] | None = None, promise_h: float = 1.0) -> Waves:
    return Waves(lambda account_id: promise_h * 3600, countries or {})


def feed(detector: Waves, events: Iterable[AnyEvent]) -> list[Finding]:
    return [finding for event in events for finding in detector.feed(event)]


def values(findings: Iterable[Finding]) -> list[tuple[float, float | None]]:
    """Minute of the begin of each bucket, and its value."""
    return [
        ((finding.basis.until - BEGIN) / MINUTE, finding.value)
        for finding in findings
        if finding.basis is not None and finding.basis.until is not None
    ]


def visits(
    days: float, account_id: str = "us-embassy", wave: Sequence[tuple[float, float, float]] = (), seed: int = 1,
    every: int = HALF_HOUR, posts: int = 3,
) -> Iterator[list[EngagementSample]]:  # fmt: skip
    """What the posts of an account show, visit by visit; a wave is first and last minute and comments a minute."""
    chance = random.Random(f"{seed}:{account_id}")
    comments = [chance.randrange(50) for _ in range(posts)]
    for minute in range(0, int(days * DAY) + 1, every):
        if minute:
            pace = 0.4 * (1.2 + math.sin(2 * math.pi * minute / DAY))
            pace += sum(rate for first, last, rate in wave if first < minute <= last)
            for place in range(posts):
                comments[place] += round(pace * every / posts * chance.lognormvariate(0, 0.4))
        yield [
            sample(minute, count, post, account_id=account_id, likes=5 * count, reposts=count // 2)
            for post, count in enumerate(comments, 1)
        ]


def flat(groups: Iterable[Sequence[EngagementSample]]) -> list[EngagementSample]:
    return [one for group in groups for one in group]


def high(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.score >= 1 and not finding.doubts]


def test_gains_are_spread_over_the_time_between_samples_by_hand() -> None:
    detector = waves()
    found = feed(detector, [sample(0, 100), sample(60, 160), sample(75, 165), sample(135, 165), sample(150, 165)])
    # One comment a minute for an hour, five in a quarter of an hour, none in the next hour.
    assert values(found) == [(0, 30.0), (30, 30.0), (60, 5.0), (90, 0.0)]
    assert {(finding.metric, finding.kind, finding.subject.key) for finding in found} == {
        ("comments", "account_wave", "account:us-embassy")
    }
    assert found[0].at == BEGIN + 30 * MINUTE
    assert found[0].per_hour == 60


def test_a_bucket_in_which_the_account_was_first_read_has_no_value() -> None:
    found = feed(waves(), [sample(10, 100), sample(65, 155), sample(95, 155), sample(125, 155)])
    assert values(found) == [(30, 30.0), (60, 5.0)]


def test_interactions_are_reposts_comments_and_likes_together() -> None:
    wave = visits(20, wave=[(15 * DAY, 15 * DAY + 60, 20.0)])
    likes_only = [one.model_copy(update={"comments": 7}) for one in flat(wave)]
    assert {finding.metric for finding in high(feed(waves(), likes_only))} == {"interactions"}


@pytest.mark.parametrize("unsure", [CAPPED, ROUNDED, None])
def test_what_is_not_known_exactly_gives_no_gain(unsure: Any) -> None:
    found = feed(waves(), [sample(0, 100), sample(30, unsure), sample(60, 160), sample(90, unsure), sample(120, 160)])
    # The next exact count says what came since the last one; what of it belongs to a closed bucket is gone.
    assert values(found) == [(0, 0.0), (30, 30.0), (60, 0.0)] or values(found)[0] == (0, 0.0)
    found = feed(waves(), [sample(0, unsure), sample(30, 900), sample(60, 900), sample(90, 900)])
    assert values(found) == [(0, 0.0), (30, 0.0)]


def test_a_post_seen_first_is_a_gain_only_if_it_is_new() -> None:
    base = [sample(0, 10), sample(30, 10)]
    old = sample(60, 500, post=2, created_at=BEGIN - MINUTE)
    new = sample(60, 20, post=2, created_at=BEGIN + 40 * MINUTE)
    unsaid = sample(60, 500, post=2, created_at=None)
    for first, gained in ((old, 0.0), (new, 20.0), (unsaid, 0.0)):
        found = feed(waves(), [*base, sample(60, 10), first, sample(90, 10)])
        assert values(found)[1] == (30, gained)


def test_counters_that_fall_and_come_back_are_no_wave() -> None:
    found = feed(waves(), [sample(30 * place, count) for place, count in enumerate((100, 0, 100, 90, 105, 105))])
    assert [value for _, value in values(found)] == [0.0, 0.0, 0.0, 5.0]


def test_what_came_in_a_gap_is_held_out_and_its_catch_up_is_no_wave() -> None:
    groups = list(visits(12))
    gap = [group for group in groups if not 10 * DAY < (group[0].observed_at - BEGIN) / MINUTE < 10 * DAY + 480]
    found = feed(waves(), flat(gap))
    assert not high(found)
    [held] = [finding for finding in found if finding.gap_s is not None]
    assert (held.gap_s, held.doubts, held.incomplete, held.score) == (480 * 60, ("after_gap",), True, 0.0)
    before, after = (sum(one.comments + one.likes + one.reposts for one in groups[place])
                     for place in (10 * 48, 10 * 48 + 16))  # fmt: skip
    assert held.value == pytest.approx(after - before)
    minutes = [minute for minute, _ in values(found)]
    assert 10 * DAY + 450 not in minutes and 10 * DAY + 480 in minutes
    [first] = [finding for finding in found if finding.at == BEGIN + (10 * DAY + 510) * MINUTE]
    assert first.doubts == ("after_gap",)


def test_visits_that_are_usually_rarer_than_promised_are_no_gaps() -> None:
    found = feed(waves(promise_h=0.5), [sample(180 * place, 60 * place) for place in range(13)])
    assert [finding.doubts for finding in found if finding.gap_s is not None] == [("after_gap",)] * RECENT
    minutes = dict(values(found))
    # The first ones seem gaps; from then on it is known that visits come so.
    assert min(minutes) == 180 * RECENT and max(minutes) == 180 * 11 - 30
    assert set(minutes.values()) == {10.0}


def test_a_wave_is_found_within_an_hour_and_explained() -> None:
    begin = 16 * DAY
    found = high(feed(waves(), flat(visits(18, wave=[(begin, begin + 180, 6.0)]))))
    assert BEGIN + begin * MINUTE < found[0].at <= BEGIN + (begin + 60) * MINUTE
    one = found[0]
    assert one.value is not None and one.high is not None and one.expected is not None and one.low is not None
    assert one.value > one.high > one.expected > one.low >= 0
    assert one.basis is not None and one.basis.since == BEGIN and not one.basis.provisional
    assert one.basis.members == (one.at - BEGIN) // SETTINGS.bucket


@pytest.mark.parametrize("kind", ("account_wave", "country_wave", "general_wave"))
def test_a_wave_has_a_curve_of_its_last_day_and_what_is_none_has_none(kind: str) -> None:
    wave = [(16 * DAY, 16 * DAY + 120, 8.0)]
    found = feed(waves(COUNTRIES), merged(COUNTRIES, 17, dict.fromkeys(COUNTRIES, wave)))
    mine = [finding for finding in found if finding.kind == kind]
    told = high(mine)
    assert told and len(told) < len(mine)
    for one in mine:
        assert bool(one.curve) == (one.score >= 1)
    for one in told:
        assert [point.age_s for point in one.curve] == [-1_800.0 * back for back in range(47, -1, -1)]
        last = one.curve[-1]
        assert last.value == pytest.approx(one.value, abs=0.05)
        assert last.expected == pytest.approx(one.expected, rel=0.01, abs=0.1)
        assert all(0 <= point.low <= point.expected <= point.high for point in one.curve)


def test_the_first_days_say_that_they_warm_up() -> None:
    wave = [(DAY, DAY + 60, 50.0), (5 * DAY, 5 * DAY + 120, 900.0)]
    found = [finding for finding in feed(waves(), flat(visits(6, wave=wave))) if finding.score >= 1]
    early = [finding for finding in found if finding.at < BEGIN + LEAST_DAYS * DAY * MINUTE]
    late = [finding for finding in found if finding.at > BEGIN + 5 * DAY * MINUTE]
    assert early and all("warming_up" in finding.doubts for finding in early)
    assert late and all(finding.doubts == () for finding in late)
    assert late[0].basis is not None
    assert late[0].basis.provisional and late[0].basis.wanted == 14 * 48


def test_a_handful_is_no_wave_however_quiet_the_account() -> None:
    quiet = [sample(HALF_HOUR * place, 5) for place in range(40 * 48)]
    more = [sample(40 * DAY + 30 * place, 5 + count) for place, count in enumerate((8, 8, 8))]
    found = [finding for finding in feed(waves(), [*quiet, *more]) if finding.score >= 1]
    assert found and {finding.doubts for finding in found} == {("below_floor",)}


def test_a_receipt_closes_the_visit_that_it_ends() -> None:
    detector = waves()
    feed(detector, [sample(0, 0), sample(30, 30)])
    assert list(detector.feed(receipt(40, 41))) == []
    assert values(detector.feed(receipt(29, 31))) == [(0, 30.0)]
    assert values(feed(detector, [sample(60, 60), sample(90, 90)])) == [(30, 30.0)]


def test_samples_a_minute_apart_are_one_visit() -> None:
    events = [sample(30 * place + post, 30 * place, post=post + 1) for place in range(4) for post in (0, 1)]
    # Of the second post's thirty, one belongs to the minute after the bucket.
    assert values(feed(waves(), events))[0] == (0, pytest.approx(59))


def test_figures_that_are_imported_are_no_samples() -> None:
    detector = waves()
    assert not feed(detector, [sample(30 * place, 9 * place, via="import") for place in range(9)])
    assert not feed(
        detector, [snapshot(30 * place, 9 * place).model_copy(update={"via": "import"}) for place in range(9)]
    )
    assert detector.dirty() == []


@pytest.mark.parametrize("gap", [30, 1_200])
def test_what_is_closed_is_not_kept(gap: int) -> None:
    detector = waves()
    feed(detector, [sample(0, 0, post=2), *(sample(30 * place, 0) for place in range(200))])
    # A post that was last read days ago gains in a bucket that is open still.
    feed(detector, [sample(6_000, 0), sample(6_010, 900, post=2), sample(6_010 + gap, 900)])
    feed(detector, [sample(6_040 + gap, 900), sample(6_070 + gap, 900)])
    state = detector.dump("account:us-embassy")
    assert state is not None
    *_, kept, _ = state[2]
    assert kept == []


@settings(max_examples=20, phases=[Phase.generate])
@given(st.integers(0, 1_000), st.floats(0, 0.5))
def test_order_within_a_visit_and_repeats_change_nothing(seed: int, repeats: float) -> None:
    chance = random.Random(seed)
    groups = list(visits(1.5, wave=[(DAY, DAY + 120, 5.0)]))
    mixed: list[EngagementSample] = []
    for group in groups:
        mixed += chance.sample(group, len(group))
        mixed += [chance.choice(mixed) for _ in range(3) if chance.random() < repeats]
    rounded = [(*values([one])[0], round(one.score, 6)) for one in feed(waves(), mixed)]
    assert rounded == [(*values([one])[0], round(one.score, 6)) for one in feed(waves(), flat(groups))]


def test_what_the_state_forgets_are_the_oldest_posts() -> None:
    detector = waves()
    feed(detector, [sample(post, 1, post=post) for post in range(1, 41)])
    state = detector.dump("account:us-embassy")
    assert state is not None
    assert sorted(int(post[0]) for post in state[0]) == list(range(11, 41))


COUNTRIES = {"us-embassy": "US", "us-consulate": "US", "fr-embassy": "FR"}


def merged(accounts: Iterable[str], days: float, waving: dict[str, list[tuple[float, float, float]]]) -> list[AnyEvent]:
    events = [one for account in accounts for one in flat(visits(days, account, waving.get(account, []), posts=1))]
    return sorted(events, key=lambda event: event.observed_at)


def kinds(findings: Iterable[Finding]) -> set[str]:
    return {f"{finding.kind} {finding.subject.id}" for finding in high(findings)}


def test_what_many_accounts_show_is_a_wave_of_their_country_and_of_all() -> None:
    wave = [(16 * DAY, 16 * DAY + 120, 8.0)]
    found = feed(waves(COUNTRIES), merged(COUNTRIES, 17, dict.fromkeys(COUNTRIES, wave)))
    assert kinds(found) == {
        *(f"account_wave {account}" for account in COUNTRIES), "country_wave US", "general_wave all",
    }  # fmt: skip
    # A country of one account has no series of its own.
    assert not [finding for finding in found if finding.subject.id == "FR"]
    general = next(finding for finding in high(found) if finding.kind == "general_wave")
    assert (general.detail or "").startswith("3 of 3 accounts") and not general.incomplete


def test_what_one_account_does_alone_is_no_wave_of_many() -> None:
    found = feed(waves(COUNTRIES), merged(COUNTRIES, 17, {"us-embassy": [(16 * DAY, 16 * DAY + 120, 30.0)]}))
    assert kinds(found) == {"account_wave us-embassy"}


def test_an_account_that_is_not_read_counts_as_what_is_expected_of_it() -> None:
    events = [
        event
        for event in merged(COUNTRIES, 18, {})
        if event.account_id != "fr-embassy" or event.observed_at < BEGIN + 16 * DAY * MINUTE
    ]
    found = [finding for finding in feed(waves(COUNTRIES), events) if finding.kind == "general_wave"]
    since = BEGIN + 14 * DAY * MINUTE
    whole, partly = ([one.value / one.expected for one in found if one.incomplete is some and one.at > since
                      and one.value is not None and one.expected] for some in (False, True))  # fmt: skip
    assert len(partly) > 48
    assert sum(partly) / len(partly) == pytest.approx(sum(whole) / len(whole), rel=0.1)
    assert not high(found)


def test_an_account_that_comes_late_changes_nothing_of_what_is_told() -> None:
    every = merged(COUNTRIES, 4, {})
    late = [one for one in every if one.account_id == "fr-embassy" and one.observed_at > BEGIN + DAY * MINUTE]
    on_time = [one for one in every if one not in late]
    detector = waves(COUNTRIES)
    told = [finding.at for finding in feed(detector, [*on_time, *late]) if finding.kind == "general_wave"]
    assert told == sorted(set(told))
    state = detector.dump("all:all")
    assert state is not None
    assert len(state[2]) <= 7


def test_followers_jump_and_one_wrong_reading_does_not() -> None:
    chance = random.Random(3)
    counts, events = 10_000, []
    for place in range(20 * 24):
        counts += chance.randrange(3) + (400 if place in (400, 401) else 0)
        events.append(snapshot(60 * place, 20 if place == 300 else counts))
    found = high(feed(waves(), events))
    assert found and {(finding.kind, finding.metric) for finding in found} == {("followers_jump", "followers")}
    assert found[0].at <= BEGIN + (401 * 60) * MINUTE
    assert found[0].at > BEGIN + 399 * 60 * MINUTE
    assert not feed(waves(), [snapshot(60 * place, ROUNDED) for place in range(50)])


@settings(max_examples=8, phases=[Phase.generate])
@given(st.integers(0, 3 * 48 * 3), st.booleans())
def test_written_down_and_taken_up_anywhere_the_findings_are_the_same(place: int, missing: bool) -> None:
    events: list[AnyEvent] = merged(COUNTRIES, 3, {"us-embassy": [(2.5 * DAY, 2.6 * DAY, 9.0)]})
    events += [snapshot(60 * hour, 1_000 + hour) for hour in range(72)]
    events.sort(key=lambda event: event.observed_at)
    if missing:
        events = [event for event in events if not 100 < (event.observed_at - BEGIN) / MINUTE % 1_000 < 400]
    straight = waves(COUNTRIES)
    whole = feed(straight, events)
    first = waves(COUNTRIES)
    before = feed(first, events[:place])
    second = waves(COUNTRIES)
    # A piece of state that never changed was never written; they come back in any order.
    for key in random.Random(place).sample(keys := first.dirty(), len(keys)):
        second.load(key, json.loads(json.dumps(first.dump(key))))
    assert before + feed(second, events[place:]) == whole
    for key in straight.dirty():
        assert second.dump(key) == straight.dump(key)


def test_what_changed_is_said_once() -> None:
    detector = waves(COUNTRIES)
    feed(detector, [sample(0, 1), sample(60, 2), sample(120, 2)])
    assert detector.dirty() == ["account:us-embassy", "all:all", "country:US", "shown:us-embassy"]
    assert detector.dirty() == []
    assert detector.dump("account:nobody") is None and detector.dump("country:XX") is None


def test_the_posts_behind_a_wave_are_those_that_gain_now() -> None:
    calm = flat(visits(9.5, posts=2))
    carried = [
        sample(minute, 10 * max(0, min(minute - 9 * DAY, 180)), 77, likes=0)
        for minute in range(0, int(9.5 * DAY) + 1, HALF_HOUR)
    ]
    events = sorted([*calm, *carried], key=lambda one: one.observed_at)
    detector = waves()
    wave = [one for one in high(feed(detector, events)) if 60 <= (one.at - BEGIN) / MINUTE - 9 * DAY <= 180]
    assert wave and {finding.posts[0] for finding in wave} == {"77"}
    state = detector.dump("account:us-embassy")
    assert state is not None
    restarted = waves()
    restarted.load("account:us-embassy", json.loads(json.dumps(state)))
    assert restarted.dump("account:us-embassy") == state
    older = waves()
    older.load("account:us-embassy", state[:4])
    assert older.dump("account:us-embassy") == [*state[:4], []], "memory of before it was known which posts gain"
