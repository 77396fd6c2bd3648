"""The loader's status: what people read when it works, when it waits, and when the disk is full."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.status import LastBatch, LoaderStatus

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
LAG = {"weibo.posts": 3, "weibo.accounts": 4}


class Hands:
    """A clock and a stopwatch that are turned by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds - 100)

    def clock(self) -> float:
        return self.seconds


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def status(tmp_path: Path, hands: Hands) -> LoaderStatus:
    return LoaderStatus(tmp_path / "home", hands.now, hands.clock)


def told(tmp_path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((tmp_path / "home" / "loader.json").read_text(encoding="utf-8"))
    return document


def batch(rows: int, dead_letters: int = 0) -> LastBatch:
    return LastBatch("weibo.posts", 1, 10, 19, rows, dead_letters, 0.12345, NOW)


def test_it_counts_rows_dead_letters_and_the_rate_of_the_last_ten_seconds(
    status: LoaderStatus, tmp_path: Path, hands: Hands
) -> None:
    status.wrote(batch(50))
    hands.seconds += 11
    status.wrote(batch(70, dead_letters=2))
    status.tell(LAG, "running")
    document = told(tmp_path)
    assert (document["rows"], document["dead_letters"], document["rows_per_second"]) == (120, 2, 7.0)
    assert document["doing"] == "7 rows/s, lag 7"
    assert document["lag"] == LAG
    assert document["last_batch"]["offsets"] == [10, 19]
    assert document["last_batch"]["seconds"] == 0.123
    assert (document["started_at"], document["at"]) == ("2024-01-02T03:04:05.000Z", "2024-01-02T03:04:16.000Z")


def test_it_writes_once_a_second_and_always_at_the_end(status: LoaderStatus, tmp_path: Path, hands: Hands) -> None:
    status.tell({}, "running")
    hands.seconds += 0.9
    status.tell(LAG, "running")
    assert told(tmp_path)["lag"] == {}
    status.tell(LAG, "stopped")
    assert (told(tmp_path)["state"], told(tmp_path)["lag"]) == ("stopped", LAG)


def test_a_trouble_is_told_at_once_with_its_beginning(status: LoaderStatus, tmp_path: Path, hands: Hands) -> None:
    status.tell(LAG, "running")
    hands.seconds += 0.1
    status.trouble("ClickHouse does not answer")
    hands.seconds += 60
    status.trouble("ClickHouse still does not answer")
    document = told(tmp_path)
    assert document["doing"] == "waiting: ClickHouse still does not answer"
    assert document["waiting_since"] == "2024-01-02T03:04:05.100Z"
    assert (document["state"], document["lag"]) == ("running", LAG)
    status.trouble("")
    document = told(tmp_path)
    assert document["waiting_since"] is None
    assert document["doing"].endswith("rows/s, lag 7")


def test_a_status_that_can_not_be_written_stops_nothing_and_is_said_once(
    status: LoaderStatus, tmp_path: Path, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "home").write_text("a file in the place of the folder")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            status.tell(LAG, "running")
            hands.seconds += 2
    assert [record.message for record in caplog.records] == [
        f"the status can't be written to {tmp_path / 'home' / 'loader.json'}: File exists"
    ]
    (tmp_path / "home").unlink()
    status.tell(LAG, "running")
    assert told(tmp_path)["lag"] == LAG


def test_the_log_has_a_line_when_something_new_was_written(
    status: LoaderStatus, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        for rows in (5, 0, 0):
            status.wrote(batch(rows))
            status.tell(LAG, "running")
            hands.seconds += 10
    assert [record.message for record in caplog.records] == ["5 rows, 0 rows/s, lag 7, dead letters 0"]
