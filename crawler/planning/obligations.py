"""Promised visits as jobs with a deadline, and when each has to begin at the latest so that all are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.planning.promises import TIERS, Budget, Promise, Tier, needed_per_hour
from crawler.planning.watched import Kind, WatchedAccount


@dataclass(frozen=True, slots=True)
class Obligation:
    """One promised visit. Moments are Unix seconds; `latest` is when it begins at the latest.

    `must`: the budget keeps the promises to this tier and those before it in the long run. Where it does not, visits
    of the tier get what is left, the longest overdue first. `waits`: it is a rendering, and one is late already. It
    takes a hundred times as long as a plain visit, so those that are due come first: one promise is broken, not all.
    `not_before`: what has failed is not tried again before.
    """

    latest: float
    deadline: float
    tier: Tier
    account_id: str
    kind: Kind
    cost: int
    must: bool
    waits: bool = False
    not_before: float = 0.0

    @property
    def rank(self) -> tuple[int, float, str, str]:
        """The order among those that have to begin now: by deadline; where not all can be kept, first by tier."""
        place = TIERS.index(self.tier) if self.waits or not self.must else -1
        return place, self.deadline, self.account_id, self.kind


def kept_tiers(accounts: Sequence[WatchedAccount], promises: Mapping[Tier, Promise], budget: Budget) -> frozenset[Tier]:
    """The tiers whose promises the budget keeps in the long run, served in their order."""
    kept: set[Tier] = set()
    for place, tier in enumerate(TIERS):
        served = TIERS[: place + 1]
        tiers = [account.tier for account in accounts if account.tier in served]
        if needed_per_hour(tiers, promises, budget) > budget.per_hour:
            break
        kept.add(tier)
    return frozenset(kept)


def obligations(
    accounts: Sequence[WatchedAccount], budget: Budget, now: float, end: float, promises: Mapping[Tier, Promise]
) -> list[Obligation]:
    """The next promised visits of every account, one of each kind, in the order of their latest beginnings.

    They are chained backwards from the last deadline: each ends before its own deadline, and before the next one has
    to begin. Visits of the same accounts that follow within the chain are counted in: they take their share of it.
    """
    kept = kept_tiers(accounts, promises, budget)
    slot = 3_600.0 / budget.per_hour
    jobs = [job for account in accounts for job in _next(account, now, promises[account.tier], budget, kept)]
    if any(job.kind is Kind.RENDERED and job.deadline <= now for job in jobs):
        jobs = [replace(job, waits=job.kind is Kind.RENDERED) for job in jobs]
    jobs.sort(key=lambda job: (job.deadline, job.latest, job.rank), reverse=True)
    # Beyond the end of the span only a part of the time is free: visits that follow take the rest.
    busy = min(needed_per_hour([a.tier for a in accounts if a.tier in kept], promises, budget) / budget.per_hour, 0.95)
    chained, latest = [], float("inf")
    for job in jobs:
        if job.must:
            stretch = 1.0 / (1.0 - busy) if job.deadline > end else 1.0
            latest = min(latest, job.deadline) - job.cost * slot * stretch
            chained.append(replace(job, latest=min(latest, job.latest)))
        else:
            chained.append(job)
    return sorted(chained, key=lambda job: (job.latest, job.rank))


def _next(
    account: WatchedAccount, now: float, promise: Promise, budget: Budget, kept: frozenset[Tier]
) -> list[Obligation]:
    """What was never done is promised from when the promise was made; a first visit has no reason to wait.

    What has failed is owed when it may be tried again.
    """
    promised = account.promised_at.timestamp() if account.promised_at else now
    account_id, tier, must = account.account_id, account.tier, account.tier in kept
    last = account.visited_at.timestamp() if account.visited_at else promised
    again = account.again_at_s(Kind.TIMELINE)
    deadline = max(last + promise.every.total_seconds(), again)
    latest = deadline if account.visited_at else max(now, again)
    found = [Obligation(latest, deadline, tier, account_id, Kind.TIMELINE, 1, must, not_before=again)]
    if promise.render_every is not None:
        last = account.rendered_at.timestamp() if account.rendered_at else promised
        again = account.again_at_s(Kind.RENDERED)
        deadline = max(last + promise.render_every.total_seconds(), again)
        cost = budget.render_cost
        found.append(Obligation(deadline, deadline, tier, account_id, Kind.RENDERED, cost, must, not_before=again))
    return found
