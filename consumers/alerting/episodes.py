"""Episodes: findings become one story with a start, escalations and an end, instead of a message per sample.

Pure and in event time: the same findings in the same order make the same changes. An episode starts where a score
reaches 1, and is over when it was low for a while (a lower level than that of the start), when nothing new came of it
for a day, or when nothing was heard of it any more. After that the same subject has to go beyond what it was before.

Within an account one episode speaks for the others: a wave mutes the rises of its posts, unless one of them is graver.
Accounts that rise together are one story, named after its first episode (consumers.alerting.stories). Further accounts
are told as changes of their own episodes; that a story has become large is an update of its first one, too.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from consumers.alerting.findings import Finding, FindingKind, Subject
from consumers.alerting.keeping import maybe_moment_of, maybe_number_of, moment_of, number_of
from consumers.alerting.stories import UNKNOWN, About, Joined, Stories
from schemas.alerts import Audience, Change, Severity
from schemas.event_fields import iso_milliseconds

#: Scores from which an episode is graver: twice, and four times as far as where it starts.
SEVERITIES: tuple[tuple[float, Severity], ...] = ((4.0, "critical"), (2.0, "warning"), (0.0, "notice"))
RANK: dict[Severity, int] = {"notice": 0, "warning": 1, "critical": 2}
#: Steps of half a doubling: an update is told at each, so that a rule of any level hears of it.
STEP = 2**0.5

OPS: frozenset[FindingKind] = frozenset(("account_overdue", "coverage_low", "lanes_paused"))
#: What lasts until its detector says that it is over.
LASTING: frozenset[FindingKind] = frozenset(("account_gone", "account_silent", *OPS))
#: What a post has it keeps: their scores do not fall back by themselves.
STANDING: frozenset[FindingKind] = frozenset(("post_rise", "counts_lost"))
#: Those of an account that speak for each other.
RISES: frozenset[FindingKind] = frozenset(("post_rise", "account_wave"))
WAVES: frozenset[FindingKind] = frozenset(("account_wave", "country_wave", "general_wave"))


@dataclass(frozen=True, slots=True)
class Policy:
    """The levels and times of episodes, all in event time."""

    start: float = 1.0
    end: float = 0.7
    #: So long below `end` before it is over: hysteresis against flapping.
    calm: timedelta = timedelta(hours=3)
    #: Without a new height for so long it is over, although it may stay high: counters never fall back.
    stale: timedelta = timedelta(hours=24)
    #: Not heard of for so long, in the account's own time.
    expiry: timedelta = timedelta(hours=48)
    #: So long after its end the same subject must go beyond its former height to start again.
    cool_down: timedelta = timedelta(hours=24)
    #: The same of what a post has and keeps: it still stands out days after its news is old.
    standing_cool_down: timedelta = timedelta(days=7)
    #: Accounts that start within this time may be one story: from so many on, where nobody knows what it is about.
    story_window: timedelta = timedelta(hours=6)
    story_accounts: int = 3


@dataclass(slots=True)
class Episode:
    """One episode: its identity, how high it went, and what was told of it."""

    id: str
    kind: FindingKind
    subject: Subject
    started_at: datetime
    heard_at: datetime
    peak_score: float
    peak_at: datetime
    peak_value: float | None
    severity: Severity
    #: The score that was told last: the next step counts from there.
    told_score: float
    number: int = 0
    low_since: datetime | None = None
    ended_at: datetime | None = None
    muted_by: str | None = None
    story: str | None = None
    #: What was told last: its metric, and what it is about.
    metric: str | None = None
    topics: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """One episode at a time per kind and subject."""
        return f"{self.kind}:{self.subject.key}"

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of an episode, as it was when it changed."""

    episode: Episode
    change: Change
    finding: Finding
    #: The severity that was told before; None: nothing was.
    before: Severity | None
    accounts: tuple[str, ...] = ()


def severity_of(finding: Finding, score: float) -> Severity:
    """How grave a score is; an expectation that is provisional makes nothing graver than a notice."""
    if finding.basis is not None and finding.basis.provisional:
        return "notice"
    return next(severity for least, severity in SEVERITIES if score >= least)


def audience_of(kind: FindingKind) -> Audience:
    """Whom a kind concerns: the watcher's own troubles are never for press officers."""
    return "ops" if kind in OPS else "press"


