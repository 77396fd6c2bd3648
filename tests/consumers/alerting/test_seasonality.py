"""Levels by the hour of the day: what is expected, and what one burst does to it."""

import pytest

from consumers.alerting.seasonality import CLIP, Seasonality, signed_exp, signed_log


@pytest.mark.parametrize("value", [-1e6, -1.0, 0.0, 0.5, 7.0, 1e9])
def test_the_signed_logarithm_goes_back(value: float) -> None:
    assert signed_exp(signed_log(value)) == pytest.approx(value)


def learnt(days: int) -> Seasonality:
    season = Seasonality(slots=4, per_slot=2, fading=0.1)
    for _ in range(days):
        for slot, value in enumerate((10.0, 10.0, 40.0, 20.0)):
            for _ in range(2):
                season.learn(slot, value, season.level(slot))
    return season


def test_a_level_is_its_own_twice_and_its_neighbours_once() -> None:
    logs = [signed_log(value) for value in (10.0, 10.0, 40.0, 20.0)]
    assert learnt(30).level(2) == pytest.approx((2 * logs[2] + logs[1] + logs[3]) / 4, abs=1e-3)
    assert learnt(30).level(0) == pytest.approx((2 * logs[0] + logs[3] + logs[1]) / 4, abs=1e-3)


def test_an_hour_that_was_never_seen_has_the_level_of_all_hours() -> None:
    season = Seasonality(slots=4, per_slot=1, fading=0.1)
    for _ in range(5):
        season.learn(1, 30.0, season.level(1))
    assert season.level(3) == pytest.approx(signed_log(30.0))


def test_a_burst_of_any_size_moves_a_level_by_a_limited_step() -> None:
    season = learnt(60)
    before = season.levels[2]
    season.learn(2, 1e9, season.level(2))
    assert 0 < (season.levels[2] - before) * 1e-5 <= CLIP * 0.1 / 2 + 1e-5


def test_the_range_lies_around_what_is_expected() -> None:
    season = Seasonality(slots=1, per_slot=1, fading=0.1)
    for place in range(200):
        season.learn(0, (20.0, 40.0)[place % 2], season.level(0))
    expected = season.expected(season.level(0))
    assert expected.low < 20 < expected.value < 40 < expected.high
