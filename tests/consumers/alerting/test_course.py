"""The course that an alert carries for its picture: the post's own counters, beside those of others at each age."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.alerting.daylight import moment_at, waking
from tests.consumers.alerting.accounts import HOUR, after, feed, grown, ordinary, sample, warm

MOMENTS = st.floats(0.0, 4e9)


@given(MOMENTS)
def test_waking_time_has_a_moment(moment: float) -> None:
    assert moment_at(waking(moment)) == pytest.approx(moment, abs=1e-3)


def test_a_rise_has_its_course_up_to_now() -> None:
    published, size = after(), 6.0
    moments = [published + (hour + 0.2) * HOUR for hour in range(12)]
    told = [one for one in feed(warm(), [ordinary(99, published, at, size) for at in moments]) if one.score >= 1]
    finding = told[-1]
    points = finding.curve
    ages = [point.age_s for point in points]
    assert ages == sorted(set(ages)), "in order, each once"
    last = points[-1]
    assert (last.age_s, last.value) == (pytest.approx(finding.age_s), finding.value)
    assert all(0 <= point.low < point.expected < point.high for point in points)
    assert len(points) > 8
    final = {"reposts": 40, "comments": 30, "likes": 100, "interactions": 240}[finding.metric or ""]
    seen = [point for point in points if point.value is not None]
    assert len(seen) > 5
    for point in seen:
        assert point.value == pytest.approx(grown(final * size, published, published + point.age_s), rel=0.15)
        assert point.expected == pytest.approx(grown(final, published, published + point.age_s), rel=0.25)


def test_what_was_not_seen_is_not_drawn_and_who_is_told_nothing_carries_nothing() -> None:
    detector, published = warm(), after()
    feed(detector, [ordinary(99, published, published + 2 * HOUR, 1.0)])
    found = feed(detector, [sample(99, published + 4 * HOUR, published, 400, 300, 1_000)])
    points = found[0].curve
    seen = [point for point in points if point.value is not None]
    assert [round(point.age_s / HOUR, 1) for point in seen] == [1.7, 4.0], "about two hours, and now"
    assert len(points) > 5
    calm = feed(detector, [ordinary(98, published, published + (hour + 0.2) * HOUR, 2.5) for hour in range(5, 12)])
    assert {bool(one.curve) is (one.score >= 1) for one in [*found, *calm]} == {True}
