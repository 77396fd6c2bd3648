"""Waves: an account gains comments, interactions or followers as it rarely does; a country's accounts, or all, do.

Per account, from the samples of its posts and its own follower counts: gains per half hour of event time
(consumers.alerting.buckets), judged as series (consumers.alerting.series). A post's first sample is a gain only if it
was published since the visit before. Over the accounts of a country, and over all, the same gains summed; an account
that was not read in time counts as what is expected of it, and of the one that gained most only the expected counts.

The score is the lesser of two: how rare it is for this series, where once in 180 days is 1, and how large, where three
times what is expected is 1; both as logarithms. Something is always rare among many accounts, and a threefold gain is
daily bread to some.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from consumers.alerting.buckets import Buckets, Closed, HeldOut
from consumers.alerting.findings import Basis, CurvePoint, Doubt, Finding, FindingKind, Subject
from consumers.alerting.gains import Heights, born, exact, unknown
from consumers.alerting.group_waves import Contribution, GroupWaves
from consumers.alerting.keeping import moment_of, number_of
from consumers.alerting.series import Score, SeriesDetector, SeriesSettings
from consumers.turns import State
from schemas.events import AccountSnapshot, AnyEvent, CrawlReceipt, EngagementSample

SETTINGS = SeriesSettings(timedelta(minutes=30), rare_days=180.0)
#: A gain so many times as large as expected is a score of 1.
LARGE = 3.0
METRICS = ("comments", "interactions")
FOLLOWERS = ("followers",)
#: A wave of fewer is none, however quiet the account: over the time in which they came.
FLOOR = {"comments": 10.0, "interactions": 30.0, "followers": 50.0}
#: With fewer days a series says nothing yet.
LEAST_DAYS = 3
#: Posts of an account whose counters are kept: more than its page shows.
MOST_POSTS = 30
#: An account is not read for longer than so many of its promised intervals: what comes then is held out.
PATIENCE = 2.0
#: Follower counts come with rendered pages only, which are rarer.
LONGEST_FOLLOWERS = timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)
#: What a post gained counts half after so long where it is asked which posts are behind a wave.
HALF_LIFE = timedelta(hours=3) // MILLISECOND
#: Posts behind a wave have at least this share of what the account gained, and are so many at most.
LEAST_SHARE, MOST_BEHIND = 0.2, 3


@dataclass(slots=True)
class AccountWaves:
    """What is remembered of an account: its posts' counters, its followers' newest two, and its series."""

    posts: dict[str, Heights] = field(default_factory=dict)
    followers: list[tuple[int, int]] = field(default_factory=list)
    engagement: Buckets = field(default_factory=lambda: Buckets(SETTINGS, len(METRICS)))
    following: Buckets = field(default_factory=lambda: Buckets(SETTINGS, len(FOLLOWERS)))
    #: Of posts that gained: when last, and how much, older gains counting less.
    gained: dict[str, tuple[int, float]] = field(default_factory=dict)

    @property
    def series(self) -> list[SeriesDetector]:
        """All of its series, in an order that stays."""
        return [*self.engagement.series, *self.following.series]

    def gain(self, post_id: str, at: int, amount: int) -> None:
        """A post gained so much."""
        since, before = self.gained.get(post_id, (at, 0.0))
        self.gained[post_id] = max(at, since), before * 0.5 ** (max(0, at - since) / HALF_LIFE) + amount

    def behind(self) -> tuple[str, ...]:
        """The posts that most of the newest gains are of, the one with the most first."""
        newest = max((at for at, _ in self.gained.values()), default=0)
        amounts = {
            post_id: amount * 0.5 ** ((newest - at) / HALF_LIFE) for post_id, (at, amount) in self.gained.items()
        }
        least = LEAST_SHARE * sum(amounts.values())
        most = sorted(amounts, key=lambda post_id: (-amounts[post_id], post_id))[:MOST_BEHIND]
        return tuple(post_id for post_id in most if amounts[post_id] >= least)


class Waves:
    """`promise` says how long, in seconds, an account may stay unvisited; `countries` where accounts belong."""

    def __init__(self, promise: Callable[[str], float], countries: Mapping[str, str]) -> None:
        self._promise = promise
        self._countries = countries
        self._accounts: dict[str, AccountWaves] = {}
        self._groups: dict[str, GroupWaves] = {}
        self._changed: set[str] = set()

    def feed(self, event: AnyEvent) -> Iterable[Finding]:
        """What a sample, a snapshot or a receipt gives reason to say."""
        if isinstance(event, EngagementSample) and event.via != "import":
            return self._sampled(event)
        if isinstance(event, AccountSnapshot) and event.via != "import":
            return self._counted(event)
        if isinstance(event, CrawlReceipt):
            return self._visited(event)
        return ()

    def _sampled(self, sample: EngagementSample) -> list[Finding]:
        account_id, at = sample.account_id, number_of(sample.observed_at)
        account = self._account(account_id)
        promised = int(PATIENCE * 1000 * self._promise(account_id))
        over, held = account.engagement.read(at, promised)
        heights = account.posts.get(sample.post_id)
        if heights is None:
            heights = account.posts[sample.post_id] = self._first(account.engagement, sample)
            if len(account.posts) > MOST_POSTS:
                # Ids grow with time.
                oldest = min(account.posts, key=int)
                del account.posts[oldest]
                account.gained.pop(oldest, None)
        for gain in heights.take(at, [exact(counter) for counter in (sample.reposts, sample.comments, sample.likes)]):
            in_all = sum(gain.amounts)
            account.engagement.gain(gain.since, gain.until, (gain.amounts[1], in_all))
            account.gain(sample.post_id, gain.until, in_all)
        self._changed.add(f"account:{account_id}")
        return self._told(account_id, over, held)

    def _first(self, buckets: Buckets, sample: EngagementSample) -> Heights:
        """A post that was not seen before: new where it was published since the visit before, else of unknown past."""
        if sample.created_at is not None and buckets.before is not None:
            created = number_of(sample.created_at)
            if buckets.before <= created < number_of(sample.observed_at):
                return born(3, created)
        return unknown(3)

    def _counted(self, snapshot: AccountSnapshot) -> list[Finding]:
        count, at = exact(snapshot.followers), number_of(snapshot.observed_at)
        account = self._account(snapshot.account_id)
        known = account.followers
        if count is None or (known and at <= known[-1][0]):
            return []
        over, _ = account.following.read(at, LONGEST_FOLLOWERS // MILLISECOND)
        if known:
            # Above the higher one of the two before, so that one wrong reading makes no jump.
            gain = max(0, count - max(value for _, value in known))
            account.following.gain(known[-1][0], at, (gain,))
        account.followers = [*known[-1:], (at, count)]
        self._changed.add(f"account:{snapshot.account_id}")
        if over:
            self._changed.add(f"shown:{snapshot.account_id}")
        return [self._followers(snapshot.account_id, account, one) for one in over]

    def _visited(self, receipt: CrawlReceipt) -> list[Finding]:
        """The visit is over, so its buckets need not wait for the next one."""
        account = self._accounts.get(receipt.account_id)
        if account is None or account.engagement.visit is None:
            return []
        if not number_of(receipt.started_at) <= account.engagement.visit <= number_of(receipt.observed_at):
            return []
        self._changed.add(f"account:{receipt.account_id}")
        return self._told(receipt.account_id, *account.engagement.close())

    def _told(self, account_id: str, over: Sequence[Closed], held: HeldOut | None) -> list[Finding]:
        if not over and held is None:
            return []
        subject = Subject("account", account_id, account_id)
        account = self._accounts[account_id]
        series = account.engagement.series
        found = []
        if held is not None:
            gap_s, at = held.gap / 1000, moment_of(held.at)
            found.append(
                Finding("account_wave", subject, at, 0.0, metric="interactions", value=held.gains[1], gap_s=gap_s,
                        incomplete=True, doubts=("after_gap",))
            )  # fmt: skip
        if over:
            self._changed.add(f"shown:{account_id}")
        for closed in over:
            finding = finding_of("account_wave", subject, METRICS, closed.scores, series)
            # Who is behind it is asked only where it may be told.
            found.append(replace(finding, posts=account.behind()) if finding.score >= 1 else finding)
            found += self._joined(account_id, closed)
        return found

    def _followers(self, account_id: str, account: AccountWaves, closed: Closed) -> Finding:
        subject = Subject("account", account_id, account_id)
        return finding_of("followers_jump", subject, FOLLOWERS, closed.scores, account.following.series)

    def _joined(self, account_id: str, closed: Closed) -> list[Finding]:
        """The account's part in its country and in all; what these make of buckets that all have closed."""
        contribution = Contribution.of(closed.scores)
        found = []
        for key in self._groups_of(account_id):
            group = self._group(key)
            for ready in group.join(closed.index, contribution):
                absent = [self._accounts[member].engagement.series for member in sorted(group.members)]
                scores, up, share = group.judge(ready, absent)
                if len(group.members) < 2 or not scores:
                    continue
                kind, subject = _subject_of(key)
                detail = (
                    f"{up} of {len(group.members)} accounts above their range; the one that gained most is left out"
                )
                found.append(finding_of(kind, subject, METRICS, scores, group.series, detail=detail, share=share))
            self._changed.add(key)
        return found

    def _account(self, account_id: str) -> AccountWaves:
        account = self._accounts.get(account_id)
        if account is None:
            account = self._accounts[account_id] = AccountWaves()
            for key in self._groups_of(account_id):
                self._group(key).members.add(account_id)
        return account

    def _group(self, key: str) -> GroupWaves:
        if key not in self._groups:
            self._groups[key] = GroupWaves(SETTINGS, len(METRICS))
        return self._groups[key]

    def _groups_of(self, account_id: str) -> list[str]:
        country = self._countries.get(account_id)
        return [f"country:{country}", "all:all"] if country else ["all:all"]

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    def dump(self, key: str) -> State | None:
        """The state of an account, a country or all; what can be shown of an account apart."""
        kind, _, name = key.partition(":")
        if kind not in ("account", "shown"):
            group = self._groups.get(key)
            return None if group is None else group.dump()
        account = self._accounts.get(name)
        if account is None:
            return None
        if kind == "shown":
            return [one.dump_newest() for one in account.series]
        posts = [[post_id, *heights.dump()] for post_id, heights in account.posts.items()]
        gained = [[post_id, at, amount] for post_id, (at, amount) in account.gained.items()]
        followers = [list(mark) for mark in account.followers]
        return [posts, followers, account.engagement.dump(), account.following.dump(), gained]

    def load(self, key: str, value: State) -> None:
        """Take up a state that was written down."""
        kind, _, name = key.partition(":")
        if kind not in ("account", "shown"):
            self._group(key).restore(value)
            return
        account = self._account(name)
        if kind == "shown":
            for series, newest in zip(account.series, value, strict=True):
                series.load_newest(newest)
            return
        # What was written down before it was known which posts gain ends with the followers.
        posts, followers, engagement, following, *gained = value
        account.gained = {post_id: (at, amount) for post_id, at, amount in (gained[0] if gained else ())}
        account.posts = {post_id: Heights.load(heights) for post_id, *heights in posts}
        account.followers = [(at, count) for at, count in followers]
        account.engagement.restore(engagement)
        account.following.restore(following)


