"""Which lane a request goes out by, and when. One event loop uses it; it waits, and never blocks the loop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from crawler.lanes.errors import (
    BudgetSpentError,
    ClockStandsStillError,
    LaneError,
    LanesPausedError,
    NoOtherLaneError,
    RunStoppedError,
)
from crawler.lanes.lane import Lane
from crawler.signals import ResponseClass
from schemas.clock import Clock, FileClock

STEP_S = 0.25
"""Machine time between two looks at the clock, which may be set meanwhile, and at whether the run is stopped."""

STILL = "; the crawl's clock stands still, so that no pause ends"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request needs of a lane.

    `visit` stays with its lane as long as that may ask; `other_than` names a lane that it must not be; `weight` is
    what it counts for in the budget; `page`: it is rendered.
    """

    visit: object | None = None
    other_than: str | None = None
    priority: int = 0
    weight: int = 1
    government: bool = False
    page: bool = False


@dataclass(eq=False, slots=True)
class Turn:
    """A place at a lane, from before a request goes out until its answer is judged."""

    lane: Lane
    page: bool
    over: bool = field(default=False, init=False)

    def end(self) -> None:
        """Give the place back; a second time does nothing."""
        if not self.over:
            self.over = True
            self.lane.turns.give_back()
            if self.page:
                self.lane.pages.give_back()


