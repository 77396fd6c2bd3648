"""What would have been told: by the alerter's own code, in event time, against labels, and at which level."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consumers.alerting.backtest import LADDER, Label, fired, level_for, quality, replay
from schemas import registry
from schemas.alert_rules import Cap
from schemas.alert_rules_file import parse
from schemas.alerts import AlertChanged
from schemas.settings import Settings
from tests.consumers.alerting.test_watch import HOLED, sample, watch
from tests.schemas.examples import ALERT, MOMENT, POST

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def alert(day: float, score: float = 1.5, episode: str = "x", **more: Any) -> AlertChanged:
    moment = BEGIN + day * DAY
    fields = {"change": "started", "muted_by": None, "story": None, "accounts": (), **more}
    return ALERT.model_copy(
        update={"episode_id": episode, "observed_at": moment, "started_at": moment, "score": score, **fields}
    )


def test_it_is_the_alerters_own_code_and_what_came_before_only_teaches() -> None:
    events = [POST, HOLED, *(sample(minute, 90 + 60 * minute) for minute in range(12))]
    live = watch()
    expected = [change for event in events for change in live.feed(event)]
    assert list(replay(watch(), events, MOMENT)) == expected
    since = MOMENT + timedelta(minutes=4)
    later = [change for change in expected if change.observed_at >= since]
    assert 0 < len(later) < len(expected)
    assert list(replay(watch(), events, since)) == later


def test_time_passes_between_events() -> None:
    far = sample(60 * 24, 10)
    seen: list[datetime] = []
    visits = [HOLED.model_copy(update={"observed_at": MOMENT - timedelta(hours=hours)}) for hours in (3, 2, 1, 0)]
    changes = list(replay(watch(), [*visits, far], MOMENT, seen.append))
    assert {change.kind for change in changes} == {"account_overdue"}
    assert [change.severity for change in changes if change.change != "updated"] == ["notice", "warning", "critical"]
    assert changes[0].observed_at <= MOMENT + timedelta(hours=5)
    assert seen[-1] == far.observed_at


def test_rules_are_judged_in_event_time() -> None:
    text = (
        '[[channel]]\nname = "c"\naddress = "wecom://"\n'
        '[[subscription]]\nname = "s"\nwho = ["US"]\nchannels = ["c"]\nat_most = "1/week"\nlevel = 1.4\n'
    )
    rules, problems = parse(text, registry.load(Settings()))
    assert not problems
    alerts = [alert(0, 1.2, "a"), alert(1, 1.5, "b"), alert(2, 1.5, "c"), alert(9, 1.5, "d")]
    found = [(one.alert.episode_id, one.decision.when) for one in fired(rules, alerts)]
    assert found == [("b", "now"), ("c", "digest"), ("d", "now")]


def test_quality_is_measured_by_beginnings_and_onsets() -> None:
    labels = [Label("us-embassy", BEGIN), Label("us-embassy", BEGIN + 9 * DAY, "7"), Label("fr-embassy", BEGIN)]
    alerts = [
        alert(0.5, episode="a"),
        alert(0.25, episode="b"),
        alert(0.6, episode="b", change="ended"),
        alert(5, episode="c"),
        alert(9.1, episode="d", post_id="8"),
        alert(9.2, episode="e", post_id="7"),
        alert(-0.1, episode="f"),
    ]
    found = quality(alerts, labels)
    assert (found.alerts, found.right, found.labels, found.found) == (6, 3, 3, 2)
    assert (found.precision, found.recall) == (0.5, 2 / 3)
    assert found.minutes == pytest.approx([0.2 * 1440, 0.25 * 1440])
    nothing = quality([], [])
    assert (nothing.precision, nothing.recall, nothing.median_minutes) == (None, None, None)


@pytest.mark.parametrize(
    ("scores", "cap", "level"),
    [
        ([], Cap(1, "month"), 1.0),
        ([1.1] * 3, Cap(3, "month"), 1.0),
        ([1.1] * 4, Cap(3, "month"), 1.4),
        ([1.1, 3.0, 1.1, 5.0], Cap(1, "month"), 4.0),
        ([1.1, 3.0, 1.1, 5.0], Cap(2, "month"), 1.4),
        ([1.1] * 4, Cap(1, "hour"), 1.0),
        ([999.0] * 4, Cap(1, "month"), LADDER[-1]),
    ],
)
def test_a_level_keeps_to_the_cap(scores: list[float], cap: Cap, level: float) -> None:
    alerts = [alert(number, score, f"e{number}") for number, score in enumerate(scores)]
    assert level_for(alerts, cap, lambda _: True) == level


def test_a_level_counts_heights_and_only_what_is_told() -> None:
    alerts = [
        alert(0, 1.1, "a"),
        alert(0.5, 3.0, "a", change="escalated"),
        alert(1, 9.0, "b", muted_by="a"),
        alert(2, 9.0, "c", account_id="fr-embassy"),
        alert(3, 2.0, "d"),
    ]
    whom = lambda one: one.account_id == "us-embassy"  # noqa: E731
    assert level_for(alerts, Cap(1, "month"), whom) == 2.8
