"""Posts that take off: each sample of a post against what this account's posts do at this age and hour.

One pass over samples in the order in which they come, without a clock and without a look ahead: what is expected of a
post rests on what other posts had shown by then. `rises` says how far is far, `baselines` what is usual, `growth_curve`
how counts grow where an account has not shown it yet. What is no rise, whatever the figures say:

- A post that was published before its account was watched, or is first seen when it is two days old (`first_sight`):
  what it has is history. Only what it gains from then on is judged, against its own course.
- The first sample of a post after its account was not sampled for long (`after_gap`): what it gained cannot be dated,
  so speed is not judged, and a level only tells where it is half as far again as otherwise. The general curve is least
  sure over a long stretch, while a post that really stands out, or gained far more over the gap than was foreseen for
  all of it, still does so at the next visit, an interval later.
- A repeated, late or out-of-order sample of a post: nothing is judged and nothing changes.
- A counter that is not shown says nothing. A rounded one rises by no less than its interval proves; one that is capped
  ("100万+") may prove a level by its lower bound, but no speed once it is capped.
- A counter that falls and comes back gains only what it has above its highest value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log
from typing import Any, Final

from consumers.alerting.account_state import LOOSE_MOST, WATCHED_AGE, WATCHED_SILENCE, AccountState
from consumers.alerting.baselines import METRICS, WANTED, Group
from consumers.alerting.course import course
from consumers.alerting.findings import Basis, Finding, Subject
from consumers.alerting.forecast_errors import ForecastErrors
from consumers.alerting.growth_curve import AGES, GrowthCurve, place
from consumers.alerting.judging import Judgement, Weighed, basis_kind, bounds, followed, judge, remarkable, rises, weigh
from consumers.alerting.passing import pass_ages, project
from consumers.alerting.post_state import PostState, load_post
from consumers.alerting.rises import Rise, band
from consumers.alerting.usual_spreads import UsualSpreads
from schemas.events import AnyEvent, EngagementSample, PostContent

TELL: Final = 0.5
"""Findings from this score on are returned, and the one after."""
YOUNG: Final = 3 * 3_600.0
OLD: Final = 2 * 86_400.0
"""A post that is first seen is followed from its youth on when it is at most 3 h old, or was published under our eyes
at most two days ago."""
ANCHOR_SHARE, ANCHOR_LEAST, ANCHOR_MOST = 0.25, 1_200.0, 6 * 3_600.0
"""Growth is judged over a quarter of the post's age, at least 20 minutes, at most 6 h; over up to twice that."""
FORESEEN_LEAST: Final = 1.5
"""Forecasts of fewer interactions teach nothing about how far forecasts are off."""
_GENERAL: Final = "general"
_SPREADS: Final = "spreads"
"""Written down only where a post has passed an age, since it is large."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why there was or was not an alert: the last sample of a post, weighed against what is usual now.

    `told` and `doubts` are what the sample was judged as when it came; `judgement` is the same question asked again,
    with every number; None where nothing is expected of such a post yet.
    """

    post_id: str
    account_id: str
    at: datetime
    age_s: float
    followed: bool
    told: float
    doubts: tuple[str, ...]
    basis: Basis | None
    judgement: Judgement | None


