"""The model of a post's curve: what is expected, when a sample pays, and that no history makes it explode."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.planning.allocation import DEAREST, next_due, price_for
from crawler.planning.curves import (
    CurveModel,
    begin,
    due,
    expected_error,
    foreseen,
    growth,
    known,
    observe,
    remaining,
)
from crawler.planning.daylight import DAY, HOUR, waking
from tests.crawler.planning.shapes import NOON

MODEL = CurveModel()
PRICE = 0.002

histories = st.lists(
    st.tuples(st.floats(-HOUR, 2 * DAY), st.one_of(st.none(), st.integers(-5, 10**9))), max_size=12
).map(lambda samples: [(NOON + age, count) for age, count in samples])


def test_a_day_has_as_much_waking_time_as_seconds_and_the_night_little_of_it() -> None:
    assert waking(NOON + DAY) - waking(NOON) == pytest.approx(DAY)
    four_in_the_morning, nine_in_the_evening = NOON + 16 * HOUR, NOON + 9 * HOUR
    night = waking(four_in_the_morning + HOUR) - waking(four_in_the_morning)
    evening = waking(nine_in_the_evening + HOUR) - waking(nine_in_the_evening)
    assert 0 < night < evening / 3


@given(st.floats(0, 4e9), st.floats(0, 10 * DAY))
def test_waking_time_never_runs_backwards(moment: float, later: float) -> None:
    assert waking(moment + later) >= waking(moment) - 1e-3


@given(histories, st.floats(1e-6, 0.5))
def test_no_history_makes_it_explode(samples: Sequence[tuple[float, float | None]], price: float) -> None:
    curve = known(MODEL, NOON, samples)
    for moment in (NOON, curve.sampled_at, curve.sampled_at + HOUR, NOON + DAY, NOON + 9 * DAY):
        for value in (growth(MODEL, curve, moment), expected_error(MODEL, curve, moment)):
            assert math.isfinite(value)
            assert value >= 0
    wanted = remaining(MODEL, curve, price, curve.sampled_at)
    assert math.isfinite(wanted)
    assert wanted >= 0
    moment_due = due(MODEL, curve, price)
    assert moment_due is None or curve.sampled_at < moment_due <= NOON + MODEL.life


@given(histories)
def test_counts_that_are_not_known_change_nothing(samples: list[tuple[float, float | None]]) -> None:
    with_gaps = samples + [(moment + 1.0, None) for moment, _ in samples]
    assert known(MODEL, NOON, with_gaps) == known(
        MODEL, NOON, [(moment, count) for moment, count in samples if count is not None]
    )


def test_unknown_is_not_zero() -> None:
    seen = known(MODEL, NOON, [(NOON + 600, 50)])
    assert observe(MODEL, seen, NOON + 1_200, None) == seen
    assert observe(MODEL, seen, NOON + 1_200, 50) != seen


def test_the_order_of_samples_does_not_matter_and_an_old_one_changes_nothing() -> None:
    samples: list[tuple[float, float | None]] = [(NOON + 600, 5), (NOON + 60, 1), (NOON + 3_600, 40)]
    curve = known(MODEL, NOON, samples)
    assert curve == known(MODEL, NOON, sorted(samples))
    assert observe(MODEL, curve, NOON + 700, 7) == curve


def test_a_count_that_fell_is_no_growth() -> None:
    fell = known(MODEL, NOON, [(NOON + 600, 100), (NOON + 1_200, 60)])
    still = known(MODEL, NOON, [(NOON + 600, 100), (NOON + 1_200, 100)])
    assert fell.came == still.came
    assert fell.count == 60


@given(st.integers(20, 2_000), st.integers(1, 2_000), st.integers(1, 2_000))
def test_faster_growth_is_sampled_no_later(before: int, less: int, more: int) -> None:
    less, more = min(less, more), max(less, more)
    start = known(MODEL, NOON, [(NOON + 1_800, before)])
    slow, fast = (observe(MODEL, start, NOON + 3_600, before + came) for came in (less, more))
    moment, gain = NOON + 7_200, 1e-9
    assert growth(MODEL, fast, moment) >= growth(MODEL, slow, moment) - gain
    # Of posts that have the same now, the one that got there in its last half hour is looked at first.
    late = known(MODEL, NOON, [(NOON + 1_800, before), (NOON + 3_600, before + more)])
    early = known(MODEL, NOON, [(NOON + 1_800, before + more), (NOON + 3_600, before + more)])
    for price in (0.0005, 0.005):
        late_due, early_due = due(MODEL, late, price), due(MODEL, early, price)
        assert late_due is not None
        assert early_due is None or late_due <= early_due + 1


@given(histories)
def test_the_expected_error_grows_with_waiting_and_a_dearer_request_waits_longer(
    samples: list[tuple[float, float | None]],
) -> None:
    curve = known(MODEL, NOON, samples)
    errors = [expected_error(MODEL, curve, curve.sampled_at + hours * HOUR) for hours in range(0, 30, 3)]
    assert errors == sorted(errors)
    cheap, dear = remaining(MODEL, curve, 0.0005, NOON), remaining(MODEL, curve, 0.005, NOON)
    assert cheap >= dear


def test_a_wave_is_believed_and_so_is_its_end() -> None:
    calm = known(MODEL, NOON, [(NOON + hours * HOUR, 100) for hours in (1, 2, 4)])
    wave = observe(MODEL, calm, NOON + 5 * HOUR, 150)
    over = known(MODEL, NOON, [(NOON + hours * HOUR, 100 if hours < 5 else 150) for hours in (1, 2, 4, 5, 6, 8, 11)])
    still = observe(MODEL, calm, NOON + 5 * HOUR, 100)
    assert wave.rate > 10 * still.rate
    assert over.rate < wave.rate / 2
    wave_due, still_due = due(MODEL, wave, PRICE), due(MODEL, still, PRICE)
    assert wave_due is not None
    assert still_due is None or wave_due < still_due


def test_a_sample_that_shows_what_is_expected_leaves_the_forecast_where_it_was() -> None:
    curve = known(MODEL, NOON, [(NOON + 600, 30), (NOON + 2_400, 60)])
    later = foreseen(MODEL, curve, NOON + HOUR)
    assert later.count == pytest.approx(60 + growth(MODEL, curve, NOON + HOUR))
    assert later.final == pytest.approx(curve.final, rel=0.05)


def test_the_price_spends_what_there_is() -> None:
    curves = [begin(MODEL, NOON, 1.0) for _ in range(5)]
    for each in (4, 8, 16, 40):
        price = price_for(MODEL, curves, each * 5.0, NOON, 0.01)
        assert sum(remaining(MODEL, curve, price, NOON) for curve in curves) == pytest.approx(each * 5, rel=0.05)
    assert price_for(MODEL, curves, 0, NOON, 0.01) == DEAREST
    assert price_for(MODEL, [], 10, NOON, 0.01) == 0.01


def test_what_is_overdue_is_due_now_and_what_is_over_never() -> None:
    curve = known(MODEL, NOON, [(NOON + 600, 50)])
    assert next_due(MODEL, curve, PRICE, NOON + 20 * HOUR) == NOON + 20 * HOUR
    assert due(MODEL, known(MODEL, NOON, [(NOON + DAY, 50)]), PRICE) is None
