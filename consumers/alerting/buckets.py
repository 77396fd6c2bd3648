"""What an account gains per bucket of event time, from counters that are read at irregular moments.

What came between two readings is spread evenly over the time between them. A bucket is closed, and judged, once the
account was read past its end. Buckets that touch a time without readings longer than what is allowed have no value:
what came in them is held out, and the bucket that follows is not judged either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from consumers.alerting.keeping import moment_of
from consumers.alerting.series import Score, SeriesDetector, SeriesSettings

#: Readings so close to each other are of one visit, in milliseconds.
VISIT = 5 * 60_000
#: A time without readings may be so many times as long as it usually is between the newest visits, so many of them.
USUAL_PATIENCE, RECENT = 4, 8


@dataclass(frozen=True, slots=True)
class Closed:
    """A bucket that is over: its number since 1970, and what each series makes of it."""

    index: int
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What came in a time without readings: of each series, and how long the time was, in milliseconds."""

    at: int
    gains: tuple[float, ...]
    gap: int


class Buckets:
    """Some series of one account that are read together. Moments are milliseconds since 1970, UTC."""

    def __init__(self, settings: SeriesSettings, series: int) -> None:
        self._settings = settings
        self._width = settings.bucket // timedelta(milliseconds=1)
        self.series = [SeriesDetector(settings) for _ in range(series)]
        #: The first reading of the newest visit, and of the one before.
        self.visit: int | None = None
        self.before: int | None = None
        self._open: dict[int, list[float]] = {}
        #: The bucket that is closed next.
        self._next = 0
        #: Open buckets up to this one have no value.
        self._blind_through = -1
        self._held: list[float] = [0.0] * series
        self._gap = 0
        self._gaps: list[int] = []

    def read(self, at: int, promised: int) -> tuple[list[Closed], HeldOut | None]:
        """A reading at a moment: what is over if it begins a visit.

        `promised` is how long a time without readings may be, in milliseconds; where visits are usually rarer, more.
        """
        if self.visit is None:
            self.visit = at
            self._blind_through = (at - 1) // self._width
            self._next = self._blind_through + 1
            return [], None
        if at <= self.visit + VISIT:
            return [], None
        over = self.close()
        self.before, self.visit = self.visit, at
        # What is usual is not known from a visit or two: whoever begins by hand, every few days, has gaps.
        longest = max(promised, USUAL_PATIENCE * median(self._gaps)) if len(self._gaps) == RECENT else promised
        self._gaps = [*self._gaps[1 - RECENT :], at - self.before]
        if at - self.before > longest:
            self._blind_through = (at - 1) // self._width
            self._gap = at - self.before
            self._open = {index: gains for index, gains in self._open.items() if index > self._blind_through}
        return over

    def gain(self, since: int, until: int, gains: Sequence[float]) -> None:
        """So much came between two moments. The share of buckets that are closed is lost; the rest keeps its pace."""
        first, last = max(since // self._width, self._next), (until - 1) // self._width
        if self._gap:
            blind = (min(until, (self._blind_through + 1) * self._width) - since) / (until - since)
            for place, amount in enumerate(gains):
                self._held[place] += max(0.0, blind) * amount
        for index in range(max(first, self._blind_through + 1), last + 1):
            begin = index * self._width
            share = min(until, begin + self._width) - max(since, begin)
            kept = self._open.setdefault(index, [0.0] * len(self.series))
            for place, amount in enumerate(gains):
                kept[place] += amount * share / (until - since)

    def close(self) -> tuple[list[Closed], HeldOut | None]:
        """Judge the buckets that end no later than the newest visit."""
        if self.visit is None:
            return [], None
        held = HeldOut(self.visit, tuple(self._held), self._gap) if self._gap else None
        self._held, self._gap = [0.0] * len(self.series), 0
        end = self.visit // self._width
        self._next = max(self._next, min(self._blind_through + 1, end))
        over = []
        for index in range(self._next, end):
            values = self._open.pop(index, None) or [0.0] * len(self.series)
            at = moment_of(index * self._width)
            scores = tuple(one.update(at, value) for one, value in zip(self.series, values, strict=True))
            over.append(Closed(index, scores))
        self._next = max(self._next, end)
        return over, held

    def dump(self) -> list[Any]:
        """The state, as JSON has it."""
        kept = [[index, *gains] for index, gains in sorted(self._open.items())]
        series = [one.dump() for one in self.series]
        place = [self.visit, self.before, self._next, self._blind_through, self._gap]
        return [*place, self._gaps, self._held, kept, series]

    def restore(self, state: list[Any]) -> None:
        """Take up a state that `dump` wrote."""
        self.visit, self.before, self._next, self._blind_through, self._gap, gaps, held, kept, series = state
        self._gaps, self._held = list(gaps), list(held)
        self._open = {index: gains for index, *gains in kept}
        newest = [one.dump_newest() for one in self.series]
        self.series = [SeriesDetector.load(self._settings, one) for one in series]
        # States may be taken up in any order.
        for one, known in zip(self.series, newest, strict=True):
            one.load_newest(known)
