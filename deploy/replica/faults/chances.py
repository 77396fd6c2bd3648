"""Whether a fault strikes a request: decided by its seed, its name and counts, never by what other faults did."""

from dataclasses import dataclass, field

from deploy.replica.faults.asked import Asked
from deploy.replica.faults.memory import Memory
from deploy.replica.faults.scenario import Fault


@dataclass
class Tally:
    """What a fault has met: matching requests, how often it was applied, and to which request how often."""

    matched: int = 0
    applied: int = 0
    each: Memory[str, int] = field(default_factory=lambda: Memory(int))

    def apply(self, fault: Fault, asked: Asked) -> None:
        """Count that the fault was applied to a request."""
        self.applied += 1
        if fault.match.each:
            self.each[asked.request] += 1


def strikes(fault: Fault, asked: Asked, tally: Tally) -> bool:
    """Whether a fault strikes a request that it matches; the request is counted.

    The n-th matching request is struck when the number drawn from (seed, name, n) is under the share; with
    `by = "request"` it is drawn from the request instead, which so is struck always or never.
    """
    match = fault.match
    place = tally.matched
    tally.matched += 1
    if place < match.after or (match.times and tally.applied >= match.times):
        return False
    if match.each and tally.each[asked.request] >= match.each:
        return False
    drawn_by = asked.request if match.by == "request" else place
    return match.share >= 1 or fault.draws("strikes", drawn_by) < match.share
