"""An account that falls silent although it never does.

Silence is far beyond its own when it is twice the longest of the gaps between its last posts, and a week at least. It
counts from the last post on, and only where it got so long under our eyes: that an account has been dormant for years
when it is first seen is no news. A post that is pinned may stand alone, long before all others that were read: what
lies between is not known, and no gap of the account.
"""

from bisect import insort
from itertools import pairwise
from typing import Final

KEPT: Final = 60
"""Posts whose gaps are its own."""
FEWEST: Final = 10
"""With fewer gaps nobody can say what is usual."""
TIMES: Final = 2.0
LEAST: Final = 7 * 86_400


def remember(posts: list[int], published: int, pinned: bool) -> None:
    """Put a moment of publication (Unix seconds) among the last ones, which are in order."""
    alone = pinned and len(posts) > 1 and published < posts[1]
    if published not in posts and not alone:
        insort(posts, published)
        del posts[:-KEPT]


def allowed(posts: list[int]) -> float | None:
    """Seconds without a post that would be far beyond its own gaps; None where too little is known."""
    # The oldest may be a pinned one.
    run = posts[1:]
    if len(run) <= FEWEST:
        return None
    longest = max(later - earlier for earlier, later in pairwise(run))
    return max(TIMES * longest, LEAST)


def score(posts: list[int], moment: float, since: float) -> float:
    """How far a silence is, 1 where it would be told. `since` is when the account was first seen (Unix seconds)."""
    most = allowed(posts)
    if most is None or posts[-1] + most < since:
        return 0.0
    return max(moment - posts[-1], 0.0) / most
