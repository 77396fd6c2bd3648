"""What the plan knows of accounts and posts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crawler.planning.curves import Curve
from crawler.planning.promises import Tier


class Kind(StrEnum):
    """How an account or a post is looked at."""

    RENDERED = "rendered"
    TIMELINE = "timeline"
    POST = "post"


@dataclass(frozen=True, slots=True)
class WatchedPost:
    """A post whose curve is of interest."""

    post_id: str
    curve: Curve


@dataclass(frozen=True, slots=True)
class WatchedAccount:
    """An account: its tier, how many posts it publishes a day, when it was last visited, and its watched posts.

    `posts` are in the order of the timeline, the newest first; `alone` are posts that it lacks and that can still be
    seen by themselves. Moments are offset-aware; None: never. A rendered page shows the timeline too: whoever records
    one sets both moments. What was never done is promised from `promised_at` on; None: from the plan's beginning.
    `again_at`: what has failed, and from when on it is worth another request.
    """

    account_id: str
    tier: Tier = "normal"
    posts_per_day: float = 0.0
    visited_at: datetime | None = None
    rendered_at: datetime | None = None
    posts: tuple[WatchedPost, ...] = ()
    alone: tuple[WatchedPost, ...] = ()
    promised_at: datetime | None = None
    again_at: Mapping[Kind, datetime] = field(default_factory=dict)

    def again_at_s(self, kind: Kind) -> float:
        """From when on a kind of visit may be tried again, Unix seconds; 0 where it has not failed."""
        moment = self.again_at.get(kind)
        return moment.timestamp() if moment else 0.0
