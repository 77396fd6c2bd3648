"""Labelled facts: what an account or its visitors do that is no matter of how a post spreads.

A post is removed, rewritten after more than a day, or closed to comments; an account gains followers at once, can't be
seen for a day, takes another name, or publishes nothing any more. A post is among its account's ten newest then, and
has nothing else on it.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final, Literal

from deploy.replica.accounts import Account
from deploy.replica.chance import Dice
from deploy.replica.world import World

FactKind = Literal["removal", "edit", "closing", "followers", "gone", "renamed", "silent"]
EXACT: Final = 10_000
"""The site rounds followers from here on: a jump of fewer than a tenth of a per cent can't be seen above."""
_OF_POSTS: Final[tuple[FactKind, ...]] = ("removal", "edit", "closing")
_OF_ACCOUNTS: Final[tuple[FactKind, ...]] = ("gone", "renamed")
_ACCOUNTS_SHARE: Final = 0.2
"""So often something befalls an account as a whole, as a part of how often something else does."""
_SILENT_SHARE: Final = 0.04
"""So often an account falls silent, as such a part."""
_GAPS_OF: Final = 60
_SILENCE_TIMES, _SILENCE_LEAST = 2.0, 7 * 86_400.0
"""A silence is far beyond an account's own when it is twice the longest gap between its last posts, and a week."""
_NEWEST: Final = 6
"""A fact befalls one of so many newest posts: each of them is on the first page."""
_HOUR: Final = 3_600.0
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Fact:
    """What happens, to whom, when; moments in seconds since 1970 UTC.

    `ordinal` is that of the post, None where it is about the account. `size` is 1, or how many followers come, evenly
    within `lasts` seconds. So long an account is gone, too; what lasts 0 seconds is so for good. An account that falls
    silent does so for good, and `lasts` is after how long that is far beyond its own gaps.
    """

    kind: FactKind
    uid: int
    ordinal: int | None
    onset: float
    size: float = 1.0
    lasts: float = 0.0

    @property
    def end(self) -> float:
        """When it has happened."""
        return self.onset + self.lasts

    def share(self, moment: float) -> float:
        """Which part of it has happened."""
        if moment <= self.onset:
            return 0.0
        return min((moment - self.onset) / self.lasts, 1.0) if self.lasts else 1.0

    def document(self) -> dict[str, Any]:
        """The label, as the truth of the replica tells things."""
        onset, end = (datetime.fromtimestamp(moment, UTC).isoformat() for moment in (self.onset, self.end))
        return {**asdict(self), "uid": str(self.uid), "onset": onset, "end": end}


def facts(
    world: World, since: float, until: float, per_week: float, taken: Collection[tuple[int, int]]
) -> tuple[Fact, ...]:
    """So many facts per account and week between two moments, on posts that are not `taken` (uid and ordinal)."""
    found: list[Fact] = []
    used = set(taken)
    for account in world.accounts:
        dice = Dice(world.seed, "facts", account.uid)
        for _ in range(_times(dice, per_week * (until - since) / (7 * _DAY))):
            onset = float(int(since + dice.unit() * max(until - since - _DAY, 0.0)))
            kind = dice.pick((*_OF_POSTS, "followers") if account.followers_at(onset) < EXACT else _OF_POSTS)
            fact = (
                _followers(dice, account, onset) if kind == "followers" else _of_post(dice, world, account, kind, onset)
            )
            if fact is None or (fact.ordinal is not None and (account.uid, fact.ordinal) in used):
                continue
            if fact.ordinal is not None:
                used.add((account.uid, fact.ordinal))
            found.append(fact)
        if account.last_at > until:
            found += _of_account(world, account, since, until, per_week * _ACCOUNTS_SHARE)
    return tuple(found)


def _of_account(world: World, account: Account, since: float, until: float, per_week: float) -> list[Fact]:
    """What befalls an account as a whole that has not fallen silent; it takes another name once at most."""
    dice = Dice(world.seed, "facts of accounts", account.uid)
    found: list[Fact] = []
    for _ in range(_times(dice, per_week * (until - since) / (7 * _DAY))):
        onset = float(int(since + dice.unit() * max(until - since - _DAY, 0.0)))
        kind = dice.pick(_OF_ACCOUNTS)
        if all(fact.kind != kind for fact in found):
            found.append(
                Fact(kind, account.uid, None, onset, lasts=dice.whole(12, 36) * _HOUR if kind == "gone" else 0.0)
            )
    return found


def silences(world: World, since: float, until: float, per_week: float) -> tuple[Fact, ...]:
    """The accounts that publish nothing any more from some moment on, where it can be told of before the end."""
    found = []
    for account in world.accounts:
        dice = Dice(world.seed, "silences", account.uid)
        if not _times(dice, per_week * _SILENT_SHARE * (until - since) / (7 * _DAY)):
            continue
        newest = account.published(since + dice.unit() * max(until - since - _SILENCE_LEAST - _DAY, 0.0)) - 1
        if newest < 1:
            continue
        posts = [account.published_at(newest - back) for back in range(min(_GAPS_OF, newest + 1))]
        longest = max(later - earlier for later, earlier in pairwise(posts))
        lasts = max(_SILENCE_TIMES * longest, _SILENCE_LEAST)
        if since <= posts[0] and posts[0] + lasts + _DAY < until:
            found.append(Fact("silent", account.uid, None, float(posts[0]), lasts=lasts))
    return tuple(found)


def _times(dice: Dice, wanted: float) -> int:
    return int(wanted) + int(dice.chance(wanted - int(wanted)))


def _followers(dice: Dice, account: Account, onset: float) -> Fact:
    """A twentieth to a fifth more within some hours, 300 at least."""
    size = max(300.0, dice.between(0.05, 0.2) * account.followers_at(onset))
    return Fact("followers", account.uid, None, onset, float(int(size)), float(dice.whole(60, 360) * 60))


def _of_post(dice: Dice, world: World, account: Account, kind: FactKind, onset: float) -> Fact | None:
    """A fact of one of the newest posts; None where none fits: an edit comes after a day, the others after an hour."""
    newest = account.published(onset) - 1
    ordinal = newest - dice.whole(0, _NEWEST - 1)
    if ordinal < 0:
        return None
    age = onset - world.post(account, ordinal).published
    if not (30 * _HOUR if kind == "edit" else _HOUR) < age < 7 * _DAY:
        return None
    return Fact(kind, account.uid, ordinal, onset)
