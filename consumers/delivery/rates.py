"""How often a target may be written to: at most so many in any span of time, with the clock injected.

A bucket that is full and refills while it is emptied lets nearly twice its number pass in the first span; providers
punish that (DingTalk: 10 minutes). So the moments of the last span are kept instead, at most 100 of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many requests in any span of so many seconds."""

    most: int
    within_s: float


#: Requests may arrive closer together than they left, so spans are counted a little longer.
MARGIN = 1.05


@dataclass(slots=True)
class Throttle:
    """The moments of the latest requests to one target, seconds of the Unix clock, ascending."""

    rates: tuple[Rate, ...] = ()
    times: list[float] = field(default_factory=list)

    def room(self, now: float, *, spans_from_s: float = 0.0) -> int | None:
        """How many may leave at once; None: any number. Of the rates whose span is at least so many seconds."""
        times = self._kept(now)
        rooms = [
            rate.most - sum(time > now - rate.within_s * MARGIN for time in times)
            for rate in self.rates
            if rate.within_s >= spans_from_s
        ]
        return min(rooms, default=None)

    def half_free(self, now: float, *, spans_from_s: float) -> bool:
        """Whether one may leave at once, and at most half of what long spans take has left: the rest is for others."""
        times = self._kept(now)
        for rate in self.rates:
            left = sum(time > now - rate.within_s * MARGIN for time in times)
            if left >= (rate.most / 2 if rate.within_s >= spans_from_s else rate.most):
                return False
        return True

    def free_at(self, now: float) -> float:
        """When the next one may leave: now, or later."""
        times = self._kept(now)
        return max(
            [now, *(times[-rate.most] + rate.within_s * MARGIN for rate in self.rates if len(times) >= rate.most)]
        )

    def take(self, now: float) -> None:
        """Say that one leaves now."""
        if self.rates:
            self.times = [*self._kept(now), now]

    def _kept(self, now: float) -> Sequence[float]:
        """Those that still count. A clock that was set back does not close a target for longer than its span."""
        longest = max((rate.within_s for rate in self.rates), default=0.0) * MARGIN
        return [min(time, now) for time in self.times if time > now - longest]
