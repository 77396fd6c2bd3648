"""How far forecasts of a post's further growth are usually off, learnt while running, by age.

Growth comes in bursts: how large they usually are differs between the first hour and the third day, and from one site
or year to another. For each span of ages the upper 95 % of log(came ÷ foreseen) is tracked by small steps (stochastic
approximation of a quantile, Robbins and Monro 1951): up by 0.95 of a step where an error is larger, down by 0.05 where
it is smaller. So a hit now and then hardly moves it.
"""

from bisect import bisect_right
from typing import Any

SPANS = (3_600.0, 21_600.0, 86_400.0)
_QUANTILE = 0.95
_NORMAL = 1.645
_STEP = 0.02
_PRIOR = 1.0
_LEAST = 0.25


class ForecastErrors:
    """The usual error per span of waking ages (seconds), as a standard deviation of the logarithm."""

    __slots__ = ("_upper",)

    def __init__(self) -> None:
        self._upper = [_PRIOR] * (len(SPANS) + 1)

    def usual(self, age: float) -> float:
        """One standard deviation, as if errors were normal; never below 0.25."""
        return max(self._upper[bisect_right(SPANS, age)] / _NORMAL, _LEAST)

    def learn(self, age: float, error: float) -> None:
        """A forecast of a post of that age was off by log(came ÷ foreseen)."""
        span = bisect_right(SPANS, age)
        self._upper[span] += _STEP * (_QUANTILE - (error < self._upper[span]))

    def dump(self) -> list[Any]:
        """What `load` takes."""
        return list(self._upper)

    def load(self, value: list[Any]) -> None:
        """Take up what `dump` gave."""
        self._upper = [float(upper) for upper in value]
