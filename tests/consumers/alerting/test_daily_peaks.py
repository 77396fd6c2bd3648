"""How rare a value is among the peaks of days: by hand, and against days drawn from the law that is assumed."""

import math
import random

import pytest

from consumers.alerting.daily_peaks import EULER, SCALE, DailyPeaks


def test_before_a_day_has_ended_nothing_is_rare() -> None:
    peaks = DailyPeaks(0.5, 0.6, 7.0)
    peaks.see(3.0)
    assert peaks.log_days(100.0) == 0.0
    peaks.end_day(counts=False)
    assert peaks.days == 0
    assert peaks.log_days(100.0) == 0.0


def test_two_days_by_hand() -> None:
    peaks = DailyPeaks(fading=0.5, usual_spread=0.6, usual_days=7.0)
    for peak in (2.0, 4.0):
        peaks.see(1.0)
        peaks.see(peak)
        peaks.see(0.0)
        peaks.end_day(counts=True)
    # Weights 0.5 and 1: mean 5 / 1.5, squares 18 / 1.5, variance 12 - (10 / 3)²; seven days of the usual spread.
    variance = ((12 - (10 / 3) ** 2) * 1.5 + 0.36 * 7) / 8.5
    spread = math.sqrt(variance * (1 + 1 / 1.5))
    assert peaks.log_days(5.0) == pytest.approx(EULER + SCALE * (5 - 10 / 3) / spread)
    assert peaks.log_days(0.0) == 0.0


def test_a_value_that_comes_once_in_so_many_days_is_said_to() -> None:
    chance = random.Random(3)
    peaks = DailyPeaks(2 ** (-1 / 200), 0.6, 7.0)
    for _ in range(2_000):
        # Gumbel's law around 5 with scale 1.
        peaks.see(5 - math.log(-math.log(chance.random())))
        peaks.end_day(counts=True)
    for days in (8, 30, 100):
        rare = 5 - math.log(-math.log(1 - 1 / days))
        assert math.exp(peaks.log_days(rare)) == pytest.approx(days, rel=0.35)


def test_taken_up_again_it_says_the_same() -> None:
    peaks = DailyPeaks(0.9, 0.6, 7.0)
    for peak in (1.0, 2.0, 1.5):
        peaks.see(peak)
        peaks.end_day(counts=True)
    peaks.see(1.2)
    other = DailyPeaks(0.9, 0.6, 7.0)
    other.restore(peaks.dump())
    assert other == peaks
