"""Rendering the embassy page in a real browser, and catching the JSON that the page itself loads.

The page's answers are read by a handler while the page is open; the page is closed only when their bodies are here,
and everything that waits is bounded, because Scrapy's own time-outs do not reach into the browser.
"""

import asyncio
import contextlib
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Response
from scrapy.http import Request as ScrapyRequest
from scrapy.http import Response as ScrapyResponse
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.answers import Answer
from crawler.browsers import on_path
from crawler.classify import ResponseClass, classify
from crawler.endpoints import Endpoint, endpoint_of
from crawler.lanes.lane import Lane
from crawler.lanes.plans import LanePlan, ca_files
from crawler.sessions import SITE
from crawler.tls import public_key_hashes
from schemas.clock import Clock
from schemas.settings import Crawl

HEAVY = frozenset({"image", "media", "font"})
"""Resources that no count is in; the browser does not fetch them."""

PAINTED = ".weibo-main .weibo-text, .mod-fil-fans, .geetest_holder, .geetest_panel, .yidun_panel"
"""A post, the account's header, or a captcha (research: the DOM of the rendered profile)."""
PAINT_S = 5.0
"""How long the page may take to paint what it has loaded."""
MARGIN_S = 15.0
"""What closing a page may take on top of the rendering's own bound."""


def is_heavy(request: Request) -> bool:
    """For PLAYWRIGHT_ABORT_REQUEST: whether the browser shall not fetch this."""
    return request.resource_type in HEAVY


def launch_options(crawl: Crawl) -> dict[str, Any]:
    """How Chromium is started. Its sandbox is on unless we are root, where Chromium refuses to run with it.

    It is the browser of the settings, else one on the PATH, else Playwright's own. Raises SettingsError where the
    certificate authority of a lane can't be read.
    """
    arguments = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-domain-reliability",
        "--disable-sync",
        "--no-first-run",
        "--no-pings",
    ]
    if files := ca_files(crawl):
        hashes = [key for file in files for key in public_key_hashes(file)]
        arguments.append("--ignore-certificate-errors-spki-list=" + ",".join(hashes))
    options: dict[str, Any] = {"headless": True, "args": arguments, "chromium_sandbox": os.geteuid() != 0}
    browser = crawl.browser or next(on_path(), None)
    if browser is not None:
        options["executable_path"] = str(browser)
    return options


def context_options(plan: LanePlan, user_agent: str, launch: Mapping[str, Any]) -> dict[str, Any]:
    """A lane's browser context: a phone in China, going out by the lane's proxy.

    A lane with a profile has a browser of its own, which starts with that profile and as `launch` says.
    """
    options: dict[str, Any] = {
        "user_agent": user_agent,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 412, "height": 915},
        "is_mobile": True,
        "has_touch": True,
        "service_workers": "block",
        "accept_downloads": False,
    }
    if plan.egress_proxy is not None:
        options["proxy"] = {"server": plan.egress_proxy}
    if plan.profile is not None:
        options |= {**launch, "user_data_dir": str(plan.profile)}
    return options


