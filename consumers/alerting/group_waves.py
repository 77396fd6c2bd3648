"""Many accounts as one series: their gains of a bucket summed, once all were read past it or waited for long enough.

Of the account that gained most beyond what was expected of it, only the expected counts: what one does alone, however
large, is no wave of many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from consumers.alerting.keeping import moment_of
from consumers.alerting.series import Score, SeriesDetector, SeriesSettings

_MILLISECOND = timedelta(milliseconds=1)
#: So many buckets after the first account closed one, those that did not are no longer waited for.
PATIENCE = 6
#: With a smaller share of its accounts a group has no value.
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Contribution:
    """An account's bucket: what it gained, what was expected of it, and of how many series it is above the range."""

    gains: tuple[float, ...]
    expected: tuple[float, ...]
    up: bool

    @classmethod
    def of(cls, scores: Sequence[Score]) -> "Contribution":
        """The contribution of the scores of an account's series."""
        gains = tuple(score.value or 0.0 for score in scores)
        expected = tuple(score.expected.value if score.expected else score.value or 0.0 for score in scores)
        up = any(score.expected is not None and (score.value or 0.0) > score.expected.high for score in scores)
        return cls(gains, expected, up)


@dataclass(slots=True)
class Pending:
    """A bucket that waits: how many accounts are in, how many of them are above their range, and the sums."""

    count: int
    up: int
    gains: list[float]
    expected: list[float]
    #: The greatest gain of one account beyond what was expected of it.
    most: list[float]


class GroupWaves:
    """The state of a group: its series, and the buckets that wait for accounts. `members` is told from outside."""

    def __init__(self, settings: SeriesSettings, series: int) -> None:
        self._settings = settings
        self.members: set[str] = set()
        self.series = [SeriesDetector(settings) for _ in range(series)]
        self._next: int | None = None
        self._newest = 0
        self._pending: dict[int, Pending] = {}

    def join(self, index: int, contribution: Contribution) -> list[int]:
        """Take in an account's bucket; which buckets are ready, in their order."""
        if self._next is None:
            self._next = index
        if index < self._next:
            return []
        self._newest = max(self._newest, index)
        size = len(self.series)
        pending = self._pending.setdefault(index, Pending(0, 0, [0.0] * size, [0.0] * size, [0.0] * size))
        pending.count += 1
        pending.up += contribution.up
        for place in range(size):
            gain, expected = contribution.gains[place], contribution.expected[place]
            pending.gains[place] += gain
            pending.expected[place] += expected
            pending.most[place] = max(pending.most[place], gain - expected)
        ready = []
        while self._next <= self._newest and self._is_ready(self._next):
            if self._next in self._pending:
                ready.append(self._next)
            self._next += 1
        return ready

    def _is_ready(self, index: int) -> bool:
        if self._newest - index >= PATIENCE:
            return True
        pending = self._pending.get(index)
        return pending is not None and pending.count >= len(self.members)

    def judge(self, index: int, members: Sequence[Sequence[SeriesDetector]]) -> tuple[list[Score], int, float]:
        """The scores of a ready bucket, how many accounts are above their range, and the share of those that are in.

        `members` are the series of all accounts: those that are absent count as what is expected of them now. No score
        where too few are in.
        """
        pending = self._pending.pop(index)
        share = min(1.0, pending.count / max(1, len(members)))
        if share < LEAST_SHARE:
            return [], pending.up, share
        at = moment_of(index * (self._settings.bucket // _MILLISECOND))
        scores = []
        for place, detector in enumerate(self.series):
            value = pending.gains[place] - pending.most[place]
            if share < 1:
                usual = sum(max(0.0, own[place].expected_at(at)) for own in members)
                value += max(0.0, usual - pending.expected[place])
            scores.append(detector.update(at, value))
        return scores, pending.up, share

    def dump(self) -> list[Any]:
        """The state, as JSON has it."""
        waiting = [
            [index, one.count, one.up, one.gains, one.expected, one.most]
            for index, one in sorted(self._pending.items())
        ]
        series = [[one.dump(), one.dump_newest()] for one in self.series]
        return [self._next, self._newest, waiting, series]

    def restore(self, state: list[Any]) -> None:
        """Take up a state that `dump` wrote."""
        self._next, self._newest, waiting, series = state
        self._pending = {
            index: Pending(count, up, list(gains), list(expected), list(most))
            for index, count, up, gains, expected, most in waiting
        }
        self.series = [SeriesDetector.load(self._settings, one) for one, _ in series]
        for detector, (_, newest) in zip(self.series, series, strict=True):
            detector.load_newest(newest)
