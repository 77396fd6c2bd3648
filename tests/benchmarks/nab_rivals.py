"""Known streaming detectors, to stand beside ours on the same series: each scores a row and then learns from it.

None is given a series' least, greatest or length. As published they alert row after row; with a cool-down of a day, an
alert must beat all scores of the day before, which is to the advantage of most.
"""

import math
import statistics
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from tests.benchmarks.nab_scoring import LabelledSeries

COOL_DOWN = timedelta(hours=24)
HISTORY = timedelta(days=14)
#: A median absolute deviation of a normal law is that part of its standard deviation.
MAD = 0.6745


class Rival(Protocol):
    """A detector with a state of its own."""

    def score(self, at: datetime, value: float) -> float:
        """How unusual a value is, before it is learned from."""


class WindowedGaussian:
    """NAB's windowed Gaussian, with the window that it was tuned to on NAB: 6,400 rows, moved by 100 at a time."""

    def __init__(self, window: int = 6_400, step: int = 100) -> None:
        self._window, self._step = window, step
        self._rows: deque[float] = deque()
        self._coming: list[float] = []
        self._sum = self._squares = 0.0

    def score(self, at: datetime, value: float) -> float:
        count = len(self._rows)
        score = 0.0
        if count:
            mean = self._sum / count
            spread = math.sqrt(max(0.0, self._squares / count - mean**2)) or 1e-6
            score = 1 - math.erfc(abs(value - mean) / spread / math.sqrt(2)) / 2
        if count < self._window:
            self._take(value)
        else:
            self._coming.append(value)
            if len(self._coming) == self._step:
                for _ in range(self._step):
                    gone = self._rows.popleft()
                    self._sum -= gone
                    self._squares -= gone**2
                for come in self._coming:
                    self._take(come)
                self._coming.clear()
        return score

    def _take(self, value: float) -> None:
        self._rows.append(value)
        self._sum += value
        self._squares += value**2


class SeasonalMedian:
    """Deviation from the median of this hour of the day over 14 days, in median absolute deviations."""

    def __init__(self) -> None:
        self._hours: list[deque[tuple[datetime, float]]] = [deque() for _ in range(24)]
        self._known: tuple[int, float, float] | None = None

    def score(self, at: datetime, value: float) -> float:
        rows = self._hours[at.hour]
        if self._known is None or self._known[0] != at.hour:
            while rows and rows[0][0] < at - HISTORY:
                rows.popleft()
            middle = statistics.median(row for _, row in rows) if rows else value
            stray = statistics.median(abs(row - middle) for _, row in rows) if rows else 0.0
            # A series that mostly stands still has no deviation: one count is the least.
            self._known = (at.hour, middle, max(stray, 1.0))
        _, middle, stray = self._known
        rows.append((at, value))
        return max(0.0, MAD * (value - middle) / stray)


class RiverDeviation:
    """river's StandardAbsoluteDeviation, as it comes."""

    def __init__(self) -> None:
        from river import anomaly

        self._model = anomaly.StandardAbsoluteDeviation()

    def score(self, at: datetime, value: float) -> float:
        score = float(self._model.score_one(None, value))
        self._model.learn_one(None, value)
        return score


class RiverTrees:
    """river's HalfSpaceTrees, as they come, on the value scaled online and the time of the day."""

    def __init__(self) -> None:
        from river import anomaly, preprocessing

        self._scaler = preprocessing.MinMaxScaler()
        self._model = anomaly.HalfSpaceTrees(seed=42)

    def score(self, at: datetime, value: float) -> float:
        features: dict[str, Any] = {"value": value, "hour": at.hour + at.minute / 60}
        self._scaler.learn_one(features)
        scaled = self._scaler.transform_one(features)
        score = float(self._model.score_one(scaled))
        self._model.learn_one(scaled)
        return score


RIVALS: dict[str, Callable[[], Rival]] = {
    "windowed Gaussian (NAB)": WindowedGaussian,
    "river StandardAbsoluteDeviation": RiverDeviation,
    "river HalfSpaceTrees": RiverTrees,
    "seasonal median/MAD": SeasonalMedian,
}


def with_cool_down(one: LabelledSeries, scores: Sequence[float]) -> list[float]:
    """The scores that beat all those of the day before; others become 0."""
    found = []
    greatest: deque[tuple[datetime, float]] = deque()
    for moment, score in zip(one.moments, scores, strict=True):
        while greatest and greatest[0][0] < moment - COOL_DOWN:
            greatest.popleft()
        found.append(score if not greatest or score > greatest[0][1] else 0.0)
        while greatest and greatest[-1][1] <= score:
            greatest.pop()
        greatest.append((moment, score))
    return found
