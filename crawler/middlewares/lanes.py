"""Sends each request out by a lane, tells the lane what came of it, and lets the browser open and renew sessions."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict
from crawler.consequences import CONSEQUENCES
from crawler.empty_lists import Doubt, Step, agreed, next_step
from crawler.endpoints import Endpoint, config_url
from crawler.lanes.dispatch import STEP_S, Dispatcher, Turn, Wish
from crawler.lanes.health import LOST, REFUSED
from crawler.lanes.judgement import Judgement, of_answer, of_page
from crawler.lanes.lane import LANE_CHANGED, Lane
from crawler.lanes.logbook import Logbook
from crawler.lanes.plans import plans_of
from crawler.receipts import Visit
from crawler.rendering import Capture, context_options
from crawler.sessions import SITE
from schemas.clock import clock_of
from schemas.counts import value_of
from schemas.events import LaneChanged
from schemas.settings import Settings

logger = logging.getLogger(__name__)

HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "MWeibo-Pwa": "1",
    "X-Requested-With": "XMLHttpRequest",
}
"""What the page's own script sends along with its requests."""

FORGOTTEN_S = 5.0
"""An answer that could not even be decoded never comes to be judged: its place is given back after this time."""
STEPS_BETWEEN_NOTES = 40
"""What a lane has spent is written down every ten seconds, and at each change of its health."""


