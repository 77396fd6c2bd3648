"""What terms and plan mean for each tier: how often an account is looked at, and what that costs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from crawler.planning.plan import Plan
from crawler.planning.promises import TIERS, Tier, needed_per_hour
from crawler.planning.terms import Terms
from crawler.planning.watched import Kind, WatchedAccount


@dataclass(frozen=True, slots=True)
class TierFigures:
    """One tier. Visits and samples are per hour and account, requests per hour over all of its accounts.

    `promised_visits` and `promised_requests` are what the promises take in the long run; `planned_…` what this plan
    makes of the hour: pages, single posts, and both in requests (a rendered page at its price).
    """

    tier: Tier
    accounts: int
    visit_every: timedelta
    render_every: timedelta | None
    promised_visits: float
    promised_requests: float
    planned_visits: float
    planned_posts: float
    planned_requests: float


def figures(accounts: Sequence[WatchedAccount], terms: Terms, made: Plan, span: timedelta) -> tuple[TierFigures, ...]:
    """The tiers that have accounts, in their order; `span` is what the plan was made for."""
    tier_of = {account.account_id: account.tier for account in accounts}
    sizes = Counter(tier_of.values())
    pages, posts, cost = Counter[Tier](), Counter[Tier](), Counter[Tier]()
    for visit in made.visits:
        tier = tier_of[visit.account_id]
        (posts if visit.kind is Kind.POST else pages)[tier] += 1
        cost[tier] += visit.cost
    hours = span / timedelta(hours=1)
    return tuple(
        TierFigures(
            tier,
            sizes[tier],
            terms.promises[tier].every,
            terms.promises[tier].render_every,
            timedelta(hours=1) / terms.promises[tier].every,
            needed_per_hour([tier] * sizes[tier], terms.promises, terms.budget),
            pages[tier] / hours / sizes[tier],
            posts[tier] / hours / sizes[tier],
            cost[tier] / hours,
        )
        for tier in TIERS
        if sizes[tier]
    )
