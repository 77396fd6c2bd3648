"""All detectors and the episodes together: events in, changes of episodes out. Pure: no Kafka, no clock, no database.

The alerter drives it with what Kafka gives, a back-test with what ClickHouse holds: the same code.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from consumers.alerting.episodes import Changed, Episodes, Policy, audience_of
from consumers.alerting.event_times import EventTimes
from consumers.alerting.findings import Basis, Finding
from consumers.alerting.keeping import Detector, Keeper
from consumers.alerting.pages import account_page, post_page
from consumers.alerting.stories import UNKNOWN, About
from consumers.alerting.terms import Terms
from consumers.alerting.watcher import Watcher
from consumers.alerting.words import PostWords
from consumers.turns import State, taking_up
from schemas.alerts import AlertBasis, AlertChanged, CurvePoint
from schemas.events import AnyEvent, Comment, LaneChanged
from schemas.topics import ALERT_STATE

#: The name under which the states of detectors stand.
DETECTORS = "detectors"


class Watch:
    """What is watched, and what is remembered of it.

    `detectors` by a name that never changes: their state is kept under it. `uids` are the accounts' uids, for links;
    `countries` says where accounts belong.
    """

    def __init__(
        self,
        detectors: Mapping[str, Detector],
        watcher: Watcher,
        uids: Mapping[str, str],
        software: str,
        policy: Policy | None = None,
        countries: Mapping[str, str] | None = None,
    ) -> None:
        self._detectors = dict(detectors)
        self._watcher = watcher
        self._episodes = Episodes(policy, self._about)
        self._words = PostWords()
        self._terms = Terms(countries or {})
        self.times = EventTimes()
        self._uids = uids
        self._software = software
        self._keepers: dict[str, Keeper] = {
            "watcher": self._watcher,
            "episodes": self._episodes,
            "words": self._words,
            "terms": self._terms,
            "times": self.times,
        }

    @property
    def open_episodes(self) -> int:
        """Episodes that go on."""
        return len(self._episodes.open)

    def feed(self, event: AnyEvent) -> list[AlertChanged]:
        """What an event changes; nothing yet where its time is not believed."""
        return [alert for one in self.times.admit(event) for alert in self._judge(one)]

    def _judge(self, event: AnyEvent) -> list[AlertChanged]:
        """Comments only say what a rise is about: that there are more of them, counters say."""
        if isinstance(event, Comment):
            self._terms.feed(event)
            return []
        self._words.feed(event)
        changes: list[Changed] = []
        for finding in self._watcher.feed(event):
            changes += self._episodes.take(finding)
        for detector in self._detectors.values():
            for finding in detector.feed(event):
                changes += self._episodes.take(finding)
        account_id = getattr(event, "account_id", None)
        if account_id is not None and not isinstance(event, LaneChanged):
            changes += self._episodes.advance(account_id, event.observed_at)
        return [self._told(change) for change in changes]

    def tick(self, now: datetime) -> list[AlertChanged]:
        """What the mere passing of time changes, by the clock that the events are dated by."""
        changes: list[Changed] = []
        for finding in self._watcher.tick(now):
            changes += self._episodes.take(finding)
        return [self._told(change) for change in changes]

    def changed(self) -> Iterator[tuple[str, State | None]]:
        """Every piece of state that changed since the last call, under its whole key; None: it is gone.

        What all detectors remember of one post or account is one piece: a record in Kafka costs more than its content.
        """
        for name, keeper in self._keepers.items():
            for key in keeper.dirty():
                yield f"{name}/{key}", keeper.dump(key)
        for key in dict.fromkeys(key for detector in self._detectors.values() for key in detector.dirty()):
            states = [[name, state] for name, one in self._detectors.items() if (state := one.dump(key)) is not None]
            yield f"{DETECTORS}/{key}", states or None

    def load(self, states: Iterable[tuple[str, State]]) -> list[str]:
        """Take up what was written down. Returns the keys that nothing here knows: those of other software.

        Raises StateRecordError.
        """
        unknown = []
        for whole, value in states:
            name, _, key = whole.partition("/")
            known: Mapping[str, Keeper] = self._detectors if name == DETECTORS else self._keepers
            with taking_up(whole, ALERT_STATE.name):
                pieces: list[tuple[str, State]] = (
                    [(one, state) for one, state in value] if name == DETECTORS else [(name, value)]
                )
            for keeper, state in pieces:
                if keeper in known:
                    with taking_up(f"{keeper}/{key}", ALERT_STATE.name):
                        known[keeper].load(key, state)
                else:
                    unknown.append(f"{keeper}/{key}")
        return unknown

    def _about(self, finding: Finding) -> About:
        """What a rise is about: topics of the posts behind it, and what marks the comments under them."""
        subject, at = finding.subject, finding.at
        if finding.kind == "post_rise" and subject.account_id is not None:
            marks = self._terms.of_account(subject.account_id, at, subject.id)
            return About(self._topics((subject.id,)), tuple(mark.term for mark in marks))
        if finding.kind == "account_wave":
            marks = self._terms.of_account(subject.id, at)
            return About(self._topics(finding.posts), tuple(mark.term for mark in marks))
        if finding.kind in ("country_wave", "general_wave"):
            country = subject.id if finding.kind == "country_wave" else None
            return About(terms=tuple(self._terms.of_country(country, at)))
        return UNKNOWN

    def _topics(self, post_ids: Iterable[str]) -> tuple[str, ...]:
        known = (self._words.of(post_id) for post_id in post_ids)
        return tuple(dict.fromkeys(topic for words in known if words is not None for topic in words.topics))

    def _told(self, change: Changed) -> AlertChanged:
        episode, finding, subject = change.episode, change.finding, change.finding.subject
        account_id = subject.account_id
        post_id = subject.id if subject.kind == "post" else None
        words = self._words.of(post_id) if post_id else None
        return AlertChanged(
            episode_id=episode.id,
            number=episode.number,
            change=change.change,
            kind=episode.kind,
            audience=audience_of(episode.kind),
            severity=episode.severity,
            subject=subject.kind,
            account_id=account_id,
            post_id=post_id,
            country=subject.id if subject.kind == "country" else None,
            lane=subject.id if subject.kind == "lane" else None,
            started_at=episode.started_at,
            observed_at=finding.at,
            ended_at=episode.ended_at,
            score=finding.score,
            peak_score=episode.peak_score,
            peak_at=episode.peak_at,
            metric=finding.metric,
            value=finding.value,
            at_least=finding.at_least,
            expected=finding.expected,
            expected_low=finding.low,
            expected_high=finding.high,
            peak_value=episode.peak_value,
            age_s=finding.age_s,
            per_hour=finding.per_hour,
            gap_s=finding.gap_s,
            basis=_basis(finding.basis),
            incomplete=self._incomplete(finding),
            coverage=self._watcher.coverage(account_id) if account_id else None,
            detail=finding.detail,
            words=words.text if words else None,
            url=self._url(account_id, post_id),
            topics=episode.topics,
            terms=episode.terms,
            before=change.before,
            muted_by=episode.muted_by,
            story=episode.story,
            accounts=change.accounts,
            behind=finding.posts,
            curve=tuple(CurvePoint.model_construct(**point._asdict()) for point in finding.curve),
            software=self._software,
        )

    def _incomplete(self, finding: Finding) -> bool:
        account_id = finding.subject.account_id
        return finding.incomplete or (account_id is not None and self._watcher.incomplete(account_id))

    def _url(self, account_id: str | None, post_id: str | None) -> str | None:
        if post_id is not None:
            return post_page(post_id)
        uid = self._uids.get(account_id) if account_id else None
        return account_page(uid) if uid else None


def _basis(basis: Basis | None) -> AlertBasis | None:
    if basis is None:
        return None
    return AlertBasis(kind=basis.kind, members=basis.members, wanted=basis.wanted, since=basis.since, until=basis.until)
