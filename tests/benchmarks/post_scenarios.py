"""The replica's posts with labelled effects, sampled as the crawler does, and what the post detector makes of them.

48 accounts; every visit samples the ten newest posts and those that are still within `watch_h`, and comes 30 to 120
minutes after the one before. Once in the quiet weeks and once in those with effects an account is not visited for 8 to
30 hours. One alert per post: its first finding with a score of 1 or more and no doubts.
"""

import heapq
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from consumers.alerting.findings import Finding
from consumers.alerting.posts import PostDetector
from deploy.replica.accounts import Account
from deploy.replica.courses import Effect
from deploy.replica.episodes import CONDOLENCES, Stage, stage
from deploy.replica.posts import Post
from deploy.replica.world import World
from schemas.counts import Count, Counter, Precision
from schemas.events import EngagementSample, PostSeen

LIST = Path(__file__).parents[2] / "schemas" / "reference_2016" / "embassies.csv"
DAY, HOUR = 86_400.0, 3_600.0
BEGIN = datetime(2016, 8, 29, tzinfo=UTC).timestamp()
PAGE, WATCH = 10, 24 * HOUR
SHORTEST, LONGEST = 30 * 60.0, 120 * 60.0
CAP = 1_000_000


@dataclass(frozen=True)
class Plan:
    """Days of learning, days of quiet in which every alert is false, days with effects; so many accounts."""

    learning: int = 14
    quiet: int = 14
    eventful: int = 21
    accounts: int = 48

    @property
    def quiet_from(self) -> float:
        return BEGIN + self.learning * DAY

    @property
    def effects_from(self) -> float:
        return self.quiet_from + self.quiet * DAY

    @property
    def end(self) -> float:
        return self.effects_from + self.eventful * DAY


@dataclass
class Told:
    """An alert: its first finding, and how many samples of the post there were since the onset of its effect."""

    account: str
    post: Post
    finding: Finding
    effect: Effect | None
    outstanding: bool
    samples: int


@dataclass
class Outcome:
    """What came of one seed. `alerts` holds the first per post, or the first since the onset of its effect, `early`
    those before it, `learning` those before anything is counted; `seen` the samples per post since its onset.
    """

    effects: list[Effect]
    alerts: list[Told] = field(default_factory=list)
    early: list[Told] = field(default_factory=list)
    learning: list[Told] = field(default_factory=list)
    samples: int = 0
    seconds: float = 0.0
    bytes_a_post: float = 0.0
    posts: int = 0
    seen: dict[tuple[int, int], int] = field(default_factory=dict)


def replay(seed: int, plan: Plan) -> Outcome:
    """Run one seed through the detector."""
    world = World(LIST, seed)
    scene = stage(world, plan.effects_from, plan.end)
    accounts = sorted(world.accounts, key=lambda one: (one.code not in CONDOLENCES, one.index))[: plan.accounts]
    chosen = {account.uid for account in accounts}
    outcome = Outcome([effect for effect in scene.effects if effect.uid in chosen])
    detector = PostDetector()
    told: set[int] = set()
    told_early: set[int] = set()
    known: set[int] = set()
    since: dict[int, int] = {}
    for account, moment in _visits(seed, accounts, plan):
        posts = _page(world, account, moment)
        events: list[EngagementSample | PostSeen] = []
        by_id: dict[str, Post] = {}
        for post in posts:
            by_id[str(post.mid)] = post
            if post.mid not in known:
                known.add(post.mid)
                events.append(_seen(post, moment))
            events.append(_sample(scene, post, moment))
            effects = scene.of(post)
            if effects and moment > effects[0].onset:
                since[post.mid] = since.get(post.mid, 0) + 1
                outcome.seen[post.account.uid, post.ordinal] = since[post.mid]
        found: list[Finding] = []
        begun = time.thread_time()
        for event in events:
            found += detector.feed(event)
        outcome.seconds += time.thread_time() - begun
        outcome.samples += len(posts)
        for finding in found:
            if finding.score < 1.0 or finding.doubts:
                continue
            post = by_id[finding.subject.id]
            effects = [one for one in scene.of(post) if one.kind != "deletion"]
            effect = effects[0] if effects and moment > effects[0].onset else None
            done = told if effect or not effects else told_early
            if post.mid not in done:
                done.add(post.mid)
                outstanding = scene.ordinary(post).outstanding
                alert = Told(account.code, post, finding, effect, outstanding, since.get(post.mid, 0))
                counted = outcome.alerts if done is told else outcome.early
                (counted if moment >= plan.quiet_from else outcome.learning).append(alert)
    sizes = [len(str(detector.dump(key))) for key in detector.dirty() if key.startswith("post:")]
    outcome.posts, outcome.bytes_a_post = len(sizes), sum(sizes) / max(len(sizes), 1)
    return outcome


def _visits(seed: int, accounts: Sequence[Account], plan: Plan) -> Iterator[tuple[Account, float]]:
    """Who is visited when, in the order of time."""
    chance = random.Random(f"visits {seed}")
    heap = [(BEGIN + chance.uniform(0, LONGEST), place) for place in range(len(accounts))]
    heapq.heapify(heap)
    gaps = []
    for _ in accounts:
        gap = []
        for begin, days in ((plan.quiet_from, plan.quiet), (plan.effects_from, plan.eventful)):
            at = begin + chance.uniform(0, max(days - 2, 0)) * DAY
            gap.append((at, at + chance.uniform(8, 30) * HOUR))
        gaps.append(gap)
    while heap:
        moment, place = heapq.heappop(heap)
        if moment >= plan.end:
            continue
        away = next((end for begin, end in gaps[place] if begin <= moment < end), None)
        if away is None:
            yield accounts[place], moment
        following = (away or moment) + chance.uniform(SHORTEST, LONGEST)
        heapq.heappush(heap, (following, place))


def _page(world: World, account: Account, moment: float) -> list[Post]:
    """What a visit samples, newest first."""
    below = account.published(moment)
    posts: list[Post] = []
    for post in world.timeline(account, below):
        if len(posts) >= PAGE and moment - post.published > WATCH:
            break
        posts.append(post)
    return posts


def _sample(scene: Stage, post: Post, moment: float) -> EngagementSample:
    reposts, comments, likes = scene.counters(post, moment)
    return EngagementSample.model_construct(
        account_id=f"uid:{post.account.uid}",
        observed_at=datetime.fromtimestamp(moment, UTC),
        post_id=str(post.mid),
        created_at=datetime.fromtimestamp(post.published, UTC),
        reposts=shown(reposts),
        comments=shown(comments),
        likes=likes,
        via="timeline",
    )


def shown(count: int) -> Counter:
    """Reposts and comments as the site shows them: "100万+" from a million on."""
    if count < CAP:
        return count
    return Count(value=CAP, low=CAP, high=None, precision=Precision.LOWER_BOUND, raw="100万+")


def _seen(post: Post, moment: float) -> PostSeen:
    return PostSeen(
        account_id=f"uid:{post.account.uid}",
        observed_at=datetime.fromtimestamp(moment, UTC),
        uid=str(post.account.uid),
        post_id=str(post.mid),
        created_at=datetime.fromtimestamp(post.published, UTC),
        text="",
        text_truncated=False,
        kind="repost" if post.repost_of is not None or post.repost_gone else "original",
        format="video" if post.video else "picture" if post.pictures else "text",
        content_version="0" * 16,
        via="timeline",
    )
