"""A clock that is turned by hand, and lanes that run by it."""

from datetime import UTC, datetime, timedelta

from crawler.lanes.budget import DAY, MINUTE, Budget, Rate
from crawler.lanes.lane import Lane
from crawler.lanes.plans import LanePlan
from schemas.clock import Clock
from schemas.events import LaneChanged

NOW = datetime(2017, 1, 2, tzinfo=UTC)


class Hands:
    """Shows what it was set to."""

    def __init__(self) -> None:
        self.shows = NOW

    def now(self) -> datetime:
        return self.shows


def cookie(name: str, value: str, domain: str = ".weibo.cn") -> dict[str, str]:
    return {"name": name, "value": value, "domain": domain}


def lane(
    name: str,
    clock: Clock,
    told: list[LaneChanged] | None = None,
    *,
    delay_s: float = 0,
    day: int = 10**9,
    places: int = 1,
) -> Lane:
    """A lane without limits but for those that are named."""
    budget = Budget(timedelta(seconds=delay_s), Rate(10**9, MINUTE), Rate(day, DAY))
    plan = LanePlan(name, budget, concurrent_requests=places)
    return Lane(plan, clock, "1", (told if told is not None else []).append)