class PostDetector:
    """The state of all watched posts, fed with events in the order of their topics."""

    def __init__(self) -> None:
        self._accounts: dict[str, AccountState] = {}
        self._posts: dict[str, PostState] = {}
        self._peers = Group()
        self._curve = GrowthCurve()
        self._spreads = UsualSpreads(len(AGES), len(METRICS))
        self._errors = ForecastErrors()
        self._dirty: set[str] = set()

    def feed(self, event: AnyEvent) -> Sequence[Finding]:
        """A sample, or a version of a post (for its type); at most one finding. Of other events, none."""
        if isinstance(event, EngagementSample):
            return self.sample(event)
        if isinstance(event, PostContent):
            self.describe(event)
        return ()

    def describe(self, content: PostContent) -> None:
        """The type of a post becomes known; the first one counts, so that a post does not change its group."""
        post = self._posts.get(content.post_id)
        if post is None:
            if content.created_at is None:
                return
            account = self._account(content.account_id)
            post = self._meet(account, content.post_id, content.created_at.timestamp())
        if post.type:
            return
        post.type = f"{content.kind}/{content.format}"
        self._dirty.add(f"post:{post.post_id}")
        if post.last:
            self._accounts[post.account_id].typed(post)

    def sample(self, sample: EngagementSample) -> Sequence[Finding]:
        """A post's counters at a moment; at most one finding."""
        moment = sample.observed_at.timestamp()
        post = self._posts.get(sample.post_id)
        if post is None:
            if sample.created_at is None:
                return ()
            account = self._account(sample.account_id)
            post = self._meet(account, sample.post_id, sample.created_at.timestamp())
        elif moment <= post.last:
            return ()
        else:
            account = self._accounts[post.account_id]
        begins = account.seen(moment)
        self._dirty.update((f"account:{account.account_id}", _GENERAL))
        if self._curve.tick(moment):
            self._spreads.adopt()
        reposts, reposts_high, reposts_capped = bounds(sample.reposts)
        comments, comments_high, comments_capped = bounds(sample.comments)
        likes, likes_high, likes_capped = bounds(sample.likes)
        lows = (reposts, comments, likes)
        highs = (reposts_high, comments_high, likes_high)
        capped = reposts_capped | comments_capped << 1 | likes_capped << 2
        gap = bool(account.gap_end) and post.last < account.gap_end and moment - account.gap_end < 86_400.0
        first = not post.last
        if first and not self._begin(account, post, moment):
            return ()
        if not first:
            _move_anchor(post)
        speed = not first and not gap and 0.0 < post.anchor[0] < moment
        finding = None
        age = post.age(moment)
        weighed = weigh(post, account, self._peers, self._curve, age, lows, speed)
        if weighed is not None:
            came, foreseen = weighed.came[3], weighed.foreseen[3]
            if foreseen >= FORESEEN_LEAST:
                self._errors.learn(age, log((came + 3.0) / (foreseen + 3.0)))
            if post.score >= TELL or remarkable(weighed, self._errors.usual(age)):
                finding = self._judge(account, post, moment, weighed, capped, first, gap)
            else:
                post.score, post.doubts = 0.0, ()
        self._record(account, post, moment, age, lows, highs, capped, gap)
        if begins:
            self._tidy(account, moment)
        self._dirty.add(f"post:{post.post_id}")
        return () if finding is None else (finding,)

    def explain(self, post_id: str) -> Explanation | None:
        """Number by number why there was or was not an alert at the last sample; None of a post that is not watched."""
        post = self._posts.get(post_id)
        if post is None or not post.last:
            return None
        account = self._accounts[post.account_id]
        speed = 0.0 < post.anchor[0] < post.last
        weighed = weigh(post, account, self._peers, self._curve, post.aged, post.values, speed)
        judgement = basis = None
        if weighed is not None:
            basis = self._basis(account, post, weighed)
            # It can't be told afterwards whether the last sample was the first: then nothing was judged by speed.
            history = not post.followed and post.anchor[0] == post.last
            found = rises(weighed, post.capped, self._errors.usual(weighed.age), post.followed or history)
            judgement = judge(found, followed(account, weighed.footing), history, post.after_gap) if found else None
        return Explanation(
            post_id,
            post.account_id,
            _moment(post.last),
            post.last - post.published,
            post.followed,
            post.score,
            post.doubts,
            basis,
            judgement,
        )

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call, in order."""
        if self._spreads.changed:
            self._dirty.add(_SPREADS)
            self._spreads.changed = False
        keys, self._dirty = sorted(self._dirty), set()
        return keys

    def dump(self, key: str) -> list[Any] | None:
        """The state of a key as a list for JSON; None: it is forgotten."""
        kind, _, name = key.partition(":")
        if kind == _GENERAL:
            return [self._curve.dump(), self._errors.dump()]
        if kind == _SPREADS:
            return self._spreads.dump()
        if kind == "account":
            account = self._accounts.get(name)
            return None if account is None else account.dump()
        post = self._posts.get(name)
        return None if post is None else post.dump()

    def load(self, key: str, value: list[Any]) -> None:
        """Take up the state of a key, into a detector that has seen nothing; in any order of keys."""
        kind, _, name = key.partition(":")
        if kind == _GENERAL:
            self._curve.load(value[0])
            self._errors.load(value[1])
        elif kind == _SPREADS:
            self._spreads.load(value)
        elif kind == "account":
            self._account(name).load(value)
        else:
            post = load_post(name, value)
            account = self._account(post.account_id)
            self._posts[name] = account.posts[name] = post
            if post.last:
                account.admit(post)

    def _account(self, account_id: str) -> AccountState:
        account = self._accounts.get(account_id)
        if account is None:
            account = self._accounts[account_id] = AccountState(account_id, self._peers, self._spreads)
        return account

    def _meet(self, account: AccountState, post_id: str, published: float) -> PostState:
        post = PostState(post_id, account.account_id, published)
        self._posts[post_id] = account.posts[post_id] = post
        return post

    def _begin(self, account: AccountState, post: PostState, moment: float) -> bool:
        """The first sample of a post: whether it is watched at all."""
        age = moment - post.published
        post.followed = age <= YOUNG or (post.published >= account.since and age <= OLD)
        account.admit(post)
        if not post.groups and age > WATCHED_AGE:
            self._forget(account, post)
            return False
        return True

    def _judge(
        self,
        account: AccountState,
        post: PostState,
        moment: float,
        weighed: Weighed,
        capped: int,
        first: bool,
        gap: bool,
    ) -> Finding | None:
        """Remember the verdict; a finding where it is one, or ends one."""
        history = first and not post.followed
        found = rises(weighed, capped, self._errors.usual(weighed.age), post.followed or history)
        told = post.score >= TELL
        if not found:
            return None
        verdict = judge(found, followed(account, weighed.footing), history, gap)
        post.score, post.doubts = verdict.score, verdict.doubts
        if verdict.score < TELL and not told:
            return None
        rise = verdict.deciding
        then = post.anchor[0]
        hours = (moment - then) / 3_600.0
        expected, low, high = _expectation(rise, verdict.by_speed)
        return Finding(
            kind="post_rise",
            subject=Subject("post", post.post_id, post.account_id),
            at=_moment(moment),
            score=verdict.score,
            metric=rise.metric,
            value=rise.value,
            at_least=rise.at_least,
            expected=expected,
            low=low,
            high=high,
            age_s=moment - post.published,
            per_hour=rise.came / hours if rise.came is not None else None,
            gap_s=moment - post.last if post.last else None,
            basis=self._basis(account, post, weighed),
            incomplete=gap,
            doubts=verdict.doubts,
            detail="speed" if verdict.by_speed else "level",
            # Nobody is told of less, and nothing is drawn of it.
            curve=course(post, weighed, rise, moment - post.published, self._curve) if verdict.score >= 1 else (),
        )

    def _basis(self, account: AccountState, post: PostState, weighed: Weighed) -> Basis:
        found = weighed.footing
        ranked = account.types[post.type] if found.kind == "type" else account.all
        since, until = ranked.span if found.kind != "peers" else (None, None)
        posts = followed(account, found)
        return Basis(
            basis_kind(found, max(place(weighed.age), 0)),
            min(posts, found.usual.members) if posts < WANTED else found.usual.members,
            WANTED,
            None if since is None else _moment(since),
            None if until is None else _moment(until),
        )

    def _record(
        self,
        account: AccountState,
        post: PostState,
        moment: float,
        age: float,
        lows: tuple[int, int, int],
        highs: tuple[int, int, int],
        capped: int,
        gap: bool,
    ) -> None:
        if not post.last and not post.followed:
            project(post, age, lows, account.all.group, self._curve)
        else:
            pass_ages(post, age, lows, account.all.group, self._curve)
        tops = post.tops
        post.tops = (max(tops[0], highs[0]), max(tops[1], highs[1]), max(tops[2], highs[2]))
        post.capped |= capped
        post.values = lows
        if not post.last:
            post.anchor = post.later_anchor = (moment, *post.tops)
        post.last, post.aged = moment, age
        post.after_gap = gap

    def _tidy(self, account: AccountState, moment: float) -> None:
        """Forget posts that are in no group and old, or were not sampled for long, or are too many."""
        loose = [post for post in account.posts.values() if not post.groups]
        if not loose:
            return
        kept = []
        for post in loose:
            # What was described and never sampled is about to be, or goes first when there are too many.
            if post.last and (moment - post.published > WATCHED_AGE or moment - post.last > WATCHED_SILENCE):
                self._forget(account, post)
            else:
                kept.append(post)
        if len(kept) > LOOSE_MOST:
            kept.sort(key=lambda post: (post.last, post.published, post.post_id))
            for post in kept[: len(kept) - LOOSE_MOST]:
                self._forget(account, post)

    def _forget(self, account: AccountState, post: PostState) -> None:
        del self._posts[post.post_id], account.posts[post.post_id]
        self._dirty.add(f"post:{post.post_id}")


def _move_anchor(post: PostState) -> None:
    """Let the anchor follow, so that it lies between one and two spans behind."""
    last = post.last
    span = min(max(ANCHOR_SHARE * (last - post.published), ANCHOR_LEAST), ANCHOR_MOST)
    if last - post.later_anchor[0] >= span:
        post.anchor, post.later_anchor = post.later_anchor, (last, *post.tops)


def _expectation(rise: Rise, by_speed: bool) -> tuple[float, float, float]:
    """What was expected of the value, and where 95 of 100 lie: of its own course, or of posts of that age."""
    if by_speed and rise.came is not None and rise.foreseen is not None:
        had = rise.value - rise.came
        low, high = band(rise.foreseen, rise.error)
        return had + rise.foreseen, had + low, had + high
    return rise.expected, *band(rise.expected, rise.spread)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
