"""`scrapy crawl resample -a accounts=…`: carries the visit plan out, hour after hour."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from scrapy.http import Request

from crawler.canary import Canary, canary_account
from crawler.endpoints import Endpoint, page_url, profile_url, timeline_url
from crawler.memory.walk import Walk
from crawler.parsing.timeline import TimelinePage
from crawler.planning.pacing import Pace
from crawler.planning.plan import HORIZON, Plan, PlannedVisit, plan
from crawler.planning.retries import Retries
from crawler.planning.terms import terms_of
from crawler.planning.watched import Kind
from crawler.planning.watchlist import watched
from crawler.receipts import PEACEFUL, Visit, Wanted
from crawler.spiders.arguments import ArgumentsError, number_of
from crawler.spiders.embassy import PROFILE, EmbassySpider
from crawler.spiders.timelines import NEWEST
from crawler.spiders.visiting import Begin, Output
from schemas.registry import Account

STEP: Final = timedelta(minutes=10)
"""So much of a plan is carried out; then the next one is made from what was found. The crawl's clock."""
TICK_S: Final = 0.2
"""That clock may be set or sped up at any time, so it is looked at so often. Machine time."""
FIGURES_EVERY: Final = timedelta(hours=6)
"""How often the account's own figures are asked for beside its timeline, one more plain request. The crawl's clock."""


