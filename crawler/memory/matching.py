"""Posts that a page shows without their ids, matched to posts that the memory knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log1p

from crawler.memory.records import PostMemory, SampleMemory
from crawler.parsing.context import Context
from crawler.parsing.dom import ShownPost
from schemas.counts import Counter, value_of
from schemas.event_ids import content_version
from schemas.events import EngagementSample

PAINTED_BEFORE = timedelta(minutes=1)
"""So long before it was read a page may have been painted: "3分钟前" is then a minute old."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The posts of a page: which of them are known, and which could not be told."""

    known: tuple[tuple[ShownPost, PostMemory], ...]
    unknown: tuple[ShownPost, ...]


def match(shown: Iterable[ShownPost], memory: Sequence[PostMemory]) -> Matches:
    """Match by text and shown time, and, where both fit several posts, by the nearest counters.

    Two posts that nothing tells apart, and two that would be the same one, are unknown: a counter under the wrong
    post is worse than none.
    """
    chosen = {post: _best(post, memory) for post in dict.fromkeys(shown)}
    claims = [known.post_id for known in chosen.values() if known]
    sure = tuple((post, known) for post, known in chosen.items() if known and claims.count(known.post_id) == 1)
    matched = {post for post, _ in sure}
    return Matches(sure, tuple(post for post in chosen if post not in matched))


def sample_of(shown: ShownPost, known: PostMemory, context: Context) -> EngagementSample:
    """The shown counters as a sample of the post. A button without a number is 0, where the post had none before.

    A page whose script no longer finds a counter shows such a button too: it tells nothing of a post that had more.
    """
    before = known.samples[-1] if known.samples else SampleMemory(at=known.last_seen_at)

    def told(counter: Counter | None, remembered: int | None) -> Counter | None:
        return None if counter == 0 and remembered else counter

    return EngagementSample(
        account_id=context.account_id,
        observed_at=context.observed_at,
        post_id=known.post_id,
        created_at=known.created_at,
        reposts=told(shown.reposts, before.reposts),
        comments=told(shown.comments, before.comments),
        likes=told(shown.likes, before.likes),
        via="dom",
    )


def _best(shown: ShownPost, memory: Sequence[PostMemory]) -> PostMemory | None:
    ranked = sorted(
        ((_distance(shown, known), known) for known in memory if _may_be(shown, known)), key=lambda pair: pair[0]
    )
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _may_be(shown: ShownPost, known: PostMemory) -> bool:
    if shown.created_at is None or known.created_at is None:
        return False
    if not shown.created_at.earliest - PAINTED_BEFORE <= known.created_at <= shown.created_at.latest:
        return False
    return content_version(shown.text) in (known.shown_text, known.parts.get("text"))


def _distance(shown: ShownPost, known: PostMemory) -> float:
    """How far the shown counters lie from the newest remembered ones: the sum of their logarithmic differences."""
    if not known.samples:
        return float("inf")
    newest = known.samples[-1]
    pairs: tuple[tuple[Counter | None, int | None], ...] = (
        (shown.reposts, newest.reposts),
        (shown.comments, newest.comments),
        (shown.likes, newest.likes),
    )
    return sum(
        abs(log1p(value) - log1p(before))
        for counter, before in pairs
        if (value := value_of(counter)) is not None and before is not None
    )
