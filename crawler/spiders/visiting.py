"""What all spiders of accounts share: arguments, requests that belong to a visit, and the receipt that ends it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.answers import Answer
from crawler.canary import Canary, canary_account
from crawler.classify import ResponseClass, Verdict
from crawler.consequences import CONSEQUENCES, Retry
from crawler.endpoints import Endpoint, endpoint_of, page_url
from crawler.field_coverage import FieldHistory
from crawler.items import Page
from crawler.lanes import plans as lanes
from crawler.lanes.errors import LaneError, RunStoppedError
from crawler.memory.keeper import Keeper
from crawler.parsing.context import Context
from crawler.parsing.errors import DriftError, WrongAccountError
from crawler.people import people_of
from crawler.pipelines import REFUSED
from crawler.quarantine import quarantined
from crawler.receipts import Visit, Wanted
from crawler.spiders.arguments import ArgumentsError, accounts_of
from schemas.clock import clock_of
from schemas.errors import WeiplomacyError
from schemas.events import QuarantinedBody
from schemas.registry import Account, Registry
from schemas.registry import load as load_registry
from schemas.settings import Settings

Output = Page | Request
Read = Callable[[Visit, Answer, Verdict], Iterator[Output]]
"""Reads one answer of a class that it takes: yields pages and further requests."""
Begin = Callable[[Visit, Account, str], Iterator[Output]]
"""Gives the first pages and requests of a visit to an account with this uid."""

READABLE = frozenset({ResponseClass.OK, ResponseClass.END_OF_LIST})
LEADS_ON = 20
"""Priority of what the next request hangs on: the page of an account, and each page of its timeline. If it waited for
what stands alone, a visit would end with one request after the other, and nothing else in flight."""
STANDS_ALONE = 10
"""Priority of all else: long texts, and what stands under posts."""
MOST_QUARANTINED = 20
"""Bodies of one visit: a site that changed is understood from a few, and a back-fill has thousands."""


class VisitingSpider(Spider):
    """The base of spiders that visit accounts.

    A sub-class gives:

    - `name` and `ARGUMENTS`: the arguments that it takes beside `accounts`, `cycle` and those of its bases;
    - `begin(visit, account, uid)`: the first pages and requests of a visit;
    - whatever reads answers, as functions given to `ask`.

    Every request belongs to a visit. When its last request has ended, and Kafka has answered for the last page, the
    visit is closed with its receipt.
    """

    ARGUMENTS: ClassVar[frozenset[str]] = frozenset()
    NEEDS_UID: ClassVar[bool] = True
    ASKS_CANARY: ClassVar[bool] = True
    SHARES_ACCOUNTS: ClassVar[bool] = False
    """Whether it is one of a group of workers, and visits only the accounts that are its own."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "VisitingSpider":
        """Built by Scrapy, with the arguments of `-a`. Wrong ones are told in `start`, in one sentence."""
        spider: VisitingSpider = super().from_crawler(crawler)
        spider.settings_in_force = crawler.settings["WEIPLOMACY"]
        spider.prepare(kwargs)
        return spider

    settings_in_force: Settings

    def prepare(self, arguments: dict[str, str]) -> None:
        """Understand the arguments; what is wrong with them is kept for `start`."""
        settings = self.settings_in_force
        self.clock = clock_of(settings.clock_file)
        self.visits: dict[str, Visit] = {}
        self.planned_visits = 0
        self.memory = Keeper()
        self.refusal: WeiplomacyError | None = None
        self.fields = FieldHistory()
        self.canary: Canary | None = None
        self.first_lane = lanes.names(settings.crawl)[0]
        # A visit asks for its timeline page by page: only several of them fill what may be in flight. The lanes see to
        # how many of them render.
        at_a_time = max(settings.crawl.concurrent_pages, settings.crawl.concurrent_requests)
        self.visiting = asyncio.Semaphore(at_a_time * len(lanes.names(settings.crawl)))
        try:
            self._refuse_unknown(arguments)
            self.registry: Registry = load_registry(settings)
            self.people = people_of(settings)
            self.cycle = arguments.get("cycle") or self.clock.now().strftime("%Y%m%dT%H%M%SZ")
            self.understand(arguments)
            if settings.crawl.canary_account is not None and self.ASKS_CANARY:
                known = canary_account(self.registry, settings.crawl.canary_account)
                self.canary = Canary(self, known, settings.crawl.canary_post)
        except WeiplomacyError as error:
            self.refusal = error

    def understand(self, arguments: dict[str, str]) -> None:
        """Understand the arguments of the sub-class too. Raises WeiplomacyError."""
        self.accounts = accounts_of(self.registry, arguments.get("accounts", ""))

    def begin(self, visit: Visit, account: Account, uid: str) -> Iterator[Output]:
        """The first pages and requests of a visit. `uid` is empty where none is known and NEEDS_UID is off."""
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        """The canary, then one visit per account; as many at a time as requests or renderings may be in flight."""
        self.refuse()
        self.planned_visits = len(self.accounts) + (self.canary is not None)
        async for output in self.ask_canary():
            yield output
        for account in self.accounts:
            await self.visiting.acquire()
            async for output in self.visit(account, self.begin):
                yield output

    def refuse(self) -> None:
        """End a run that was refused before it begins. Raises CloseSpider."""
        if self.refusal is not None:
            self.logger.error("%s", self.refusal)
            self.crawler.stats.set_value(REFUSED, str(self.refusal))
            raise CloseSpider("refused")

    async def ask_canary(self) -> AsyncIterator[Any]:
        """Begin the visit to the canary, where there is one."""
        if self.canary is not None:
            await self.visiting.acquire()
            for output in self.canary.begin():
                yield output

    async def visit(self, account: Account, begin: Begin) -> AsyncIterator[Any]:
        """Begin a visit, for which room was acquired from `visiting`; where it asks for nothing, it ends at once."""
        visit = self.visits[account.id] = self._visit(account)
        if account.uid is None and self.NEEDS_UID:
            name = f"{account.id} ({account.shown_name})"
            remedy = f"`weiplomacy registry resolve {account.id}`"
            visit.fail(ResponseClass.NOT_FOUND, f"no uid is known of {name}: {remedy}")
            visit.miss(Wanted("visit", "the whole visit"), ResponseClass.NOT_FOUND.value, "operator")
        else:
            for output in begin(visit, account, account.uid or ""):
                yield output
        # Its first answers may have ended it already.
        async for output in self.closing(visit):
            yield output

    def unfinished(self) -> list[Visit]:
        """The visits that are still open, and those that were still to come."""
        if not self.planned_visits:
            return []
        visits = [self.visits.setdefault(account.id, self._visit(account)) for account in self.accounts]
        return [visit for visit in ([self.canary.visit] if self.canary else []) + visits if not visit.closed]

    async def interrupted(self) -> AsyncIterator[Page]:
        """The receipts of the visits that are not finished when the spider closes."""
        for visit in self.unfinished():
            began = "ended" if visit.planned else "began"
            if not visit.planned:
                visit.miss(Wanted("visit", "the whole visit"), "interrupted")
            visit.interrupt(f"the run was stopped before the visit {began}")
            if visit.planned:
                await self._remember(visit)
            yield self._receipt(visit)

    def shared(self) -> None:
        """Other accounts than before are this worker's."""

    def ask(
        self,
        visit: Visit,
        url: str,
        endpoint: Endpoint,
        referer: str,
        read: Read,
        wanted: Wanted,
        takes: frozenset[ResponseClass] = READABLE,
    ) -> Request:
        """A plain request of the visit's lane, whose answer `read` reads when its class is one that it `takes`.

        `wanted` is what the receipt names where the answer does not come, or can't be read.
        """
        visit.request_planned(wanted)
        return Request(
            url,
            callback=self.answered,
            errback=self.unanswered,
            headers={"Referer": referer},
            cb_kwargs={"visit": visit, "read": read},
            meta={"endpoint": endpoint, "visit": visit, "wanted_by": wanted, "takes": takes},
            priority=LEADS_ON if endpoint is Endpoint.TIMELINE else STANDS_ALONE,
            dont_filter=True,
        )

    async def answered(self, response: Response, visit: Visit, read: Read) -> AsyncIterator[Output]:
        """The callback of every plain request: only an answer that is OK or END_OF_LIST is read."""
        wanted: Wanted = response.meta["wanted_by"]
        answer, verdict, takes = (response.meta[name] for name in ("answer", "verdict", "takes"))
        outputs = self.read(visit, answer, verdict, read, wanted, takes, is_plain=True)
        for output in self.ended(visit, outputs, wanted):
            yield output
        async for output in self.closing(visit):
            yield output

    def read(
        self,
        visit: Visit,
        answer: Answer,
        verdict: Verdict,
        read: Read,
        wanted: Wanted,
        takes: frozenset[ResponseClass] = READABLE,
        is_plain: bool = False,
    ) -> Iterator[Output]:
        """Count an answer by its class, and read it where it is one of those that `read` takes.

        What the browser loaded (not `is_plain`) and may be asked for again is asked for by a plain request. What can't
        be read goes to quarantine.
        """
        self._count_fields(verdict)
        row = CONSEQUENCES[verdict.response_class]
        endpoint = endpoint_of(answer.url)
        if verdict.response_class not in takes:
            visit.answered(verdict.response_class)
            if row.retry not in (Retry.NO, Retry.LATER) and not is_plain and endpoint is not None:
                referer = page_url(self.context(visit, answer).uid or "")
                yield self.ask(visit, answer.url, endpoint, referer, read, wanted)
                return
            visit.fail(verdict.response_class, f"{verdict.response_class}: {verdict.reason} ({answer.url})", wanted)
            if row.quarantine:
                yield from self.quarantine(visit, answer, verdict.reason)
            return
        problems = len(visit.problems)
        try:
            outputs = list(read(visit, answer, verdict))
        except WrongAccountError as error:
            visit.answered(ResponseClass.WRONG_ACCOUNT)
            visit.fail(ResponseClass.WRONG_ACCOUNT, f"{ResponseClass.WRONG_ACCOUNT}: {error}", wanted)
        except DriftError as error:
            visit.answered(ResponseClass.SCHEMA_DRIFT)
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"{ResponseClass.SCHEMA_DRIFT}: {error} ({answer.url})", wanted)
            yield from self.quarantine(visit, answer, str(error))
        except Exception as error:
            yield from self.quarantine(visit, answer, f"reading it failed: {type(error).__name__}: {error}")
            raise
        else:
            visit.answered(verdict.response_class)
            yield from outputs
            if len(visit.problems) > problems:
                yield from self.quarantine(visit, answer, visit.problems[problems])

    def quarantine(self, visit: Visit, answer: Answer, reason: str) -> Iterator[Page]:
        """Keep a body that could not be read, or not all of it; a visit keeps MOST_QUARANTINED at most."""
        if visit.published[QuarantinedBody.name] < MOST_QUARANTINED:
            context = self.context(visit, answer)
            event = quarantined(answer, None, ResponseClass.SCHEMA_DRIFT, reason, context)
            yield visit.page(f"quarantined body of {event.endpoint}", (event,), lane=answer.lane)

    def _count_fields(self, verdict: Verdict) -> None:
        if verdict.coverage is None:
            return
        endpoint = verdict.coverage.endpoint
        for (name, state), count in verdict.coverage.states.items():
            self.crawler.stats.inc_value(f"fields/{endpoint}/{name}/{state}", count)
        for name in self.fields.add(verdict.coverage):
            self.logger.warning("%s: %s was in every answer so far, and is in none of this one", endpoint, name)

    async def unanswered(self, failure: Failure) -> AsyncIterator[Output]:
        """The errback of every request: there will be no answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        visit: Visit = request.meta["visit"]
        wanted: Wanted = request.meta["wanted_by"]
        if isinstance(failure.value, RunStoppedError):
            return  # the visit stays open, and `interrupted` names what it lacks
        self._account_for(visit, request, failure.value, wanted)  # type: ignore[arg-type]
        for output in self.ended(visit, iter(()), wanted):
            yield output
        async for output in self.closing(visit):
            yield output

    def _account_for(self, visit: Visit, request: Request, error: BaseException, wanted: Wanted) -> None:
        reason = (str(error).splitlines() or [""])[0]
        if isinstance(error, LaneError) and error.response_class is None:
            if not wanted.accounts_for(error.reason, reason):
                visit.problems.append(reason)
                visit.miss(wanted, error.reason)
            visit.stop("failed")
            return
        if isinstance(error, LaneError) and error.response_class is not None:
            response_class, problem = error.response_class, reason
        elif isinstance(error, IgnoreRequest):
            response_class = ResponseClass.ROBOTS
            problem = f"robots.txt forbids {request.url}: only you may decide to set crawl.obey_robots to false"
        else:
            response_class = ResponseClass.NETWORK_ERROR
            way = f" by the proxy {request.meta['proxy']}" if "proxy" in request.meta else ""
            problem = f"no answer from {request.url}{way} ({type(error).__name__}: {reason})"
        visit.unanswered(response_class)
        visit.fail(response_class, f"{response_class}: {problem}", wanted)

    def ended(self, visit: Visit, outputs: Iterator[Output], wanted: Wanted) -> Iterator[Output]:
        """Pass the outputs of an answer on; the request that brought it has ended then, whatever happens in between."""
        try:
            yield from outputs
        except Exception as error:
            # A programming error must not leave the visit without its receipt; the log has the traceback.
            self.logger.exception("reading an answer for %s failed", visit.account_id)
            problem = f"reading an answer failed: {type(error).__name__}: {error}"
            visit.fail(ResponseClass.SCHEMA_DRIFT, problem, wanted)
        finally:
            visit.request_ended(wanted)

    async def closing(self, visit: Visit) -> AsyncIterator[Output]:
        """Close the visit with its receipt, if this was its last request."""
        if visit.in_flight == 0 and not visit.closed:
            async for output in self.close_visit(visit):
                yield output

    async def close_visit(self, visit: Visit) -> AsyncIterator[Any]:
        """Yield the receipt, when Kafka has answered for every page."""
        # No other answer may close it while the last pages are on their way.
        visit.closed = True
        await visit.pages_settled()
        self.visiting.release()
        await self._remember(visit)
        yield self._receipt(visit)

    async def _remember(self, visit: Visit) -> None:
        if self.canary is None or visit is not self.canary.visit:
            await self.remember(visit)

    async def remember(self, visit: Visit) -> None:
        """Write down what the visit has learnt. A spider that only looks something up has nothing to remember."""

    def _visit(self, account: Account) -> Visit:
        visit = Visit(account.id, self.name, self.cycle, self.first_lane, self.clock.now())
        visit.raw_people = self.people.raw
        return visit

    def _receipt(self, visit: Visit) -> Page:
        visit.closed = True
        if self.canary is not None and visit is self.canary.visit:
            self.canary.conclude()
        receipt = visit.receipt(self.clock.now())
        return Page(f"receipt of {visit.account_id}", (receipt,), visit, lane=receipt.lane)

    def context(self, visit: Visit, answer: Answer) -> Context:
        """What parsing must know: whose answer it should be, and when it came."""
        account = self.registry.by_id.get(visit.account_id)
        uid = account.uid if account else visit.account_id.removeprefix("uid:")
        return Context(
            account_id=visit.account_id,
            uid=uid,
            screen_name=account.screen_name if account else None,
            observed_at=answer.observed_at,
            people=self.people,
            institutions=self.institution,
            known=self.memory.knows(visit.account_id),
        )

    def institution(self, uid: str) -> str | None:
        """The account id of a registered uid, else None."""
        account = self.registry.by_uid.get(uid)
        return account.id if account else None

    def _refuse_unknown(self, arguments: dict[str, str]) -> None:
        taken: list[frozenset[str]] = [getattr(base, "ARGUMENTS", frozenset()) for base in type(self).__mro__]
        known = frozenset({"accounts", "cycle"}).union(*taken)
        for name in arguments:
            if name not in known:
                raise ArgumentsError(
                    f"the spider {self.name} has no argument {name!r}: it takes {', '.join(sorted(known))}"
                )
