"""How rare a value is in its own series: the days in which one as great comes once, by the peaks of earlier days.

The peaks of days, as logarithms, follow Gumbel's law where the values have heavy tails (Fréchet's domain; Gumbel 1958,
Coles 2001, 3.1). Two moments that fade with time determine it. A few days say little, so the spread begins as a usual
one that weighs as much as some days, and the prediction is wider while there are few. The result is the same measure
for a series of ones and of thousands, for steady and for wild ones; that is what lets one threshold serve them all.
"""

import math
from dataclasses import dataclass
from typing import Any

#: Gumbel's law with mean 0 and standard deviation 1: return period = exp(EULER + SCALE * z), for rare values.
EULER, SCALE = 0.5772156649015329, math.pi / math.sqrt(6)


@dataclass(slots=True)
class DailyPeaks:
    """The state: sums of weights, peaks and squares, which fade with each day, the peak of today, and days seen."""

    fading: float
    usual_spread: float
    usual_days: float
    weight: float = 0.0
    total: float = 0.0
    squares: float = 0.0
    today: float = 0.0
    days: int = 0
    #: Derived from the sums when a day ends.
    mean: float = 0.0
    spread: float = math.inf

    def log_days(self, value: float) -> float:
        """The logarithm of the days in which a value as great comes once; 0 for what comes daily, or is not known."""
        return max(0.0, EULER + SCALE * (value - self.mean) / self.spread) if self.days else 0.0

    def see(self, value: float) -> None:
        """Take in a value of today."""
        self.today = max(self.today, value)

    def end_day(self, counts: bool) -> None:
        """Today is over; `counts`: enough of it was seen that its peak says something."""
        if counts:
            self.weight = self.weight * self.fading + 1
            self.total = self.total * self.fading + self.today
            self.squares = self.squares * self.fading + self.today**2
            self.days += 1
            self._derive()
        self.today = 0.0

    def dump(self) -> list[Any]:
        """The state, as JSON has it."""
        return [self.weight, self.total, self.squares, self.today, self.days]

    def restore(self, state: list[Any]) -> None:
        """Take up a state that `dump` wrote."""
        self.weight, self.total, self.squares, self.today, self.days = state
        if self.days:
            self._derive()

    def _derive(self) -> None:
        self.mean = self.total / self.weight
        own = max(0.0, self.squares / self.weight - self.mean**2)
        variance = (own * self.weight + self.usual_spread**2 * self.usual_days) / (self.weight + self.usual_days)
        # The next peak strays from a mean that is itself known from few days.
        self.spread = math.sqrt(variance * (1 + 1 / self.weight))
