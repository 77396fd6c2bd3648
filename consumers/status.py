"""What the loader is doing, for people: a line in the log now and then, and a file for `weiplomacy status`."""

import json
import logging
import os
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from schemas.event_fields import iso_milliseconds

log = logging.getLogger(__name__)

FILE = "loader.json"
RATE_OVER_S = 10.0


@dataclass(frozen=True, slots=True)
class LastBatch:
    """The newest batch. `at` is machine time, UTC; `seconds` is how long it took."""

    topic: str
    partition: int
    first: int
    last: int
    rows: int
    dead_letters: int
    seconds: float
    at: datetime


class LoaderStatus:
    """Keeps count, and writes it out at most once a second; a line in the log every ten seconds with something new."""

    def __init__(self, home: Path, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._file = home / FILE
        self._now = now
        self._clock = clock
        self._started = now()
        self._rows = 0
        self._dead_letters = 0
        self._recent: deque[tuple[float, int]] = deque()
        self._last: LastBatch | None = None
        self._trouble = ""
        self._trouble_since: datetime | None = None
        self._lag: dict[str, int] = {}
        self._state = "starting"
        self._written_at = float("-inf")
        self._unwritten = False
        self._logged_at = float("-inf")
        self._logged_rows = 0

    def wrote(self, batch: LastBatch) -> None:
        """A batch was written."""
        self._last = batch
        self._rows += batch.rows
        self._dead_letters += batch.dead_letters
        self._recent.append((self._clock(), batch.rows))

    def trouble(self, sentence: str) -> None:
        """Something keeps it from going on, since now; an empty sentence ends it. Written at once: it may take long."""
        if sentence and not self._trouble:
            self._trouble_since = self._now()
            log.warning("waiting: %s", sentence)
        elif not sentence and self._trouble:
            log.warning("goes on")
            self._trouble_since = None
        self._trouble = sentence
        self._write(self._clock())

    def tell(self, lag: Mapping[str, int], state: str) -> None:
        """Write the file, when it is time; `lag` is messages not yet written, by topic."""
        now = self._clock()
        if now - self._written_at < 1.0 and state == "running":
            return
        self._lag, self._state = dict(lag), state
        self._write(now)
        if now - self._logged_at >= RATE_OVER_S and self._rows != self._logged_rows:
            self._logged_at = now
            self._logged_rows = self._rows
            log.info(
                "%d rows, %.0f rows/s, lag %d, dead letters %d",
                self._rows,
                self._rate(now),
                sum(lag.values()),
                self._dead_letters,
            )

    def _write(self, now: float) -> None:
        self._written_at = now
        try:
            write(self._file, self._document(self._lag, self._state, now))
        except OSError as error:
            # Loading goes on without it: a full disk shall not stop what may still be written elsewhere.
            if not self._unwritten:
                log.warning("the status can't be written to %s: %s", self._file, error.strerror)
            self._unwritten = True
        else:
            self._unwritten = False

    def _rate(self, now: float) -> float:
        while self._recent and now - self._recent[0][0] > RATE_OVER_S:
            self._recent.popleft()
        return sum(rows for _, rows in self._recent) / RATE_OVER_S

    def _document(self, lag: Mapping[str, int], state: str, now: float) -> dict[str, Any]:
        last = self._last
        waiting = f"waiting: {self._trouble}" if self._trouble else None
        rate = self._rate(now)
        return {
            "part": "loader",
            "pid": os.getpid(),
            "state": state,
            "doing": waiting or f"{rate:.0f} rows/s, lag {sum(lag.values())}",
            "waiting_since": iso_milliseconds(self._trouble_since) if self._trouble_since else None,
            "at": iso_milliseconds(self._now()),
            "started_at": iso_milliseconds(self._started),
            "rows": self._rows,
            "rows_per_second": round(rate, 1),
            "dead_letters": self._dead_letters,
            "lag": dict(sorted(lag.items())),
            "last_batch": None
            if last is None
            else {
                "topic": last.topic,
                "partition": last.partition,
                "offsets": [last.first, last.last],
                "rows": last.rows,
                "dead_letters": last.dead_letters,
                "seconds": round(last.seconds, 3),
                "at": iso_milliseconds(last.at),
            },
        }


def write(file: Path, document: Mapping[str, Any]) -> None:
    """Replace a JSON file in one step that no reader sees half done."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(file.name + ".partial")
    partial.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    partial.replace(file)
