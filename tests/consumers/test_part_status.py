import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from consumers.part_status import StatusFile, file_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(home: Path) -> dict[str, Any]:
    return dict(json.loads((home / file_of("alerter")).read_text()))


def test_trouble_has_its_beginning_and_ends_with_the_next_deed(tmp_path: Path) -> None:
    moments = iter(NOW + number * HOUR for number in range(9))
    status = StatusFile(tmp_path, "alerter", lambda: next(moments))
    status.doing("a")
    assert (told(tmp_path)["doing"], told(tmp_path)["waiting_since"]) == ("a", None)
    status.trouble("b")
    begin = told(tmp_path)["waiting_since"]
    status.trouble("c")
    assert (told(tmp_path)["doing"], told(tmp_path)["waiting_since"]) == ("waiting: c", begin)
    status.doing("d")
    assert (told(tmp_path)["doing"], told(tmp_path)["waiting_since"]) == ("d", None)


def test_a_status_that_can_not_be_written_keeps_nothing_from_going_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    StatusFile(tmp_path / "file", "alerter", lambda: NOW).doing("a")
