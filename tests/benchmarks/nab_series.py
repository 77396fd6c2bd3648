"""Labelled series as NAB keeps them: CSV files, and labels and windows in JSON by the name of the file."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.errors import WeiplomacyError, first_reason
from tests.benchmarks.nab_scoring import LabelledSeries


class UnreadableSeriesError(WeiplomacyError):
    """The data is not there, or not what the benchmark reads."""

    exit_code = 2


def read(folder: Path) -> list[LabelledSeries]:
    """All series of a folder that holds labels.json, windows.json and CSV files in folders beside them.

    Raises UnreadableSeriesError with the file and what is wrong with it.
    """
    files = sorted(folder.glob("*/*.csv"))
    if not files:
        raise UnreadableSeriesError(f"{folder} holds no series (…/*.csv): name a folder in NAB's form with --data")
    labels, windows = (_json(folder / name) for name in ("labels.json", "windows.json"))
    found = []
    for file in files:
        name = file.relative_to(folder).as_posix()
        for kind, known in (("labels", labels), ("windows", windows)):
            if name not in known:
                raise UnreadableSeriesError(f"{folder / (kind + '.json')} says nothing of {name}")
        found.append(_series(file, name, labels[name], windows[name]))
    return found


def _json(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableSeriesError(f"{file} can't be read: {first_reason(error)}") from error
    if not isinstance(document, dict):
        raise UnreadableSeriesError(f"{file} is not an object of file names")
    return document


def _series(file: Path, name: str, labels: list[str], windows: list[list[str]]) -> LabelledSeries:
    moments, values = [], []
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), 2):
                try:
                    moment, value = _moment(row["timestamp"]), float(row["value"])
                except (KeyError, TypeError, ValueError) as error:
                    raise UnreadableSeriesError(
                        f"{file}, line {number} is not a timestamp and a value: {first_reason(error)}"
                    ) from error
                moments.append(moment)
                values.append(value)
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableSeriesError(f"{file} can't be read: {first_reason(error)}") from error
    row_of = {moment: row for row, moment in enumerate(moments)}
    try:
        ranges = [(row_of[_moment(first)], row_of[_moment(last)]) for first, last in windows]
        marks = [_moment(label) for label in labels]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableSeriesError(f"a label or window of {name} is no moment of its rows: {error}") from error
    return LabelledSeries(name, moments, values, marks, sorted(ranges))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
