"""Real cascades of reposts as posts of accounts, sampled every ten minutes, and what the post detector makes of them.

All cascades, of many 2,000 at random, are one peer group. A hit is a cascade whose final count is in the top tenth; its
onset is the first moment at which its count at that age is above nine tenths of all. Each cascade is judged as a post
of an account of its own, whose other posts are small ones in random order: up to thirty, of which at least ten come
before. Small ones are those up to the median; beside them, harder, all that are no hits, among which a hit of the top
tenth is hardly unusual.
Accounts publish three posts a day at the cascades' own times of day. Only reposts are known.
"""

import bisect
import heapq
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from consumers.alerting.findings import Finding
from consumers.alerting.posts import PostDetector
from schemas.events import EngagementSample
from tests.benchmarks.sampling import Cascade

INTERVAL, DAY = 600.0, 86_400.0
PER_DAY, FIRST, OTHERS = 3, 10, 30
MOST_PEERS, MOST_JUDGED = 2_000, 100
TOP = 0.1


@dataclass(frozen=True)
class Judged:
    """A cascade as a post: how many times the account's middle post it ends with; for a hit, its onset; the first
    alert. Seconds after publication.
    """

    final: int
    times: float
    onset: float | None
    told: float | None

    @property
    def delay(self) -> float | None:
        """Seconds from the onset of a hit to its alert, at least 0."""
        return None if self.onset is None or self.told is None else max(self.told - self.onset, 0.0)


@dataclass
class Outcome:
    """What came of all cascades."""

    judged: list[Judged] = field(default_factory=list)
    samples: int = 0
    seconds: float = 0.0

    @property
    def hits(self) -> list[Judged]:
        return [one for one in self.judged if one.onset is not None]

    @property
    def found(self) -> list[Judged]:
        return [one for one in self.hits if one.told is not None]

    @property
    def false(self) -> list[Judged]:
        return [one for one in self.judged if one.onset is None and one.told is not None]


def peers_of(cascades: Sequence[Cascade]) -> Sequence[Cascade]:
    """The peer group: all of them, or 2,000 at random: each is compared with all others."""
    chance = random.Random("peers")
    return cascades if len(cascades) <= MOST_PEERS else chance.sample(list(cascades), MOST_PEERS)


def measure(cascades: Sequence[Cascade], onsets: Mapping[int, float], seed: int, hard: bool) -> Outcome:
    """Judge every cascade, at most 100 of them, chosen at random; `onsets` are those of the hits, and `hard`: among all
    that are no hits.
    """
    chance = random.Random(f"cascades {seed} {hard}")
    order = sorted(range(len(cascades)), key=lambda place: len(cascades[place].ages))
    pool = [place for place in order if place not in onsets] if hard else order[: (len(order) + 1) // 2]
    judged = chance.sample(range(len(cascades)), min(len(cascades), MOST_JUDGED))
    middle = len(cascades[pool[len(pool) // 2]].ages)
    sequences, places = [], []
    for cascade in judged:
        others = [place for place in pool if place != cascade]
        posts = chance.sample(others, min(OTHERS, len(others)))
        places.append(chance.randint(min(FIRST, len(posts)), len(posts)))
        posts.insert(places[-1], cascade)
        sequences.append(posts)
    outcome = Outcome()
    told = _replay(cascades, sequences, outcome)
    for account, (cascade, place) in enumerate(zip(judged, places, strict=True)):
        final = len(cascades[cascade].ages)
        outcome.judged.append(Judged(final, final / middle, onsets.get(cascade), told[account, place]))
    return outcome


def hits_of(cascades: Sequence[Cascade]) -> dict[int, float]:
    """The places of hits, each with the age at its onset."""
    order = sorted(range(len(cascades)), key=lambda place: -len(cascades[place].ages))
    found = {}
    for place in order[: max(1, round(TOP * len(cascades)))]:
        ages = cascades[place].ages
        for count, age in enumerate(ages, 1):
            below = sum(other.count(age) < count for other in cascades)
            if below >= (1 - TOP) * len(cascades):
                found[place] = age
                break
        else:
            found[place] = ages[-1]
    return found


def _replay(
    cascades: Sequence[Cascade], sequences: Sequence[Sequence[int]], outcome: Outcome
) -> dict[tuple[int, int], float | None]:
    """Sample all posts of a run for a day each; the age at the first alert, by account and place."""
    detector = PostDetector()
    start = min(cascade.published for cascade in cascades) // DAY * DAY
    due: list[tuple[float, int, int, float]] = []
    told: dict[tuple[int, int], float | None] = {}
    for account, posts in enumerate(sequences):
        for place, cascade in enumerate(posts):
            published = start + place // PER_DAY * DAY + cascades[cascade].published % DAY
            # Visits are at full ten minutes, whenever a post was published.
            first = (published // INTERVAL + 1) * INTERVAL
            due.append((first, account, place, published))
            told[account, place] = None
    heapq.heapify(due)
    while due:
        moment, account, place, published = heapq.heappop(due)
        cascade = cascades[sequences[account][place]]
        event = EngagementSample.model_construct(
            account_id=f"uid:{account}",
            observed_at=datetime.fromtimestamp(moment, UTC),
            post_id=f"{account}{place:05}",
            created_at=datetime.fromtimestamp(published, UTC),
            reposts=bisect.bisect_right(cascade.ages, moment - published),
            comments=None,
            likes=None,
            via="timeline",
        )
        begun = time.thread_time()
        found: Sequence[Finding] = detector.feed(event)
        outcome.seconds += time.thread_time() - begun
        outcome.samples += 1
        if found and found[0].score >= 1.0 and not found[0].doubts and told[account, place] is None:
            told[account, place] = moment - published
        if moment - published < DAY:
            heapq.heappush(due, (moment + INTERVAL, account, place, published))
    return told
