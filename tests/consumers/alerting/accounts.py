"""An account whose posts grow as the general curve says, to be sampled at chosen moments."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from consumers.alerting.daylight import waking
from consumers.alerting.findings import Finding
from consumers.alerting.growth_curve import GrowthCurve
from consumers.alerting.posts import PostDetector
from schemas.counts import Counter
from schemas.events import EngagementSample, PostSeen

BEGIN = datetime(2016, 9, 5, 2, tzinfo=UTC).timestamp()
"""A Monday, 10:00 in Beijing."""
HOUR, DAY = 3_600.0, 86_400.0
CURVE = GrowthCurve()
SIZES = (0.7, 1.4, 0.9, 1.1, 0.8, 1.25, 1.0)
"""A calm account: sizes within 40 % of the usual one."""


def grown(final: float, published: float, moment: float) -> int:
    """What an ordinary post of that final count has at a moment."""
    return round(final * CURVE.share(max(waking(moment) - waking(published), 1.0)))


def sample(
    post: int | str,
    moment: float,
    published: float | None,
    reposts: Counter | None = 0,
    comments: Counter | None = 0,
    likes: Counter | None = 0,
    account: str = "de",
) -> EngagementSample:
    return EngagementSample(
        account_id=account,
        observed_at=datetime.fromtimestamp(moment, UTC),
        post_id=str(post),
        created_at=None if published is None else datetime.fromtimestamp(published, UTC),
        reposts=reposts,
        comments=comments,
        likes=likes,
        via="timeline",
    )


def seen(post: int | str, published: float, kind: Any = "original", form: str = "picture") -> PostSeen:
    moment = datetime.fromtimestamp(published + 60, UTC)
    return PostSeen(
        account_id="de",
        observed_at=moment,
        uid="1",
        post_id=str(post),
        created_at=datetime.fromtimestamp(published, UTC),
        text="",
        text_truncated=False,
        kind=kind,
        format=form,
        content_version="0" * 16,
        via="timeline",
    )


def ordinary(post: int, published: float, moment: float, size: float, account: str = "de") -> EngagementSample:
    """An ordinary post that ends with 40 reposts, 30 comments and 100 likes times its size."""
    counts = (grown(final * size, published, moment) for final in (40, 30, 100))
    return sample(post, moment, published, *counts, account=account)


def history(
    posts: int = 30, account: str = "de", sizes: Sequence[float] = SIZES, begin: float = BEGIN, first: int = 1
) -> list[EngagementSample]:
    """A post every 12 hours; an hourly visit samples the four newest. The last visit is before the next post."""
    found = []
    for visit in range(posts * 12):
        moment = begin + visit * HOUR + 600.0
        newest = visit // 12
        for place in range(newest, max(newest - 4, -1), -1):
            published = begin + place * 12 * HOUR
            found.append(ordinary(first + place, published, moment, sizes[place % len(sizes)], account))
    return found


def after(posts: int = 30) -> float:
    """When the history of so many posts ends and the next post is published."""
    return BEGIN + posts * 12 * HOUR


def feed(detector: PostDetector, events: Iterable[EngagementSample | PostSeen]) -> list[Finding]:
    return [finding for event in events for finding in detector.feed(event)]


def warm(posts: int = 30) -> PostDetector:
    """A detector that has followed so many posts of a calm account, and found nothing."""
    detector = PostDetector()
    found = feed(detector, history(posts))
    assert [one for one in found if one.score >= 1.0] == []
    return detector
