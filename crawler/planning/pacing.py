"""How a worker keeps to its budget while it carries plans out: what visits really took delays what comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class Pace:
    """`slot` is the time of one request. Moments are offset-aware, the crawl's clock.

    A plan knows what its visits are expected to take; new posts, long texts and confirmations come on top of that.
    """

    slot: timedelta
    free_at: datetime | None = None

    def free(self, now: datetime) -> datetime:
        """From when on a request may be made."""
        return max(now, self.free_at or now)

    def spend(self, now: datetime, requests: int) -> None:
        """So many requests are made, or were made unforeseen. What was not spent before is not saved up."""
        self.free_at = self.free(now) + max(requests, 0) * self.slot
