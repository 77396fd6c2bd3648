"""Who may go next: so many at a time, by priority, then in the order of arrival. For one event loop."""

import asyncio
import heapq
from itertools import count


class Turns:
    """A number of places. Who waits can be sent away, to look elsewhere."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: list[tuple[int, int, asyncio.Future[bool]]] = []
        self._arrivals = count()
        self.taken = 0

    @property
    def load(self) -> int:
        """How many have a place or wait for one."""
        return self.taken + len(self._waiting)

    async def take(self, priority: int = 0) -> bool:
        """Wait for a place, the higher priority first; False where one was sent away without it."""
        if self._free:
            self._free -= 1
            self.taken += 1
            return True
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-priority, next(self._arrivals), turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.give_back()
            raise

    def give_back(self) -> None:
        """A place is free again: it goes to the first who waits."""
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(True)
                return
        self._free += 1
        self.taken -= 1

    def send_away(self) -> None:
        """Whoever waits shall look elsewhere."""
        waiting, self._waiting = self._waiting, []
        for _, _, turn in waiting:
            if not turn.done():
                turn.set_result(False)
