"""The replica's clock: machine time, or the time of a clock file that the crawler reads too.

The file is JSON, `{"shown": ISO 8601, "at": ISO 8601, "speed": number}`: at machine time `at` the clock showed
`shown`, and since then it runs `speed` times as fast (0: it stands still). Others replace the file at any time.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from deploy.replica.errors import ClockFileError

FASTEST: Final = 100_000.0


def machine_time() -> datetime:
    """The machine's own time, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Setting:
    """The content of a clock file; both moments are offset-aware."""

    shown: datetime
    at: datetime
    speed: float

    def shows(self, machine: datetime) -> datetime:
        """What the clock shows at a machine time, UTC. Raises OverflowError outside of the calendar."""
        return self.shown.astimezone(UTC) + timedelta(seconds=(machine - self.at).total_seconds() * self.speed)


class ReplicaClock:
    """Tells the replica's time. Without a file, or while it is absent, that is machine time."""

    def __init__(self, file: Path | None = None, machine: Callable[[], datetime] = machine_time) -> None:
        self._file = file
        self._machine = machine
        self._stamp: tuple[int, int] | None = None
        self._setting: Setting | None = None

    def now(self) -> datetime:
        """The moment, UTC, in whole milliseconds. Raises ClockFileError where the file or its time can't be used."""
        setting = self.setting()
        machine = self._machine()
        try:
            moment = setting.shows(machine) if setting else machine.astimezone(UTC)
        except OverflowError as error:
            raise ClockFileError(f"the clock of {self._file} has run out of the calendar: set it again") from error
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def setting(self) -> Setting | None:
        """What the file says now; None where there is none. Raises ClockFileError where it can't be read."""
        if self._file is None:
            return None
        try:
            status = self._file.stat()
        except FileNotFoundError:
            self._setting = self._stamp = None
            return None
        except OSError as error:
            raise ClockFileError(f"the clock file {self._file} can't be read: {error}") from error
        stamp = (status.st_mtime_ns, status.st_ino)
        if self._setting is None or stamp != self._stamp:
            self._setting = _read(self._file)
            self._stamp = stamp
        return self._setting


def _read(file: Path) -> Setting:
    try:
        document = json.loads(file.read_bytes())
        setting = Setting(
            datetime.fromisoformat(document["shown"]), datetime.fromisoformat(document["at"]), float(document["speed"])
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ClockFileError(f"the clock file {file} can't be read ({error!r}): write it again") from error
    if setting.shown.tzinfo is None or setting.at.tzinfo is None or not 0 <= setting.speed <= FASTEST:
        raise ClockFileError(f"the clock file {file} needs moments with an offset, and a speed of 0 to {FASTEST:.0f}")
    return setting
