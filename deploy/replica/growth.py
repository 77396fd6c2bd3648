"""How reposts, comments and likes of a post grow: fast at first, by day more than by night, with a long tail.

The n-th reaction of N comes when the share of the post's life reaches (n + 1/2) / N, so a counter at any moment and
the moment of any reaction are one formula read in two directions. Shape: 1 - (1 + age/scale)^-power over 60 days.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from deploy.replica.chance import Dice

#: Reactions end after this many seconds.
LIFE = 60 * 86_400
_TURN = 2 * math.pi / 86_400
_SWING = 0.75


def lived(moment: float) -> float:
    """Time weighted by how awake Beijing is: slowest at 4:00, fastest at 16:00."""
    return moment - _SWING / _TURN * math.sin(_TURN * (moment + 4 * 3600))


class Reactions(Protocol):
    """How the reactions to a post come; moments in seconds since 1970 UTC, places from 0."""

    @property
    def likes(self) -> int:
        """All likes that ever come."""

    def reposts_at(self, moment: float) -> int:
        """Reposts that have come."""

    def comments_at(self, moment: float) -> int:
        """Comments that have come."""

    def likes_at(self, moment: float) -> int:
        """Likes that there are."""

    def views_at(self, moment: float) -> int:
        """Views of its video."""

    def repost_comes(self, place: int) -> float:
        """When the repost at a place comes."""

    def comment_comes(self, place: int) -> float:
        """When the comment at a place comes."""

    def withheld(self, moment: float) -> float:
        """Which part of its counters the site does not show."""


def views_of(likes: int) -> int:
    """Views of a video that so many like in the end."""
    return likes * 37 + 11


@dataclass(frozen=True, slots=True)
class Growth:
    """One post's way to its final counts; ages in seconds after `published`."""

    published: int
    scale: float
    power: float
    reposts: int
    comments: int
    likes: int
    purged_at: float
    purged: float

    def share(self, moment: float) -> float:
        """Which part of the final counts is reached at a moment, 0 to 1."""
        if moment <= self.published:
            return 0.0
        age = min(lived(moment) - lived(self.published), LIFE)
        return float((1 - (1 + age / self.scale) ** -self.power) / (1 - (1 + LIFE / self.scale) ** -self.power))

    def moment(self, share: float) -> float:
        """When that part is reached: the inverse of `share`."""
        whole: float = 1 - (1 + LIFE / self.scale) ** -self.power
        target = lived(self.published) + self.scale * ((1 - share * whole) ** (-1 / self.power) - 1)
        moment: float = target
        for _ in range(40):
            # Newton's steps; the slope lies between 1/4 and 7/4, so bounded steps converge.
            step = (lived(moment) - target) / (1 - _SWING * math.cos(_TURN * (moment + 4 * 3600)))
            moment -= max(-7200.0, min(7200.0, step))
            if abs(step) < 1e-4:
                break
        return moment

    def arrived(self, final: int, moment: float) -> int:
        """How many of `final` reactions have come."""
        return math.floor(final * self.share(moment) + 0.5)

    def arrives(self, final: int, place: int) -> float:
        """When the reaction at that place (from 0) comes."""
        return self.moment((place + 0.5) / final)

    def reposts_at(self, moment: float) -> int:
        """Reposts that have come."""
        return self.arrived(self.reposts, moment)

    def comments_at(self, moment: float) -> int:
        """Comments that have come."""
        return self.arrived(self.comments, moment)

    def views_at(self, moment: float) -> int:
        """Views of its video."""
        return self.arrived(views_of(self.likes), moment)

    def repost_comes(self, place: int) -> float:
        """When the repost at that place comes."""
        return self.arrives(self.reposts, place)

    def comment_comes(self, place: int) -> float:
        """When the comment at that place comes."""
        return self.arrives(self.comments, place)

    def withheld(self, _: float) -> float:
        """Nothing: every counter is shown."""
        return 0.0

    def likes_at(self, moment: float) -> int:
        """Likes; some posts lose a part of theirs within an hour, as accounts are purged."""
        count = self.arrived(self.likes, moment)
        if moment > self.purged_at:
            at_purge = self.arrived(self.likes, self.purged_at)
            count -= int(at_purge * self.purged * min(1.0, (moment - self.purged_at) / 3600))
        return count


def growth_of(seed: int, uid: int, ordinal: int, published: int, followers: int) -> Growth:
    """The growth of a post: log-normal sizes around what its followers let expect, and now and then far above."""
    dice = Dice(seed, "growth", uid, ordinal)
    size = math.exp(dice.normal() * 1.3) * (0.6 + followers**0.55 / 30)
    if dice.chance(0.0012):
        size *= dice.between(40, 4000)
    reposts = min(2_600_000, int(size * dice.between(0.4, 1.6)))
    comments = min(1_250_000, int(size * dice.between(0.25, 1.3)))
    likes = min(4_000_000, int(size * dice.between(0.9, 4.0)))
    scale = dice.between(1500, 9000) if comments < 200_000 else dice.between(24_000, 40_000)
    power = dice.between(0.45, 0.95)
    purged = dice.between(0.02, 0.09) if dice.chance(0.18) else 0.0
    purged_at = published + dice.between(3, 60) * 3600
    return Growth(published, scale, power, reposts, comments, likes, purged_at, purged)
