"""What lanes know of the run before."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.lanes.lane import Lane
from crawler.lanes.logbook import Logbook
from crawler.signals import ResponseClass as R
from schemas.events import LaneChanged
from tests.crawler.lanes.hands import NOW, Hands, cookie, lane

DAY = timedelta(days=1)


def spend(of: Lane, clock: Hands, times: int) -> None:
    for _ in range(times):
        of.spend(clock.now(), 1, jitter=0, government=False)


def reopened(home: Path, clock: Hands, told: list[LaneChanged] | None = None, **limits: float) -> Lane:
    lanes = [lane("guest", clock, told, **limits)]  # type: ignore[arg-type]
    Logbook(home, "1").open(lanes)
    return lanes[0]


def test_a_pause_and_a_spent_day_outlive_the_run(tmp_path: Path) -> None:
    clock, told = Hands(), list[LaneChanged]()
    guest = lane("guest", clock, day=5)
    spend(guest, clock, 5)
    guest.answered(R.BLOCKED, "status 418")
    Logbook(tmp_path / "home", "1").write([guest])
    later = reopened(tmp_path / "home", clock, told, day=5)
    assert later.health.state == "challenged"
    assert (later.health.cause, later.health.reason, later.health.strikes) == (R.BLOCKED, "status 418", 1)
    assert later.health.resumes_at == guest.health.resumes_at
    assert not later.may_ask()
    assert later.meter.day_free_at(NOW) == NOW + DAY
    # It tells what changes, not what was told before.
    later.take([cookie("SUB", "s")])
    assert told == []
    clock.shows += timedelta(minutes=30)
    assert later.probed(R.OK)
    assert [(event.before, event.state) for event in told] == [("challenged", "degraded")]
    assert lane("guest", clock, day=5).may_ask(), "without a logbook nothing would stop it"


def test_the_delay_holds_from_one_run_to_the_next(tmp_path: Path) -> None:
    clock = Hands()
    guest = lane("guest", clock, delay_s=5)
    spend(guest, clock, 1)
    Logbook(tmp_path, "1").write([guest])
    assert reopened(tmp_path, clock, delay_s=5).meter.free_at(NOW) == NOW + timedelta(seconds=5)
    clock.shows += 2 * DAY
    assert reopened(tmp_path, clock, day=1).meter.free_at(clock.now()) == clock.now()


def test_a_dead_lane_is_tried_again_and_what_lies_in_the_future_is_forgotten(tmp_path: Path) -> None:
    clock = Hands()
    guest = lane("guest", clock)
    spend(guest, clock, 1)
    while guest.health.state != "dead":
        guest.answered(R.BLOCKED, "status 418")
        clock.shows = guest.health.resumes_at or clock.shows
    Logbook(tmp_path, "1").write([guest])
    assert reopened(tmp_path, clock).health.state == "healthy"
    guest = lane("guest", clock)
    spend(guest, clock, 1)
    guest.answered(R.BLOCKED, "status 418")
    Logbook(tmp_path, "1").write([guest])
    clock.shows = NOW
    set_back = reopened(tmp_path, clock, day=1)
    assert set_back.may_ask()
    assert set_back.meter.free_at(NOW) == NOW


def test_lanes_of_other_settings_and_of_other_workers_stay_as_they_are(tmp_path: Path) -> None:
    clock = Hands()
    one, two = lane("one", clock), lane("two", clock, day=1)
    for each in (one, two):
        spend(each, clock, 1)
    Logbook(tmp_path, "1").write([one, two])
    book = Logbook(tmp_path, "1")
    book.open([one])
    book.write([one])
    again = lane("two", clock, day=1)
    Logbook(tmp_path, "2").open([again])
    assert again.meter.day_free_at(NOW) == NOW
    Logbook(tmp_path, "1").open([again])
    assert again.meter.day_free_at(NOW) == NOW + DAY


def test_a_lane_that_was_never_used_leaves_no_trace(tmp_path: Path) -> None:
    Logbook(tmp_path, "1").write([lane("guest", Hands())])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", '{"lanes": {"guest": {"state": "odd"}}}', "[]"])
def test_a_logbook_that_can_not_be_read_is_told_and_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    (tmp_path / "lanes-1.json").write_text(content)
    with caplog.at_level(logging.WARNING):
        guest = reopened(tmp_path, Hands())
    assert guest.health.state == "healthy"
    assert "lanes-1.json can't be read" in caplog.text
    spend(guest, Hands(), 1)
    Logbook(tmp_path, "1").write([guest])
    assert '"guest"' in (tmp_path / "lanes-1.json").read_text()


def test_a_logbook_that_can_not_be_written_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "home").write_text("")
    guest = lane("guest", Hands())
    spend(guest, Hands(), 1)
    Logbook(tmp_path / "home", "1").write([guest])
    assert "lanes-1.json can't be written" in caplog.text
