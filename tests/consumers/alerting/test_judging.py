"""Scores, floors and caps on single numbers."""

from math import log, sqrt

import pytest

from consumers.alerting.judging import SURE, UNSURE, judge
from consumers.alerting.rises import (
    LEVEL_Z,
    SPEED_Z,
    Rise,
    band,
    foreseen_growth,
    level_distance,
    level_floor,
    speed_distance,
    speed_floor,
)


def rise(
    metric: str = "likes", level: float = 0.0, speed: float = 0.0, value: float = 500.0, came: float = 400.0
) -> Rise:
    return Rise(metric, value, False, 100.0, 0.3, 30.0, level, came, 20.0, 0.3, 60.0, speed)


def test_a_level_is_the_distance_in_spreads_and_no_narrower_than_counting() -> None:
    assert level_distance(197, 97, 0.5) == pytest.approx(log(2) / 0.5)
    assert level_distance(197, 97, 0.01) == pytest.approx(log(2) / (1 / sqrt(100)))
    assert level_distance(97, 97, 0.5) == 0.0


def test_a_speed_is_the_distance_in_forecast_errors_or_in_counting_errors_where_these_are_larger() -> None:
    assert speed_distance(1_999, 999, 0.5) == pytest.approx(log(2) / 0.5)
    assert speed_distance(9.625, 0.625, 0.3) == pytest.approx(2 * (sqrt(10) - 1) / sqrt(1 + 0.09 * 0.625))


def test_what_is_foreseen_follows_the_post_where_posts_differ_and_the_account_where_they_do_not() -> None:
    """Half of the curve is reached, with twice what is usual (100 of 200): as much again, or what the account's has."""
    assert foreseen_growth(200, 0.5, 1.0, 200, 10.0) == pytest.approx(200, rel=0.01)
    assert foreseen_growth(200, 0.5, 1.0, 200, 0.01) == pytest.approx(100, rel=0.02)
    assert foreseen_growth(200, 1.0, 1.0, 200, 0.5) == 0.0


def test_floors_are_the_least_that_matters_or_the_noise_or_half_of_a_life() -> None:
    assert [level_floor(metric, 0) for metric in range(4)] == [10, 10, 20, 30]
    assert level_floor(0, 99) == 30
    assert speed_floor(0, 0, 10) == 10
    assert speed_floor(0, 99, 10) == 30
    assert speed_floor(0, 99, 200) == 100


def test_the_band_holds_95_of_100() -> None:
    low, high = band(97, 0.5)
    assert (low, high) == (pytest.approx(100 / 2.664 - 3, abs=0.1), pytest.approx(100 * 2.664 - 3, abs=0.1))
    assert band(0, 0.5)[0] == 0.0


def test_level_and_speed_count_together() -> None:
    verdict = judge((rise(level=0.8, speed=0.6),), 20, False, False)
    assert (verdict.score, verdict.by_speed, verdict.doubts) == (pytest.approx(1.0), False, ())
    assert judge((rise(level=0.8, speed=0.9),), 20, False, False).by_speed


def test_what_is_below_its_floor_does_not_count_and_says_so() -> None:
    verdict = judge((rise(level=1.5, value=129.0),), 20, False, False)
    assert (verdict.score, verdict.doubts) == (0.0, ("below_floor",))
    verdict = judge((rise(speed=1.5, came=79.0),), 20, False, False)
    assert (verdict.score, verdict.doubts) == (0.0, ("below_floor",))
    assert judge((rise(level=1.5, value=130.0),), 20, False, False).doubts == ()


def test_with_too_few_posts_followed_nothing_is_grave() -> None:
    assert judge((rise(level=5.0),), 19, False, False).score == SURE < 2.0
    assert judge((rise(level=5.0),), 20, False, False).score == 5.0


def test_what_is_doubted_is_never_told() -> None:
    assert judge((rise(level=5.0),), 20, True, False).score == UNSURE < 1.0
    assert judge((rise(level=1.4),), 20, False, True).doubts == ("after_gap",)
    assert judge((rise(level=1.6),), 20, False, True).doubts == ()


def test_a_counter_decides_before_the_sum_of_all() -> None:
    sums = rise("interactions", level=1.4)
    assert judge((rise("comments", level=1.2), sums), 20, False, False).deciding.metric == "comments"
    assert judge((rise("comments", level=0.9), sums), 20, False, False).deciding.metric == "interactions"
    assert judge((rise("comments", level=1.0), rise("interactions", level=3.0)), 20, False, False).score == 3.0


def test_speeds_need_more_than_levels() -> None:
    assert SPEED_Z > LEVEL_Z > 3
