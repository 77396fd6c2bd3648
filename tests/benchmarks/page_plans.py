"""What whole timeline pages are worth: the same visit plan on the replica's posts, with pages and with single posts.

Both have the same requests per hour and the same policy. With pages, accounts are visited: a request samples the ten
newest posts and finds the new ones, which nothing else tells of. With single posts every request samples one post, and
each post is known from its first moment on, without a request: a head start that no crawler has.

The error is that of tests/benchmarks/sampling.py over the first day of every post that is published within a day, on a
grid of five minutes, against the truth of the replica: reposts, comments and likes together.
"""

import bisect
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.planning.curves import CurveModel, known
from crawler.planning.gains import PAGE
from crawler.planning.plan import HORIZON, plan
from crawler.planning.promises import TIERS, Budget, Promise, Tier
from crawler.planning.watched import Kind, WatchedAccount, WatchedPost
from deploy.replica.catalogue import Catalogue
from deploy.replica.content import Post

LIST = Path(__file__).parents[2] / "schemas" / "reference_2016" / "embassies.csv"
BEGIN = datetime(2017, 1, 2, tzinfo=UTC)
DAY, STEP, GRID = timedelta(days=1), timedelta(minutes=30), timedelta(minutes=5)
MODEL = CurveModel()
BUSIEST = 12
"""So many accounts, those that publish most on that day."""
PROMISES: dict[Tier, Promise] = {tier: Promise(timedelta(hours=2)) for tier in TIERS}
NO_PROMISES: dict[Tier, Promise] = {tier: Promise(timedelta(days=3_650)) for tier in TIERS}


@dataclass
class Followed:
    """A post of the replica, with the samples that were taken of it: moments and counts."""

    post: Post
    samples: list[tuple[float, float]] = field(default_factory=list)

    @property
    def published(self) -> float:
        """Unix seconds."""
        return self.post.created_at.timestamp()

    def watched(self) -> WatchedPost:
        """The post as a plan knows it."""
        return WatchedPost(str(self.post.mid), known(MODEL, self.published, self.samples))


@dataclass(frozen=True)
class Figure:
    """One budget: samples that a post got in its first day on average, and the mean error, with pages and without."""

    requests_a_post: float
    with_pages: float
    alone: float
    samples_with_pages: float
    samples_alone: float


class World:
    """The accounts of the replica that publish most, and what a request shows."""

    def __init__(self, accounts: int = BUSIEST, seed: int = 1) -> None:
        self._catalogue = Catalogue(seed, LIST)
        ranked = sorted(
            self._catalogue.accounts, key=lambda account: (-len(self._since(account.index, DAY)), account.index)
        )
        self.accounts = [account.index for account in ranked[:accounts]]
        self.posts = {index: self._since(index, 2 * DAY) for index in self.accounts}

    def _since(self, index: int, span: timedelta) -> list[Post]:
        """What an account publishes from the beginning on, the newest first."""
        newest = self._catalogue.posts(self._catalogue.accounts[index], BEGIN + span, None, 200)
        return [post for post in newest if post.created_at >= BEGIN]

    def page(self, index: int, at: datetime) -> list[Post]:
        """What an account's first page shows of the posts since the beginning."""
        return [post for post in self.posts[index] if post.created_at <= at][:PAGE]

    def count(self, post: Post, moment: float) -> float:
        """What the site shows."""
        counters = self._catalogue.counters(post, datetime.fromtimestamp(moment, UTC))
        return float(counters.reposts + counters.comments + counters.likes)

    def first_day(self) -> list[Post]:
        """The posts whose curves are judged."""
        return [post for posts in self.posts.values() for post in posts if post.created_at < BEGIN + DAY]


Look = Callable[[datetime, dict[int, Followed]], list[WatchedAccount]]


