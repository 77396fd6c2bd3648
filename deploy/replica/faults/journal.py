"""What was applied to which request: the newest entries, and counts of all."""

from collections import Counter, deque
from datetime import datetime
from typing import Any, Final

from deploy.replica.exchange import Visit
from deploy.replica.faults.asked import Asked
from deploy.replica.faults.scenario import Fault

MOST: Final = 10_000
"""Entries that are kept."""
_LONGEST_URL: Final = 500


class Journal:
    """Remembers what faults did. Counts are never forgotten, not even those of faults that are gone."""

    def __init__(self, most: int = MOST) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=most)
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._number = 0

    def note(
        self, fault: Fault, visit: Visit, asked: Asked, request: int, session: int, subject: str | None = None
    ) -> None:
        """Note that a fault was applied to a request; `subject` is the post or account that it changed."""
        self._number += 1
        self._counts[fault.name, fault.kind.name, asked.endpoint] += 1
        self._entries.append(
            {
                "number": self._number,
                "at": visit.at.isoformat(),
                "fault": fault.name,
                "kind": fault.kind.name,
                "subject": subject,
                "request": request,
                "method": visit.method,
                "url": visit.url[:_LONGEST_URL],
                "endpoint": asked.endpoint,
                "uid": str(asked.uid) if asked.uid else None,
                "mid": str(asked.mid) if asked.mid else None,
                "session": asked.session or None,
                "session_number": session or None,
                "address": asked.address or None,
            }
        )

    def entries(self, after: int, since: datetime | None, limit: int) -> list[dict[str, Any]]:
        """The oldest `limit` entries with a number over `after`, and from a moment of replica time on."""
        found = [
            entry
            for entry in self._entries
            if entry["number"] > after and (since is None or datetime.fromisoformat(entry["at"]) >= since)
        ]
        return found[:limit]

    def state(self) -> dict[str, Any]:
        """The numbers of the oldest entry that is kept and of the newest, and the counts by fault and kind."""
        counts: Counter[tuple[str, str]] = Counter()
        for (name, kind, _), count in self._counts.items():
            counts[name, kind] += count
        return {
            "oldest": self._entries[0]["number"] if self._entries else self._number + 1,
            "newest": self._number,
            "counts": [{"fault": name, "kind": kind, "applied": count} for (name, kind), count in counts.items()],
        }

    def endpoints_of(self, name: str) -> dict[str, int]:
        """How often a fault of that name was applied to answers of each endpoint."""
        counts: Counter[str] = Counter()
        for (fault, _, endpoint), count in self._counts.items():
            if fault == name:
                counts[endpoint] += count
        return dict(counts)
