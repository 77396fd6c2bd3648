"""The crawl's own troubles: an account that nobody visits, coverage that falls, lanes that all stand still."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consumers.alerting.findings import Finding
from consumers.alerting.watcher import Watcher, coverage_of
from schemas.events import CrawlReceipt, Missing
from tests.schemas.examples import LANE, RECEIPT

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def receipt(hours: float, account_id: str = "us-embassy", **more: Any) -> CrawlReceipt:
    fields = {"account_id": account_id, "observed_at": BEGIN + hours * HOUR, "complete": True, "missing": (), **more}
    return RECEIPT.model_copy(update={"stop_reason": "caught_up", **fields})


def watcher(promise_h: float = 0.5) -> Watcher:
    return Watcher(lambda account_id: promise_h * 3600)


def scores(findings: list[Finding]) -> dict[str, float]:
    return {finding.subject.id: round(finding.score, 2) for finding in findings}


def test_an_account_is_overdue_after_twice_its_promised_time_and_no_longer_once_visited() -> None:
    watching = watcher()
    for hour in (-1.0, -0.5, 0.0):
        assert not list(watching.feed(receipt(hour)))
    assert watching.tick(BEGIN + 99 * HOUR) == [], "it has no rhythm yet"
    watching.feed(receipt(0.5))
    assert watching.tick(BEGIN + 2 * HOUR) == []
    (overdue,) = watching.tick(BEGIN + 2.5 * HOUR)
    assert (overdue.kind, overdue.subject.id, overdue.value) == ("account_overdue", "us-embassy", 7200)
    assert overdue.score == 1.0
    assert watching.incomplete("us-embassy")
    watching.feed(receipt(2.6))
    assert scores(watching.tick(BEGIN + 2.7 * HOUR)) == {"us-embassy": 0.0}
    assert not watching.incomplete("us-embassy")
    assert watching.tick(BEGIN + 2.8 * HOUR) == []


def test_who_is_visited_by_hand_once_a_week_is_not_overdue_after_an_hour() -> None:
    watching = watcher()
    for day in (-7, 0, 7, 14):
        watching.feed(receipt(24 * day))
    assert watching.tick(BEGIN + timedelta(days=14 + 27)) == []
    assert scores(watching.tick(BEGIN + timedelta(days=14 + 28))) == {"us-embassy": 1.0}


def test_a_crawl_that_stands_is_told_once_and_not_for_each_account() -> None:
    watching = watcher()
    for name in ("us-embassy", "fr-embassy", "il-embassy", "jp-embassy"):
        for hour in (-1.5, -1, -0.5, 0):
            watching.feed(receipt(hour, name))
    watching.feed(receipt(0.5, "jp-embassy"))
    watching.feed(receipt(2.2, "jp-embassy"))
    (standing,) = watching.tick(BEGIN + 2.4 * HOUR)
    assert (standing.subject.kind, standing.detail, standing.value) == ("all", "3 of 4", 720)
    watching.feed(receipt(2.5, "us-embassy"))
    assert scores(watching.tick(BEGIN + 2.6 * HOUR)) == {"all": 0.0, "fr-embassy": 1.3, "il-embassy": 1.3}


def test_falling_coverage_is_told_against_the_accounts_own() -> None:
    def low(hour: int) -> CrawlReceipt:
        missing = Missing(kind="comments", what="x", count=30, reason="blocked", remedy="next_visit")
        return receipt(hour, complete=False, missing=(missing,), posts_captured=10, comments_captured=20)

    watching, found = watcher(), list[Finding]()
    for hour in range(32):
        found += watching.feed(receipt(hour))
    assert {finding.score for finding in found} == {0.0}
    found = [finding for hour in range(32, 40) for finding in watching.feed(low(hour))]
    assert [round(finding.score, 2) for finding in found] == [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0]
    assert (found[-1].value, found[-1].expected) == (0.5, 1.0)
    assert watching.coverage("us-embassy") == 0.5


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, 1.0),
        ({"stop_reason": "blocked", "complete": True}, 0.0),
        ({"complete": False, "posts_captured": 0, "comments_captured": 0}, 0.0),
        ({"complete": False, "posts_captured": 3, "comments_captured": 0, "missing": RECEIPT.missing}, 0.5),
    ],
)
def test_coverage_is_what_was_read_of_what_should_have_been(fields: dict[str, Any], expected: float) -> None:
    assert coverage_of(receipt(0, **fields)) == expected


def test_a_visit_that_its_operator_broke_off_says_nothing() -> None:
    watching = watcher()
    assert not list(watching.feed(receipt(0, stop_reason="interrupted", complete=False)))
    assert watching.coverage("us-embassy") is None


def test_lanes_are_told_when_all_of_them_pause_and_when_one_goes_on() -> None:
    def lane(minute: int, name: str, state: str) -> Any:
        return LANE.model_copy(
            update={"lane": name, "state": state, "observed_at": BEGIN + timedelta(minutes=minute), "reason": "why"}
        )

    watching = watcher()
    assert not list(watching.feed(lane(0, "a", "healthy")))
    assert not list(watching.feed(lane(1, "b", "challenged")))
    (paused,) = watching.feed(lane(2, "a", "dead"))
    assert (paused.score, paused.subject.key, paused.detail) == (2.0, "lane:all", "why")
    assert watching.incomplete("anybody")
    assert not list(watching.feed(lane(1, "a", "healthy"))), "what comes late changes nothing"
    (again,) = watching.feed(lane(9, "b", "degraded"))
    assert again.score == 0.0
    assert not list(watching.feed(lane(10, "a", "healthy")))
    week = int(timedelta(days=7, minutes=11) / timedelta(minutes=1))
    (paused,) = watching.feed(lane(week, "b", "dead"))
    assert paused.score == 2.0, "the other lane belonged to a worker that is gone"


def test_repeats_and_late_receipts_change_nothing() -> None:
    watching = watcher()
    for hour in (0, 1, 2):
        watching.feed(receipt(hour))
    watching.dirty()
    watching.feed(receipt(2, complete=False))
    watching.feed(receipt(1, complete=False))
    assert watching.dirty() == []
    assert watching.coverage("us-embassy") == 1.0


def test_a_restart_remembers() -> None:
    watching, again = watcher(), watcher()
    for hour in range(20):
        watching.feed(receipt(hour, complete=hour % 2 == 0))
    watching.feed(LANE)
    kept = {key: watching.dump(key) for key in watching.dirty()}
    for key, state in kept.items():
        assert state is not None
        again.load(key, state)
    for each in (watching, again):
        each.tick(BEGIN + 40 * HOUR)
    following = receipt(50)
    assert list(watching.feed(following)) == list(again.feed(following))
    assert again.incomplete("us-embassy") == watching.incomplete("us-embassy")
    assert watching.tick(BEGIN + 90 * HOUR) == again.tick(BEGIN + 90 * HOUR)
