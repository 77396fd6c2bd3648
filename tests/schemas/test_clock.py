import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from schemas.clock import FileClock, MachineClock, clock_of, write_clock
from schemas.errors import SettingsError

SHOWN = datetime(2017, 1, 1, tzinfo=UTC)
START = datetime(2026, 5, 5, 12, tzinfo=UTC)


class Machine:
    """Machine time that a test moves."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "clock.json"


@pytest.mark.parametrize(
    ("speed", "passed", "shown"),
    [
        (1, timedelta(hours=1), timedelta(hours=1)),
        (3_600, timedelta(seconds=2), timedelta(hours=2)),
        (0.5, timedelta(seconds=3), timedelta(seconds=1.5)),
        (0, timedelta(days=3), timedelta(0)),
        (1_000, -timedelta(seconds=1), -timedelta(seconds=1_000)),
        (1, timedelta(microseconds=1_999), timedelta(milliseconds=1)),
    ],
)
def test_time_runs_at_its_speed(file: Path, speed: float, passed: timedelta, shown: timedelta) -> None:
    machine = Machine()
    write_clock(file, SHOWN, speed, START)
    clock = FileClock(file, machine)
    assert clock.now() == SHOWN
    machine.moment += passed
    assert clock.now() == SHOWN + shown
    assert clock.now().utcoffset() == timedelta(0)


def test_a_replaced_file_counts_at_once(file: Path) -> None:
    clock = FileClock(file, Machine())
    write_clock(file, SHOWN, 1, START)
    assert clock.now() == SHOWN
    before = file.stat()
    write_clock(file, SHOWN + timedelta(days=1), 1, START)
    # Even where both were written within one tick of the file system.
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert clock.now() == SHOWN + timedelta(days=1)


def test_moments_of_any_zone_are_shown_in_utc(file: Path) -> None:
    write_clock(file, SHOWN.astimezone(timezone(timedelta(hours=8))), 0, START)
    assert FileClock(file, Machine()).now().isoformat() == "2017-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "not json",
        "[]",
        json.dumps({"shown": "2017-01-01T00:00:00", "at": START.isoformat(), "speed": 1}),
        json.dumps({"shown": SHOWN.isoformat(), "at": START.isoformat(), "speed": -1}),
        json.dumps({"shown": SHOWN.isoformat(), "at": START.isoformat(), "speed": "fast"}),
        json.dumps({"shown": SHOWN.isoformat(), "at": START.isoformat(), "speed": 1, "colour": 1}),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "clock.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match=r"clock\.json can't be read"):
        FileClock(file, Machine()).now()


def test_a_file_that_breaks_later_is_not_served_from_memory(file: Path) -> None:
    write_clock(file, SHOWN, 1, START)
    clock = FileClock(file, Machine())
    clock.now()
    file.unlink()
    with pytest.raises(SettingsError, match="can't be read"):
        clock.now()


def test_a_clock_that_ran_out_of_the_calendar_is_named(file: Path) -> None:
    machine = Machine()
    write_clock(file, SHOWN, 100_000, START)
    machine.moment += timedelta(days=365)
    with pytest.raises(SettingsError, match="out of the calendar"):
        FileClock(file, machine).now()


def test_a_file_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    with pytest.raises(SettingsError, match="can't be written"):
        write_clock(tmp_path / "state" / "clock.json", SHOWN, 1, START)


def test_without_a_file_it_is_machine_time(file: Path) -> None:
    assert isinstance(clock_of(None), MachineClock)
    assert isinstance(clock_of(file), FileClock)
    now = MachineClock().now()
    assert now.microsecond % 1_000 == 0
    assert now.utcoffset() == timedelta(0)
