"""One lane as it runs: its plan, its session, its health, what it has spent, and who waits for it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from crawler.lanes import health as transitions
from crawler.lanes.budget import Meter
from crawler.lanes.health import Health, HealthPolicy, State
from crawler.lanes.plans import LanePlan
from crawler.lanes.turns import Turns
from crawler.sessions import Session
from crawler.signals import ResponseClass
from schemas.clock import Clock
from schemas.events import LaneChanged
from schemas.software import SOFTWARE

LANE_CHANGED = object()
"""The Scrapy signal that carries the event of a lane's change, as `event`."""

EXPIRED = "its login has expired: `weiplomacy crawl login --lane {}`"

Tell = Callable[[LaneChanged], None]


class LaneRecord(BaseModel):
    """What a lane remembers from one run to the next. Moments are those of the crawl's clock."""

    model_config = ConfigDict(frozen=True)

    state: Literal["healthy", "degraded", "challenged"] = "healthy"
    cause: ResponseClass | None = None
    reason: str = ""
    resumes_at: AwareDatetime | None = None
    strikes: int = 0
    day: tuple[tuple[AwareDatetime, AwareDatetime, int], ...] = ()


class Lane:
    """A lane of this worker. Each change of its health is told as an event, once."""

    def __init__(
        self, plan: LanePlan, clock: Clock, worker: str, tell: Tell, policy: HealthPolicy | None = None
    ) -> None:
        self.plan = plan
        self.name = plan.name
        self.session = Session()
        self.health = Health()
        self.meter = Meter(plan.budget)
        self.turns = Turns(max(plan.concurrent_requests, plan.concurrent_pages))
        self.pages = Turns(plan.concurrent_pages)
        self.lock = asyncio.Lock()
        """Held while the session is opened, renewed or probed."""
        self._policy = policy or HealthPolicy()
        self._clock = clock
        self._worker = worker
        self._tell = tell
        self._told: tuple[State, datetime | None] | None = None

    def record(self) -> LaneRecord | None:
        """What the next run shall know; None where nothing was asked yet. A dead lane is given another chance then."""
        day = self.meter.spent_of_the_day()
        if not day:
            return None
        health = self.health
        if health.state == "dead":
            return LaneRecord(day=day)
        return LaneRecord(
            state=health.state,
            cause=health.cause,
            reason=health.reason,
            resumes_at=health.resumes_at,
            strikes=health.strikes,
            day=day,
        )

    def resume(self, record: LaneRecord) -> None:
        """Go on where an earlier run was. A pause that the clock knows nothing of any more is none."""
        self.meter.recall(record.day)
        latest = self._clock.now() + self._policy.longest_pause
        if record.state == "healthy" or (record.resumes_at is not None and record.resumes_at > latest):
            return
        self.health = Health(record.state, record.cause, record.reason, record.resumes_at, record.strikes)
        self._told = (record.state, record.resumes_at)

    def may_ask(self) -> bool:
        """Whether a request may go out now, if only as a probe."""
        return self.health.may_ask(self._clock.now())

    @property
    def is_well(self) -> bool:
        """Whether it is neither paused nor dead."""
        return self.health.state in ("healthy", "degraded")

    def may_renew(self) -> bool:
        """Whether the browser may be asked for a new session now."""
        return transitions.may_renew(self.health, self._policy, self._clock.now())

    def spend(self, now: datetime, weight: int, *, jitter: float, government: bool) -> None:
        """A request begins now."""
        degraded = self.health.state != "healthy"
        self.meter.spend(now, self.plan.budget.pause(jitter, government=government, degraded=degraded), weight)

    def take(self, cookies: Iterable[Mapping[str, Any]]) -> None:
        """Take over the browser's cookies. The first session of a lane is told, as its beginning."""
        self.session.take(cookies)
        if self.session.is_open and self._told is None:
            self._change(self.health, self._clock.now(), f"it has its first session{self._signed()}")

    def answered(
        self,
        response_class: ResponseClass,
        reason: str = "",
        retry_after: timedelta | None = None,
        pause: timedelta | None = None,
    ) -> None:
        """An answer of the present session came, or none."""
        now = self._clock.now()
        if response_class in transitions.LOST and self.plan.profile is not None and self.session.is_signed_in:
            self._change(transitions.died(self.health, response_class, EXPIRED.format(self.name)), now)
            return
        health = transitions.answered(self.health, self._policy, now, response_class, reason, retry_after, pause)
        self._change(health, now)

    def probed(
        self,
        response_class: ResponseClass,
        reason: str = "",
        retry_after: timedelta | None = None,
        pause: timedelta | None = None,
    ) -> bool:
        """The answer to a probe came: whether the lane may go on. What is no good answer makes it wait again."""
        if response_class is ResponseClass.ROBOTS:  # nothing may be asked for a probe: the next request is one
            response_class = ResponseClass.OK
        if response_class in transitions.GOOD or response_class in transitions.LOST:
            self.answered(response_class, reason)
        else:
            now = self._clock.now()
            paused = transitions.paused(self.health, self._policy, now, response_class, reason, retry_after, pause)
            self._change(paused, now)
        return response_class in transitions.GOOD

    def renewing(self) -> None:
        """The browser is being asked for a session."""
        now = self._clock.now()
        self._change(transitions.renewing(self.health, now), now)

    def renewed(self) -> None:
        """The browser has brought one."""
        self._change(transitions.renewed(self.health), self._clock.now())

    def not_renewed(self, response_class: ResponseClass, reason: str) -> None:
        """The browser has brought none."""
        now = self._clock.now()
        self._change(transitions.not_renewed(self.health, self._policy, now, response_class, reason), now)

    def _signed(self) -> str:
        if self.plan.profile is None:
            return ""
        return ", signed in" if self.session.is_signed_in else ", but nobody is signed in to its profile: it is a guest"

    def _change(self, health: Health, now: datetime, reason: str | None = None) -> None:
        before, self.health = self._told, health
        after = (health.state, health.resumes_at)
        if after == before or (before is None and reason is None and health.state == "healthy"):
            return
        self._told = after
        if health.state in ("challenged", "dead"):
            self.turns.send_away()
            self.pages.send_away()
        self._tell(
            LaneChanged(
                lane=self.name,
                worker=self._worker,
                state=health.state,
                before=before[0] if before else None,
                reason=" ".join((reason or health.reason).split())[:2_000],
                response_class=health.cause.value if health.cause and health.state != "healthy" else None,
                resumes_at=health.resumes_at,
                software=SOFTWARE,
                observed_at=now,
            )
        )
