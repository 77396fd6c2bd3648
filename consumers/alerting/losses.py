"""Counters that fall: how much is lost beyond what is usual, and when that is believed.

A counter has lost something when two samples in succession show less than the highest count that was ever certain: one
alone may be a wrong answer. A loss tells from a score of 1 on: the part that is gone, against the largest of

- 20 reactions, below which it is noise;
- a twentieth, which people take back by themselves;
- one and a half times what is usual here: Weibo purges accounts, and with them the likes of many posts, every so often.
  What nine in ten losses of this account and counter stay below is learnt (as in forecast_errors), from one per post.

A rounded count is less than the highest by no more than its interval proves; a capped one proves no loss.
"""

from dataclasses import dataclass
from typing import Final

LEAST: Final = 20
SHARE: Final = 0.05
BEYOND_USUAL: Final = 1.5
PRIORS: Final = (0.04, 0.04, 0.08)
"""What is usual at first of reposts, comments and likes: purges have been seen to take some hundredths of the likes."""
_QUANTILE, _STEP = 0.9, 0.02

NONE: Final = -1


@dataclass(slots=True)
class CountState:
    """One counter of a post: the highest certain count, the one before where that was lower, and what was learnt."""

    top: int = NONE
    below: int = NONE
    learnt: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """A counter fell from `top` to at most `now`; `usual` is the part that would not be told of."""

    top: int
    now: int
    usual: float

    @property
    def part(self) -> float:
        """What is gone, as a part of what there was."""
        return (self.top - self.now) / self.top

    @property
    def score(self) -> float:
        """1 where it would be told."""
        return self.part / self.usual


def observe(state: CountState, low: int, high: int | None, usual: float) -> Loss | None:
    """A sample shows at least `low` (-1: nothing is shown) and at most `high` (None: capped). The loss, if it is one:
    `usual` is what losses of this account's counter usually stay below, as a part.
    """
    if low < 0:
        return None
    if low >= state.top:
        state.top, state.below = low, NONE
        return None
    if high is None or state.top - high < LEAST:
        state.below = NONE
        return None
    before, state.below = state.below, high
    if before == NONE:
        return None
    threshold = max(LEAST / state.top, SHARE, BEYOND_USUAL * usual)
    return Loss(state.top, max(before, high), threshold)


def learnt(usual: float, part: float) -> float:
    """What is usual after one more post has lost that part."""
    return max(usual + _STEP * (_QUANTILE - (part < usual)), 0.0)
