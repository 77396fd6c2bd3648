import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from consumers.alerting.falls import POSTS_MOST, FallDetector
from consumers.alerting.findings import Finding
from schemas.counts import Count, Precision
from schemas.events import AccountSnapshot, AnyEvent, CrawlReceipt, ListCoverage, PostEdited, PostRemoved
from tests.consumers.alerting.accounts import BEGIN, DAY, HOUR, sample, seen


def at(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def feed(detector: FallDetector, *events: AnyEvent) -> list[Finding]:
    return [finding for event in events for finding in detector.feed(event)]


def told(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.score >= 1.0 and not one.doubts]


def likes(*counts: Any, begin: float = BEGIN, post: int = 1) -> list[AnyEvent]:
    """Hourly samples of a post of that many likes."""
    return [sample(post, begin + hour * HOUR, begin - DAY, 40, 30, count) for hour, count in enumerate(counts)]


def removed(kind: str = "deleted_by_author", confirmed: bool = True, moment: float = BEGIN) -> PostRemoved:
    return PostRemoved(
        account_id="de",
        observed_at=at(moment),
        post_id="1",
        removal=kind,
        first_missing_at=at(BEGIN - HOUR),
        confirmed_at=at(moment) if confirmed else None,
    )


def edited(after: float, *changed: str, version: str = "1" * 16) -> PostEdited:
    first = seen(1, BEGIN).model_dump(exclude={"type", "observed_at", "content_version"})
    return PostEdited(
        **first,
        observed_at=at(BEGIN + after),
        content_version=version,
        previous_version="0" * 16,
        changed=changed,
    )


def receipt(moment: float, lists: dict[int, str] | None = None, **facts: Any) -> CrawlReceipt:
    coverages = tuple(
        ListCoverage(post_id=str(post), order="hot", captured=0, pages=1, ended_by=end)
        for post, end in (lists or {}).items()
    )
    plain = {"responses": {"ok": 3}, "stop_reason": "caught_up", "complete": True}
    return CrawlReceipt(
        account_id="de",
        observed_at=at(moment),
        cycle=str(moment),
        spider="embassy",
        lane="1",
        software="0",
        started_at=at(moment - 60),
        planned=3,
        fetched=3,
        published={},
        acknowledged={},
        lists=coverages,
        **{**plain, **facts},
    )


def named(moment: float, name: str | None, via: str = "profile") -> AccountSnapshot:
    return AccountSnapshot(account_id="de", observed_at=at(moment), screen_name=name, via=via)


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ((400, 250), []),  # one sample may be a wrong answer
        ((400, 250, 250), [250]),
        ((400, 250, 400, 250, 400), []),  # never two in succession
        ((400, 385, 385), []),  # fewer than twenty
        ((4_000, 3_900, 3_900), []),  # less than a twentieth
        ((4_000, 3_700, 3_700), []),  # 7.5 %: purges of likes take so much
        ((4_000, 3_000, 2_900), [3_000]),  # what two samples agree on
        ((400, 250, None, 250), [250]),  # not shown says nothing
    ],
)
def test_counts_are_lost_when_two_samples_say_so_and_beyond_noise(counts: tuple[Any, ...], found: list[int]) -> None:
    findings = told(feed(FallDetector(), *likes(*counts)))
    assert [one.value for one in findings] == found
    assert all((one.kind, one.metric, one.expected) == ("counts_lost", "likes", counts[0]) for one in findings)


def test_a_rounded_count_lost_what_its_interval_proves_and_a_capped_one_nothing() -> None:
    rounded = Count(value=10_000, low=10_000, high=10_999, precision=Precision.ROUNDED, raw="1万")
    capped = Count(value=1_000_000, low=1_000_000, high=None, precision=Precision.LOWER_BOUND, raw="100万+")
    assert told(feed(FallDetector(), *likes(11_400, rounded, rounded))) == []
    [finding] = told(feed(FallDetector(), *likes(20_000, rounded, rounded)))
    assert finding.value == 10_999
    assert told(feed(FallDetector(), *likes(2_000_000, capped, capped))) == []


def test_what_comes_back_is_told_once_more_and_then_not() -> None:
    found = [[one.score >= 1.0 for one in feed(*pair)] for pair in _each(likes(400, 250, 250, 400, 400))]
    assert found == [[], [], [True], [False], []]


def _each(events: list[AnyEvent]) -> list[tuple[FallDetector, AnyEvent]]:
    detector = FallDetector()
    return [(detector, event) for event in events]


def test_purges_that_are_usual_for_an_account_are_told_no_more() -> None:
    """Every post loses a fifth of its likes: the first ones are told, and after some dozens it is what happens here."""
    detector = FallDetector()
    tellings = []
    for post in range(80):
        events = likes(1_000, 800, 800, begin=BEGIN + post * DAY, post=post + 1)
        tellings.append(bool(told(feed(detector, *events))))
    assert all(tellings[:2])
    assert not any(tellings[-40:])


