"""Sends each request out by its lane, and lets the browser renew a lane whose session Weibo no longer takes."""

import asyncio
import logging
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from crawler.classify import ResponseClass, Verdict
from crawler.consequences import CONSEQUENCES, Retry
from crawler.empty_lists import Doubt, Step, agreed, next_step
from crawler.receipts import Visit
from crawler.rendering import Capture, context_options
from crawler.sessions import GUEST, SITE, Lane
from schemas.clock import clock_of
from schemas.counts import value_of
from schemas.settings import Settings

logger = logging.getLogger(__name__)

HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "MWeibo-Pwa": "1",
    "X-Requested-With": "XMLHttpRequest",
}
"""What the page's own script sends along with its requests."""


class NoSessionError(IgnoreRequest):
    """A plain request could not be made because its lane has no session."""


class LaneMiddleware:
    """Gives each request its lane's egress, session and headers.

    The lane's session comes from the browser: a plain request of a lane without one waits until the browser has
    opened it. What is asked once more, and in which session, is in crawler.consequences and crawler.empty_lists;
    renewals are bounded by the lane.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings: Settings = crawler.settings["WEIPLOMACY"]
        self._crawler = crawler
        self._clock = clock_of(settings.clock_file)
        self._crawl = settings.crawl
        self._context = context_options(settings.crawl, crawler.settings["USER_AGENT"])
        self._renewing = asyncio.Lock()
        self.lane = Lane(GUEST, self._clock)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "LaneMiddleware":
        """Built by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Send the request out by the lane. Raises NoSessionError where the lane gets no session."""
        if self._crawl.egress_proxy is not None:
            request.meta["proxy"] = self._crawl.egress_proxy
        if "endpoint" not in request.meta:
            return
        if "wanted" in request.meta:
            self._render(request)
            return
        if not self.lane.is_open:
            await self._renew(self.lane.generation)
            if not self.lane.is_open:
                raise NoSessionError(f"the lane {self.lane.name} has no session: its browser brought no cookies")
        request.meta["lane_generation"] = self.lane.generation
        for name, value in {**HEADERS, **self.lane.headers()}.items():
            request.headers[name] = value

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask once more where the answer's class says so."""
        verdict: Verdict | None = request.meta.get("verdict")
        if verdict is None:
            return response
        if verdict.response_class is ResponseClass.SUSPICIOUSLY_EMPTY:
            return await self._doubted(request, response, verdict)
        row = CONSEQUENCES[verdict.response_class]
        # Scrapy's own middleware asks again after a server's error.
        if request.meta.get("tries", 1) >= row.tries or response.status >= 500:
            return response
        if row.retry is Retry.RENEWED and not await self._renew(request.meta["lane_generation"]):
            return response
        return self._again(request, verdict)

    async def _doubted(self, request: Request, response: Response, verdict: Verdict) -> Request | Response:
        """An empty answer: another session is asked, which is this lane's next one."""
        visit: Visit = request.meta["visit"]
        generation: int = request.meta["lane_generation"]
        doubt = Doubt(
            request.meta["endpoint"],
            response.url,
            f"{self.lane.name}:{generation}",
            request.meta.get("empty_by", ()),
            value_of(visit.posts_reported),
        )
        newer = self.lane.generation != generation or self.lane.may_renew()
        step = next_step(doubt, [f"{self.lane.name}:{generation + 1}"] if newer else [])
        if step is Step.END_OF_LIST:
            request.meta["verdict"] = agreed(verdict, doubt.asked)
        if step is not Step.ASK_ELSEWHERE or not await self._renew(generation):
            return response
        return self._again(request, verdict, empty_by=doubt.asked)

    def _again(self, request: Request, verdict: Verdict, **meta: Any) -> Request:
        self._crawler.stats.inc_value(f"lanes/{self.lane.name}/retries")
        visit: Visit = request.meta["visit"]
        visit.answered(verdict.response_class)
        visit.planned += 1
        tries = request.meta.get("tries", 1) + 1
        return request.replace(meta={**request.meta, "tries": tries, **meta}, dont_filter=True)

    def _render(self, request: Request) -> None:
        capture = Capture(self.lane, self._clock, self._crawl.render_timeout_s, request.meta["wanted"])
        request.meta.update(capture.request_meta(self._context))

    async def _renew(self, generation: int) -> bool:
        """Whether the lane has a newer session than `generation`, after asking the browser where that may be done."""
        async with self._renewing:
            if self.lane.generation == generation and self.lane.may_renew():
                self.lane.renewing()
                logger.info("lane %s: the browser is asked for a session", self.lane.name)
                await self._open_in_browser()
            return self.lane.generation != generation

    async def _open_in_browser(self) -> None:
        request = Request(
            f"https://{SITE}/",
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={"endpoint": None, "wanted": frozenset()},
        )
        try:
            await self._crawler.engine.download_async(request)
        except IgnoreRequest as error:
            logger.warning("lane %s gets no session: %s", self.lane.name, error)
        except Exception as error:  # whatever a browser may fail with: the lane simply has no session then
            logger.warning("lane %s gets no session: %s: %s", self.lane.name, type(error).__name__, error)
