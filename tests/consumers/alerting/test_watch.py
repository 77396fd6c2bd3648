"""Detectors and episodes together: an alert says all that a message needs, and a restart changes nothing."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from consumers.alerting.findings import Basis, Finding, Subject
from consumers.alerting.watch import Watch
from consumers.alerting.watcher import Watcher
from consumers.turns import State
from schemas.alerts import AlertBasis, AlertChanged
from schemas.events import AnyEvent, EngagementSample
from tests.schemas.examples import LANE, MOMENT, POST, RECEIPT, SAMPLE

HOLED = RECEIPT.model_copy(
    update={
        "observed_at": MOMENT,
        "stop_reason": "page_limit",
        "complete": False,
        "posts_captured": 1,
        "comments_captured": 0,
        "missing": RECEIPT.missing,
    }
)
"""A visit that read one thing of four."""


class Loud:
    """Finds something in every sample: its likes, in hundreds. Remembers how many it saw."""

    def __init__(self) -> None:
        self.seen = 0

    def feed(self, event: AnyEvent) -> Iterable[Finding]:
        if not isinstance(event, EngagementSample) or not isinstance(event.likes, int):
            return ()
        self.seen += 1
        return [
            Finding(
                "post_rise",
                Subject("post", event.post_id, event.account_id),
                event.observed_at,
                event.likes / 100,
                metric="likes",
                value=event.likes,
                expected=40,
                low=20,
                high=80,
                age_s=60,
                basis=Basis("type", self.seen, 2),
            )
        ]

    def dirty(self) -> list[str]:
        return ["seen"]

    def dump(self, key: str) -> State | None:
        return [self.seen]

    def load(self, key: str, value: State) -> None:
        (self.seen,) = value


def watch() -> Watch:
    return Watch({"loud": Loud()}, Watcher(lambda account_id: 3600), {"us-embassy": "1743951792"}, "weiplomacy/0")


def sample(minutes: int, likes: int) -> EngagementSample:
    moment = MOMENT + timedelta(minutes=minutes)
    return SAMPLE.model_copy(update={"observed_at": moment, "likes": likes, "post_id": POST.post_id})


def test_an_alert_says_all_that_a_message_needs() -> None:
    watching = watch()
    assert watching.feed(POST) == []
    assert watching.feed(HOLED) == []
    (started,) = watching.feed(sample(1, 150))
    assert started == AlertChanged(
        episode_id=f"post_rise:{POST.post_id}:2017-01-02T03:05:05.678Z",
        number=1,
        change="started",
        kind="post_rise",
        audience="press",
        severity="notice",
        subject="post",
        account_id="us-embassy",
        post_id=POST.post_id,
        started_at=MOMENT + timedelta(minutes=1),
        observed_at=MOMENT + timedelta(minutes=1),
        score=1.5,
        peak_score=1.5,
        peak_at=MOMENT + timedelta(minutes=1),
        metric="likes",
        value=150,
        expected=40,
        expected_low=20,
        expected_high=80,
        peak_value=150,
        age_s=60,
        basis=AlertBasis(kind="type", members=1, wanted=2),
        incomplete=True,
        coverage=0.25,
        words="新年快乐 [心] #中美关系# <script>",
        url=f"https://m.weibo.cn/status/{POST.post_id}",
        software="weiplomacy/0",
    )
    (escalated,) = watching.feed(sample(2, 500))
    assert (escalated.number, escalated.change, escalated.severity, escalated.before) == (
        2,
        "escalated",
        "critical",
        "notice",
    )


def test_the_watchers_own_troubles_are_for_ops_and_about_no_account() -> None:
    (paused,) = watch().feed(LANE)
    assert (paused.kind, paused.audience, paused.subject, paused.lane) == ("lanes_paused", "ops", "lane", "all")
    assert (paused.account_id, paused.url, paused.detail) == (None, None, LANE.reason)


def test_time_alone_tells_of_an_account_that_nobody_visits() -> None:
    watching = watch()
    for hours in (3, 2, 1, 0):
        watching.feed(HOLED.model_copy(update={"observed_at": MOMENT - timedelta(hours=hours)}))
    assert watching.tick(MOMENT + timedelta(hours=1)) == []
    (overdue,) = watching.tick(MOMENT + timedelta(hours=5))
    assert (overdue.kind, overdue.account_id, overdue.url) == (
        "account_overdue",
        "us-embassy",
        "https://m.weibo.cn/u/1743951792",
    )


def test_a_restart_anywhere_changes_nothing() -> None:
    events: list[Any] = [POST, HOLED, LANE, *(sample(minute, 90 + 60 * minute) for minute in range(12))]
    whole = watch()
    expected = [alert for event in events for alert in whole.feed(event)]
    assert len(expected) > 4
    found, kept = list[AlertChanged](), dict[str, State]()
    for event in events:
        again = watch()
        assert again.load(kept.items()) == []
        found += again.feed(event)
        for key, state in again.changed():
            if state is None:
                kept.pop(key, None)
            else:
                kept[key] = state
    assert found == expected


def test_what_other_software_remembered_is_told_and_left_alone() -> None:
    states: list[tuple[str, State]] = [("moods/x", [1]), ("detectors/seen", [["loud", [3]], ["mood", [1]]])]
    again = watch()
    assert again.load(states) == ["moods/x", "mood/seen"]
    (told,) = again.feed(sample(1, 150))
    assert told.basis is not None and told.basis.members == 4
