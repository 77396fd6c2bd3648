"""What of the lanes outlives a run: their pauses, and what they have spent of the day. A file of the state folder.

Sessions are not kept: cookies are secrets, and a guest gets a new one for nothing.
"""

import logging
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from crawler.lanes.lane import Lane, LaneRecord
from schemas.errors import first_reason

logger = logging.getLogger(__name__)


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True)

    lanes: dict[str, LaneRecord] = {}


class Logbook:
    """The logbook of one worker. Where it can't be read or written, that is logged, and the crawl goes on."""

    def __init__(self, home: Path, worker: str) -> None:
        self._file = home / f"lanes-{worker}.json"
        self._records: dict[str, LaneRecord] = {}

    def open(self, lanes: Iterable[Lane]) -> None:
        """Let the lanes go on where they were; those of other settings stay in the book."""
        try:
            self._records = dict(_Page.model_validate_json(self._file.read_bytes()).lanes)
        except FileNotFoundError:
            return
        except (OSError, ValidationError) as error:
            logger.warning(
                "%s can't be read (%s): pauses of the lanes, and what they have spent of the day, begin anew",
                self._file,
                first_reason(error),
            )
            return
        for lane in lanes:
            if (record := self._records.get(lane.name)) is not None:
                lane.resume(record)

    def write(self, lanes: Iterable[Lane]) -> None:
        """Write down how the lanes are, those that have asked for anything."""
        now = {lane.name: record for lane in lanes if (record := lane.record()) is not None}
        if not now:
            return
        self._records |= now
        partial = self._file.with_name(self._file.name + ".partial")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(_Page(lanes=self._records).model_dump_json(), encoding="utf-8")
            partial.replace(self._file)
        except OSError as error:
            logger.warning(
                "%s can't be written (%s): the next run won't know of pauses", self._file, first_reason(error)
            )
