"""Keeping to a budget: what was really asked for delays what comes next, and nothing is saved up."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.planning.pacing import Pace

NOW = datetime(2016, 6, 1, tzinfo=UTC)
SLOT = timedelta(seconds=15)


def test_a_visit_that_took_more_than_planned_delays_the_next_one() -> None:
    pace = Pace(SLOT)
    assert pace.free(NOW) == NOW
    pace.spend(NOW, 1)
    assert pace.free(NOW) == NOW + SLOT
    pace.spend(NOW + timedelta(seconds=2), 3)
    assert pace.free(NOW + timedelta(seconds=2)) == NOW + 4 * SLOT


def test_time_without_requests_is_not_saved_up() -> None:
    pace = Pace(SLOT)
    pace.spend(NOW, 1)
    later = NOW + timedelta(hours=1)
    assert pace.free(later) == later
    pace.spend(later, 2)
    assert pace.free(later) == later + 2 * SLOT
    pace.spend(later, -1)
    assert pace.free(later) == later + 2 * SLOT


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 9)), min_size=1))
def test_whoever_waits_for_it_never_asks_for_more_than_the_budget(steps: list[tuple[int, int]]) -> None:
    pace, now, asked = Pace(SLOT), NOW, 0
    for pause, requests in steps:
        now = pace.free(now + timedelta(seconds=pause))
        assert asked * SLOT <= now - NOW
        pace.spend(now, requests)
        asked += requests
