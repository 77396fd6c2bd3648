"""The one clock that crawler and alerter read: real time, or the replica's time at its speed.

The clock file is JSON, `{"shown": ISO 8601, "at": ISO 8601, "speed": number}`: at machine time `at` the clock showed
`shown`, and since then it runs `speed` times as fast (0: it stands still). It drives what is observed and planned,
never time-outs, retries, retention, or figures of latency.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import SettingsError, first_reason


class Clock(Protocol):
    """What tells the time; injected wherever a moment is observed or planned."""

    def now(self) -> datetime:
        """The moment, UTC, in whole milliseconds."""


def machine_time() -> datetime:
    """The machine's own time, UTC, in whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class MachineClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The moment, UTC, in whole milliseconds."""
        return machine_time()


class Setting(BaseModel):
    """The content of a clock file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shown: AwareDatetime
    at: AwareDatetime
    speed: float = Field(ge=0, le=100_000)

    def at_machine_time(self, machine: datetime) -> datetime:
        """What the clock shows at a machine time, UTC, in whole milliseconds."""
        shown = self.shown.astimezone(UTC) + timedelta(seconds=(machine - self.at).total_seconds() * self.speed)
        return shown.replace(microsecond=shown.microsecond // 1000 * 1000)


class FileClock:
    """The clock of a clock file, which may be replaced at any time."""

    def __init__(self, file: Path, machine: Callable[[], datetime] = machine_time) -> None:
        self._file = file
        self._machine = machine
        self._stamp: tuple[int, int] | None = None
        self._setting: Setting | None = None

    def now(self) -> datetime:
        """The moment, UTC, in whole milliseconds.

        Raises SettingsError where the file can't be read or the clock has run past the end of the calendar.
        """
        try:
            return self.setting().at_machine_time(self._machine())
        except OverflowError as error:
            raise SettingsError(f"the clock of {self._file} has run out of the calendar: set it again") from error

    def setting(self) -> Setting:
        """What the file says now. Raises SettingsError where it can't be read."""
        try:
            status = self._file.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if self._setting is None or stamp != self._stamp:
                self._setting = Setting.model_validate_json(self._file.read_bytes())
                self._stamp = stamp
        except (OSError, ValidationError) as error:
            raise SettingsError(f"the clock file {self._file} can't be read ({first_reason(error)})") from error
        return self._setting


def write_clock(file: Path, shown: datetime, speed: float, machine: datetime | None = None) -> None:
    """Set the clock of a clock file, in one step that no reader sees half done. Moments are offset-aware.

    Raises SettingsError where the file can't be written.
    """
    setting = {
        "shown": shown.astimezone(UTC).isoformat(),
        "at": (machine or machine_time()).isoformat(),
        "speed": speed,
    }
    partial = file.with_name(file.name + ".partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(setting), encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise SettingsError(f"the clock file {file} can't be written: {first_reason(error)}") from error


def clock_of(file: Path | None) -> Clock:
    """The clock of a clock file; machine time where there is none."""
    return FileClock(file) if file else MachineClock()
