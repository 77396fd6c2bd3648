"""How far a counter stands above what is usual, and how much faster it grew than its own course: as scores.

Two questions, both on a logarithmic scale, where "three times as much" is the same distance everywhere:

- **Level**: does the post have more than this account's posts have at this age? Distance in spreads of those posts.
- **Speed**: did it gain more, since an earlier sample of its own, than its own course let expect? What a post has so
  far says how much more is to come (gamma-Poisson: its own counts and those of the account weigh as their spreads say);
  distance in forecast errors as they usually are. So a wave is found at any age, also on an old post, also in an
  account whose posts differ so much that no level says anything.

A level of `LEVEL_Z` spreads, or a speed of `SPEED_Z` forecast errors, is a score of 1; both together count as the root
of their squares, as independent distances do. The 48 accounts publish some hundred posts a week, and a post is judged
by level about once (its level hardly changes from sample to sample): of 1,000 ordinary posts with normal logarithms
0.2 are 3.5 spreads above the centre. Speeds are judged anew at every sample, a hundred times as often: hence the higher
bar. Both were chosen so that made-up weeks have less than one false alert, on seeds that are not reported.

Neither counts below a floor of extra reactions: as many as somebody would want to hear of at all (`LEAST`), and thrice
the noise of counting what was expected (√expected, as arrivals one by one have). For speed also half of what the
account's posts get in their whole life: a wave that is small beside that is none to the account.
"""

from dataclasses import dataclass
from math import exp, hypot, log, sqrt
from typing import Final

LEVEL_Z: Final = 3.5
SPEED_Z: Final = 5.0
LEAST: Final = (10.0, 10.0, 20.0, 30.0)
"""Extra reposts, comments, likes, interactions below which nobody is told."""
NOISE: Final = 3.0
MATERIAL: Final = 0.5
PSEUDO: Final = 3.0
"""Added to counts before they are compared: 0 and 2 are alike."""
_TWO_SIDED_95: Final = 1.96


def level_distance(value: float, expected: float, spread: float) -> float:
    """Spreads between a count and the expected one; no narrower than counting itself."""
    return log((value + PSEUDO) / (expected + PSEUDO)) / max(spread, 1.0 / sqrt(expected + PSEUDO))


def speed_distance(came: float, foreseen: float, error: float) -> float:
    """Forecast errors between what came and what was foreseen: by the logarithm, which bursts are even on, and by the
    square root, which counting is even on (Anscombe 1948) with as much more variance as the error brings; the smaller.
    """
    burst = log((came + 1.0) / (foreseen + 1.0)) / error
    counting = 2.0 * (sqrt(came + 0.375) - sqrt(foreseen + 0.375)) / sqrt(1.0 + error * error * foreseen)
    return min(burst, counting)


def foreseen_growth(had: float, share_then: float, share_now: float, final: float, spread: float) -> float:
    """What a post gains between two shares of the general curve that has `had` at the first.

    `final` is what the account's posts usually get in all, `spread` how far they stray from it: the prior is a gamma
    distribution of that mean and relative width, its posterior mean the height of this post's curve.
    """
    shape = 1.0 / (spread * spread)
    height = (shape + had) / (shape / max(final, 1.0) + share_then)
    return height * max(share_now - share_then, 0.0)


def band(expected: float, spread: float) -> tuple[float, float]:
    """Where 95 of 100 posts lie."""
    factor = exp(_TWO_SIDED_95 * max(spread, 1.0 / sqrt(expected + PSEUDO)))
    return max((expected + PSEUDO) / factor - PSEUDO, 0.0), (expected + PSEUDO) * factor - PSEUDO


def level_floor(metric: int, expected: float) -> float:
    """Extra reactions that a level needs."""
    return max(LEAST[metric], NOISE * sqrt(expected + 1.0))


def speed_floor(metric: int, foreseen: float, final: float) -> float:
    """Extra reactions that a speed needs."""
    return max(LEAST[metric], NOISE * sqrt(foreseen + 1.0), MATERIAL * final)


@dataclass(frozen=True, slots=True)
class Rise:
    """One counter of a post against what was to be expected. `level` and `speed` are scores, 1 where one would tell.

    `came` and `foreseen` are since the post's own earlier sample, None where that says nothing; `error` is how far such
    a forecast usually is off (standard deviation of the logarithm).
    """

    metric: str
    value: float
    at_least: bool
    expected: float
    spread: float
    floor: float
    level: float
    came: float | None = None
    foreseen: float | None = None
    error: float = 0.0
    speed_floor: float = 0.0
    speed: float = 0.0

    @property
    def score(self) -> float:
        """Both together, whatever the floors say; below 0 counts as 0."""
        return hypot(max(self.level, 0.0), max(self.speed, 0.0))

    @property
    def above_floor(self) -> tuple[float, float]:
        """Level and speed, each 0 where it does not reach its floor."""
        level = self.level if self.value - self.expected >= self.floor else 0.0
        fast = (self.came or 0.0) - (self.foreseen or 0.0) >= self.speed_floor
        return max(level, 0.0), max(self.speed, 0.0) if fast else 0.0
