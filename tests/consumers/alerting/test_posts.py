"""What is a rise and what is none, post by post, on an account whose posts end with about 40 reposts, 30 comments and
100 likes (240 interactions: 2·40 + 2·30 + 100).
"""

import itertools

import pytest

from consumers.alerting.findings import Finding
from consumers.alerting.posts import PostDetector
from schemas.counts import Count, Precision
from tests.consumers.alerting.accounts import (
    BEGIN,
    DAY,
    HOUR,
    after,
    feed,
    grown,
    history,
    ordinary,
    sample,
    seen,
    warm,
)

CAPPED = Count(value=1_000_000, low=1_000_000, high=None, precision=Precision.LOWER_BOUND, raw="100万+")


def told(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.score >= 1.0]


def course(post: int, published: float, size: float, hours: range = range(12)) -> list[Finding]:
    return feed(warm(), [ordinary(post, published, published + (hour + 0.2) * HOUR, size) for hour in hours])


@pytest.mark.parametrize(("size", "rises"), [(0.5, False), (1.0, False), (1.6, False), (4.0, True), (10.0, True)])
def test_a_post_far_above_its_account_at_that_age_is_a_rise(size: float, rises: bool) -> None:
    assert bool(told(course(99, after(), size))) is rises


def test_a_rise_says_against_what() -> None:
    finding = told(course(99, after(), 6.0))[0]
    assert (finding.kind, finding.subject.key, finding.subject.account_id) == ("post_rise", "post:99", "de")
    assert finding.doubts == ()
    assert finding.value is not None and finding.expected is not None
    assert 4.0 < finding.value / finding.expected < 8.0
    assert finding.low is not None and finding.high is not None
    assert finding.low < finding.expected < finding.high < finding.value
    assert finding.basis is not None
    assert (finding.basis.kind, finding.basis.provisional) == ("account", False)
    assert finding.basis.since is not None and finding.basis.since.timestamp() == BEGIN


def test_the_night_expects_less() -> None:
    """Between 1:00 and 6:00 half as much is expected to come as in an evening of the same five hours."""
    detector = warm()
    evening, night = after() + 8 * HOUR, after() + 15 * HOUR
    gains = []
    for post, published in ((98, evening), (99, night)):
        feed(detector, [ordinary(post, published, published + 600, 1.0)])
        feed(detector, [ordinary(post, published, published + 5 * HOUR, 1.0)])
        explanation = detector.explain(str(post))
        assert explanation is not None and explanation.judgement is not None
        by_metric = {rise.metric: rise for rise in explanation.judgement.rises}
        gains.append(by_metric["interactions"].expected)
    assert gains[1] < 0.8 * gains[0]


def test_types_are_judged_apart() -> None:
    """Reposts get a fifth of what pictures get: what is ordinary for a picture is a rise for a repost."""
    events: list = []
    for place in range(60):
        published = BEGIN + place * 6 * HOUR
        repost = place % 2 == 1
        events.append(seen(place + 1, published, "repost" if repost else "original", "text"))
        size = (0.15 if repost else 1.0) * (0.8, 1.0, 1.2)[place % 3]
        for hour in range(8):
            moment = published + (hour + 0.3) * HOUR
            events.append((moment, ordinary(place + 1, published, moment, size)))
    plain = [one for one in events if not isinstance(one, tuple)]
    timed = [event for _, event in sorted((one for one in events if isinstance(one, tuple)), key=lambda one: one[0])]
    detector = PostDetector()
    feed(detector, plain)
    feed(detector, timed)
    published = BEGIN + 60 * 6 * HOUR
    results = {}
    for post, kind in ((101, "original"), (102, "repost")):
        feed(detector, [seen(post, published, kind, "text")])
        found = feed(detector, [ordinary(post, published, published + hour * HOUR, 1.1) for hour in (1.2, 2.2, 3.2)])
        results[kind] = bool(told(found))
        basis = detector.explain(str(post)).basis  # type: ignore[union-attr]
        assert basis is not None and basis.kind == "type" and basis.members >= 20
    assert results == {"original": False, "repost": True}


