"""Labelled effects on top of the world's ordinary posts: what takes off, when it begins, and how large it is.

An effect adds reactions to a post from its onset on. Its size is the post's final count with the effect against that
without it, or against what the account's posts usually have where that is more (see `LEAST`): a post of size 3 ends
with at least three times what was to be expected of it. One kind is no rise: counters that fall and come back.

Accounts differ in temper: `growth_of` spreads sizes with a standard deviation of 1.4 on the scale of natural logarithms
(one post in six is four times the usual), as a few accounts are; others are drawn towards their usual size. How a
post's counters go is in courses.py.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from deploy.replica.accounts import Account
from deploy.replica.chance import Dice
from deploy.replica.courses import Course, Effect, EffectKind, Ordinary, Three
from deploy.replica.growth import Growth
from deploy.replica.posts import Post
from deploy.replica.world import World

RISES: Final[tuple[EffectKind, ...]] = ("organic", "born", "wave", "slow", "night", "small", "comment_war")
SIZES: Final = (1.5, 2.0, 3.0, 5.0, 10.0)
CONDOLENCES: Final = {
    "IL": datetime(2016, 9, 28, 1, tzinfo=UTC).timestamp(),
    "TH": datetime(2016, 10, 13, 12, tzinfo=UTC).timestamp(),
}
"""Countries whose pages were full of candles, and since when: the deaths of Shimon Peres and of King Bhumibol."""
CONDOLENCES_SIZE: Final = 20.0
CAPPED_REPOSTS: Final = 1_500_000
TEMPERS: Final = (0.2, 0.2, 0.2, 0.4, 0.4, 1.0)
"""What is left of the spread of `growth_of`, drawn per account: half are calm, a third middling, a sixth wild."""
CALM: Final = 0.2
SMALL: Final = 15.0
"""Usual reactions below which an account is small."""
LEAST: Final = 10.0
"""Effects are sized as if the account's posts had about as many reposts and comments, and 25 likes: that an account has
three reposts instead of one is nothing to tell of, so it is no effect either."""
LOST, LOST_SHARE = 25.0, 0.9
"""So many likes a fall takes at least: that somebody has ten likes fewer is nothing to tell of either. And no greater
part than this."""
_SHARES: Final = (1.0, 0.775, 2.45)
"""Reposts, comments and likes of a post, on average, as parts of its size."""
_HOUR: Final = 3_600.0


class Stage:
    """A world with effects. The same seed gives the same effects."""

    def __init__(self, world: World, effects: Sequence[Effect], tempers: Mapping[int, float]) -> None:
        self.world = world
        self.effects = tuple(effects)
        self._tempers = tempers
        self._by_post: dict[tuple[int, int], list[Effect]] = {}
        for effect in effects:
            self._by_post.setdefault((effect.uid, effect.ordinal), []).append(effect)
        self._ordinary: dict[tuple[int, int], Ordinary] = {}

    def of(self, post: Post) -> Sequence[Effect]:
        """The effects on a post."""
        return self._by_post.get((post.account.uid, post.ordinal), ())

    def ordinary(self, post: Post) -> Ordinary:
        """The post without effects."""
        key = post.account.uid, post.ordinal
        if key not in self._ordinary:
            self._ordinary[key] = ordinary_of(self.world, post, self._tempers[post.account.uid])
        return self._ordinary[key]

    def course(self, post: Post) -> Course:
        """The post with its effects."""
        return Course(self.ordinary(post), self.of(post))

    def counters(self, post: Post, moment: float) -> tuple[int, int, int]:
        """Reposts, comments and likes at a moment: exact, however the site shows them."""
        course = self.course(post)
        kept = 1.0 - course.withheld(moment)
        reposts, comments, likes = (int(count * kept + 0.5) for count in course.counts(moment))
        return reposts, comments, likes


def usual_of(account: Account, moment: float) -> Three:
    """Final reposts, comments and likes of the account's middle post, by `growth_of`."""
    size = 0.6 + account.followers_at(moment) ** 0.55 / 30
    return size * _SHARES[0], size * _SHARES[1], size * _SHARES[2]


def ordinary_of(world: World, post: Post, temper: float) -> Ordinary:
    """A post of an account of that temper: 1 leaves the spread as it is."""
    growth = world.growth(post)
    usual = usual_of(post.account, post.published)
    finals = (growth.reposts, growth.comments, growth.likes)
    drawn = [
        int(middle * ((final + 0.5) / middle) ** temper + 0.5) for final, middle in zip(finals, usual, strict=True)
    ]
    dice = Dice(world.seed, "spurts", post.account.uid, post.ordinal)
    tempered = Growth(
        growth.published, growth.scale, growth.power, drawn[0], drawn[1], drawn[2], growth.purged_at, growth.purged
    )
    return Ordinary(tempered, usual, (dice.between(0, 2 * math.pi), dice.between(0, 2 * math.pi)))


