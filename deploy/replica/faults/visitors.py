"""What is remembered of visitors: the number of each session, what a session has used up, who asked how often."""

import math
from collections import deque
from datetime import datetime, timedelta

from deploy.replica.faults.asked import Asked
from deploy.replica.faults.chances import Tally
from deploy.replica.faults.memory import Memory
from deploy.replica.faults.scenario import Fault
from deploy.replica.gate import IDENTITIES


class SessionNumbers:
    """The numbers of sessions, from 1, in the order in which they were first seen; 0 is who has none."""

    def __init__(self) -> None:
        self._seen = 0
        self._numbers: Memory[str, int] = Memory(self._next)

    def number(self, session: str) -> int:
        """The number of a session."""
        return self._numbers[session] if session else 0

    def _next(self) -> int:
        self._seen += 1
        return self._seen


class Lives:
    """The sessions of one fault of kind session-ends, with the requests that they have used."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._used: Memory[str, int] = Memory(int)

    def strikes(self, asked: Asked, session_number: int, tally: Tally) -> bool:
        """Whether this request finds its session ended; `tally` counts ended sessions. The request is counted."""
        match = self._fault.match
        allowed: int = self._fault.settings["requests"]
        if not asked.session:
            return False
        tally.matched += 1
        if match.share < 1 and self._fault.draws("ends", session_number) >= match.share:
            return False
        used = self._used[asked.session]
        if used == allowed:
            if match.times and tally.applied >= match.times:
                return False
            tally.apply(self._fault, asked)
        self._used[asked.session] = min(used + 1, allowed + 1)
        return used >= allowed

    def is_barred(self, asked: Asked) -> bool:
        """Whether the gate gives no other identity to who shows this one."""
        settings = self._fault.settings
        return asked.path == IDENTITIES and settings["permanent"] and self._used[asked.session] > settings["requests"]


class Windows:
    """Who asked when: the requests that one fault of kind session-limit or address-limit let pass."""

    def __init__(self, fault: Fault) -> None:
        self._room: int = fault.settings["requests"]
        self._length = timedelta(seconds=fault.settings["window_s"])
        self._passed: Memory[str, deque[datetime]] = Memory(lambda: deque(maxlen=self._room))

    def wait_s(self, who: str, at: datetime) -> int | None:
        """None where there is room, and the request is counted; else the seconds until there is room, at least 1."""
        passed = self._passed[who]
        # A clock that was set back leaves moments of the future behind: they are forgotten.
        while passed and not timedelta(0) <= at - passed[0] < self._length:
            passed.popleft()
        if len(passed) < self._room:
            passed.append(at)
            return None
        return max(1, math.ceil((passed[0] + self._length - at).total_seconds()))