def test_nothing_small_is_told() -> None:
    """An account whose posts get 2 likes: 12 are six times as many, and nothing to tell of; 60 are."""
    quiet = [
        sample(place + 1, BEGIN + place * 8 * HOUR + hour * HOUR, BEGIN + place * 8 * HOUR, 0, 0, 1 + place % 3)
        for place in range(40)
        for hour in range(1, 8)
    ]
    published = BEGIN + 40 * 8 * HOUR
    for likes, rises in ((12, False), (60, True)):
        detector = PostDetector()
        assert told(feed(detector, quiet)) == []
        found = feed(detector, [sample(99, published + hour * HOUR, published, 0, 0, likes) for hour in (1, 2, 3)])
        assert bool(told(found)) is rises


def test_a_wave_on_a_post_of_three_weeks_is_found_at_once() -> None:
    detector = warm()
    published, old = after(), after() + 21 * DAY
    feed(detector, [ordinary(99, published, published + hour * HOUR, 1.0) for hour in range(1, 500, 3)])
    before = feed(detector, [ordinary(99, published, old, 1.0)])
    plain = [grown(final, published, old + HOUR) for final in (40, 30, 100)]
    [finding] = feed(detector, [sample(99, old + HOUR, published, plain[0], plain[1] + 200, plain[2])])
    assert told(before) == []
    assert (finding.metric, finding.detail, finding.doubts) == ("comments", "speed", ())
    assert finding.score >= 1.0
    assert finding.expected is not None and finding.expected < 35


def test_a_slow_burner_is_found_late() -> None:
    """Ordinary for two hours, ten times as much as others after two days, never fast."""
    detector = warm()
    published = after()
    found = []
    for hour in range(1, 72):
        moment = published + hour * HOUR
        more = 1.0 + 9.0 * min(hour / 48, 1.0)
        found += feed(detector, [ordinary(99, published, moment, more)])
    first = told(found)[0]
    assert first.age_s is not None and 4 * HOUR < first.age_s < 48 * HOUR


def test_the_first_sight_of_an_old_hit_is_history() -> None:
    detector = warm()
    old = after() - 5 * DAY
    found = feed(
        detector, [sample(7_000 + hour, after() + hour * HOUR, old, 4_000, 3_000, 10_000) for hour in range(3)]
    )
    again = feed(detector, [sample(7_000, after() + hour * HOUR, old, 4_000, 3_000, 10_000) for hour in range(3, 6)])
    assert told(found + again) == []
    assert {one.doubts for one in found} == {("first_sight",)}


def test_what_an_old_post_gains_under_our_eyes_counts() -> None:
    detector = warm()
    old, now = BEGIN - 9 * DAY, after()
    feed(detector, [sample(7_000, now + hour * HOUR, old, 40, 30, 100) for hour in range(3)])
    assert told(feed(detector, [sample(7_000, now + 3 * HOUR, old, 40, 230, 100)]))


def test_catching_up_after_a_gap_is_no_rise() -> None:
    """Nobody looked for 20 hours: all posts have grown, and two new ones are there."""
    detector = warm(40)
    now = after(40)
    feed(detector, [ordinary(90, now, now + 600, 1.3)])
    back = now + 20 * HOUR
    found = feed(
        detector,
        [
            ordinary(90, now, back, 1.3),
            ordinary(91, now + 9 * HOUR, back + 1, 1.4),
            ordinary(92, now + 18 * HOUR, back + 2, 0.8),
            *(ordinary(40 - place, now - (place + 1) * 12 * HOUR, back + 3 + place, 1.0) for place in range(3)),
        ],
    )
    assert told(found) == []