def test_a_removal_is_told_once_it_is_confirmed_and_once() -> None:
    detector = FallDetector()
    assert feed(detector, removed("unknown", confirmed=False)) == []
    [finding] = feed(detector, removed(moment=BEGIN + HOUR), removed(moment=BEGIN + HOUR))
    assert (finding.kind, finding.subject.key, finding.detail) == ("post_removed", "post:1", "deleted_by_author")
    assert finding.score == 1.0
    [graver] = feed(FallDetector(), removed("removed_by_platform"))
    assert graver.score == 2.0
    assert told(feed(FallDetector(), removed("hidden"))) == []


def test_a_post_that_is_there_again_can_go_again() -> None:
    detector = FallDetector()
    late = seen(1, BEGIN - DAY)
    assert len(feed(detector, removed(), late, removed(moment=BEGIN + 2 * HOUR))) == 1
    assert len(feed(detector, seen(1, BEGIN + 3 * HOUR), removed(moment=BEGIN + 5 * HOUR))) == 1


def test_an_edit_after_a_day_is_told_and_an_early_one_is_noted() -> None:
    assert [one.score >= 1 for one in feed(FallDetector(), edited(2 * HOUR, "text"))] == [False]
    detector = FallDetector()
    [finding] = feed(detector, edited(30 * HOUR, "text", "media"), edited(30 * HOUR, "text", "media"))
    assert (finding.kind, finding.score, finding.detail) == ("post_edited", 1.0, "text, media")
    assert len(feed(detector, edited(40 * HOUR, "text", version="2" * 16))) == 1


def test_comments_that_are_closed_or_curated_are_told_once_per_post() -> None:
    detector = FallDetector()
    ends = ("end", "comments_curated", "blocked", "comments_curated", "end", "comments_closed")
    found = [
        [(one.score >= 1.0, one.detail) for one in feed(detector, receipt(BEGIN + hour * HOUR, {1: end}))]
        for hour, end in enumerate(ends)
    ]
    assert found == [[], [(True, "curated")], [], [], [(False, None)], [(True, "closed")]]


def test_an_account_that_always_curates_is_no_news() -> None:
    detector = FallDetector()
    tellings = [
        bool(told(feed(detector, receipt(BEGIN + post * HOUR, {post: "comments_curated"})))) for post in range(1, 10)
    ]
    assert tellings == [True] * 5 + [False] * 4


def test_an_account_is_gone_when_two_visits_say_so() -> None:
    detector = FallDetector()
    gone = {"responses": {"account_gone": 1}, "stop_reason": "failed", "complete": False}
    first = feed(detector, receipt(BEGIN, **gone))
    again = feed(detector, receipt(BEGIN, **gone))
    second = feed(detector, receipt(BEGIN + HOUR, **gone))
    back = feed(detector, receipt(BEGIN + 2 * HOUR))
    assert (told(first), again) == ([], [])
    assert first[0].doubts == ("held",)
    assert [(one.kind, one.score) for one in second + back] == [("account_gone", 2.0), ("account_gone", 0.0)]
    assert feed(detector, receipt(BEGIN + 3 * HOUR, responses={"blocked": 1}, complete=False)) == []


def test_a_new_name_is_told_and_a_printed_or_late_one_is_not() -> None:
    detector = FallDetector()
    found = feed(
        detector,
        named(BEGIN, "德国驻华使馆"),
        named(BEGIN + HOUR, None),
        named(BEGIN + 2 * HOUR, "GermanEmbassy", via="import"),
        named(BEGIN + 3 * HOUR, "德国大使馆"),
        named(BEGIN + 1 * HOUR, "德国驻华使馆"),
        named(BEGIN + 4 * HOUR, "德国大使馆"),
    )
    assert [(one.kind, one.detail) for one in found] == [("account_renamed", "德国驻华使馆 → 德国大使馆")]


def test_silence_is_told_beyond_twice_the_longest_gap_and_until_the_next_post() -> None:
    """A post every other day, once after six: 12 days without one are far beyond."""
    detector = FallDetector()
    days = [*range(0, 24, 2), 28]
    feed(detector, *(seen(100 + day, BEGIN + day * DAY) for day in days))
    scores = {
        day: [round(one.score, 2) for one in feed(detector, receipt(BEGIN + (28 + day) * DAY))]
        for day in (1, 5, 7, 11, 13)
    }
    assert scores == {1: [], 5: [], 7: [0.58], 11: [0.92], 13: [1.08]}
    [finding] = feed(detector, seen(200, BEGIN + 41.5 * DAY))
    assert (finding.kind, finding.score < 0.1) == ("account_silent", True)


