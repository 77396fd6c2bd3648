"""A back-test: the alerter's own code over what was observed before, in event time, and what rules would have told.

Pure: events in, changes of episodes out. A change counts as told at the moment at which it was observed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from consumers.alerting.episodes import STEP
from consumers.alerting.routing import decide
from consumers.alerting.told import Decision, Told
from consumers.alerting.watch import Watch
from schemas.alert_rules import Cap, Rules
from schemas.alerts import AlertChanged
from schemas.events import AnyEvent

#: What the watcher finds by the mere passing of time is looked for so often.
TICK = timedelta(minutes=10)
#: An alert that comes so long after an onset, at most, is the one that the label asks for.
HIT_WITHIN = timedelta(hours=48)
#: Levels that a subscription may have: half a doubling each, as episodes are told by.
LADDER = tuple(round(STEP**step, 1) for step in range(13))


@dataclass(frozen=True, slots=True)
class Label:
    """Something that is known to have happened: to an account, or a post of it, from a moment on (UTC)."""

    account_id: str
    onset: datetime
    post_id: str | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """A change that rules would have told: to whom, and as which decision."""

    alert: AlertChanged
    decision: Decision


@dataclass(frozen=True, slots=True)
class Quality:
    """Against labels: alerts that belong to one, labels that have one, and minutes from onset to the first of them."""

    alerts: int
    right: int
    labels: int
    found: int
    minutes: Sequence[float]

    @property
    def precision(self) -> float | None:
        return self.right / self.alerts if self.alerts else None

    @property
    def recall(self) -> float | None:
        return self.found / self.labels if self.labels else None

    @property
    def median_minutes(self) -> float | None:
        return median(self.minutes) if self.minutes else None


def replay(
    watch: Watch, events: Iterable[AnyEvent], since: datetime, seen: Callable[[datetime], None] = lambda moment: None
) -> Iterator[AlertChanged]:
    """The changes of episodes observed from `since` on; what comes before only teaches. `seen` hears how far it is."""
    ticked: datetime | None = None
    for event in events:
        moment = event.observed_at
        while ticked is not None and moment - ticked >= TICK:
            ticked += TICK
            yield from (alert for alert in watch.tick(ticked) if alert.observed_at >= since)
            seen(ticked)
        ticked = ticked or moment
        yield from (alert for alert in watch.feed(event) if alert.observed_at >= since)


def fired(rules: Rules, alerts: Iterable[AlertChanged]) -> list[Fired]:
    """What the rules would have told of these changes, and what they would have held back, in order."""
    told, found = Told(), []
    for alert in alerts:
        for decision in decide(rules, alert, alert.observed_at, told):
            told.note(decision, alert, alert.observed_at)
            if decision.when != "never":
                found.append(Fired(alert, decision))
    return found


def quality(alerts: Iterable[AlertChanged], labels: Sequence[Label]) -> Quality:
    """How well the beginnings of episodes meet the labels."""
    started = [alert for alert in alerts if alert.change == "started"]
    right, first = 0, dict[Label, datetime]()
    for alert in started:
        meant = [label for label in labels if _meets(alert, label)]
        right += bool(meant)
        for label in meant:
            first[label] = min(first.get(label, alert.observed_at), alert.observed_at)
    minutes = sorted((at - label.onset).total_seconds() / 60 for label, at in first.items())
    return Quality(len(started), right, len(labels), len(first), minutes)


def _meets(alert: AlertChanged, label: Label) -> bool:
    concerned = alert.account_id == label.account_id or label.account_id in alert.accounts
    same_post = label.post_id is None or alert.post_id in (None, label.post_id)
    return concerned and same_post and timedelta(0) <= alert.observed_at - label.onset <= HIT_WITHIN


def level_for(alerts: Sequence[AlertChanged], cap: Cap, whom: Callable[[AlertChanged], bool]) -> float:
    """The lowest level of the ladder at which so many episodes at most begin within any such time.

    `whom`: whether a change is the subscription's. Where even the highest level has more, that one.
    """
    peaks: dict[str, float] = {}
    begun: dict[str, datetime] = {}
    for alert in alerts:
        if whom(alert) and alert.change != "ended" and alert.muted_by is None:
            peaks[alert.episode_id] = max(peaks.get(alert.episode_id, 0.0), alert.score)
            begun.setdefault(alert.episode_id, alert.started_at)
    for level in LADDER:
        moments = sorted(begun[episode] for episode, peak in peaks.items() if peak >= level)
        if all(later - former > cap.window for former, later in zip(moments, moments[cap.times :], strict=False)):
            return level
    return LADDER[-1]
