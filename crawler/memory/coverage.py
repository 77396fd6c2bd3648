"""Which stretches of an account's timeline are known whole, as closed intervals of post ids.

Weibo's post ids grow with time, so a page that was read and acknowledged covers everything between its newest and its
oldest post, and pages that follow each other by cursor join. Two memories of one account are united, which never
forgets and never invents: the union of intervals is commutative, associative and idempotent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

BEGINNING: Final = 0
"""The lower end of what reaches to the end of the list."""
ID_EPOCH: Final = 515_483_463
"""Seconds since 1970 at which the ids begin; an id is the seconds since then, shifted by 22 bits (checked on recorded
posts)."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Post ids from `oldest` to `newest`, both ends inclusive."""

    oldest: int
    newest: int

    def __post_init__(self) -> None:
        if not BEGINNING <= self.oldest <= self.newest:
            raise ValueError(f"{self.oldest} to {self.newest} is no interval of post ids")

    def holds(self, post_id: int) -> bool:
        """Whether an id lies in it."""
        return self.oldest <= post_id <= self.newest


@dataclass(frozen=True, slots=True)
class Coverage:
    """Disjoint intervals that do not touch, the newest first."""

    intervals: tuple[Interval, ...] = ()

    @property
    def watermark(self) -> int | None:
        """The newest id down from which nothing is missing as far back as the coverage goes; None: nothing is known.

        A stretch above a hole does not count: the watermark moves only when the hole is filled.
        """
        return self.intervals[-1].newest if self.intervals else None

    @property
    def floor(self) -> int | None:
        """The oldest id that is covered; `BEGINNING` where the end of the list was reached."""
        return self.intervals[-1].oldest if self.intervals else None

    @property
    def holes(self) -> tuple[Interval, ...]:
        """What is missing between the stretches, the newest first."""
        pairs = zip(self.intervals, self.intervals[1:], strict=False)
        return tuple(Interval(lower.newest + 1, upper.oldest - 1) for upper, lower in pairs)

    def with_interval(self, interval: Interval) -> "Coverage":
        """The coverage with one more stretch."""
        return union([*self.intervals, interval])

    def next_below(self, post_id: int, target: int) -> int | None:
        """Where to go on reading after the post `post_id`: the oldest id that is covered without a break below it.

        None where everything down to `target` is covered then.
        """
        below = post_id - 1
        if below < target:
            return None
        for interval in self.intervals:
            if interval.holds(below):
                return None if interval.oldest <= target else interval.oldest
        return post_id


def union(intervals: Iterable[Interval]) -> Coverage:
    """The union; intervals that overlap or touch become one."""
    joined: list[Interval] = []
    for interval in sorted(intervals):
        if joined and interval.oldest <= joined[-1].newest + 1:
            joined[-1] = Interval(joined[-1].oldest, max(joined[-1].newest, interval.newest))
        else:
            joined.append(interval)
    return Coverage(tuple(reversed(joined)))


def united(coverages: Sequence[Coverage]) -> Coverage:
    """The union of several memories of one account."""
    return union(interval for coverage in coverages for interval in coverage.intervals)


def of_page(ids: Sequence[int], before: int | None, is_last: bool) -> Interval | None:
    """What a page of the timeline covers.

    `ids` are those of its posts that stand in order (pinned ones left out), `before` is the oldest id of the page that
    it follows by cursor, None for the first page; `is_last` says that the list ends with it. None: it covers nothing.
    """
    if before is not None and before <= BEGINNING:
        return None
    newest = max(ids, default=None) if before is None else before - 1
    if newest is None:
        return None
    oldest = BEGINNING if is_last else min((post_id for post_id in ids if post_id <= newest), default=None)
    return None if oldest is None or oldest > newest else Interval(oldest, newest)


def first_id_of(moment: datetime) -> int:
    """The least id that a post of that moment (offset-aware) can have."""
    return max(BEGINNING, int(moment.timestamp()) - ID_EPOCH) << 22
