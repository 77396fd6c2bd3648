"""The course of a post under labelled effects: what it would have had anyway, and what each effect adds or takes.

Ordinary posts are those of `growth_of`, drawn towards their account's usual size, and no post follows the smooth curve:
growth comes in spurts and lulls.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from deploy.replica.growth import LIFE, Growth, lived, views_of

EffectKind = Literal[
    "organic", "born", "wave", "slow", "night", "small", "comment_war", "condolences", "capped", "deletion"
]
OUTSTANDING: Final = 12.0
"""An ordinary post with so many times the usual count is a hit by luck: neither ordinary nor of a known onset."""
MOSTLY: Final = 0.9
"""An effect is over when so large a part of it is there."""
_HOUR: Final = 3_600.0
_EXACT: Final = 1e-3
"""How exactly moments are sought, in seconds."""

Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to a post; moments in seconds since 1970 UTC.

    `adds` are the reposts, comments and likes that it brings in all, by the power law of `scale` seconds, in time as
    Beijing lives it, or evenly within `scale` where it is a matter of machines (`steady`). A deletion takes the part
    `size` of what there is, for `scale` seconds.
    """

    kind: EffectKind
    uid: int
    ordinal: int
    onset: float
    size: float
    adds: Three
    scale: float
    steady: bool = False

    def share(self, moment: float) -> float:
        """Which part of it is there."""
        if moment <= self.onset:
            return 0.0
        if self.steady:
            return min((moment - self.onset) / self.scale, 1.0)
        age = min(lived(moment) - lived(self.onset), LIFE)
        return float(1.0 - (1.0 + age / self.scale) ** -1.2) / float(1.0 - (1.0 + LIFE / self.scale) ** -1.2)

    @property
    def end(self) -> float:
        """When it is over: a deletion when all is back, the others when nine tenths of them have come."""
        if self.kind == "deletion":
            return self.onset + self.scale
        return _when(lambda moment: self.share(moment) >= MOSTLY, self.onset, self.onset + LIFE)

    def document(self) -> dict[str, Any]:
        """The label, as the truth of the replica tells things."""
        onset, end = (datetime.fromtimestamp(moment, UTC).isoformat() for moment in (self.onset, self.end))
        return {**asdict(self), "uid": str(self.uid), "onset": onset, "end": end}


@dataclass(frozen=True, slots=True)
class Ordinary:
    """A post without effects: its growth, drawn towards its account's usual size, in spurts and lulls."""

    growth: Growth
    usual: Three
    phases: tuple[float, float]

    @property
    def finals(self) -> Three:
        """Final reposts, comments and likes."""
        return self.growth.reposts, self.growth.comments, self.growth.likes

    @property
    def outstanding(self) -> bool:
        """Whether it is a hit without an effect."""
        return sum(self.finals) > OUTSTANDING * sum(self.usual)

    def share(self, moment: float) -> float:
        """Which part of the final counts is reached."""
        growth = self.growth
        age = min(lived(moment) - lived(growth.published), LIFE)
        if age <= 0:
            return 0.0
        # The slope of the exponent stays below 1, so that counters do not fall.
        logarithm = math.log(age)
        spurts = 0.12 * math.sin(2.3 * logarithm + self.phases[0]) + 0.07 * math.sin(5.1 * logarithm + self.phases[1])
        age = min(age * math.exp(spurts), LIFE)
        whole = 1.0 - (1.0 + LIFE / growth.scale) ** -growth.power
        return float(1.0 - (1.0 + age / growth.scale) ** -growth.power) / float(whole)


@dataclass(frozen=True, slots=True)
class Course:
    """A post with the effects on it: the reactions that come, as `Growth` tells them of a post without any."""

    ordinary: Ordinary
    effects: Sequence[Effect]

    @property
    def likes(self) -> int:
        """All likes that ever come."""
        return int(self.ordinary.growth.likes + sum(effect.adds[2] for effect in self.effects))

    def counts(self, moment: float) -> Three:
        """Reposts, comments and likes that have come, not rounded; likes without those of purged accounts."""
        growth, share = self.ordinary.growth, self.ordinary.share(moment)
        reposts, comments, likes = (final * share for final in self.ordinary.finals)
        if moment > growth.purged_at:
            likes *= 1.0 - growth.purged * min(1.0, (moment - growth.purged_at) / _HOUR)
        for effect in self.effects:
            if effect.kind != "deletion":
                come = effect.share(moment)
                reposts += effect.adds[0] * come
                comments += effect.adds[1] * come
                likes += effect.adds[2] * come
        return reposts, comments, likes

    def withheld(self, moment: float) -> float:
        """Which part of the counters a deletion takes at a moment."""
        takes = [one.size for one in self.effects if one.kind == "deletion" and 0 <= moment - one.onset < one.scale]
        return max(takes, default=0.0)

    def reposts_at(self, moment: float) -> int:
        """Reposts that have come."""
        return int(self.counts(moment)[0] + 0.5)

    def comments_at(self, moment: float) -> int:
        """Comments that have come."""
        return int(self.counts(moment)[1] + 0.5)

    def likes_at(self, moment: float) -> int:
        """Likes that there are."""
        return int(self.counts(moment)[2] + 0.5)

    def views_at(self, moment: float) -> int:
        """Views of its video."""
        come = views_of(self.ordinary.growth.likes) * self.ordinary.share(moment)
        return int(come + sum(views_of(int(one.adds[2])) * one.share(moment) for one in self.effects) + 0.5)

    def repost_comes(self, place: int) -> float:
        """When the repost at that place (from 0) comes."""
        return self._comes(0, place)

    def comment_comes(self, place: int) -> float:
        """When the comment at that place (from 0) comes."""
        return self._comes(1, place)

    def _comes(self, counter: int, place: int) -> float:
        published = float(self.ordinary.growth.published)
        last = max((published, *(effect.onset for effect in self.effects))) + LIFE + 86_400
        return _when(lambda moment: self.counts(moment)[counter] >= place + 0.5, published, last)


def _when(is_so: Callable[[float], bool], low: float, high: float) -> float:
    """The first moment between two at which something is so that then stays so."""
    while high - low > _EXACT:
        middle = (low + high) / 2
        if is_so(middle):
            high = middle
        else:
            low = middle
    return high
