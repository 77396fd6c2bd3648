"""What is promised whatever changes: each account is visited at least every so often, by its tier.

A timeline page shows the newest posts, so the same promise bounds how late a new post is found.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from schemas.errors import SettingsError

Tier = Literal["first", "normal", "last"]
TIERS: tuple[Tier, ...] = ("first", "normal", "last")
"""In the order in which they are served when requests are short."""


@dataclass(frozen=True, slots=True)
class Promise:
    """For one tier: at most `every` between two visits of an account, at most `render_every` between two rendered
    pages (None: none is promised), and how much a tier's posts weigh against others' when requests are spared.

    Raises SettingsError where an interval is not positive.
    """

    every: timedelta
    render_every: timedelta | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.every <= timedelta(0) or (self.render_every is not None and self.render_every <= timedelta(0)):
            raise SettingsError("an account can't be visited every 0 seconds or less: give each tier a longer interval")


PROMISES: Mapping[Tier, Promise] = {
    "first": Promise(timedelta(minutes=30), timedelta(days=1), 2.0),
    "normal": Promise(timedelta(hours=2), timedelta(days=2), 1.0),
    "last": Promise(timedelta(hours=12), timedelta(days=7), 0.5),
}


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be asked: plain requests per hour over all lanes, and what a rendered page costs in them.

    Raises SettingsError where nothing at all may be asked, or a rendered page is cheaper than a plain request.
    """

    per_hour: float
    render_cost: int = 100

    def __post_init__(self) -> None:
        if not self.per_hour > 0:
            raise SettingsError("a budget of 0 requests per hour crawls nothing: give the lanes some")
        if self.render_cost < 1:
            raise SettingsError("a rendered page can't cost less than one plain request: set its cost to 1 or more")


@dataclass(frozen=True, slots=True)
class Broken:
    """A tier's promise that the budget can't keep, for which accounts, and with what budget it would be kept.

    `needed_per_hour` is for this tier and those before it, for as long as they are promised.
    """

    tier: Tier
    accounts: tuple[str, ...] = field(repr=False)
    of: int
    needed_per_hour: float
    per_hour: float

    @property
    def says(self) -> str:
        """The sentence for people."""
        late = f"tier {self.tier}: {len(self.accounts)} of {self.of} accounts are visited later than promised"
        if self.needed_per_hour <= self.per_hour:
            return f"{late}: they were overdue before; {self.per_hour:,.1f} requests per hour are enough from now on"
        return (
            f"{late}; it takes {self.needed_per_hour:,.1f} requests per hour to keep it, there are {self.per_hour:,.1f}"
        )


def needed_per_hour(tiers: Iterable[Tier], promises: Mapping[Tier, Promise], budget: Budget) -> float:
    """The requests per hour that the promises to accounts of these tiers take, in the long run.

    A rendered page loads the timeline too, so it saves one plain visit.
    """
    total = 0.0
    for tier in tiers:
        promise = promises[tier]
        total += timedelta(hours=1) / promise.every
        if promise.render_every is not None:
            saved = min(1.0, promise.render_every / promise.every)
            total += (timedelta(hours=1) / promise.render_every) * (budget.render_cost - saved)
    return total


def broken(
    late: Iterable[tuple[Tier, str]],
    tiers: Sequence[Tier],
    promises: Mapping[Tier, Promise],
    budget: Budget,
    backlog: Mapping[Tier, float],
) -> tuple[Broken, ...]:
    """The promises that are not kept, by tier. `late`: accounts with their tier; `tiers`: those of all accounts;
    `backlog`: what it would take per hour to work off what is due soon, for a tier and those before it.
    """
    by_tier: dict[Tier, list[str]] = {tier: [] for tier in TIERS}
    for tier, account in late:
        by_tier[tier].append(account)
    found = []
    for place, tier in enumerate(TIERS):
        if not by_tier[tier]:
            continue
        served = set(TIERS[: place + 1])
        steady = needed_per_hour((other for other in tiers if other in served), promises, budget)
        needed = max(steady, backlog.get(tier, 0.0))
        found.append(Broken(tier, tuple(sorted(set(by_tier[tier]))), tiers.count(tier), needed, budget.per_hour))
    return tuple(found)
