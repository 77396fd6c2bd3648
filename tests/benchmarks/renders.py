"""Timeline pages by the browser, to compare with: a render for each page, or one page that is scrolled on and on.

Each stands in for the crawl's own download handler. Spiders, events and promises stay what they are; only a further
timeline page comes in another way than by a plain request. Both do no more than they must: a page is done when its
answer is here.
"""

import asyncio
import json
from abc import abstractmethod
from collections import defaultdict
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import Response as PlaywrightResponse
from scrapy.http import Request, Response, TextResponse
from scrapy_playwright.page import PageMethod

from crawler.endpoints import Endpoint, endpoint_of, page_url, uid_of
from crawler.lanes.plans import plans_of
from crawler.rendering import RenderingDownloadHandler, context_options

FROM_A_CURSOR = """
const open = XMLHttpRequest.prototype.open;
XMLHttpRequest.prototype.open = function (method, url, ...rest) {
  const further = url.includes('containerid=107603') ? '&since_id=' + SINCE : '';
  return open.call(this, method, url + further, ...rest);
};
"""
"""Makes the page begin its list of posts at a cursor."""
SCROLL = "() => { window.scrollTo(0, document.body.scrollHeight); window.dispatchEvent(new Event('scroll')); }"
SCROLL_S = 0.25
"""A page that is busy does not hear of a scroll: it is told again after this time."""
PATIENCE_S = 60.0


class BrowserTimelines(RenderingDownloadHandler):
    """Gets timeline pages from pages of the browser, which has a context of its own for them."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        lane = plans_of(settings["WEIPLOMACY"])[0]
        self._context = context_options(lane, settings["USER_AGENT"], {})
        self._bodies: defaultdict[str, asyncio.Future[tuple[int, bytes]]] = defaultdict(
            asyncio.get_running_loop().create_future
        )

    async def download_request(self, request: Request) -> Response:
        if endpoint_of(request.url) is not Endpoint.TIMELINE:
            return await super().download_request(request)
        cursor = cursor_of(request.url)
        async with asyncio.timeout(PATIENCE_S):
            await self.show(request.url, cursor)
            status, body = await self._bodies.pop(cursor)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return TextResponse(request.url, status, headers, body, request=request)

    @abstractmethod
    async def show(self, url: str, cursor: str) -> None:
        """Make the browser load that page of the timeline."""

    async def render(self, url: str, **meta: Any) -> None:
        """Open the page of the account."""
        request = Request(
            page_url(uid_of(url) or ""),
            meta={
                "playwright": True,
                "playwright_context": "timelines",
                "playwright_context_kwargs": self._context,
                "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
                "playwright_page_event_handlers": {"response": self._loaded},
                **meta,
            },
        )
        await super().download_request(request)

    def shown(self, cursor: str) -> asyncio.Future[tuple[int, bytes]]:
        """What the browser loaded from a cursor on."""
        return self._bodies[cursor]

    async def _loaded(self, response: PlaywrightResponse) -> None:
        if endpoint_of(response.url) is Endpoint.TIMELINE:
            # A page that goes away takes its body along: then it is waited for in vain.
            with suppress(PlaywrightError, asyncio.InvalidStateError):
                self._bodies[cursor_of(response.url)].set_result((response.status, await response.body()))


class RenderEach(BrowserTimelines):
    """A render for each page of the timeline."""

    async def show(self, url: str, cursor: str) -> None:
        async def begin(page: Page, _: Request) -> None:
            await page.add_init_script(FROM_A_CURSOR.replace("SINCE", json.dumps(cursor)))

        async def wait(_: Page) -> None:
            await self.shown(cursor)

        await self.render(url, playwright_page_init_callback=begin, playwright_page_methods=[PageMethod(wait)])


class ScrollOn(BrowserTimelines):
    """One page for all: it is scrolled down to the next ten posts. For one account."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._page: Page | None = None

    async def show(self, url: str, cursor: str) -> None:
        if self._page is None:

            async def keep(page: Page, _: Request) -> None:
                self._page = page

            await self.render(url, playwright_include_page=True, playwright_page_init_callback=keep)
        while self._page is not None and not self.shown(cursor).done():
            await self._page.evaluate(SCROLL)
            await asyncio.wait([self.shown(cursor)], timeout=SCROLL_S)


def cursor_of(url: str) -> str:
    """The cursor that an address of a timeline asks with; empty for the first page."""
    return parse_qs(urlsplit(url).query).get("since_id", [""])[0]


def scrapy_settings(handler: type[BrowserTimelines]) -> dict[str, str]:
    """What makes a crawl get its timeline pages so."""
    return {"DOWNLOAD_HANDLERS": json.dumps({"https": f"{__name__}.{handler.__name__}"})}