class Episodes:
    """All episodes that are open, or so newly over that they still count.

    `about` says what a rise is about, as far as that is known at its moment.
    """

    def __init__(
        self, policy: Policy | None = None, about: Callable[[Finding], About] = lambda finding: UNKNOWN
    ) -> None:
        self._policy = policy or Policy()
        self._about = about
        self._by_key: dict[str, Episode] = {}
        self._of_account: dict[str, set[str]] = {}
        self._stories = Stories(self._policy.story_window, self._policy.story_accounts)
        self._changed: set[str] = set()

    @property
    def open(self) -> list[Episode]:
        """Those that go on."""
        return [episode for episode in self._by_key.values() if episode.open]

    def take(self, finding: Finding) -> list[Changed]:
        """What a finding changes. Doubts that speak against it keep an episode from starting, not from going on."""
        episode = self._by_key.get(f"{finding.kind}:{finding.subject.key}")
        if episode is None or not episode.open:
            return self._begin(finding, episode)
        if finding.at < episode.heard_at:
            return []
        return self._go_on(episode, finding)

    def advance(self, account_id: str, at: datetime) -> list[Changed]:
        """An account's own time has come to `at`: what was not heard of for long is over."""
        found = []
        for key in sorted(self._of_account.get(account_id, ())):
            episode = self._by_key[key]
            if episode.open:
                if reason := self._over(episode, at):
                    found.append(self._end(episode, _unheard(episode, at, reason), at))
            elif not self._is_cooling(episode, at):
                self._forget(episode)
        return found

    def _begin(self, finding: Finding, before: Episode | None) -> list[Changed]:
        if finding.score < self._policy.start or finding.doubts:
            return []
        if before is not None:
            lower = finding.score < before.peak_score * STEP
            if finding.at <= _ended(before) or (lower and self._is_cooling(before, finding.at)):
                return []
            self._forget(before)
        episode = Episode(
            id=f"{finding.kind}:{finding.subject.id}:{iso_milliseconds(finding.at)}",
            kind=finding.kind,
            subject=finding.subject,
            started_at=finding.at,
            heard_at=finding.at,
            peak_score=finding.score,
            peak_at=finding.at,
            peak_value=finding.value,
            severity=severity_of(finding, finding.score),
            told_score=finding.score,
            metric=finding.metric,
        )
        episode.muted_by = self._speaker(episode)
        self._by_key[episode.key] = episode
        if finding.subject.account_id is not None:
            self._of_account.setdefault(finding.subject.account_id, set()).add(episode.key)
        joined = self._join(episode, finding)
        changes = [self._told(episode, "started", finding, None, joined.accounts if joined else ())]
        if joined is not None and joined.is_larger:
            changes += self._grown(joined, finding.at)
        return changes

    def _is_cooling(self, ended: Episode, at: datetime) -> bool:
        policy = self._policy
        return at - _ended(ended) <= (policy.standing_cool_down if ended.kind in STANDING else policy.cool_down)

    def _go_on(self, episode: Episode, finding: Finding) -> list[Changed]:
        self._changed.add(episode.key)
        episode.heard_at = finding.at
        if finding.score > episode.peak_score:
            episode.peak_score, episode.peak_at, episode.peak_value = finding.score, finding.at, finding.value
        if finding.score >= self._policy.end:
            episode.low_since = None
        elif episode.low_since is None:
            episode.low_since = finding.at
        severity, before = severity_of(finding, finding.score), episode.severity
        if not finding.doubts and RANK[severity] > RANK[before]:
            episode.severity, episode.told_score = severity, finding.score
            episode.muted_by = self._speaker(episode)
            self._learn(episode, finding)
            return [self._told(episode, "escalated", finding, before, ())]
        if not finding.doubts and finding.score >= episode.told_score * STEP:
            episode.told_score = finding.score
            self._learn(episode, finding)
            return [self._told(episode, "updated", finding, before, ())]
        if self._over(episode, finding.at):
            return [self._end(episode, finding, finding.at)]
        return []

    def _over(self, episode: Episode, at: datetime) -> str | None:
        """Why an episode is over at a moment; None: it is not."""
        policy = self._policy
        if episode.low_since is not None and (episode.kind in LASTING or at - episode.low_since >= policy.calm):
            return "calm"
        if episode.kind not in LASTING and at - max(episode.peak_at, episode.started_at) >= policy.stale:
            return "no_new_height"
        if at - episode.heard_at >= policy.expiry:
            return "not_heard_of"
        return None

    def _end(self, episode: Episode, finding: Finding, at: datetime) -> Changed:
        episode.ended_at = at
        return self._told(episode, "ended", finding, episode.severity, ())

    def _told(
        self, episode: Episode, change: Change, finding: Finding, before: Severity | None, accounts: tuple[str, ...]
    ) -> Changed:
        episode.number += 1
        self._changed.add(episode.key)
        return Changed(replace(episode), change, finding, before, accounts)

    def _speaker(self, episode: Episode) -> str | None:
        """The episode of the same account that speaks for this one: it began earlier, and is at least as grave."""
        account_id = episode.subject.account_id
        if episode.kind not in RISES or account_id is None:
            return None
        for key in sorted(self._of_account.get(account_id, ())):
            other = self._by_key[key]
            if other.key == episode.key or not other.open or other.kind not in RISES or other.muted_by is not None:
                continue
            speaks = other.kind == "account_wave" or episode.kind == "account_wave"
            if speaks and RANK[other.severity] >= RANK[episode.severity]:
                return other.id
        return None

    def _join(self, episode: Episode, finding: Finding) -> Joined | None:
        """Say what a new episode is about, and put it into its story."""
        if episode.kind not in RISES | WAVES:
            return None
        about, account_id = self._about(finding), episode.subject.account_id
        said = about.said
        episode.topics, episode.terms = said.topics, said.terms if episode.kind in WAVES else ()
        if account_id is None and not about.known:
            return None
        joined = self._stories.join(episode.id, episode.key, account_id, episode.started_at, about)
        if joined is not None:
            episode.story = joined.id
            self._speak(episode, joined.about)
        return joined

    def _learn(self, episode: Episode, finding: Finding) -> None:
        """What marks a wave may be known only by now, or be something else; a story keeps to what it is about."""
        episode.metric = finding.metric
        if episode.kind in WAVES and not (episode.story and (episode.topics or episode.terms)):
            self._speak(episode, self._about(finding).said)

    @staticmethod
    def _speak(episode: Episode, about: About) -> None:
        episode.topics, episode.terms = about.topics or episode.topics, about.terms or episode.terms

    def _grown(self, joined: Joined, at: datetime) -> list[Changed]:
        """A story has become large: an update of its first episode, if that goes on, with its height."""
        first = self._by_key.get(joined.first)
        if first is None or not first.open or first.id != joined.id or at < first.heard_at:
            return []
        first.story = joined.id
        self._speak(first, joined.about)
        height = Finding(first.kind, first.subject, at, first.told_score, metric=first.metric, value=first.peak_value)
        return [self._told(first, "updated", height, first.severity, joined.accounts)]

    def _forget(self, episode: Episode) -> None:
        del self._by_key[episode.key]
        self._changed.add(episode.key)
        if episode.subject.account_id is not None:
            keys = self._of_account.get(episode.subject.account_id, set())
            keys.discard(episode.key)
            if not keys:
                self._of_account.pop(episode.subject.account_id, None)

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call."""
        changed, self._changed = sorted(self._changed), set()
        return [*changed, STORY] if changed else []

    def dump(self, key: str) -> list[Any] | None:
        """The state under a key, as JSON takes it; None: there is none any more."""
        if key == STORY:
            return self._stories.dump()
        episode = self._by_key.get(key)
        return None if episode is None else dumped(episode)

    def load(self, key: str, value: list[Any]) -> None:
        """Take up a state that was written down."""
        if key == STORY:
            self._stories.restore(value)
            return
        episode = loaded(value)
        self._by_key[key] = episode
        if episode.subject.account_id is not None:
            self._of_account.setdefault(episode.subject.account_id, set()).add(key)


STORY = "story"


def dumped(episode: Episode) -> list[Any]:
    """An episode as JSON takes it."""
    return [
        *(episode.id, episode.kind, episode.subject.kind, episode.subject.id, episode.subject.account_id),
        *(number_of(episode.started_at), number_of(episode.heard_at)),
        *(episode.peak_score, number_of(episode.peak_at), episode.peak_value),
        *(episode.severity, episode.told_score, episode.number),
        *(maybe_number_of(episode.low_since), maybe_number_of(episode.ended_at), episode.muted_by, episode.story),
        *(episode.metric, list(episode.topics), list(episode.terms)),
    ]


def loaded(value: list[Any]) -> Episode:
    """An episode that was written down."""
    identity, kind, of, subject, account_id, started_at, heard_at, *rest = value
    peak_score, peak_at, peak_value, severity, told_score, number, low_since, ended_at, *rest = rest
    muted_by, story, metric, topics, terms = rest
    return Episode(
        id=identity,
        kind=kind,
        subject=Subject(of, subject, account_id),
        started_at=moment_of(started_at),
        heard_at=moment_of(heard_at),
        peak_score=peak_score,
        peak_at=moment_of(peak_at),
        peak_value=peak_value,
        severity=severity,
        told_score=told_score,
        number=number,
        low_since=maybe_moment_of(low_since),
        ended_at=maybe_moment_of(ended_at),
        muted_by=muted_by,
        story=story,
        metric=metric,
        topics=tuple(topics),
        terms=tuple(terms),
    )


def _unheard(episode: Episode, at: datetime, reason: str) -> Finding:
    """What is told where an episode is over without a finding: its height, as far as it is remembered."""
    return Finding(episode.kind, episode.subject, at, 0.0, value=episode.peak_value, detail=reason)


def _ended(episode: Episode) -> datetime:
    return episode.ended_at or episode.heard_at