def follow(world: World, per_hour: float, with_pages: bool) -> dict[int, Followed]:
    """Carry plans out for two days; the posts that were seen, by id."""
    seen: dict[int, Followed] = {}
    visited: dict[int, datetime] = {}
    budget = Budget(per_hour, 1)
    for step in range(int(2 * DAY / STEP)):
        now = BEGIN + step * STEP
        if with_pages:
            accounts = [_account(world, index, seen, visited.get(index)) for index in world.accounts]
            promises = PROMISES
        else:
            _learn(world, seen, now)
            accounts, promises = [_alone(one, now) for one in seen.values()], NO_PROMISES
        for visit in plan(accounts, budget, now, HORIZON, promises, MODEL).visits:
            if visit.at >= now + STEP:
                break
            moment = visit.at.timestamp()
            if visit.kind is Kind.TIMELINE and with_pages:
                index = int(visit.account_id)
                visited[index] = visit.at
                for post in world.page(index, visit.at):
                    sample(world, seen.setdefault(post.mid, Followed(post)), moment)
            else:
                for post_id in visit.posts:
                    sample(world, seen[int(post_id)], moment)
    return seen


def _account(world: World, index: int, seen: dict[int, Followed], visited: datetime | None) -> WatchedAccount:
    posts = [seen[post.mid].watched() for post in world.posts[index] if post.mid in seen]
    a_day = len(world.posts[index]) / 2
    return WatchedAccount(str(index), "normal", a_day, visited, visited, tuple(posts), promised_at=BEGIN)


def _learn(world: World, seen: dict[int, Followed], now: datetime) -> None:
    for posts in world.posts.values():
        for post in posts:
            if post.created_at < now + STEP:
                seen.setdefault(post.mid, Followed(post))


def _alone(one: Followed, now: datetime) -> WatchedAccount:
    return WatchedAccount(f"post {one.post.mid}", "normal", 0.0, now, now, (), (one.watched(),))


def sample(world: World, one: Followed, moment: float) -> None:
    """Take a sample of a post that is published by then."""
    if moment > one.published:
        one.samples.append((moment, world.count(one.post, moment)))


def error(world: World, post: Post, samples: Sequence[tuple[float, float]]) -> float:
    """The error of the curve that is rebuilt from samples, as a part of the count after a day."""
    begin = post.created_at.timestamp()
    end = begin + DAY.total_seconds()
    final = world.count(post, end)
    if not final:
        return 0.0
    points = [(begin, world.count(post, begin)), *sorted(one for one in samples if one[0] <= end)]
    moments = [moment for moment, _ in points]
    total, steps = 0.0, int(DAY / GRID)
    for step in range(steps):
        moment = begin + (step + 0.5) * GRID.total_seconds()
        total += abs(_rebuilt(points, moments, moment) - world.count(post, moment))
    return total / steps / final


def _rebuilt(points: Sequence[tuple[float, float]], moments: Sequence[float], moment: float) -> float:
    place = bisect.bisect_right(moments, moment)
    left = points[place - 1]
    if place == len(points):
        return left[1]
    right = points[place]
    return left[1] + (right[1] - left[1]) * (moment - left[0]) / (right[0] - left[0])


def measure(world: World, requests_a_post: float) -> Figure:
    """One budget of requests, spent with pages and without."""
    judged = world.first_day()
    per_hour = max(requests_a_post * len(judged) / 24.0, 1.0)
    errors, taken = [], []
    for with_pages in (True, False):
        seen = follow(world, per_hour, with_pages)
        samples = {post.mid: seen[post.mid].samples if post.mid in seen else [] for post in judged}
        errors.append(sum(error(world, post, samples[post.mid]) for post in judged) / len(judged))
        days = [[one for one in samples[post.mid] if one[0] <= (post.created_at + DAY).timestamp()] for post in judged]
        taken.append(len(list(itertools.chain.from_iterable(days))) / len(judged))
    return Figure(requests_a_post, errors[0], errors[1], taken[0], taken[1])
