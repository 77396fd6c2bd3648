"""What a request is expected to gain: the errors of posts that it ends, and posts that nobody has seen yet."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from crawler.planning.curves import CurveModel, begin, expected_error, foreseen, growth
from crawler.planning.daylight import DAY, waking
from crawler.planning.promises import Promise, Tier
from crawler.planning.watched import Kind, WatchedAccount, WatchedPost

PAGE = 10
"""Posts on a timeline page."""
HALVINGS = 10
"""When the moment is looked for at which a request pays: an hour ÷ 2¹⁰ is four seconds."""
LEAST_GAIN = 1e-4
"""With less expected gain a request is not worth making, however many there are: about what a post's 70th sample a
day would gain."""
ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could be asked again and again: the timeline page of an account, or one older post.

    `since` is the last look, Unix seconds: what was published later is not known.
    """

    account_id: str
    kind: Kind
    weight: float
    posts: tuple[WatchedPost, ...]
    since: float
    posts_per_day: float

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.account_id, self.posts[0].post_id if self.kind is Kind.POST else ""


def candidates(
    accounts: Sequence[WatchedAccount], now: float, promises: Mapping[Tier, Promise], model: CurveModel
) -> Iterator[Candidate]:
    """All that could be asked: a page per account, and a request per post that its first page does not show."""
    for account in accounts:
        promise = promises[account.tier]
        since = account.visited_at.timestamp() if account.visited_at else now - promise.every.total_seconds()
        page = Candidate(
            account.account_id, Kind.TIMELINE, promise.weight, account.posts[:PAGE], since, account.posts_per_day
        )
        yield page
        for post in (*account.posts[PAGE:], *account.alone):
            if now < post.curve.published + model.life:
                yield Candidate(account.account_id, Kind.POST, promise.weight, (post,), since, 0.0)


def gain(model: CurveModel, candidate: Candidate, moment: float) -> float:
    """The expected gain of a request at a moment: grows with time."""
    total = sum(expected_error(model, post.curve, moment) for post in candidate.posts)
    new = unseen(candidate, moment)
    if new > 0:
        # What was published since the last look is on average half as old as that look.
        fresh = begin(model, (candidate.since + moment) / 2)
        total += new * expected_error(model, fresh, moment)
    return candidate.weight * total


def unseen(candidate: Candidate, moment: float) -> float:
    """How many posts are expected that were published since the last look; by day more than by night."""
    return candidate.posts_per_day * max(waking(moment) - waking(candidate.since), 0.0) / DAY


def asked(model: CurveModel, candidate: Candidate, moment: float) -> Candidate:
    """The candidate after a request at a moment that shows what is expected."""
    posts = tuple(replace(post, curve=foreseen(model, post.curve, moment)) for post in candidate.posts)
    return replace(candidate, posts=posts, since=moment)


def pays_at(model: CurveModel, candidate: Candidate, price: float, begin_s: float, end_s: float) -> float | None:
    """The first moment of a span at which the gain reaches the price; None where it does not."""
    if gain(model, candidate, end_s) < price:
        return None
    if gain(model, candidate, begin_s) >= price:
        return begin_s
    low, high = begin_s, end_s
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if gain(model, candidate, middle) < price:
            low = middle
        else:
            high = middle
    return high


def price_of(gains: Sequence[float], requests: int) -> float:
    """The price at which requests with these gains by the end of a span fill the budget, at least LEAST_GAIN.

    A gain of n² prices is worth n requests within the span. Without a budget the price is infinite.
    """
    if requests <= 0:
        return float("inf")
    # Only the greatest gains can reach the price.
    best = heapq.nlargest(requests + 1, gains)
    low, high = LEAST_GAIN, max([LEAST_GAIN, *best[:1]])
    if sum(_wanted(value, low) for value in best) <= requests:
        return low
    for _ in range(ROUNDS):
        middle = sqrt(low * high)
        if sum(_wanted(value, middle) for value in best) > requests:
            low = middle
        else:
            high = middle
    return high


def in_words(model: CurveModel, candidate: Candidate, moment: float) -> str:
    """Why a request at a moment gains something."""
    parts = []
    grown = [(growth(model, post.curve, moment), post) for post in candidate.posts]
    if grown:
        worth = [(expected_error(model, post.curve, moment), more, post) for more, post in grown]
        _, more, post = max(worth, key=lambda entry: entry[0])
        waited = max(moment - post.curve.sampled_at, 0.0)
        of = "" if candidate.kind is Kind.POST else f"most of {len(grown)} posts: "
        parts.append(
            f"{of}{post.post_id} had {post.curve.count:,.0f} {_span(waited)} ago, about {more:,.0f} more expected"
        )
    if (new := unseen(candidate, moment)) >= 0.005:
        parts.append(f"about {new:.2f} new posts since {_span(moment - candidate.since)}")
    return "; ".join(parts) or "nothing known moves"


def _wanted(value: float, price: float) -> int:
    return int(sqrt(value / price)) if value >= price else 0


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 5_400 else f"{seconds / 60:.0f} min"
