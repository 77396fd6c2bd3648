"""What a series shows at an hour of the day: a robust level per slot of the day that fades, and how far values stray.

Levels are kept on the signed logarithm, so that the expectation of a count is its geometric mean and one burst moves
it by no more than a limited step, as with Huber's estimator of location (1964). Slots are of the day in UTC.
"""

import math
from array import array
from dataclasses import dataclass, field
from typing import Any

#: A value farther away than this factor, as a natural logarithm, counts as being that far away.
CLIP = 1.0
#: Levels are kept in these units, which cost a few bytes when written down and are far below any noise.
GRAIN = 1e-5
#: Mean absolute deviations within which about nineteen of twenty values of a normal law lie: 1.96 · sqrt(pi / 2).
WIDTH = 2.46


def signed_log(value: float) -> float:
    """The logarithm of one more than the size, with the sign of the value."""
    return math.copysign(math.log1p(abs(value)), value)


def signed_exp(level: float) -> float:
    """The value whose signed logarithm it is."""
    return math.copysign(math.expm1(abs(level)), level)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a value was expected to be, and the range that about nineteen of twenty ordinary values lie in."""

    value: float
    low: float
    high: float


@dataclass(slots=True)
class Seasonality:
    """The state: a level and a number of values per slot, and level, number and stray over all hours of the day.

    `fading` is the share of a day's news in a slot's level; `per_slot` how many values a slot has in a day.
    """

    slots: int
    per_slot: int
    fading: float
    levels: "array[int]" = field(init=False)
    seen: "array[int]" = field(init=False)
    overall: float = 0.0
    stray: float = 0.0
    count: int = 0

    def __post_init__(self) -> None:
        self.levels = array("i", bytes(4 * self.slots))
        self.seen = array("H", bytes(2 * self.slots))

    def level(self, slot: int) -> float:
        """The level of a slot, smoothed over its neighbours; the one of all hours where the slot is new."""
        if not self.seen[slot]:
            return self.overall
        before, after = (slot - 1) % self.slots, (slot + 1) % self.slots
        total, weight = 2 * self.levels[slot], 2
        for near in (before, after):
            if self.seen[near]:
                total += self.levels[near]
                weight += 1
        return GRAIN * total / weight

    def expected(self, level: float) -> Expected:
        """What a level means in values."""
        reach = WIDTH * self.stray
        return Expected(signed_exp(level), signed_exp(level - reach), signed_exp(level + reach))

    def learn(self, slot: int, value: float, level: float) -> None:
        """Take a value in; `level` is what was expected of it."""
        seen = signed_log(value)
        rate = self.fading / self.per_slot
        number = self.seen[slot] = min(self.seen[slot] + 1, 0xFFFF)
        own = GRAIN * self.levels[slot]
        step = seen - own if number == 1 else max(rate, 1 / number) * _clipped(seen - own)
        self.levels[slot] = round((own + step) / GRAIN)
        self.count += 1
        often = max(rate / self.slots, 1 / self.count)
        if self.count > 1:
            self.stray += often * (abs(_clipped(seen - level)) - self.stray)
        self.overall += often * (seen - self.overall)

    def dump(self) -> list[Any]:
        """The state, as JSON has it."""
        return [self.levels.tolist(), self.seen.tolist(), self.overall, self.stray, self.count]

    def restore(self, state: list[Any]) -> None:
        """Take up a state that `dump` wrote."""
        levels, seen, self.overall, self.stray, self.count = state
        self.levels, self.seen = array("i", levels), array("H", seen)


def _clipped(step: float) -> float:
    return max(-CLIP, min(CLIP, step))
