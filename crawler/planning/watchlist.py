"""From the crawler's memory to what a plan knows: accounts with their tier and the posts that are still sampled."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from crawler.memory.coverage import BEGINNING, ID_EPOCH
from crawler.memory.records import AccountMemory, PostMemory, SampleMemory
from crawler.planning.curves import CurveModel, known
from crawler.planning.daylight import DAY
from crawler.planning.gains import PAGE
from crawler.planning.watched import Kind, WatchedAccount, WatchedPost
from schemas.accounts import Account

HABIT = timedelta(days=14)
"""How often an account publishes is counted over so long."""
NOTHING_FAILED: Mapping[Kind, datetime] = {}
COUNTERS = ("reposts", "comments", "likes")


def watched(
    account: Account,
    memory: AccountMemory,
    now: datetime,
    model: CurveModel,
    since: datetime | None = None,
    again_at: Mapping[Kind, datetime] = NOTHING_FAILED,
) -> WatchedAccount:
    """An account as the plan knows it at a moment (offset-aware); `since`: when it was first planned for.

    Its newest posts stand in the order of the timeline; of the older ones only those that are young enough to be
    sampled. What its list lacks is asked for alone, or, where it is gone, not at all.
    """
    listed = [post for post in memory.posts if not post.unlisted and post.first_missing_at is None]
    oldest = now.timestamp() - model.life
    on_list = [post for place, post in enumerate(listed) if place < PAGE or published(post) > oldest]
    return WatchedAccount(
        account.id,
        account.tier,
        posts_per_day(memory, now),
        memory.visited_at,
        memory.rendered_at,
        tuple(_post(post, model) for post in on_list),
        tuple(_post(post, model) for post in memory.posts if post.unlisted and published(post) > oldest),
        memory.first_visited_at or since,
        again_at,
    )


def published(post: PostMemory) -> float:
    """When a post was published, Unix seconds; where it was not shown, its id says it."""
    return post.created_at.timestamp() if post.created_at else float((post.number >> 22) + ID_EPOCH)


def posts_per_day(memory: AccountMemory, now: datetime) -> float:
    """How many posts a day the account has lately published, as far as it is known; 0 where nothing is."""
    moments = [published(post) for post in memory.posts]
    if not moments:
        return 0.0
    since = now.timestamp() - HABIT.total_seconds()
    whole = memory.coverage.floor == BEGINNING
    span = now.timestamp() - (since if whole else max(since, min(moments)))
    return sum(moment >= since for moment in moments) / max(span / DAY, 1.0)


def totals(samples: Sequence[SampleMemory]) -> list[tuple[float, float | None]]:
    """The samples of a post as (Unix seconds, reactions).

    Only counters that the newest one knows are added up; a sample that lacks one of them is unknown, or a counter that
    is not always shown would read as a fall and a rise.
    """
    shown = [name for name in COUNTERS if samples and getattr(samples[-1], name) is not None]
    found: list[tuple[float, float | None]] = []
    for sample in samples:
        values = [getattr(sample, name) for name in shown]
        total = None if not values or None in values else float(sum(values))
        found.append((sample.at.timestamp(), total))
    return found


def _post(post: PostMemory, model: CurveModel) -> WatchedPost:
    return WatchedPost(post.post_id, known(model, published(post), totals(post.samples)))
