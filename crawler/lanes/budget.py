"""The budget of a lane: how many requests in a minute and a day, and how far apart. Pure, by the crawl's clock."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
GRAINS = 120
"""A window is counted in so many parts: memory is bounded, and a request leaves its window at most a part late."""
JITTER = 0.5
"""A delay is longer by up to this part of it, never shorter."""
DEGRADED_FACTOR = 2.0
"""A degraded lane goes at half its pace."""

Spent = tuple[datetime, datetime, int]
"""A part of a window: when its first request began, when its last, and how many they count for."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many requests in any window of this length."""

    limit: int
    window: timedelta

    def shared(self, share: float) -> "Rate":
        """The rate for a share of an address. Where that is less than one request, the window is longer instead."""
        scaled = self.limit * share
        return Rate(int(scaled), self.window) if scaled >= 1 else Rate(1, self.window / scaled)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a lane may spend. `delay` lies at least between the beginnings of two requests."""

    delay: timedelta
    per_minute: Rate
    per_day: Rate
    government_factor: float = 1.0

    def shared(self, share: float) -> "Budget":
        """The budget of a worker that has a share of an address."""
        rates = self.per_minute.shared(share), self.per_day.shared(share)
        return Budget(self.delay / share, *rates, self.government_factor)

    def pause(self, jitter: float, *, government: bool, degraded: bool) -> timedelta:
        """How long after the beginning of a request the next one may begin; `jitter` is a number from 0 to 1."""
        factor = (self.government_factor if government else 1.0) * (DEGRADED_FACTOR if degraded else 1.0)
        return self.delay * factor * (1 + JITTER * jitter)


class Meter:
    """What was spent of a budget. A clock that was set back makes it forget what it thinks is still to come."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._spent = (_Window(budget.per_minute), _Window(budget.per_day))
        self._last: datetime | None = None
        self._gap = timedelta(0)

    def free_at(self, now: datetime, weight: int = 1) -> datetime:
        """From when on a request may begin that counts for `weight`; `now` where that is at once."""
        if self._last is not None and self._last > now:
            self._last = None
        after = self._last + self._gap if self._last is not None else now
        return max(now, after, *(window.free_at(now, weight) for window in self._spent))

    def day_free_at(self, now: datetime, weight: int = 1) -> datetime:
        """The same by the budget of the day alone: the rest is over soon."""
        return max(now, self._spent[1].free_at(now, weight))

    def spend(self, now: datetime, gap: timedelta, weight: int = 1) -> None:
        """A request begins now; the next one not before `gap` is over."""
        self._last, self._gap = now, gap
        for window in self._spent:
            window.spend(now, weight)

    def spent_of_the_day(self) -> tuple[Spent, ...]:
        """What was spent in the window of the day, for a meter of a later run."""
        return tuple(self._spent[1].parts)

    def recall(self, spent: Iterable[Spent]) -> None:
        """Go on where a meter of an earlier run was, before anything is spent."""
        for first, last, count in spent:
            self._spent[1].put(first, last, count)
            self._last, self._gap = last, self.budget.delay


class _Window:
    """Requests in a window that slides, counted in parts."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._grain = rate.window / GRAINS
        self.parts: deque[Spent] = deque()
        self._count = 0

    def put(self, first: datetime, last: datetime, count: int) -> None:
        self.parts.append((first, last, count))
        self._count += count

    def free_at(self, now: datetime, weight: int) -> datetime:
        self._forget(now)
        over = self._count + min(weight, self._rate.limit) - self._rate.limit
        if over <= 0:
            return now
        for _, last, count in self.parts:
            over -= count
            if over <= 0:
                return last + self._rate.window
        return now

    def spend(self, now: datetime, weight: int) -> None:
        self._forget(now)
        self._count += weight
        if self.parts and now - self.parts[-1][0] < self._grain:
            first, _, count = self.parts.pop()
            self.parts.append((first, now, count + weight))
        else:
            self.parts.append((now, now, weight))

    def _forget(self, now: datetime) -> None:
        while self.parts and self.parts[0][1] + self._rate.window <= now:
            self._count -= self.parts.popleft()[2]
        while self.parts and self.parts[-1][1] > now:
            self._count -= self.parts.pop()[2]
