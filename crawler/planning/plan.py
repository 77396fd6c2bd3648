"""The visit plan: which account to look at next, when, how, and why, under one budget of requests.

`plan` is a pure function of what is known, the budget and the moment. Two things compete for a request:

- promises (crawler.planning.obligations): each visit has a latest moment to begin, so that all others can still be
  kept, and is made then unless a sample paid earlier;
- samples (crawler.planning.gains): a timeline page samples the newest posts of an account at once and may show posts
  that nobody knows yet, a single request samples one older post. Such a visit is due when what it is expected to gain
  reaches the price of a request, and the price is the one at which the visits of the span fill the budget.

The work grows with the number of posts, and with the visits of the span times their logarithm.
"""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from crawler.planning.curves import CurveModel
from crawler.planning.gains import LEAST_GAIN, Candidate, asked, candidates, gain, in_words, pays_at, price_of
from crawler.planning.obligations import Obligation, obligations
from crawler.planning.promises import PROMISES, TIERS, Broken, Budget, Promise, Tier, broken
from crawler.planning.watched import Kind, WatchedAccount

HORIZON = timedelta(hours=1)
SPARE = 0.1
"""With so much of the budget left over, visits are made at a lower price."""
LEAD = 5
"""Requests that may be before a visit which has to begin."""
MODEL = CurveModel()


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One visit: `at` is when it begins (UTC), `gain` what it is expected to gain, `cost` its plain requests.

    `posts` are the watched posts that it samples.
    """

    at: datetime
    kind: Kind
    account_id: str
    posts: tuple[str, ...]
    gain: float
    cost: int
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The visits of a span in their order, the promises that can't be kept, and the price of a request.

    `requests` is what the visits cost, `allowed` what the budget has for the span.
    """

    visits: tuple[PlannedVisit, ...]
    broken: tuple[Broken, ...]
    price: float
    requests: int
    allowed: int


def plan(
    accounts: Sequence[WatchedAccount],
    budget: Budget,
    now: datetime,
    horizon: timedelta = HORIZON,
    promises: Mapping[Tier, Promise] = PROMISES,
    model: CurveModel = MODEL,
) -> Plan:
    """What to look at between now and the end of the horizon. Never more than the budget; the same every time.

    Visits are at least as far apart as the budget says, so that no part of the span is asked more than its share.
    """
    begin, span = now.timestamp(), horizon.total_seconds()
    owed = obligations(accounts, budget, begin, begin + span, promises)
    offers = list(candidates(accounts, begin, promises, model))
    gains = [gain(model, candidate, begin + span) for candidate in offers]
    free = requests_in(budget, span) - sum(job.cost for job in owed if job.must and job.latest < begin + span)
    price = price_of(gains, free)
    while True:
        worthy = [candidate for candidate, worth in zip(offers, gains, strict=True) if worth >= price]
        made = _Planning(accounts, budget, begin, span, promises, model, price).planned(owed, worthy)
        spare = made.allowed - made.requests
        if price <= LEAST_GAIN or free <= 0 or spare <= made.allowed * SPARE:
            return made
        # The price was an estimate, and too high: visits become as much more frequent as there is room for.
        price = max(price * max((made.requests + 1) / (made.allowed + 1), 0.5) ** 2, LEAST_GAIN)


def requests_in(budget: Budget, span: float) -> int:
    """How many requests a budget has for so many seconds."""
    return int(span * budget.per_hour / 3_600.0 + 1e-6)


