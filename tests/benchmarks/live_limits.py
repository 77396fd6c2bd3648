"""What the limits of the live site mean: visits per hour and account, and how soon a new post is found.

weiplomacy bench live-limits [--accounts N] [--delay SECONDS] [--hours N] [--json]

Plan after plan is carried out on the replica's posts, without a network, as the spider `resample` does it: the budget
of the default lane on the live site, its promises, a new plan every ten minutes, and each visit paid for when it is
made. A timeline page is one request; a visit that renders is taken for RENDERED of them, its further pages and comments
included. Before the first hour the accounts were visited and rendered at moments spread over most of what is promised.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawler.planning.pacing import Pace
from crawler.planning.plan import HORIZON, PlannedVisit, plan
from crawler.planning.terms import Terms, terms_of
from crawler.planning.watched import Kind, WatchedAccount
from crawler.spiders.resample import STEP
from schemas.settings import Crawl, Settings
from tests.benchmarks.page_plans import BEGIN, Followed, World, sample

RENDERED = 35
"""Requests of a visit that renders, by default: the page's own, two further pages, and what stands under five posts."""
SPREAD = 0.8
"""Over so much of what is promised; with all of it, some accounts were overdue before the first request."""


@dataclass(frozen=True)
class Live:
    """What came of it. Visits are per hour and account, requests per hour; times are minutes.

    `late` are the visits that began after what is promised.
    """

    accounts: int
    delay_s: float
    allowed: float
    requests: float
    visits: float
    rendered: int
    longest_gap: float
    found_after: float
    found_at_last: float
    late: int

    @property
    def says(self) -> str:
        """The result in a line."""
        return (
            f"{self.accounts} accounts, {self.requests:.0f} of {self.allowed:.0f} requests per hour (one every "
            f"{3600 / self.allowed:.1f} s): {self.visits:.2f} visits per hour and account, at most "
            f"{self.longest_gap:.0f} min apart, {self.rendered} with a rendered page; a new post is found after "
            f"{self.found_after:.0f} min on average and {self.found_at_last:.0f} at most; {self.late} visits later "
            "than promised"
        )


class Run:
    """A worker that carries plans out on the replica's posts."""

    def __init__(self, world: World, terms: Terms) -> None:
        self._world, self._terms = world, terms
        self._pace = Pace(terms.delay)
        promise = terms.promises["normal"]
        parts = {index: SPREAD * (place + 1) / len(world.accounts) for place, index in enumerate(world.accounts)}
        self._visited = {index: BEGIN - promise.every * part for index, part in parts.items()}
        self._rendered = {index: BEGIN - (promise.render_every or STEP) * part for index, part in parts.items()}
        self._seen: dict[int, Followed] = {}
        self.kinds: Counter[Kind] = Counter()
        self.requests = 0
        self.gaps: list[timedelta] = []
        self.found: list[timedelta] = []

    def go(self, hours: int) -> None:
        """So many hours."""
        now = BEGIN
        while now < BEGIN + timedelta(hours=hours):
            begin = self._pace.free(now)
            end, terms = begin + STEP, self._terms
            made = plan(self._known(), terms.budget, begin, HORIZON, terms.promises, terms.model)
            for planned in made.visits:
                now = max(planned.at, self._pace.free(now))
                if now >= end:
                    break
                self._make(planned, now)
            now = end

    def _known(self) -> list[WatchedAccount]:
        return [
            WatchedAccount(
                str(index),
                "normal",
                len(self._world.posts[index]) / 2,
                self._visited[index],
                self._rendered[index],
                tuple(self._seen[post.mid].watched() for post in self._world.posts[index] if post.mid in self._seen),
            )
            for index in self._world.accounts
        ]

    def _make(self, planned: PlannedVisit, now: datetime) -> None:
        self.kinds[planned.kind] += 1
        requests = RENDERED if planned.kind is Kind.RENDERED else 1
        self.requests += requests
        self._pace.spend(now, requests)
        if planned.kind is Kind.POST:
            for post_id in planned.posts:
                sample(self._world, self._seen[int(post_id)], now.timestamp())
            return
        index = int(planned.account_id)
        self.gaps.append(now - self._visited[index])
        self._visited[index] = now
        if planned.kind is Kind.RENDERED:
            self._rendered[index] = now
        for post in self._world.page(index, now):
            if post.mid not in self._seen:
                self.found.append(now - post.created_at)
            sample(self._world, self._seen.setdefault(post.mid, Followed(post)), now.timestamp())


def measure(accounts: int, hours: int, delay_s: float | None = None) -> Live:
    """The default limits of the live site, or those with another delay."""
    crawl = Crawl() if delay_s is None else Crawl(delay_s=delay_s)
    terms = terms_of(Settings(home=Path("nowhere"), origin="live", crawl=crawl), ["normal"])
    run = Run(World(accounts), terms)
    run.go(hours)
    minutes = [gap / timedelta(minutes=1) for gap in run.gaps]
    found = [wait / timedelta(minutes=1) for wait in run.found]
    looks = run.kinds[Kind.TIMELINE] + run.kinds[Kind.RENDERED]
    return Live(
        accounts,
        crawl.delay_s,
        terms.budget.per_hour,
        run.requests / hours,
        looks / hours / accounts,
        run.kinds[Kind.RENDERED],
        max(minutes, default=0.0),
        sum(found) / max(len(found), 1),
        max(found, default=0.0),
        sum(gap > terms.promises["normal"].every for gap in run.gaps),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 where every visit is made as promised."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=48, help="the busiest accounts of the replica")
    parser.add_argument("--delay", type=float, help="crawl.delay_s; default: that of the settings")
    parser.add_argument("--hours", type=int, default=24, help="hours of the replica's time, at most 47")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args(arguments)
    found = measure(options.accounts, min(options.hours, 47), options.delay)
    print(json.dumps(asdict(found)) if options.json else found.says)
    return 1 if found.late else 0


if __name__ == "__main__":
    raise SystemExit(main())
