"""The general growth curve: which share of its final count a post has at an age, learnt while running.

Ages are waking seconds (see daylight), and looked at in `AGES`: from ten minutes to sixty days, nearly even on a
logarithmic scale. The curve is the sum of its steps between two neighbouring ages (differences of the logarithm of the
count). Each step begins as that of 1 - (1 + age/scale)^-power, a shape that fits cascades of reposts (half of all
reactions within some hours, a tail of weeks), and becomes the mean of the steps of the posts that pass it, each clipped
to a band around the mean so that no single post bends it.

What is learnt is used only from the next `ADOPT_EVERY` of event time on, so that the expectations that rest on it can
be remembered until then.
"""

from bisect import bisect_right
from itertools import pairwise
from math import exp, log
from typing import Any

AGES = (
    600.0, 1_200.0, 1_800.0, 2_700.0, 3_600.0, 5_400.0, 7_200.0, 10_800.0, 14_400.0, 21_600.0, 28_800.0, 43_200.0,
    64_800.0, 86_400.0, 129_600.0, 172_800.0, 259_200.0, 432_000.0, 864_000.0, 1_814_400.0, 5_184_000.0,
)  # fmt: skip
LAST = len(AGES) - 1
LOG_AGES = tuple(log(age) for age in AGES)
GAPS = tuple(later - earlier for earlier, later in pairwise(LOG_AGES))

ADOPT_EVERY = 6 * 3_600.0
_SCALE, _POWER = 3_000.0, 0.6
_PRIOR_POSTS = 10.0
_MOST_POSTS = 400.0
_BAND = 0.7
_EARLY = 0.9
"""Before the first age the count grows like this power of the age: nearly in proportion."""


def _prior(age: float) -> float:
    return float(1.0 - (1.0 + age / _SCALE) ** -_POWER)


_PRIOR_STEPS = [log(_prior(later) / _prior(earlier)) for earlier, later in pairwise(AGES)]


def place(age: float) -> int:
    """The index of the last of AGES that is reached; -1 before the first."""
    return bisect_right(AGES, age) - 1


class GrowthCurve:
    """The curve in use and the one that is being learnt."""

    def __init__(self) -> None:
        self._learnt = list(_PRIOR_STEPS)
        self._posts = [_PRIOR_POSTS] * len(_PRIOR_STEPS)
        self._adopt_at = 0.0
        #: Logarithm of the share at each of AGES; 0 at the last.
        self.shares: tuple[float, ...] = ()
        #: How often the curve was changed: what rests on it is to be worked out anew.
        self.generation = 0
        self._in_use = list(_PRIOR_STEPS)
        self._adopt()

    def learn(self, step: int, growth: float) -> None:
        """A post's logarithm of the count grew so much between AGES[step] and the next."""
        known, mean = self._posts[step], self._learnt[step]
        clipped = min(max(growth, 0.0, mean - _BAND), mean + _BAND)
        self._posts[step] = min(known + 1.0, _MOST_POSTS)
        self._learnt[step] = mean + (clipped - mean) / (known + 1.0)

    def tick(self, moment: float) -> bool:
        """Event time has come to a moment (Unix seconds): whether what was learnt is in use now."""
        if moment < self._adopt_at:
            return False
        self._adopt_at = (moment // ADOPT_EVERY + 1.0) * ADOPT_EVERY
        self._in_use = list(self._learnt)
        self._adopt()
        return True

    def log_share(self, age: float) -> float:
        """Logarithm of the share of the final count at a waking age in seconds; 0 from the last of AGES on."""
        at = place(age)
        if at >= LAST:
            return 0.0
        if at < 0:
            return self.shares[0] + _EARLY * (log(max(age, 1.0)) - LOG_AGES[0])
        low = self.shares[at]
        return low + (self.shares[at + 1] - low) * (log(age) - LOG_AGES[at]) / GAPS[at]

    def share(self, age: float) -> float:
        """Share of the final count at a waking age, above 0, up to 1."""
        return exp(self.log_share(age))

    def dump(self) -> list[Any]:
        """What `load` takes."""
        return [self._adopt_at, self._in_use, self._learnt, self._posts]

    def load(self, value: list[Any]) -> None:
        """Take up what `dump` gave."""
        self._adopt_at, self._in_use = float(value[0]), [float(step) for step in value[1]]
        self._learnt, self._posts = [float(step) for step in value[2]], [float(posts) for posts in value[3]]
        self._adopt()

    def _adopt(self) -> None:
        total = 0.0
        shares = [0.0]
        for step in reversed(self._in_use):
            total -= step
            shares.append(total)
        self.shares = tuple(reversed(shares))
        self.generation += 1