def test_after_a_gap_what_is_above_waits_for_the_next_visit_and_what_is_far_above_does_not() -> None:
    def visits(size: float) -> list[Finding]:
        detector = warm(40)
        now = after(40)
        feed(detector, [ordinary(90, now, now + 600, 1.0)])
        return feed(detector, [ordinary(90, now, now + (20 + hour) * HOUR, size) for hour in range(2)])

    first, second = visits(4.0)
    assert (first.doubts, first.incomplete) == (("after_gap",), True)
    assert first.score < 1.0 <= second.score
    first, *_ = visits(60.0)
    assert (first.doubts, first.incomplete) == ((), True)
    assert first.score >= 1.5


def test_a_wave_within_a_gap_is_found_at_the_second_visit_after_it() -> None:
    detector = warm(40)
    now = after(40)
    feed(detector, [ordinary(90, now, now + hour * HOUR, 1.0) for hour in range(1, 8)])
    comments = 70 + grown(30, now, now + 30 * HOUR)
    first, second = (feed(detector, [sample(90, now + hour * HOUR, now, 35, comments, 90)]) for hour in (30, 31))
    assert [(one.score < 1.0, one.doubts) for one in first] == [(True, ("after_gap",))]
    found = [(one.score >= 1.0, one.metric, one.detail, one.doubts) for one in second]
    assert found == [(True, "comments", "speed", ())]


def test_a_capped_counter_proves_a_level_and_no_speed() -> None:
    published = after()
    detector = warm()
    found = feed(detector, [sample(99, published + hour * HOUR, published, CAPPED, 30, 100) for hour in (1, 2)])
    assert found[0].at_least and found[0].score >= 1.0 and (found[0].metric, found[0].value) == ("reposts", 1_000_000)
    detector = warm()
    old = BEGIN - 9 * DAY
    found = feed(detector, [sample(7_000, published + hour * HOUR, old, CAPPED, 30, 100) for hour in range(8)])
    assert told(found) == []
    explanation = detector.explain("7000")
    assert explanation is not None and explanation.judgement is not None
    by_metric = {rise.metric: rise for rise in explanation.judgement.rises}
    assert by_metric["reposts"].came is None
    assert by_metric["comments"].came == 0


def test_a_rounded_counter_rises_by_what_its_interval_proves() -> None:
    """From 10,500 to "1.1万" (11,000 to 11,999) 500 are proven; from "1.1万" to "1.1万" nothing is."""
    detector = warm()
    old, now = BEGIN - 9 * DAY, after()
    rounded = Count(value=11_000, low=11_000, high=11_999, precision=Precision.ROUNDED, raw="1.1万")
    counts = (10_500, rounded, rounded)
    gains = []
    for hour, likes in enumerate(counts):
        feed(detector, [sample(7_000, now + hour * HOUR, old, 40, 30, likes)])
        judgement = detector.explain("7000").judgement  # type: ignore[union-attr]
        assert judgement is not None
        gains.append(next(rise.came for rise in judgement.rises if rise.metric == "likes"))
    assert gains == [None, 500, 500]  # the third is still judged against the first, at least 20 minutes before


def test_a_counter_that_is_not_shown_says_nothing() -> None:
    published = after()
    detector = warm()
    moments = [published + (hour + 0.2) * HOUR for hour in range(6)]
    found = feed(detector, [sample(99, moment, published, None, None, None) for moment in moments])
    assert found == []
    found = feed(detector, [sample(99, published + 7 * HOUR, published, None, 800, None)])
    assert [(one.metric, one.score >= 1.0) for one in found] == [("comments", True)]


def test_a_counter_that_falls_and_comes_back_gained_nothing() -> None:
    detector = warm()
    published = after()
    feed(detector, [ordinary(99, published, published + hour * HOUR, 1.2) for hour in range(1, 20)])
    fallen = [sample(99, published + hour * HOUR, published, 0, 0, 10) for hour in range(20, 32)]
    back = [ordinary(99, published, published + hour * HOUR, 1.2) for hour in range(32, 40)]
    assert told(feed(detector, fallen + back)) == []