def stage(world: World, since: float, until: float, per_week: float = 1.0) -> Stage:
    """Effects on posts that are published, or still to be seen, between two moments: so many per account and week."""
    tempers = {account.uid: Dice(world.seed, "temper", account.uid).pick(TEMPERS) for account in world.accounts}
    plain = Stage(world, (), tempers)
    effects: list[Effect] = []
    for account in world.accounts:
        taken: set[int] = set()
        first, last = account.published(since), account.published(until)
        dice = Dice(world.seed, "effects", account.uid)
        weeks = (until - since) / (7 * 86_400)
        for ordinal in _some(dice, first, last, per_week * weeks):
            post = world.post(account, ordinal)
            effect = _effect(dice, plain, post, tempers[account.uid], until)
            if effect is not None:
                effects.append(effect)
                taken.add(ordinal)
        effects += [one for one in _condolences(plain, account, since, until) if one.ordinal not in taken]
    return Stage(world, effects, tempers)


def _some(dice: Dice, first: int, last: int, wanted: float) -> list[int]:
    """Some of the ordinals from first to last."""
    count = last - first
    if count <= 0:
        return []
    chance = min(wanted / count, 0.35)
    return [ordinal for ordinal in range(first, last) if dice.chance(chance)]


def _effect(dice: Dice, plain: Stage, post: Post, temper: float, until: float) -> Effect | None:
    """One effect on a post, of a kind that suits it; None where it would begin too late, or the post is a hit."""
    ordinary = plain.ordinary(post)
    kind: EffectKind = dice.pick((*RISES, "wave", "deletion", "capped") if dice.chance(0.3) else RISES)
    size = dice.pick(SIZES)
    if ordinary.outstanding:
        return None
    small = sum(ordinary.usual) < SMALL
    if small or (kind in ("born", "slow") and temper > CALM):
        # Where posts differ by much, a level of three times the usual is an ordinary post.
        kind = "small" if small else "organic"
    elif kind == "small":
        kind = "organic"
    least = (LEAST * share for share in _SHARES)
    more = [(size - 1.0) * max(three) for three in zip(ordinary.finals, ordinary.usual, least, strict=True)]
    published = post.published
    onset, scale, steady = published + dice.between(1.5, 12) * _HOUR, dice.between(1_500, 6_000), False
    if kind == "born":
        onset, scale = float(published), ordinary.growth.scale
    elif kind == "slow":
        onset, scale = float(published), 40 * _HOUR
    elif kind == "wave":
        onset, scale, steady = published + _wave_age(dice, plain, post), dice.between(0.5, 2) * _HOUR, True
        more = [0.0, more[1], 0.0] if dice.chance(0.5) else [more[0], 0.0, 0.0]
    elif kind == "night":
        midnight = (published + 8 * _HOUR) // 86_400 * 86_400 + 86_400 - 8 * _HOUR
        onset = midnight + dice.between(0, 5) * _HOUR
    elif kind == "comment_war":
        onset, more = published + dice.between(1, 10) * _HOUR, [0.0, more[1], 0.1 * more[2]]
    elif kind == "capped":
        more, size = [CAPPED_REPOSTS, 0.0, 0.0], CAPPED_REPOSTS / max(ordinary.finals[0], ordinary.usual[0])
    elif kind == "deletion":
        more, size, scale = [0.0, 0.0, 0.0], dice.between(0.3, 0.7), dice.between(2, 12) * _HOUR
        size = max(size, LOST / max(Course(ordinary, ()).counts(onset)[2], 1.0))
        if size > LOST_SHARE:
            return None
    if onset > until - 86_400:
        return None
    return Effect(kind, post.account.uid, post.ordinal, onset, size, (more[0], more[1], more[2]), scale, steady)


def _wave_age(dice: Dice, plain: Stage, post: Post) -> float:
    """An age at which the post is still among its account's ten newest: from 3 hours to 21 days."""
    account = post.account
    leaves = account.published_at(post.ordinal + 10) if account.exists_ordinal(post.ordinal + 10) else math.inf
    most = min(leaves - post.published - 12 * _HOUR, 21 * 86_400.0)
    return max(dice.between(0.2, 1.0) * most, 3 * _HOUR)


def _condolences(plain: Stage, account: Account, since: float, until: float) -> list[Effect]:
    """Candles under the three newest posts of an account in mourning."""
    onset = CONDOLENCES.get(account.code)
    if onset is None or not since <= onset < until:
        return []
    newest = account.published(onset) - 1
    usual = usual_of(account, onset)
    found = []
    for back, part in enumerate((1.0, 0.4, 0.2)):
        adds = (0.0, CONDOLENCES_SIZE * part * usual[1], CONDOLENCES_SIZE * part * usual[2])
        found.append(Effect("condolences", account.uid, newest - back, onset, CONDOLENCES_SIZE * part, adds, 2 * _HOUR))
    return found
