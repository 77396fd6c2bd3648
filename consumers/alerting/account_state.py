"""What is remembered of an account: its visits, its watched posts, and what its posts usually do."""

from bisect import insort
from typing import Any

from consumers.alerting.baselines import Group
from consumers.alerting.post_state import PostState
from consumers.alerting.usual_spreads import UsualSpreads

CAPACITY = 100
"""A group holds the last hundred posts, as CrowdTangle's does."""
PEERS_EACH = 10
"""So many of an account's newest posts stand among all accounts' posts: each account has the same say."""
LOOSE_MOST = 300
"""Watched posts of one account that are in none of its groups, at the most."""
WATCHED_AGE = 60 * 86_400.0
WATCHED_SILENCE = 30 * 86_400.0
"""A post in no group is forgotten at this age, or when it was not sampled for so long."""

SAME_VISIT = 300.0
SHORTEST_GAP = 3 * 3_600.0
GAP_INTERVALS = 3.0
"""An account that was not sampled for three of its usual intervals, and three hours, had a gap."""
_FIRST_INTERVAL = 3_600.0
_WEIGHT = 0.1


class Ranked:
    """The newest posts of a kind, at most `capacity`, as one group."""

    __slots__ = ("_capacity", "_posts", "group")

    def __init__(self, capacity: int, group: Group) -> None:
        self._capacity = capacity
        self._posts: list[tuple[float, str]] = []
        self.group = group

    @property
    def span(self) -> tuple[float, float]:
        """When the oldest and the newest of the posts were published; there must be one."""
        return self._posts[0][0], self._posts[-1][0]

    def join(self, post: PostState) -> str | None:
        """Take a post in where it is new enough; the id of the post that has to leave for it."""
        rank = (post.published, post.post_id)
        full = len(self._posts) >= self._capacity
        if full and rank < self._posts[0]:
            return None
        insort(self._posts, rank)
        post.groups.append(self.group)
        self.group.fresh += post.followed
        for at, codes in post.passed():
            self.group.add(at, codes)
        return self._posts.pop(0)[1] if full else None

    def leave(self, post: PostState) -> None:
        """A post that had to leave."""
        post.groups.remove(self.group)
        self.group.fresh -= post.followed
        for at, codes in post.passed():
            self.group.remove(at, codes)


class AccountState:
    """An account's visits and posts. Moments are Unix seconds; 0: never."""

    __slots__ = ("account_id", "all", "gap_end", "interval", "newest", "posts", "since", "spreads", "types", "visited")

    def __init__(self, account_id: str, peers: Group, spreads: UsualSpreads) -> None:
        self.account_id = account_id
        self.spreads = spreads
        #: From when on it has been watched, and when it was sampled last.
        self.since = 0.0
        self.visited = 0.0
        #: The usual time between two visits.
        self.interval = _FIRST_INTERVAL
        #: When the last gap ended.
        self.gap_end = 0.0
        self.posts: dict[str, PostState] = {}
        self.all = Ranked(CAPACITY, Group(spreads))
        self.types: dict[str, Ranked] = {}
        self.newest = Ranked(PEERS_EACH, peers)

    def seen(self, moment: float) -> bool:
        """The account was sampled at a moment: whether that begins a visit. Earlier moments change nothing."""
        if not self.visited:
            self.since = self.visited = moment
            return True
        away = moment - self.visited
        if away <= 0:
            return False
        self.visited = moment
        if away < SAME_VISIT:
            return False
        if away > max(SHORTEST_GAP, GAP_INTERVALS * self.interval):
            self.gap_end = moment
        self.interval += _WEIGHT * (min(away, GAP_INTERVALS * self.interval) - self.interval)
        return True

    def admit(self, post: PostState) -> None:
        """Put a sampled post into its groups; the oldest of a group that is full leaves it."""
        self._join(self.all, post)
        if post.followed:
            self._join(self.newest, post)
        self.typed(post)

    def typed(self, post: PostState) -> None:
        """Put a sampled post into the group of its type, where that is known."""
        if post.type:
            if post.type not in self.types:
                self.types[post.type] = Ranked(CAPACITY, Group(self.spreads))
            self._join(self.types[post.type], post)

    def _join(self, ranked: Ranked, post: PostState) -> None:
        left = ranked.join(post)
        if left is not None:
            ranked.leave(self.posts[left])

    def dump(self) -> list[Any]:
        """What `load` takes. Its posts are dumped each for itself."""
        return [self.since, self.visited, self.interval, self.gap_end]

    def load(self, value: list[Any]) -> None:
        """Take up what `dump` gave."""
        self.since, self.visited, self.interval, self.gap_end = map(float, value)
