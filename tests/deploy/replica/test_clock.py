"""The replica's reading of the clock file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.replica.clock import ReplicaClock
from deploy.replica.errors import ClockFileError

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_the_file_says_start_and_speed(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    file.write_text('{"shown": "2017-01-02T08:00:00+08:00", "at": "2026-11-24T03:00:00+00:00", "speed": 1000}')
    clock = ReplicaClock(file, lambda: AT + timedelta(seconds=3.6))
    assert clock.now() == datetime(2017, 1, 2, 1, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_a_replaced_file_counts_at_once(tmp_path: Path) -> None:
    file, other = tmp_path / "clock.json", tmp_path / "other.json"
    clock = ReplicaClock(file, lambda: AT)
    assert clock.now() == AT
    for day in (2, 3):
        other.write_text(f'{{"shown": "2017-01-0{day}T00:00:00Z", "at": "2026-11-24T00:00:00Z", "speed": 0}}')
        other.replace(file)
        assert clock.now() == datetime(2017, 1, day, tzinfo=UTC)
    file.unlink()
    assert clock.now() == AT


def test_machine_time_is_cut_to_milliseconds() -> None:
    assert ReplicaClock(None, lambda: AT.replace(microsecond=1999)).now() == AT.replace(microsecond=1000)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"shown": "2017-01-02T00:00:00Z"}',
        '{"shown": "2017-01-02T00:00:00", "at": "2026-11-24T00:00:00Z", "speed": 1}',
        '{"shown": "2017-01-02T00:00:00Z", "at": "2026-11-24T00:00:00Z", "speed": -1}',
        '{"shown": "2017-01-02T00:00:00Z", "at": "2026-11-24T00:00:00Z", "speed": NaN}',
        '{"shown": "9999-12-31T00:00:00Z", "at": "2026-11-20T00:00:00Z", "speed": 1000}',
    ],
)
def test_what_makes_no_sense_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "clock.json"
    file.write_text(content)
    with pytest.raises(ClockFileError, match=r"clock\.json"):
        ReplicaClock(file, lambda: AT).now()
