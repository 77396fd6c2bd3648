"""Which posts and accounts the faults of the content choose, and when: pure functions of the seed and the moment."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from deploy.replica.catalogue import Catalogue
from deploy.replica.content import Account, Post
from deploy.replica.faults.scenario import Fault
from deploy.replica.identifiers import post_parts

_END: Final = datetime.max.replace(tzinfo=UTC)


class Choices:
    """The faults of the content that are or were in force, in their order."""

    def __init__(self, world: Catalogue, faults: Sequence[Fault]) -> None:
        self._world = world
        self._by_kind: dict[str, list[Fault]] = {}
        for fault in faults:
            self._by_kind.setdefault(fault.kind.name, []).append(fault)
        self._chosen: dict[tuple[str, int, float, int], list[int]] = {}
        self._upto: dict[tuple[str, int, float, int], int] = {}
        # Every post of a page asks which ones of its account are gone, at the same moment.
        self._removed_of = lru_cache(maxsize=256)(self._compute_removed)

    def on_account(self, kind: str, account: Account, at: datetime) -> Fault | None:
        """The first fault of a kind that is on an account at a moment."""
        for fault in self._by_kind.get(kind, ()):
            match = fault.match
            if match.is_on(at) and _may_be_of(fault, account) and (match.mid or _draws(fault, account.uid)):
                return fault
        return None

    def on_post(self, kind: str, post: Post, at: datetime) -> Fault | None:
        """The first fault of a kind that is on a post at a moment."""
        return next(self.all_on_post(kind, post, at), None)

    def all_on_post(self, kind: str, post: Post, at: datetime) -> Iterator[Fault]:
        """All faults of a kind that are on a post at a moment."""
        for fault in self._by_kind.get(kind, ()):
            begins, ends = interval(fault, post.created_at)
            if begins <= at < ends and _chooses(fault, post):
                yield fault

    def removed(self, account: Account, at: datetime) -> dict[int, Fault]:
        """The posts of an account that are removed at a moment, by their ordinals, each with the first fault on it."""
        return self._removed_of(account, at) if "removed" in self._by_kind else {}

    def _compute_removed(self, account: Account, at: datetime) -> dict[int, Fault]:
        found: dict[int, Fault] = {}
        for fault in self._by_kind["removed"]:
            if not fault.match.is_on(at) or not _may_be_of(fault, account):
                continue
            after, lasts = _durations(fault)
            # Ordinals grow with time: what is old enough, and not yet too old, is a row of them.
            below = self._published(account, at, after)
            first = self._published(account, at, after + lasts) if lasts else 0
            for ordinal in self._ordinals(fault, account, below):
                if ordinal >= first:
                    found.setdefault(ordinal, fault)
        return found

    def _published(self, account: Account, at: datetime, ago: timedelta) -> int:
        return self._world.figures(account, at - ago).posts

    def _ordinals(self, fault: Fault, account: Account, below: int) -> list[int]:
        """The chosen ordinals under one, remembered as far as they were asked for."""
        if fault.match.mid:
            posts = (self._world.post(mid, _END) for mid in fault.match.mid)
            own = (post.ordinal for post in posts if post and post.account.uid == account.uid)
            return [ordinal for ordinal in own if ordinal < below]
        key = (fault.name, fault.seed, fault.match.share, account.index)
        known, upto = self._chosen.setdefault(key, []), self._upto.get(key, 0)
        known += [ordinal for ordinal in range(upto, below) if _draws(fault, account.uid, ordinal)]
        self._upto[key] = max(upto, below)
        return [ordinal for ordinal in known if ordinal < below]


def _chooses(fault: Fault, post: Post) -> bool:
    """Whether a fault is on a post at some time; `Choices._compute_removed` has to agree."""
    if not _may_be_of(fault, post.account):
        return False
    return post.mid in fault.match.mid if fault.match.mid else _draws(fault, post.account.uid, post.ordinal)


def _draws(fault: Fault, *whom: int) -> bool:
    return fault.match.share >= 1 or fault.draws("chooses", *whom) < fault.match.share


def _may_be_of(fault: Fault, account: Account) -> bool:
    """Whether a fault can be on an account or its posts, by the ids in its match."""
    match = fault.match
    of_posts = not match.mid or any(post_parts(mid)[1] == account.index for mid in match.mid)
    return of_posts and (not match.uid or account.uid in match.uid)


def _durations(fault: Fault) -> tuple[timedelta, timedelta]:
    hours = (fault.settings.get("after_h", 0.0), fault.settings.get("for_h", 0.0))
    return timedelta(hours=hours[0]), timedelta(hours=hours[1])


def interval(fault: Fault, created_at: datetime) -> tuple[datetime, datetime]:
    """From when until when a fault is on a post of that moment; both aware."""
    after, lasts = _durations(fault)
    begins = created_at + after
    ends = begins + lasts if lasts else _END
    match = fault.match
    return max(begins, match.since or begins), min(ends, match.until or ends)
