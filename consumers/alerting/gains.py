"""What a post gained between two samples: only where both counters are known exactly.

A counter that is not shown is not 0, one that is capped or rounded says nothing of a difference. A counter that fell
gains nothing until it is above its former height: what is deleted and comes back, or was read wrongly once, is no wave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.counts import Counter, interval_of


@dataclass(frozen=True, slots=True)
class Gain:
    """So much more of each counter than before, between two moments (milliseconds since 1970, UTC)."""

    since: int
    until: int
    amounts: tuple[int, ...]


def exact(counter: Counter | None) -> int | None:
    """The count where it is known exactly, else None."""
    if counter is None or isinstance(counter, int):
        return counter
    low, high = interval_of(counter)
    return low if low == high else None


@dataclass(slots=True)
class Heights:
    """Of each counter of a post the moment of its newest exact value and its height so far; None: not known yet."""

    marks: list[tuple[int, int] | None]

    def take(self, at: int, counts: Sequence[int | None]) -> list[Gain]:
        """The gains since the samples before, one for each moment of these; none of a counter that is not newer."""
        found: dict[int, list[int]] = {}
        for place, count in enumerate(counts):
            mark = self.marks[place]
            if count is None or (mark is not None and at <= mark[0]):
                continue
            if mark is None:
                self.marks[place] = at, count
                continue
            since, height = mark
            if count > height:
                found.setdefault(since, [0] * len(counts))[place] = count - height
                height = count
            self.marks[place] = at, height
        return [Gain(since, at, tuple(amounts)) for since, amounts in found.items()]

    def dump(self) -> list[Any]:
        """The state, as JSON has it."""
        return [value for mark in self.marks for value in (mark or (None, None))]

    @classmethod
    def load(cls, state: Sequence[Any]) -> "Heights":
        """The heights that `dump` wrote."""
        pairs = zip(state[::2], state[1::2], strict=True)
        return cls([None if at is None else (at, height) for at, height in pairs])


def born(counters: int, at: int) -> Heights:
    """The heights of a post that is published at a moment: nothing was there before."""
    return Heights([(at, 0)] * counters)


def unknown(counters: int) -> Heights:
    """The heights of a post of which nothing is known: its first sample is no gain."""
    return Heights([None] * counters)