@pytest.mark.parametrize("place", (0, 5, 12))
def test_an_old_post_that_is_pinned_hides_no_silence(place: int) -> None:
    """What lies between it and the newest posts was not read: its gap is not the account's."""
    detector = FallDetector()
    posts = [seen(100 + day, BEGIN + day * DAY) for day in range(0, 24, 2)]
    # Another one takes its place some day.
    for number, ago, where in ((1, 600, place), (2, 400, len(posts) + 1)):
        pinned = seen(number, BEGIN - ago * DAY).model_copy(update={"pinned": True, "observed_at": at(BEGIN + HOUR)})
        posts.insert(where, pinned)
    feed(detector, *posts)
    [finding] = feed(detector, receipt(BEGIN + 30 * DAY))
    assert (finding.kind, round(finding.score, 2), finding.expected) == ("account_silent", round(8 / 7, 2), 7 * DAY)
    # One that was published last is one of its posts.
    last = seen(300, BEGIN + 31 * DAY).model_copy(update={"pinned": True})
    [finding] = feed(detector, last)
    assert finding.score < 0.1


def test_an_edit_of_an_old_post_is_no_post() -> None:
    detector = FallDetector()
    feed(detector, *(seen(100 + day, BEGIN + day * DAY) for day in range(0, 24, 2)))
    old = edited(HOUR, "text").model_copy(update={"created_at": at(BEGIN - 500 * DAY)})
    feed(detector, old)
    [finding] = feed(detector, receipt(BEGIN + 30 * DAY))
    assert finding.expected == 7 * DAY


def test_visits_that_saw_nothing_say_nothing_of_silence() -> None:
    detector = FallDetector()
    feed(detector, *(seen(100 + day, BEGIN + day * DAY) for day in range(12)))
    assert feed(detector, receipt(BEGIN + 60 * DAY, responses={"blocked": 2}, complete=False)) == []


def test_an_account_that_was_dormant_when_it_was_first_seen_is_no_news() -> None:
    detector = FallDetector()
    old = [
        seen(100 + day, BEGIN + day * DAY).model_copy(update={"observed_at": at(BEGIN + 500 * DAY)})
        for day in range(12)
    ]
    assert feed(detector, *old, *(receipt(BEGIN + (500 + day) * DAY) for day in range(1, 40))) == []


def stream(seed: int) -> list[AnyEvent]:
    chance = random.Random(seed)
    events: list[tuple[float, AnyEvent]] = []
    for post in range(1, 25):
        begin = BEGIN + post * 9 * HOUR
        count = chance.randint(30, 900)
        events.append((begin + 60, seen(post, begin)))
        for hour in range(1, 12):
            if chance.random() < 0.1:
                count = int(count * chance.choice((0.4, 0.9, 1.8)))
            events.append((begin + hour * HOUR, sample(post, begin + hour * HOUR, begin, count, None, count // 2)))
    for visit in range(60):
        moment = BEGIN + visit * 8 * HOUR + 5
        gone = chance.random() < 0.2
        end = chance.choice(("end", "comments_closed", "comments_curated", "blocked"))
        facts: dict[str, Any] = {"responses": {"account_gone": 1}, "complete": False} if gone else {}
        events.append((moment, receipt(moment, {chance.randint(1, 24): end}, **facts)))
        events.append((moment + 1, named(moment + 1, chance.choice("甲乙"))))
    events += [(BEGIN + 70 * HOUR, removed(moment=BEGIN + 70 * HOUR)), (BEGIN + 50 * HOUR, edited(50 * HOUR, "text"))]
    return [event for _, event in sorted(events, key=lambda one: one[0])]


@settings(max_examples=20, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 5), st.lists(st.floats(0, 1), min_size=1, max_size=4), st.integers(0, 2**32))
def test_restarts_and_repeats_anywhere_change_no_finding(seed: int, parts: list[float], order: int) -> None:
    events, chance = stream(seed), random.Random(order)
    expected = feed(FallDetector(), *events)
    assert len({one.kind for one in expected}) >= 5
    restarts = {int(part * len(events)) for part in parts}
    detector, topic, found = FallDetector(), {}, []
    for place, event in enumerate(events):
        if place in restarts:
            topic.update({key: json.dumps(detector.dump(key)) for key in detector.dirty()})
            detector = FallDetector()
            for key, value in chance.sample(sorted(topic.items()), len(topic)):
                detector.load(key, json.loads(value))
        found += feed(detector, event)
        if chance.random() < 0.3:
            assert feed(detector, event) == []
    assert found == expected


def test_posts_of_an_account_are_bounded() -> None:
    detector = FallDetector()
    feed(detector, *(sample(post, BEGIN + post, BEGIN, 1, 1, 1) for post in range(1, 2 * POSTS_MOST)))
    kept = [key for key in detector.dirty() if key.startswith("post:") and detector.dump(key) is not None]
    assert POSTS_MOST <= len(kept) <= POSTS_MOST * 1.1
    assert f"post:{2 * POSTS_MOST - 1}" in kept and "post:1" not in kept