def test_a_young_account_is_judged_by_its_old_posts_and_the_general_curve() -> None:
    """Ten posts of the last days, back-filled at the first visit, end with 40, 30 and 100: so a young one is judged,
    provisionally, and never above the lowest severity.
    """
    detector = PostDetector()
    old = [
        sample(place + 1, BEGIN + place, BEGIN - (place + 2) * DAY, 40 + place, 30 + place % 5, 100 - place)
        for place in range(10)
    ]
    assert told(feed(detector, old)) == []
    published = BEGIN + HOUR
    found = feed(
        detector,
        [
            *(ordinary(98, published, published + hour * HOUR, 1.2) for hour in (0.5, 1.5)),
            *(ordinary(99, published, published + (1.6 + hour) * HOUR, 500.0) for hour in (0.0, 1.0)),
        ],
    )
    assert {one.subject.id for one in told(found)} == {"99"}
    for one in told(found):
        assert one.score < 2.0
        assert one.basis is not None and one.basis.provisional
        assert (one.basis.kind, one.basis.members, one.basis.wanted) == ("curve", 2, 20)


def test_an_account_without_any_posts_is_judged_by_all_accounts() -> None:
    detector = PostDetector()
    events = [event for place in range(3) for event in history(20, f"a{place}", first=1_000 * place + 1)]
    feed(detector, sorted(events, key=lambda one: one.observed_at))
    published = after(20)
    found = feed(detector, [ordinary(9_999, published, published + hour * HOUR, 80.0, "new") for hour in (1, 2)])
    bases = [one.basis for one in told(found)]
    assert [(one.kind, one.members, one.provisional) for one in bases if one] == [("peers", 1, True)] * 2
    assert all(one.score < 2.0 for one in found)


def test_nothing_is_expected_where_nothing_is_known() -> None:
    detector = PostDetector()
    assert feed(detector, [ordinary(1, BEGIN, BEGIN + hour * HOUR, 1_000.0) for hour in (1, 2, 3)]) == []
    explanation = detector.explain("1")
    assert explanation is not None and explanation.judgement is None and explanation.basis is None


def test_no_post_knows_what_comes_later() -> None:
    """The findings of a stream are a prefix of those of the longer stream."""
    events = history(20)
    events += [ordinary(99, after(20), after(20) + hour * HOUR, 7.0) for hour in range(1, 9)]
    whole = feed(PostDetector(), events)
    for end in (50, len(events) - 4, len(events) - 1):
        part = feed(PostDetector(), events[:end])
        assert part == whole[: len(part)]


def test_a_sample_that_is_no_rise_any_more_is_still_told_once() -> None:
    detector = warm()
    published = after()
    events = [
        ordinary(99, published, published + (hour + 1) * HOUR, size)
        for hour, size in enumerate((8.0, 8.0, 0.5, 0.5, 0.5))
    ]
    found = [[one.score for one in feed(detector, [event])] for event in events]
    assert [len(one) for one in found] == [1, 1, 1, 0, 0]
    assert found[0][0] >= 1.0
    assert found[2][0] < 0.5


def test_a_repeat_changes_nothing() -> None:
    detector, twice = warm(), warm()
    published = after()
    events = [ordinary(99, published, published + hour * HOUR, 5.0) for hour in range(1, 6)]
    once = feed(detector, events)
    doubled = feed(twice, list(itertools.chain.from_iterable((event, event) for event in events)))
    assert once == doubled
    keys = {*detector.dirty(), *twice.dirty()}
    assert {key: detector.dump(key) for key in keys} == {key: twice.dump(key) for key in keys}


def test_the_moment_of_publication_is_the_first_one_told() -> None:
    """Lists show moments as "5 分钟前": what a later answer says of the same post is no news."""
    detector = warm()
    published = after()
    feed(detector, [ordinary(99, published, published + HOUR, 1.0)])
    feed(detector, [sample(99, published + 2 * HOUR, None, 10, 8, 30)])
    explanation = detector.explain("99")
    assert explanation is not None and explanation.age_s == 2 * HOUR