class Capture:
    """What one rendered page loaded: its JSON as answers, each with the moment at which the browser got it.

    `wanted` are the endpoints that the page is expected to load; the wait ends when all are here, when one of them
    is unusable (a blocked page loads nothing more), when the page is gone, or after `timeout_s` seconds of machine
    time. Where nothing is wanted, the page is opened for a new session only, and the wait ends when the browser has
    one.
    """

    def __init__(self, lane: Lane, clock: Clock, timeout_s: float, wanted: frozenset[Endpoint]) -> None:
        self.answers: list[tuple[Endpoint, Answer]] = []
        self.document_status: int | None = None
        self.document_headers: dict[str, str] = {}
        self.page: Page | None = None
        self._lane = lane
        self._clock = clock
        self._timeout_s = timeout_s
        self._missing = set(wanted)
        self._bodies: set[asyncio.Task[None]] = set()
        self._complete = asyncio.Event()
        self._for_session = not wanted

    def request_meta(self, context: dict[str, Any]) -> dict[str, Any]:
        """The part of a Scrapy request's meta that makes scrapy-playwright render it into this capture."""
        return {
            "playwright": True,
            "playwright_context": self._lane.name,
            "playwright_context_kwargs": context,
            "playwright_page_init_callback": self._opened,
            "playwright_page_event_handlers": {"response": self._on_response},
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
            "playwright_page_methods": [PageMethod(self._settle)],
            "capture": self,
        }

    @property
    def lane(self) -> str:
        """The name of the lane that the page was rendered by."""
        return self._lane.name

    async def _opened(self, page: Page, _: ScrapyRequest) -> None:
        # scrapy-playwright opens another page where the browser died: what the dead one had not brought is waited for.
        self.page = page
        if self._missing:
            self._complete.clear()
        # Where this one dies, nothing more will come.
        page.once("close", self._closed)
        page.set_default_timeout(self._timeout_s * 1_000)
        # Only a session that is not taken has to go: another page may just be getting the lane's first one. A profile
        # belongs to the operator, and nothing is taken out of it.
        if self._for_session and self._lane.session.is_open and self._lane.plan.profile is None:
            await page.context.clear_cookies()

    def _closed(self, page: Page) -> None:
        if page is self.page:
            self._complete.set()

    def _on_response(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.frame.parent_frame is None:
            self.document_status = response.status
            self.document_headers = response.headers
            if response.status >= 400:
                self._complete.set()
            return
        endpoint = endpoint_of(response.url)
        if endpoint is not None:
            task = asyncio.create_task(self._read(endpoint, response, self._clock.now()))
            self._bodies.add(task)
            task.add_done_callback(self._bodies.discard)

    async def _read(self, endpoint: Endpoint, response: Response, observed_at: Any) -> None:
        # A page that goes away takes its bodies along; what is missing is then seen as missing.
        with contextlib.suppress(PlaywrightError):
            headers = await response.all_headers()
            body = await response.body()
            answer = Answer(response.url, response.status, headers, body, observed_at, self.lane)
            self.answers.append((endpoint, answer))
            self._missing.discard(endpoint)
            usable = classify(answer, endpoint).response_class in (ResponseClass.OK, ResponseClass.END_OF_LIST)
            if not self._missing or not usable:
                self._complete.set()

    async def _settle(self, page: Page) -> None:
        """The page method: wait for what is wanted, and take the lane's cookies along."""
        with contextlib.suppress(TimeoutError, PlaywrightError):
            async with asyncio.timeout(self._timeout_s):
                await (self._session(page) if self._for_session else self._complete.wait())
        refused = self.document_status is not None and self.document_status >= 400
        if not (self._for_session or refused):
            with contextlib.suppress(PlaywrightError):
                await page.wait_for_selector(PAINTED, timeout=PAINT_S * 1_000, state="attached")
        if self._bodies:
            await asyncio.wait(self._bodies, timeout=PAINT_S)
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(PAINT_S):
                self._lane.take(await page.context.cookies())

    async def _session(self, page: Page) -> None:
        """Wait until the visitor page has sent the browser back to the site with a session."""
        await page.wait_for_url(lambda url: urlsplit(url).hostname == SITE, wait_until="domcontentloaded")
        await page.wait_for_function("() => document.readyState !== 'loading'")


class RenderingDownloadHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """scrapy-playwright's handler with a bound on the whole rendering, after which its page is closed."""

    async def download_request(self, request: ScrapyRequest) -> ScrapyResponse:
        """Render or fetch one request. Raises TimeoutError where the rendering as a whole takes too long."""
        capture: Capture | None = request.meta.get("capture")
        if capture is None:
            return await self._plain(request)
        bound = self.render_timeout_s + PAINT_S + MARGIN_S
        try:
            async with asyncio.timeout(bound):
                return await self._plain(request)
        except TimeoutError as error:
            raise TimeoutError(f"the browser took longer than {bound:g} s for {request.url}") from error
        finally:
            await _close(capture.page)

    @property
    def render_timeout_s(self) -> float:
        """The setting crawl.render_timeout_s, as crawler/settings.py hands it to Scrapy."""
        return float(self._crawler.settings.getfloat("RENDER_TIMEOUT"))

    async def _plain(self, request: ScrapyRequest) -> ScrapyResponse:
        response: ScrapyResponse = await super().download_request(request)
        return response


async def _close(page: Page | None) -> None:
    if page is None or page.is_closed():
        return
    with contextlib.suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(MARGIN_S):
            await page.close()