class ResampleSpider(EmbassySpider):
    """Goes through one visit plan after the other.

    A planned visit is a timeline page (one plain request, which samples ten posts), a single post, or, where the page
    is to be rendered, what the spider `embassy` does. With Kafka it is one worker of a group: it visits the accounts
    that are its own, and plans anew when these change.

    - `accounts`, `cycle` and the bounds: as the spider `embassy`; `pages` and what stands under posts are for visits
      that render, `cycle` is where the names of the cycles in the receipts begin;
    - `minutes`: it ends after so many minutes of the crawl's clock; default: when it is stopped.
    """

    name = "resample"
    ARGUMENTS: ClassVar[frozenset[str]] = frozenset({"minutes"})
    SHARES_ACCOUNTS: ClassVar[bool] = True

    def understand(self, arguments: dict[str, str]) -> None:
        """Also `minutes`, and the terms of the plan."""
        super().understand(arguments)
        if self.since is not None:
            raise ArgumentsError("since: the spider resample fills nothing back, the spider embassy does")
        self.minutes = number_of(arguments, "minutes", 0, 1)
        self.terms = terms_of(self.settings_in_force, [account.tier for account in self.accounts])
        self.pace = Pace(self.terms.delay)
        self.retries = Retries()
        self._accounts = {account.id: account for account in self.accounts}
        self.planned: dict[str, PlannedVisit] = {}
        #: Sentences for whoever started the spider: the promises that it can't keep in the long run.
        self.says: tuple[str, ...] = ()
        self._prefix = f"{arguments['cycle']}-" if arguments.get("cycle") else ""
        self._told: set[str] = set()
        #: Accounts that are being visited, until their memory is written down.
        self._busy: set[str] = set()
        #: Since when an account waits for its first visit: were that forgotten, others would always come before it.
        self._since: dict[str, datetime] = {}
        #: When the account's own figures were last asked for.
        self._figures_at: dict[str, datetime] = {}
        self._changed = asyncio.Event()
        self._canary_at: datetime | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Plan and carry out, until it is stopped or its time is over."""
        self.refuse()
        end = self.clock.now() + timedelta(minutes=self.minutes) if self.minutes else None
        while end is None or self.clock.now() < end:
            self._changed.clear()
            async for output in self._besides():
                yield output
            begin = self.pace.free(self.clock.now())
            made = await self._plan(begin)
            async for output in self._carry_out(made, min(begin + STEP, end or begin + STEP)):
                yield output

    async def _besides(self) -> AsyncIterator[Any]:
        """What no plan holds: the canary, once in the span of a plan, and once each account without a uid."""
        now, crawl = self.clock.now(), self.settings_in_force.crawl
        if crawl.canary_account is not None and (self._canary_at is None or now >= self._canary_at + HORIZON):
            self._canary_at = now
            known = canary_account(self.registry, crawl.canary_account)
            self.canary = Canary(self, known, crawl.canary_post)
            self.canary.visit.cycle = self._cycle(now)
            async for output in self.ask_canary():
                yield output
        for account in self.accounts:
            if account.uid is None and account.id not in self._told and self.memory.owns(account.id):
                self._told.add(account.id)
                await self.visiting.acquire()
                async for output in self.visit(account, self.begin):
                    yield output

    async def _plan(self, begin: datetime) -> Plan:
        """The plan of the hour from a moment on, for the accounts that are this worker's now."""
        now, terms = self.clock.now(), self.terms
        accounts = [
            watched(
                account,
                self.memory.of(account.id),
                now,
                terms.model,
                self._since.setdefault(account.id, now),
                self.retries.again_at(account.id),
            )
            for account in self.accounts
            if account.uid and self.memory.owns(account.id)
        ]
        made = await asyncio.to_thread(plan, accounts, terms.budget, begin, HORIZON, terms.promises, terms.model)
        self.logger.info(
            "plan of the hour from %s on: %d accounts, %d visits, %d of %d requests",
            *(f"{begin:%Y-%m-%d %H:%M:%S}", len(accounts), len(made.visits), made.requests, made.allowed),
        )
        self.says = terms.shortages(account.tier for account in accounts)
        for sentence in (*self.says, *(one.says for one in made.broken)):
            self.logger.warning("%s", sentence)
        return made

    async def _carry_out(self, made: Plan, end: datetime) -> AsyncIterator[Any]:
        """Make the visits that are due before a moment; return at it, or when the accounts change."""
        kinds: dict[Kind, Begin] = {
            Kind.RENDERED: self.begin,
            Kind.TIMELINE: self.begin_plain,
            Kind.POST: self.begin_posts,
        }
        for planned in made.visits:
            await self.visiting.acquire()
            begins = max(planned.at, self.pace.free(self.clock.now()))
            due = begins < end and await self._reached(begins)
            if due and planned.account_id not in self._busy:
                self._busy.add(planned.account_id)
                self.planned[planned.account_id] = planned
                self.pace.spend(self.clock.now(), 1)
                async for output in self.visit(self._accounts[planned.account_id], kinds[planned.kind]):
                    yield output
                continue
            self.visiting.release()
            if not due:
                break
        await self._reached(end)

    async def _reached(self, moment: datetime) -> bool:
        """Wait for a moment of the crawl's clock; False: the accounts have changed before it."""
        while not self._changed.is_set():
            left = (moment - self.clock.now()).total_seconds()
            if left <= 0:
                return True
            await asyncio.sleep(min(left, TICK_S))
        return False

    def shared(self) -> None:
        """Other accounts are ours: what is left of the plan is out of date."""
        self._changed.set()

    def begin_plain(self, visit: Visit, account: Account, uid: str) -> Iterator[Output]:
        """Ask for the newest page of the timeline by a plain request, now and then for the account's figures too."""
        self.recall(visit, 1)
        figures_at = self._figures_at.get(account.id)
        if figures_at is None or visit.started_at >= figures_at + FIGURES_EVERY:
            self._figures_at[account.id] = visit.started_at
            url = profile_url(uid)
            yield self.ask(visit, url, Endpoint.PROFILE, page_url(uid), self._read_profile, PROFILE)
        yield self.ask(visit, timeline_url(uid), Endpoint.TIMELINE, page_url(uid), self._read_timeline, NEWEST)

    def begin_posts(self, visit: Visit, account: Account, uid: str) -> Iterator[Output]:
        """Ask for the planned posts by themselves."""
        known = self.recall(visit, 1).known
        visit.stop("page_limit")
        for post_id in self.planned[account.id].posts:
            if post_id in known:
                yield self._single(visit, post_id, "post")

    def renders(self, visit: Visit) -> bool:
        """Whether the plan says so."""
        planned = self.planned.get(visit.account_id)
        return planned is not None and planned.kind is Kind.RENDERED

    def _owed_lists(self, visit: Visit, walk: Walk) -> Iterator[Output]:
        if self.renders(visit):
            yield from super()._owed_lists(visit, walk)

    def _comments(self, visit: Visit, page: TimelinePage) -> Iterator[Output]:
        if self.renders(visit):
            yield from super()._comments(visit, page)

    def ended(self, visit: Visit, outputs: Iterator[Output], wanted: Wanted) -> Iterator[Output]:
        """Nothing more is asked for about an account that went on to another worker."""
        for output in super().ended(visit, outputs, wanted):
            if isinstance(output, Request) and not self.memory.owns(visit.account_id):
                visit.request_ended(output.meta["wanted_by"])
                visit.miss(output.meta["wanted_by"], "interrupted")
                visit.stop("interrupted")
            else:
                yield output

    async def close_visit(self, visit: Visit) -> AsyncIterator[Any]:
        """Also count what it took beyond its first request, and whether it is to be tried again."""
        self.pace.spend(self.clock.now(), visit.planned - 1)
        async for output in super().close_visit(visit):
            yield output
        if self.visits.get(visit.account_id) is visit:
            self._busy.discard(visit.account_id)
            self._judge(visit)

    def _judge(self, visit: Visit) -> None:
        """Whether a visit is to be tried again; where nothing came, not even an error, the lanes could not go on."""
        planned = self.planned.get(visit.account_id)
        if planned is None or not visit.responses or visit.stop_reason == "interrupted":
            return
        walk = self.walks[visit.account_id]
        succeeded = visit.stop_reason in PEACEFUL if planned.kind is Kind.POST else walk.saw_newest
        promise = self.terms.promises[self._accounts[visit.account_id].tier]
        self.retries.ended(visit.account_id, planned.kind, succeeded, promise, self.clock.now())

    def unfinished(self) -> list[Visit]:
        """The visits that are open. What a plan holds beyond them has not begun, and is planned again."""
        canary = [self.canary.visit] if self.canary is not None and self.canary.visit.planned else []
        return [visit for visit in (*canary, *self.visits.values()) if not visit.closed]

    def _visit(self, account: Account) -> Visit:
        visit = super()._visit(account)
        visit.cycle = self._cycle(visit.started_at)
        return visit

    def _cycle(self, moment: datetime) -> str:
        """Each visit is a cycle of its own: it has a receipt of its own."""
        self.planned_visits += 1
        return f"{self._prefix}{moment:%Y%m%dT%H%M%SZ}-{self.planned_visits}"