class _Planning:
    """The state of one call of `plan`: what is owed, what pays, and what is planned so far."""

    def __init__(
        self,
        accounts: Sequence[WatchedAccount],
        budget: Budget,
        begin: float,
        span: float,
        promises: Mapping[Tier, Promise],
        model: CurveModel,
        price: float,
    ) -> None:
        self.accounts = {account.account_id: account for account in accounts}
        self.budget, self.begin, self.end = budget, begin, begin + span
        self.promises, self.model = promises, model
        self.slot = 3_600.0 / budget.per_hour
        self.allowed = requests_in(budget, span)
        rendering = any(promise.render_every for promise in promises.values())
        #: So much before its deadline a visit begins: a rendering and a few requests may be under way then.
        self.lead = self.slot * (LEAD + (budget.render_cost if rendering else 0))
        self.used = 0
        self.visits: list[PlannedVisit] = []
        self.late: dict[tuple[str, Kind], Obligation] = {}
        #: Owed visits by account and kind; what lies in the heaps and is no longer here is done.
        self.owed: dict[tuple[str, Kind], Obligation] = {}
        self.waiting: list[tuple[float, tuple[int, float, str, str], Obligation]] = []
        self.ready: list[tuple[bool, tuple[int, float, str, str], Obligation]] = []
        self.paying: list[tuple[float, float, tuple[str, str]]] = []
        self.asked: dict[tuple[str, str], Candidate] = {}
        #: What is due within the span, in requests.
        self.due: Counter[Tier] = Counter()
        self.price = price

    def planned(self, owed: Sequence[Obligation], offers: Sequence[Candidate]) -> Plan:
        """Make the plan from what is owed and from the candidates that may reach the price."""
        behind = any(job.waits for job in owed)
        for job in owed:
            # Renderings that are late can't be fitted in before plain visits: these begin as if there were none.
            alone = behind and not job.waits and self.accounts[job.account_id].visited_at is not None
            self._owe(replace(job, latest=self._latest(job)) if alone else job)
            self.due[job.tier] += job.cost if job.deadline < self.end else 0
        for candidate in offers:
            self._offer(candidate, max(self.begin, self.accounts[candidate.account_id].again_at_s(candidate.kind)))
        moment = self.begin
        while moment < self.end and self.used < self.allowed:
            moment = self._next(moment)
        return Plan(tuple(self.visits), self._broken(), self.price, self.used, self.allowed)

    def _owe(self, job: Obligation) -> None:
        self.owed[job.account_id, job.kind] = job
        heapq.heappush(self.waiting, (max(job.latest, job.not_before), job.rank, job))

    def _offer(self, candidate: Candidate, moment: float) -> None:
        self.asked[candidate.key] = candidate
        at = pays_at(self.model, candidate, self.price, moment, self.end)
        if at is not None:
            heapq.heappush(self.paying, (at, -gain(self.model, candidate, at), candidate.key))

    def _next(self, moment: float) -> float:
        """Plan the visit that is to be made at a moment, or go on to the moment at which there is one."""
        while self.waiting and self.waiting[0][0] <= moment:
            _, rank, job = heapq.heappop(self.waiting)
            heapq.heappush(self.ready, (not job.must, rank, job))
        while self.ready:
            job = self.ready[0][2]
            if self.owed.get((job.account_id, job.kind)) is not job:
                heapq.heappop(self.ready)
            elif job.cost > self.allowed - self.used:
                # Nothing is left for it in this span: it is the first of the next one.
                heapq.heappop(self.ready)
            else:
                heapq.heappop(self.ready)
                return self._keep(job, moment)
        while self.paying and self.paying[0][0] <= moment:
            _, _, key = heapq.heappop(self.paying)
            candidate = self.asked[key]
            if gain(self.model, candidate, moment) >= self.price * (1 - 1e-9):
                return self._sample(candidate, moment)
            # It was sampled by a promised visit in the meantime, and is offered anew since.
        return min([self.end, *(heap[0][0] for heap in (self.waiting, self.paying) if heap)])

    def _keep(self, job: Obligation, moment: float) -> float:
        account = self.accounts[job.account_id]
        promise = self.promises[account.tier]
        every = promise.render_every if job.kind is Kind.RENDERED and promise.render_every else promise.every
        last = account.rendered_at if job.kind is Kind.RENDERED else account.visited_at
        what = "rendered" if job.kind is Kind.RENDERED else "visited"
        seen = f"last {(moment - last.timestamp()) / 60:,.0f} min ago" if last else "never yet"
        page = self.asked.get((job.account_id, "")) or self._page(account)
        reason = f"promised: tier {account.tier} is {what} every {every / timedelta(minutes=1):g} min, {seen}"
        return self._visit(job.kind, page, moment, job.cost, reason)

    def _page(self, account: WatchedAccount) -> Candidate:
        return next(candidates([account], self.begin, self.promises, self.model))

    def _sample(self, candidate: Candidate, moment: float) -> float:
        return self._visit(candidate.kind, candidate, moment, 1, in_words(self.model, candidate, moment))

    def _visit(self, kind: Kind, candidate: Candidate, moment: float, cost: int, reason: str) -> float:
        at = datetime.fromtimestamp(moment, UTC)
        posts = tuple(post.post_id for post in candidate.posts)
        worth = gain(self.model, candidate, moment)
        self.visits.append(PlannedVisit(at, kind, candidate.account_id, posts, worth, cost, reason))
        self.used += cost
        if kind is not Kind.POST:
            self._visited(candidate.account_id, kind, at)
        self._offer(asked(self.model, candidate, moment), moment)
        return moment + cost * self.slot

    def _visited(self, account_id: str, kind: Kind, at: datetime) -> None:
        """A visit keeps the promises of its kind; the next one is owed from now on."""
        account = self.accounts[account_id]
        promise = self.promises[account.tier]
        kinds = {Kind.TIMELINE: promise.every}
        if kind is Kind.RENDERED and promise.render_every is not None:
            kinds[kind] = promise.render_every
        self.accounts[account_id] = replace(
            account, visited_at=at, rendered_at=at if kind is Kind.RENDERED else account.rendered_at
        )
        for done, every in kinds.items():
            job = self.owed[account_id, done]
            if job.deadline < at.timestamp():
                self.late.setdefault((account_id, done), job)
            later = replace(job, deadline=at.timestamp() + every.total_seconds())
            self._owe(replace(later, latest=self._latest(later)))

    def _latest(self, job: Obligation) -> float:
        """When a visit has to begin, whatever may be under way then."""
        promise = self.promises[self.accounts[job.account_id].tier]
        every = promise.render_every if job.kind is Kind.RENDERED and promise.render_every else promise.every
        return job.deadline - min(self.lead, every.total_seconds() / 2) if job.must else job.deadline

    def _broken(self) -> tuple[Broken, ...]:
        hopeless = {key: job for key, job in self.owed.items() if job.deadline < self.end or not job.must}
        late = {**hopeless, **self.late}
        hours = (self.end - self.begin) / 3_600.0
        due, backlog = 0.0, {}
        for tier in TIERS:
            due += self.due[tier]
            backlog[tier] = due / hours
        tiers = [account.tier for account in self.accounts.values()]
        names = ((job.tier, job.account_id) for job in late.values())
        return broken(names, tiers, self.promises, self.budget, backlog)
