"""The terms of a worker's plan, as the settings give them: its budget, its promises, and how long a post is watched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from crawler.lanes.budget import Rate
from crawler.lanes.plans import LanePlan, plans_of
from crawler.planning.curves import CurveModel
from crawler.planning.promises import TIERS, Budget, Promise, Tier, needed_per_hour
from schemas.errors import SettingsError
from schemas.settings import Crawl, Settings

UNBOUNDED = 3_600.0
"""Requests per hour of a lane that nothing slows down: one a second of the crawl's clock. More would gain nothing."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is made under. `lanes` are requests per hour by lane, `budget` is their sum."""

    lanes: Mapping[str, float]
    budget: Budget
    promises: Mapping[Tier, Promise]
    model: CurveModel

    @property
    def delay(self) -> timedelta:
        """How far apart requests are, over all lanes together."""
        return timedelta(hours=1) / self.budget.per_hour

    def shortages(self, tiers: Iterable[Tier]) -> tuple[str, ...]:
        """The promises that the budget can't keep in the long run to accounts of these tiers, a sentence each."""
        counted = list(tiers)
        found = []
        if counted and self.budget.render_cost > self.budget.per_hour:
            found.append(
                f"no page is rendered: it counts for {self.budget.render_cost} requests (crawl.render_cost), and there "
                f"are {self.budget.per_hour:,.1f} per hour. Everything else goes on by plain requests"
            )
        for place, tier in enumerate(TIERS):
            served = [other for other in counted if other in TIERS[: place + 1]]
            needed = needed_per_hour(served, self.promises, self.budget)
            if tier in counted and needed > self.budget.per_hour:
                found.append(
                    f"tier {tier}: the promises to {counted.count(tier)} accounts can't be kept in the long run; with "
                    f"the tiers before it they take {needed:,.1f} requests per hour, there are "
                    f"{self.budget.per_hour:,.1f}. Make crawl.visit_every_{tier}_min or crawl.render_every_{tier}_h "
                    "longer, or watch fewer accounts"
                )
        return tuple(found)


def terms_of(settings: Settings, tiers: Iterable[Tier] = TIERS) -> Terms:
    """The terms of this worker, for accounts of these tiers.

    Raises SettingsError where the lanes contradict themselves, or where a promise can't be kept to even one account.
    """
    crawl = settings.crawl
    lanes = {lane.name: requests_per_hour(lane) for lane in plans_of(settings)}
    budget = Budget(sum(lanes.values()), crawl.render_cost)
    promises = {tier: _promise(crawl, tier) for tier in TIERS}
    for tier in sorted(set(tiers), key=TIERS.index):
        needed = timedelta(hours=1) / promises[tier].every
        if needed > budget.per_hour:
            raise SettingsError(
                f"crawl.visit_every_{tier}_min promises one account of tier {tier} {needed:,.1f} visits per hour, and "
                f"the lanes may ask for {budget.per_hour:,.1f} requests: make it longer, or crawl.delay_s shorter"
            )
    return Terms(lanes, budget, promises, CurveModel(life=crawl.watch_h * 3_600.0))


def requests_per_hour(lane: LanePlan) -> float:
    """What a lane may ask for in an hour of a day that it asks all day long, with jitter as it is on average.

    Accounts are taken for a government's.
    """
    budget = lane.budget
    apart = budget.pause(0.5, government=True, degraded=False)
    by_delay = timedelta(hours=1) / apart if apart else UNBOUNDED
    return min(by_delay, _per_hour(budget.per_minute), _per_hour(budget.per_day), UNBOUNDED)


def _per_hour(rate: Rate) -> float:
    return rate.limit * (timedelta(hours=1) / rate.window)


def _promise(crawl: Crawl, tier: Tier) -> Promise:
    minutes: float = getattr(crawl, f"visit_every_{tier}_min")
    hours: float = getattr(crawl, f"render_every_{tier}_h")
    weight: float = getattr(crawl, f"tier_weight_{tier}")
    return Promise(timedelta(minutes=minutes), timedelta(hours=hours), weight)
