"""Budgets, with a clock that is turned by hand."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.lanes.budget import DAY, MINUTE, Budget, Meter, Rate

NOW = datetime(2017, 1, 2, tzinfo=UTC)
NONE = timedelta(0)
SECOND = timedelta(seconds=1)


def budget(minute: int = 10**9, day: int = 10**12, delay_s: float = 0, factor: float = 1) -> Budget:
    return Budget(timedelta(seconds=delay_s), Rate(minute, MINUTE), Rate(day, DAY), factor)


def test_the_delay_is_the_least_and_longer_by_chance_for_governments_and_for_the_degraded() -> None:
    careful = budget(delay_s=4, factor=3)
    assert careful.pause(0, government=False, degraded=False) == 4 * SECOND
    assert careful.pause(1, government=False, degraded=False) == 6 * SECOND
    assert careful.pause(0.5, government=True, degraded=False) == 15 * SECOND
    assert careful.pause(0.5, government=True, degraded=True) == 30 * SECOND


def test_the_next_request_waits_for_the_delay() -> None:
    meter = Meter(budget())
    assert meter.free_at(NOW) == NOW
    meter.spend(NOW, 5 * SECOND)
    assert meter.free_at(NOW + SECOND) == NOW + 5 * SECOND
    assert meter.free_at(NOW + 9 * SECOND) == NOW + 9 * SECOND


def test_the_minute_and_the_day_are_windows_that_slide() -> None:
    meter = Meter(budget(minute=3, day=5))
    for second in (0, 10, 20):
        meter.spend(NOW + second * SECOND, NONE)
    assert meter.free_at(NOW + 20 * SECOND) == NOW + MINUTE
    assert meter.free_at(NOW + 20 * SECOND, weight=2) == NOW + 70 * SECOND
    meter.spend(NOW + MINUTE, NONE, weight=2)
    # What falls into one part of the day leaves it together.
    assert meter.day_free_at(NOW + MINUTE) == NOW + DAY + MINUTE
    assert meter.free_at(NOW + 2 * DAY) == NOW + 2 * DAY


def test_what_counts_for_more_than_the_budget_waits_for_all_of_it() -> None:
    meter = Meter(budget(minute=2))
    assert meter.free_at(NOW, weight=3) == NOW
    meter.spend(NOW, NONE, weight=3)
    assert meter.free_at(NOW + SECOND, weight=1) == NOW + MINUTE


def test_a_share_scales_budget_and_pace() -> None:
    half = budget(minute=12, day=1, delay_s=5).shared(0.5)
    assert half.delay == 10 * SECOND
    assert half.per_minute == Rate(6, MINUTE)
    assert half.per_day == Rate(1, 2 * DAY), "half a request a day is one in two days"


def test_a_clock_that_is_set_back_does_not_stop_the_lane() -> None:
    meter = Meter(budget(minute=1, day=1))
    meter.spend(NOW + DAY, 5 * SECOND)
    assert meter.free_at(NOW) == NOW


@given(st.integers(1, 20), st.lists(st.tuples(st.floats(0, 30), st.integers(1, 4)), max_size=80))
def test_no_window_ever_holds_more_than_its_budget(limit: int, asked: list[tuple[float, int]]) -> None:
    meter, now, spent = Meter(budget(minute=limit)), NOW, []
    for after, weight in asked:
        now = meter.free_at(now + timedelta(seconds=after), weight)
        meter.spend(now, NONE, weight)
        spent.append((now, weight))
        inside = [count for moment, count in spent if now - moment < MINUTE]
        assert sum(inside) <= limit or len(inside) == 1
