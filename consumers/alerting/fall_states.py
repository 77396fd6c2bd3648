"""What falls are judged against, per post and per account, and its form in the compacted topic."""

from dataclasses import dataclass, field
from typing import Any

from consumers.alerting.losses import PRIORS, CountState


def _counts() -> tuple[CountState, CountState, CountState]:
    return CountState(), CountState(), CountState()


@dataclass(slots=True)
class PostFalls:
    """A post; moments are Unix seconds, 0: never.

    `lost` is the score of its last sample's loss; `removed` and `removed_at` its confirmed removal; `edited` the last
    version that was told; `looked` when its comments were last read, and `restricted` how they were (`closed`,
    `curated`).
    """

    account_id: str
    sampled: float = 0.0
    counts: tuple[CountState, CountState, CountState] = field(default_factory=_counts)
    lost: float = 0.0
    removed: str = ""
    removed_at: float = 0.0
    edited: str = ""
    looked: float = 0.0
    restricted: str = ""

    def dump(self) -> list[Any]:
        """What `of` takes."""
        counts = [part for one in self.counts for part in (one.top, one.below, int(one.learnt))]
        return [
            self.account_id,
            self.sampled,
            counts,
            self.lost,
            self.removed,
            self.removed_at,
            self.edited,
            self.looked,
            self.restricted,
        ]

    @classmethod
    def of(cls, value: list[Any]) -> "PostFalls":
        """The state that `dump` wrote."""
        account_id, sampled, counts, lost, removed, removed_at, edited, looked, restricted = value
        first, second, third = (CountState(counts[at], counts[at + 1], bool(counts[at + 2])) for at in (0, 3, 6))
        post = cls(account_id, float(sampled), (first, second, third), float(lost))
        post.removed, post.removed_at, post.edited = removed, float(removed_at), edited
        post.looked, post.restricted = float(looked), restricted
        return post


@dataclass(slots=True)
class AccountFalls:
    """An account; moments are Unix seconds, 0: never.

    `usual` is the part that nine in ten losses of reposts, comments and likes stay below; `published` are its last
    posts, in order; `looked` and `restricted` count posts whose comments were read, and were closed or curated; `gone`
    visits in succession that found no account; `silent` is the score of its silence.
    """

    since: float
    visited: float = 0.0
    name: str = ""
    named: float = 0.0
    usual: list[float] = field(default_factory=lambda: list(PRIORS))
    published: list[int] = field(default_factory=list)
    looked: int = 0
    restricted: int = 0
    gone: int = 0
    silent: float = 0.0

    def dump(self) -> list[Any]:
        """What `of` takes."""
        figures = [self.since, self.visited, self.name, self.named, list(self.usual), list(self.published)]
        return [*figures, self.looked, self.restricted, self.gone, self.silent]

    @classmethod
    def of(cls, value: list[Any]) -> "AccountFalls":
        """The state that `dump` wrote."""
        since, visited, name, named, usual, published, looked, restricted, gone, silent = value
        moments = float(since), float(visited)
        return cls(*moments, name, float(named), list(usual), list(published), looked, restricted, gone, float(silent))