class Dispatcher:
    """The lanes of a worker.

    `patience` is how long a request waits while all lanes are paused. `ready(lane)` opens, renews or probes a lane,
    and says whether it may be used. `jitter()` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        lanes: Sequence[Lane],
        clock: Clock,
        patience: timedelta,
        ready: Callable[[Lane, Wish], Awaitable[bool]],
        jitter: Callable[[], float],
    ) -> None:
        self.lanes = {lane.name: lane for lane in lanes}
        self._clock = clock
        self._patience = patience
        self._ready = ready
        self._jitter = jitter
        self._stopped = False
        self._of_visit: WeakKeyDictionary[Any, Lane] = WeakKeyDictionary()

    def stop(self) -> None:
        """The run is stopped: whoever waits gets a RunStoppedError."""
        self._stopped = True
        for lane in self.lanes.values():
            lane.turns.send_away()
            lane.pages.send_away()

    async def turn(self, wish: Wish) -> Turn:
        """Wait until a lane may ask, and begin to ask by it. Raises LaneError."""
        paused_since: datetime | None = None
        while True:
            self._go_on()
            now = self._clock.now()
            lane = self._choose(wish, now)
            if lane is None:
                paused_since = paused_since or now
                await self._until(self._resumption(wish, now, paused_since))
                continue
            turn = await self._place(lane, wish)
            if turn is None:
                continue
            try:
                if await self._ready(lane, wish) and await self._pay(lane, wish):
                    return turn
            except BaseException:
                turn.end()
                raise
            turn.end()
            # The lane has become unusable: whoever else waits there shall see it too.
            await asyncio.sleep(0)

    def can_take(self, wish: Wish) -> bool:
        """Whether a lane may ask now, or will within the patience."""
        now = self._clock.now()
        if self._stopped:
            return False
        try:
            return self._choose(wish, now) is not None or self._resumption(wish, now, now) >= now
        except LaneError:
            return False

    def _choose(self, wish: Wish, now: datetime) -> Lane | None:
        """The visit's own lane, else one whose pause is over and that nobody probes yet, else the one with least to do.

        None: all are paused, or those that are not have spent their day.
        """
        able = [lane for lane in self._eligible(wish) if lane.health.may_ask(now)]
        in_time = [lane for lane in able if lane.meter.day_free_at(now, wish.weight) - now <= self._patience]
        if able and not in_time and not self._resumes_soon(wish, now):
            soonest = min(lane.meter.day_free_at(now, wish.weight) for lane in able)
            names = ", ".join(lane.name for lane in able)
            raise BudgetSpentError(
                f"the day's budget of {names} is spent until {_shown(soonest)} (crawl.requests_per_day)", None, "budget"
            )
        sticky = self._of_visit.get(wish.visit) if wish.visit is not None else None
        if sticky in in_time:
            return sticky
        chosen = min(in_time, key=_order, default=None)
        if chosen is not None and wish.visit is not None and wish.other_than is None:
            self._of_visit[wish.visit] = chosen
        return chosen

    def _eligible(self, wish: Wish) -> list[Lane]:
        lanes = [lane for lane in self.lanes.values() if lane.name != wish.other_than]
        if not lanes:
            raise NoOtherLaneError(
                f"another session than that of the lane {wish.other_than} is needed, and there is no other lane",
                None,
                "budget",
            )
        return lanes

    def _resumes_soon(self, wish: Wish, now: datetime) -> bool:
        resumptions = (lane.health.resumes_at for lane in self._eligible(wish))
        return any(now < moment <= now + self._patience for moment in resumptions if moment is not None)

    def _resumption(self, wish: Wish, now: datetime, paused_since: datetime) -> datetime:
        """When the first of the paused lanes is tried again. Raises LanesPausedError where that is too late."""
        lanes = self._eligible(wish)
        paused = [(moment, lane) for lane in lanes if (moment := lane.health.resumes_at) is not None and moment > now]
        first = min((moment for moment, _ in paused), default=None)
        stands_still = first is not None and self._speed() == 0
        if first is not None and first - paused_since <= self._patience and not stands_still:
            return first
        described = "; ".join(_described(lane) for lane in lanes) + (STILL if stands_still else "")
        decisive = min(paused, key=lambda pair: pair[0], default=(None, lanes[0]))[1]
        raise LanesPausedError(f"no lane can ask: {described}", decisive.health.cause or ResponseClass.NETWORK_ERROR)

    def _speed(self) -> float:
        return self._clock.setting().speed if isinstance(self._clock, FileClock) else 1.0

    async def _place(self, lane: Lane, wish: Wish) -> Turn | None:
        if wish.page and not await lane.pages.take(wish.priority):
            return None
        try:
            if await lane.turns.take(wish.priority):
                turn = Turn(lane, wish.page)
                if lane.may_ask() and not self._stopped:
                    return turn
                turn.end()
                return None
        except BaseException:
            if wish.page:
                lane.pages.give_back()
            raise
        if wish.page:
            lane.pages.give_back()
        return None

    async def _pay(self, lane: Lane, wish: Wish) -> bool:
        """Wait for the budget and spend of it; False where the lane was paused meanwhile."""
        while (free := lane.meter.free_at(now := self._clock.now(), wish.weight)) > now:
            if lane.meter.day_free_at(now, wish.weight) - now > self._patience:
                return False
            await self._until(free, lane)
            if lane.health.state in ("challenged", "dead"):
                return False
        lane.spend(now, wish.weight, jitter=self._jitter(), government=wish.government)
        return True

    async def _until(self, moment: datetime, lane: Lane | None = None) -> None:
        """Sleep until a moment of the crawl's clock; also until the lane can't ask any more."""
        while (left := (moment - self._clock.now()).total_seconds()) > 0:
            self._go_on()
            if lane is not None and not lane.may_ask():
                return
            if (speed := self._speed()) == 0:
                raise ClockStandsStillError(
                    f"a request would wait until {_shown(moment)}, and the crawl's clock stands still", None, "budget"
                )
            await asyncio.sleep(min(left / speed, STEP_S))

    def _go_on(self) -> None:
        if self._stopped:
            raise RunStoppedError("the run was stopped", None)


def _order(lane: Lane) -> tuple[bool, int]:
    """A lane is probed by one request, and chosen by others again only when nothing else is left."""
    load = lane.turns.load
    return lane.health.state == "challenged" and load > 0, -1 if lane.health.state == "challenged" else load


def _described(lane: Lane) -> str:
    health = lane.health
    cause = f"{health.cause}: " if health.cause else ""
    until = f" until {_shown(health.resumes_at)}" if health.resumes_at else ""
    return f"{lane.name} is {health.state}{until} ({cause}{health.reason})"


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
