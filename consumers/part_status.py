"""What a part of the stack is doing, in a file for `weiplomacy status`."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from consumers.status import write
from schemas.event_fields import iso_milliseconds

log = logging.getLogger(__name__)


class StatusFile:
    """The file of one part, `PART.json` in the state folder. `now` is machine time, UTC."""

    def __init__(self, home: Path, part: str, now: Callable[[], datetime]) -> None:
        self._file = home / file_of(part)
        self._part = part
        self._now = now
        self._trouble_since: datetime | None = None

    def doing(self, sentence: str) -> None:
        """It goes on, doing that."""
        self._trouble_since = None
        self._write(sentence)

    def trouble(self, sentence: str) -> None:
        """Something keeps it from going on, since the first such call."""
        if self._trouble_since is None:
            self._trouble_since = self._now()
            log.warning("%s waits: %s", self._part, sentence)
        self._write(f"waiting: {sentence}")

    def _write(self, sentence: str) -> None:
        since = self._trouble_since
        document = {
            "part": self._part,
            "doing": sentence,
            "waiting_since": iso_milliseconds(since) if since else None,
            "at": iso_milliseconds(self._now()),
        }
        try:
            write(self._file, document)
        except OSError as error:
            log.warning("the status can't be written to %s: %s", self._file, error.strerror)


def file_of(part: str) -> str:
    """The name of a part's file in the state folder."""
    return f"{part}.json"
