"""Sends each request out by its lane, and lets the browser renew a lane whose session Weibo no longer takes."""

import asyncio
import logging
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from crawler.classify import ResponseClass
from crawler.receipts import Visit
from crawler.rendering import Capture, context_options
from crawler.sessions import GUEST, SITE, Lane
from schemas.clock import clock_of
from schemas.settings import Settings

logger = logging.getLogger(__name__)

HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "MWeibo-Pwa": "1",
    "X-Requested-With": "XMLHttpRequest",
}
"""What the page's own script sends along with its requests."""

SESSION_LOST = frozenset({ResponseClass.VISITOR_GATE, ResponseClass.LOGIN_REQUIRED})
MOST_TRIES = 2
"""Of one request, the one with the renewed session included."""


class NoSessionError(IgnoreRequest):
    """A plain request could not be made because its lane has no session."""


class LaneMiddleware:
    """Gives each request its lane's egress, session and headers.

    The lane's session comes from the browser: a plain request of a lane without one waits until the browser has
    opened it. An answer that says "visitor gate" or "login" renews it, bounded by the lane, and is asked once more.
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
        """Ask once more with a new session where the old one is no longer taken."""
        verdict = request.meta.get("verdict")
        tries = request.meta.get("tries", 1)
        if verdict is None or verdict.response_class not in SESSION_LOST or tries >= MOST_TRIES:
            return response
        if not await self._renew(request.meta["lane_generation"]):
            return response
        self._crawler.stats.inc_value(f"lanes/{self.lane.name}/retries")
        visit: Visit = request.meta["visit"]
        visit.answered(verdict.response_class)
        visit.planned += 1
        meta: dict[str, Any] = {**request.meta, "tries": tries + 1}
        return request.replace(meta=meta, dont_filter=True)

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