class LaneMiddleware:
    """Gives each request a lane: its way out, its session, its headers, and its turn within the lane's budget.

    Requests with `endpoint` in their meta are governed. Also read from the meta: `visit`, which stays with its lane;
    `wanted`, where the request is rendered; `other_than`, the name of a lane that must not be used; `elsewhere`, where
    another lane than the visit's is better, if one is well. Put into it: `lane`, the name of the lane that was used.

    What is asked once more, by which lane and when, is in crawler.consequences and crawler.empty_lists, within the
    bound of the setting crawl.lane_wait_s; renewals are bounded by the lane. Where no lane takes a request, a LaneError
    comes to its errback.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings: Settings = crawler.settings["WEIPLOMACY"]
        self._crawler = crawler
        self._clock = clock_of(settings.clock_file)
        self._render_timeout_s = settings.crawl.render_timeout_s
        self._jitter = Random().random  # noqa: S311 (nothing is kept secret by it)
        lanes = [Lane(plan, self._clock, settings.crawl.instance, self._changed) for plan in plans_of(settings)]
        patience = timedelta(seconds=settings.crawl.lane_wait_s)
        self._logbook = Logbook(settings.home, settings.crawl.instance)
        self._logbook.open(lanes)
        self.dispatcher = Dispatcher(lanes, self._clock, patience, self._ready, self._jitter)
        self._behind_login: set[Endpoint] = set()
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "LaneMiddleware":
        """Built by Scrapy."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.engine_started, signals.engine_started)
        crawler.signals.connect(middleware.spider_closed, signals.spider_closed)
        crawler.signals.connect(middleware.request_left, signals.request_left_downloader)
        return middleware

    def engine_started(self) -> None:
        """Begin to watch for the end of the run: Scrapy waits for the requests that wait here."""
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        # Scrapy has no signal for the beginning of an end, and is not yet running when it says that it has started.
        has_run = False
        steps = count(1)
        while (running := self._crawler.engine.running) or not has_run:
            has_run = has_run or running
            await asyncio.sleep(STEP_S)
            if next(steps) % STEPS_BETWEEN_NOTES == 0:
                self._note()
        self.dispatcher.stop()

    def spider_closed(self) -> None:
        """Nobody waits any more."""
        if self._watching is not None:
            self._watching.cancel()
        self._note()

    def _note(self) -> None:
        self._logbook.write(self.dispatcher.lanes.values())

    def request_left(self, request: Request) -> None:
        """An answer has come, or none: the place at the lane does not outlast it by much, whatever happens."""
        turn: Turn | None = request.meta.get("turn")
        if turn is not None and not turn.over:
            asyncio.get_running_loop().call_later(FORGOTTEN_S, turn.end)

    async def process_request(self, request: Request) -> None:
        """Wait for a turn, and send the request out by its lane. Raises LaneError."""
        meta = request.meta
        if "endpoint" not in meta:
            lanes = self.dispatcher.lanes.values()
            _go_out(request, next((lane for lane in lanes if lane.health.state != "dead"), next(iter(lanes))))
        elif "errand_of" in meta:
            self._prepare(request, self.dispatcher.lanes[meta["errand_of"]])
        else:
            if meta.get("elsewhere") and "other_than" not in meta:
                self._send_elsewhere(request)
            meta["turn"] = turn = await self.dispatcher.turn(_wish(request))
            if (visit := meta.get("visit")) is not None and "other_than" not in meta:
                visit.lane = turn.lane.name
            self._prepare(request, turn.lane)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Tell the lane what came, and ask again where its class says so and a lane can."""
        if "turn" not in request.meta or "errand_of" in request.meta:
            return response
        turn: Turn = request.meta["turn"]
        lane = turn.lane
        judged = self._judged(request, response)
        if judged.response_class in LOST:
            turn.end()
            if await self._lost(lane, request, judged):
                return response
        else:
            lane.answered(judged.response_class, judged.reason, judged.retry_after, judged.pause)
            turn.end()
        verdict: Verdict | None = request.meta.get("verdict")
        if verdict is not None and verdict.response_class is ResponseClass.SUSPICIOUSLY_EMPTY:
            return await self._doubted(lane, request, response, verdict)
        if verdict is None and judged.response_class not in LOST | REFUSED:
            return response  # of a page, the spider asks for the parts that it lacks
        # Scrapy's own middleware asks again after a server's error.
        if request.meta.get("tries", 1) >= CONSEQUENCES[judged.response_class].tries or response.status >= 500:
            return response
        if not self.dispatcher.can_take(_wish(request)):
            return response
        return self._again(lane, request, judged.response_class, lost=judged.response_class in LOST)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Tell the lane that no answer came, and ask another one, where there is one: the way out may be down."""
        turn: Turn | None = request.meta.get("turn")
        if turn is None or turn.over or "errand_of" in request.meta:
            return None
        lane = turn.lane
        if isinstance(exception, IgnoreRequest):
            turn.end()
            return None
        lane.answered(ResponseClass.NETWORK_ERROR, _told(exception, lane))
        turn.end()
        # Where another lane is out of the question, Scrapy's own middleware asks again.
        if "other_than" in request.meta or not self._others(lane):
            return None
        return self._again(lane, request, ResponseClass.NETWORK_ERROR, fetched=False, other_than=lane.name)

    async def _doubted(self, lane: Lane, request: Request, response: Response, verdict: Verdict) -> Request | Response:
        """An empty answer: another session is asked, of another lane, or this one's next."""
        visit: Visit = request.meta["visit"]
        generation: int = request.meta["lane_generation"]
        doubt = Doubt(
            request.meta["endpoint"],
            response.url,
            f"{lane.name}:{generation}",
            request.meta.get("empty_by", ()),
            value_of(visit.posts_reported),
        )
        others = self._others(lane)
        available = [f"{other.name}:{other.session.generation}" for other in others]
        if lane.session.generation != generation or lane.may_renew():
            available.append(f"{lane.name}:{generation + 1}")
        step = next_step(doubt, available)
        if step is Step.END_OF_LIST:
            request.meta["verdict"] = agreed(verdict, doubt.asked)
        if step is not Step.ASK_ELSEWHERE:
            return response
        if others:
            return self._again(lane, request, verdict.response_class, other_than=lane.name, empty_by=doubt.asked)
        if await self._renew(lane, generation):
            return self._again(lane, request, verdict.response_class, empty_by=doubt.asked)
        return response

    def _send_elsewhere(self, request: Request) -> None:
        own: str = request.meta["visit"].lane
        lanes = self.dispatcher.lanes.values()
        is_one_well = any(lane.name != own and lane.session.is_open and lane.is_well for lane in lanes)
        if is_one_well and self.dispatcher.can_take(replace(_wish(request), other_than=own)):
            request.meta["other_than"] = own

    def _others(self, lane: Lane) -> list[Lane]:
        return [other for other in self.dispatcher.lanes.values() if other is not lane and other.may_ask()]

    def _again(
        self, lane: Lane, request: Request, response_class: ResponseClass, *, fetched: bool = True, **meta: Any
    ) -> Request:
        self._count(lane, "retries")
        visit: Visit | None = request.meta.get("visit")
        if visit is not None:
            visit.answered(response_class) if fetched else visit.unanswered(response_class)
            visit.planned += 1
        tries = request.meta.get("tries", 1) + 1
        # What Scrapy's own middleware may add to that, so that all together keep to the table.
        left = max(CONSEQUENCES[ResponseClass.NETWORK_ERROR].tries - tries, 0)
        meta = {**request.meta, "tries": tries, "max_retry_times": left, **meta}
        # It has waited once. Behind all others it might come last in each session, and lose one after the other.
        return request.replace(meta=meta, dont_filter=True, priority=request.priority + 1)

    def _prepare(self, request: Request, lane: Lane) -> None:
        _go_out(request, lane)
        self._count(lane, "requests")
        request.meta.update(lane=lane.name, lane_generation=lane.session.generation, lane_renewal=_renewal(lane))
        if "wanted" in request.meta:
            options = context_options(
                lane.plan, self._crawler.settings["USER_AGENT"], self._crawler.settings["PLAYWRIGHT_LAUNCH_OPTIONS"]
            )
            capture = Capture(lane, self._clock, self._render_timeout_s, request.meta["wanted"])
            request.meta.update(capture.request_meta(options))
            return
        for name, value in {**HEADERS, **lane.session.headers()}.items():
            request.headers[name] = value

    def _judged(self, request: Request, response: Response) -> Judgement:
        capture: Capture | None = request.meta.get("capture")
        if capture is None:
            return of_answer(request.meta["answer"], request.meta["verdict"])
        lane = self.dispatcher.lanes[request.meta["lane"]]
        # A page gets a session by itself; one that was rendered while the lane's was renewed has lost the old one.
        if request.meta["lane_renewal"] == _renewal(lane):
            request.meta["lane_generation"] = lane.session.generation
        status = capture.document_status or response.status
        page = Answer(response.url, status, capture.document_headers, response.body, self._clock.now())
        return of_page(page, capture.answers)

    async def _ready(self, lane: Lane, wish: Wish) -> bool:
        """Whether the lane may be used, after it was opened, renewed or probed where that is due."""
        async with lane.lock:
            if not lane.may_ask():
                return False
            if lane.health.state == "challenged" and lane.health.cause in LOST:
                return await self._open(lane)
            if lane.health.state == "challenged" and lane.session.is_open and not await self._probe(lane):
                return False
            return wish.page or lane.session.is_open or await self._open(lane)

    async def _lost(self, lane: Lane, request: Request, judged: Judgement) -> bool:
        """A session was not taken: renew it. Whether it is the question that takes a login instead.

        That is so where it was asked before with another session, or may not be asked so now, and a probe of the
        present session is answered.
        """
        again = request.meta.get("lost", False)
        async with lane.lock:
            # Of many answers to one session the first has seen to it.
            if lane.session.generation != request.meta["lane_generation"] or not lane.may_ask():
                return False
            login = judged.response_class is ResponseClass.LOGIN_REQUIRED
            endpoint: Endpoint = request.meta["endpoint"]
            doubtful = again or (login and (endpoint in self._behind_login or not lane.may_renew()))
            probed = doubtful and await self._probe(lane)
            if lane.session.generation != request.meta["lane_generation"]:
                return False  # a page has brought another one meanwhile, and it is that one which was probed
            if probed:
                if login and again:
                    self._behind_login.add(endpoint)
                return True
            if not doubtful:
                lane.answered(judged.response_class, judged.reason)
            if lane.may_renew() and lane.may_ask():
                await self._open(lane)
            return False

    async def _renew(self, lane: Lane, generation: int) -> bool:
        """Whether the lane has a newer session than `generation`, after asking the browser where that may be done."""
        async with lane.lock:
            if lane.session.generation == generation and lane.may_renew():
                await self._open(lane)
            return lane.session.generation != generation and lane.may_ask()

    async def _open(self, lane: Lane) -> bool:
        """Let the browser get a session; the lane's lock is held. Whether it has one."""
        if not lane.may_renew():
            lane.answered(ResponseClass.VISITOR_GATE, "it has no session")
            return False
        before = lane.session.generation
        lane.renewing()
        self._count(lane, "renewals")
        logger.info("lane %s: the browser is asked for a session", lane.name)
        judged = Judgement(ResponseClass.NETWORK_ERROR, "it was not asked")
        try:
            judged = await self._errand(lane, f"https://{SITE}/", Endpoint.PAGE, wanted=frozenset())
        finally:
            if lane.session.is_open and lane.session.generation != before:
                lane.renewed()
            elif judged.response_class in LOST | REFUSED | {ResponseClass.NETWORK_ERROR, ResponseClass.ROBOTS}:
                lane.not_renewed(judged.response_class, judged.reason)
            else:
                lane.not_renewed(ResponseClass.VISITOR_GATE, "its browser brought no cookies")
        return lane.session.is_open and lane.may_ask()

    async def _probe(self, lane: Lane) -> bool:
        """One cheap request by a lane whose pause is over; the lane's lock is held. Whether it is answered."""
        self._count(lane, "probes")
        judged = await self._errand(lane, config_url(), Endpoint.CONFIG)
        return lane.probed(judged.response_class, judged.reason, judged.retry_after, judged.pause)

    async def _errand(self, lane: Lane, url: str, endpoint: Endpoint, **meta: Any) -> Judgement:
        """A request of the lane's own. It counts in the budget, and does not wait for a turn: who sent it has one."""
        lane.spend(self._clock.now(), 1, jitter=self._jitter(), government=False)
        request = Request(
            url,
            callback=NO_CALLBACK,
            headers={"Referer": f"https://{SITE}/"},
            dont_filter=True,
            meta={"endpoint": endpoint, "errand_of": lane.name, **meta},
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except IgnoreRequest as error:
            return Judgement(ResponseClass.ROBOTS, str(error))
        except Exception as error:  # whatever a browser or a connection may fail with: there is no answer then
            return Judgement(ResponseClass.NETWORK_ERROR, _told(error, lane))
        return self._judged(response.request or request, response)

    def _count(self, lane: Lane, what: str) -> None:
        self._crawler.stats.inc_value(f"lanes/{lane.name}/{what}")

    def _changed(self, event: LaneChanged) -> None:
        """A lane's health has changed: into the log, the statistics, and, by the pipeline, to Kafka."""
        self._crawler.stats.set_value(f"lanes/{event.lane}/state", event.state)
        self._crawler.stats.inc_value(f"lanes/{event.lane}/changes/{event.state}")
        level = logging.WARNING if event.state in ("challenged", "dead") else logging.INFO
        until = f" until {event.resumes_at:%Y-%m-%d %H:%M:%S} UTC" if event.resumes_at else ""
        logger.log(level, "lane %s is %s%s: %s", event.lane, event.state, until, event.reason)
        self._crawler.signals.send_catch_log(LANE_CHANGED, event=event)
        self._note()


def _wish(request: Request) -> Wish:
    meta = request.meta
    visit: Visit | None = meta.get("visit")
    return Wish(
        visit,
        meta.get("other_than"),
        request.priority,
        # A page loads what is wanted of it by itself.
        1 + len(meta.get("wanted", ())),
        # Outside the registry an account is `uid:N`.
        government=visit is not None and not visit.account_id.startswith("uid:"),
        page="wanted" in meta,
    )


def _renewal(lane: Lane) -> datetime | None:
    """Which renewal the lane's session is from; None where it never was renewed, and while it is."""
    return None if lane.health.renewing else lane.health.renewed_at


def _go_out(request: Request, lane: Lane) -> None:
    # A slot of its own in Scrapy's downloader, so that no lane waits for another one there.
    request.meta["download_slot"] = lane.name
    request.meta.pop("proxy", None)
    if lane.plan.egress_proxy is not None:
        request.meta["proxy"] = lane.plan.egress_proxy


def _told(error: BaseException, lane: Lane) -> str:
    first = (str(error).splitlines() or [""])[0]
    way = f", by the proxy {lane.plan.egress_proxy}" if lane.plan.egress_proxy else ""
    return f"{type(error).__name__}: {first}{way}"
