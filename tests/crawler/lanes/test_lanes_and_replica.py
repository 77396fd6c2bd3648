"""Lanes in a real crawl of the replica, which blocks them."""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.run import Order, Progress, run
from schemas.clock import write_clock
from schemas.events import LaneChanged
from schemas.settings import Settings
from tests.crawler.lanes.conftest import NOW, Replica

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

A_DAY = 86_400
"""On a fast clock, patience for a slow machine."""
ACCOUNTS = "us-embassy,fr-embassy"


def crawl(settings: Settings, **arguments: str) -> tuple[Progress, list[LaneChanged], list[dict[str, Any]]]:
    """How a run went, what the lanes told, and all other events."""
    feed = settings.home.parent / "feed"
    given = {"accounts": ACCOUNTS, "pages": "3", "comment_posts": "1", "comment_pages": "1", **arguments}
    progress = run(settings, Order("embassy", given, feed=feed))
    events = [json.loads(line) for line in feed.read_text().splitlines()]
    told = [LaneChanged.model_validate(event) for event in events if event["type"].startswith("weiplomacy.lane")]
    return progress, told, [event for event in events if not event["type"].startswith("weiplomacy.lane")]


def states(told: list[LaneChanged], lane: str) -> list[str]:
    return [event.state for event in told if event.lane == lane]


def test_one_lane_has_a_captcha_and_the_other_goes_on(replica: Replica, browser: Path) -> None:
    # The first session that is seen is blocked for good, but for its first requests. No pause ends meanwhile.
    write_clock(replica.clock_file, NOW, 1)
    replica.strike("captcha", {"session": [1], "after": 6})
    progress, told, _ = crawl(replica.settings(browser, "one", "two", lane_wait_s=0))
    assert replica.struck()["captcha"] >= 1
    assert [receipt.problems for receipt in progress.receipts] == [(), ()]
    assert progress.complete
    (ill,) = {event.lane for event in told if event.state == "challenged"}
    well = {"one": "two", "two": "one"}[ill]
    assert states(told, ill) == ["healthy", "challenged"]
    assert states(told, well) == ["healthy"]
    # Both visits went on by the other lane, and say so.
    assert {receipt.lane for receipt in progress.receipts} == {well}
    assert sum(receipt.responses.get("challenge", 0) for receipt in progress.receipts) >= 1


def test_when_all_lanes_are_paused_the_receipts_say_so_and_never_success(replica: Replica, browser: Path) -> None:
    # No pause ends as long as this takes. Four visits are open at a time: the last ones begin when both lanes pause.
    write_clock(replica.clock_file, NOW, 1)
    replica.strike("418", {"after": 8})
    accounts = f"{ACCOUNTS},jp-embassy,ru-embassy,de-embassy,kr-embassy,ch-embassy,se-embassy"
    few = {"concurrent_requests": 2, "concurrent_pages": 2}
    progress, told, _ = crawl(replica.settings(browser, "one", "two", lane_wait_s=0, **few), accounts=accounts)
    assert not progress.complete
    assert progress.ended
    for receipt in progress.receipts:
        assert not receipt.complete
        assert receipt.stop_reason == "blocked"
        assert receipt.responses["blocked"] >= 1
        assert {missing.reason for missing in receipt.missing} == {"blocked"}
    problems = [problem for receipt in progress.receipts for problem in receipt.problems]
    assert any("no lane can ask: one is challenged until 2017-01-02" in problem for problem in problems), problems
    assert {states(told, lane)[-1] for lane in ("one", "two")} == {"challenged"}


def test_a_pause_ends_with_a_probe_and_nothing_is_missing(replica: Replica, browser: Path) -> None:
    replica.strike("429", {"after": 6, "times": 2}, retry_after_s=300)
    settings = replica.settings(browser, "one", concurrent_requests=2, lane_wait_s=A_DAY)
    progress, told, _ = crawl(settings, accounts="us-embassy")
    assert progress.complete, progress.receipts
    assert replica.struck()["429"] == 2
    assert states(told, "one")[:3] == ["healthy", "challenged", "challenged"]
    assert states(told, "one")[3] == "degraded"
    first = told[1]
    assert first.resumes_at is not None
    assert (first.resumes_at - first.observed_at).total_seconds() == 300
    assert first.response_class == "blocked"


def test_sessions_that_end_are_renewed_with_a_cool_down(replica: Replica, browser: Path) -> None:
    replica.strike("session-ends", requests=14)
    settings = replica.settings(browser, "one", concurrent_requests=2, lane_wait_s=A_DAY)
    progress, told, _ = crawl(settings, comment_posts="6")
    assert progress.complete, [receipt.problems for receipt in progress.receipts]
    assert replica.struck()["session-ends"] >= 2
    log = (settings.home / "logs" / "crawl.log").read_text()
    assert log.count("the browser is asked for a session") >= 2
    assert "'lanes/one/renewals'" in log
    assert "degraded" in states(told, "one")
    assert "dead" not in states(told, "one")


def test_a_profile_starts_a_browser_of_its_own(replica: Replica, browser: Path) -> None:
    profile = replica.folder / "profile"
    profile.mkdir()
    lanes = [{"name": "mine", "login_profile": str(profile)}]
    settings = replica.settings(browser, lanes=lanes)
    progress, told, _ = crawl(settings, accounts="us-embassy", pages="2")
    assert progress.complete, progress.receipts
    assert "nobody is signed in to its profile" in told[0].reason
    assert (profile / "Default").is_dir()
    assert "'playwright/context_count/persistent/True': 1" in (settings.home / "logs" / "crawl.log").read_text()
