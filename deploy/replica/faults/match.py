"""Where and when a fault applies. What is not said does not matter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from deploy.replica.faults.asked import Asked
from deploy.replica.faults.kinds import Group
from deploy.replica.hosts import MOBILE

_PLACES: Final = frozenset({"host", "path", "endpoint", "session", "address"})
_BOUNDS: Final = frozenset({"share", "from", "until"})
_REQUESTS: Final = _PLACES | _BOUNDS | {"uid", "mid", "page", "cursor", "by", "times", "each", "after"}
#: What a match may say, by the group of the fault's kind.
WORDS: Final[Mapping[Group, frozenset[str]]] = {
    "block": _REQUESTS,
    "transport": _REQUESTS,
    "drift": _REQUESTS,
    "session": _PLACES | _BOUNDS | {"times"},
    "content": _BOUNDS | {"uid", "mid"},
}


@dataclass(frozen=True, slots=True)
class Match:
    """The bounds of a fault. A list means any of its entries; an empty one, anything.

    host       names of hosts, "*" for all; without a word m.weibo.cn
    path       paths, with * and ? as in a shell
    endpoint   names as in asked.py; without a word those of the kind
    uid, mid   ids of accounts and of posts (comments are those of a post); content: named posts need no share
    page       page numbers from 1, also of lists that go on by a cursor
    cursor     values of since_id or max_id
    session    numbers of sessions as they were first seen, from 1, or their digests as the journal has them
    address    where visitors come from
    share      of requests (content: of posts or accounts, session-ends: of sessions), 0 to 1
    by         what a share is drawn by: the count of matching requests, or the request, which is then always struck
    since, until   replica time: from the first on, before the second ("from" in a file)
    times      strikes at most; 0: no bound
    each       strikes of the same request at most; 0: no bound
    after      so many matching requests are spared first
    """

    host: frozenset[str] = frozenset({MOBILE})
    path: tuple[str, ...] = ()
    endpoint: frozenset[str] = frozenset()
    uid: frozenset[int] = frozenset()
    mid: frozenset[int] = frozenset()
    page: frozenset[int] = frozenset()
    cursor: frozenset[str] = frozenset()
    session: frozenset[int | str] = frozenset()
    address: frozenset[str] = frozenset()
    share: float = 1.0
    by: str = "count"
    since: datetime | None = None
    until: datetime | None = None
    times: int = 0
    each: int = 0
    after: int = 0
    said: Mapping[str, object] = field(default_factory=dict, compare=False)
    """The match as it was written."""

    def is_on(self, at: datetime) -> bool:
        """Whether a moment lies between the bounds."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def holds(self, asked: Asked, at: datetime, session_number: int) -> bool:
        """Whether a request lies within the bounds, but for its page and for what chance and counts decide."""
        return (
            self.is_on(at)
            and (asked.host in self.host or "*" in self.host)
            and (not self.endpoint or asked.endpoint in self.endpoint)
            and (not self.path or any(fnmatchcase(asked.path, pattern) for pattern in self.path))
            and (not self.uid or asked.uid in self.uid)
            and (not self.mid or asked.mid in self.mid)
            and (not self.cursor or asked.cursor in self.cursor)
            and (not self.session or bool(self.session & {asked.session, session_number}))
            and (not self.address or asked.address in self.address)
        )
