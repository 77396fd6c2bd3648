"""When a visit that failed is tried again: not with every plan, and sooner than the next one is promised."""

from dataclasses import dataclass, field
from datetime import datetime

from crawler.planning.promises import Promise
from crawler.planning.watched import Kind

PART = 8
"""The first try again comes after this part of the promised interval; each further failure doubles it."""


@dataclass(slots=True)
class Retries:
    """What has failed lately, by account and kind of visit. Moments are offset-aware, the crawl's clock.

    Without it an account that can't be read would be overdue in every plan, and a browser that can't render would take
    the whole budget.
    """

    _failures: dict[tuple[str, Kind], tuple[int, datetime]] = field(default_factory=dict)

    def ended(self, account_id: str, kind: Kind, succeeded: bool, promise: Promise, now: datetime) -> None:
        """A visit has ended: it got what it was for, or is to wait, never longer than what is promised."""
        if succeeded:
            self._failures.pop((account_id, kind), None)
            return
        every = promise.render_every if kind is Kind.RENDERED and promise.render_every else promise.every
        count, _ = self._failures.get((account_id, kind), (0, now))
        wait = min(every / PART * 2 ** min(count, PART), every)
        self._failures[account_id, kind] = count + 1, now + wait

    def again_at(self, account_id: str) -> dict[Kind, datetime]:
        """From when on what has failed may be tried again."""
        return {kind: self._failures[account_id, kind][1] for kind in Kind if (account_id, kind) in self._failures}