def finding_of(
    kind: FindingKind,
    subject: Subject,
    metrics: Sequence[str],
    scores: Sequence[Score],
    series: Sequence[SeriesDetector],
    *,
    detail: str | None = None,
    share: float = 1.0,
) -> Finding:
    """What is said of a bucket: by the metric that is farthest from what is usual.

    Its history is the basis, up to the begin of the bucket; `at` is the end of it.
    """
    place = max(range(len(scores)), key=lambda one: scores[one].score)
    score, own, metric = scores[place], series[place], metrics[place]
    doubts: list[Doubt] = []
    if score.state == "held":
        doubts.append("after_gap")
    if score.days < LEAST_DAYS:
        doubts.append("warming_up")
    over = score.at + SETTINGS.bucket
    far = min(score.score, math.log(score.times) / math.log(LARGE))
    if far >= 1 and score.excess < FLOOR[metric]:
        doubts.append("below_floor")
    wanted = SETTINGS.warm_days * SETTINGS.per_day
    expected = score.expected
    return Finding(
        kind,
        subject,
        over,
        far,
        metric=metric,
        value=score.value,
        expected=expected.value if expected else None,
        low=max(0.0, expected.low) if expected else None,
        high=expected.high if expected else None,
        per_hour=None if score.value is None else score.value * (timedelta(hours=1) / SETTINGS.bucket),
        basis=Basis("series", own.buckets, wanted, own.since, score.at),
        incomplete=share < 1,
        doubts=tuple(doubts),
        detail=detail,
        # Nobody is told of less, and nothing is drawn of it.
        curve=_curve(own, score.at, over) if far >= 1 else (),
    )


def _curve(own: SeriesDetector, at: datetime, over: datetime) -> tuple[CurvePoint, ...]:
    """The newest buckets up to the one that begins at a moment, each at its end, in seconds before `over`."""
    return tuple(
        CurvePoint(
            (one.at + SETTINGS.bucket - over).total_seconds(),
            one.value,
            round(max(0.0, one.expected.low), 1),
            round(max(0.0, one.expected.value), 1),
            round(max(0.0, one.expected.high), 1),
        )
        for one in own.newest(at)
    )


def _subject_of(key: str) -> tuple[FindingKind, Subject]:
    kind, _, name = key.partition(":")
    return ("country_wave", Subject("country", name)) if kind == "country" else ("general_wave", Subject("all", name))
