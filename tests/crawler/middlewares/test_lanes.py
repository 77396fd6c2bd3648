"""What the lane gives to a request, and when a lost session is renewed; the browser is a stand-in that brings cookies.

With a real browser: tests/crawler/test_crawl.py.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.settings import Settings as ScrapySettings

from crawler.classify import ResponseClass, Verdict
from crawler.consequences import CONSEQUENCES, Retry
from crawler.middlewares.lanes import LaneMiddleware, NoSessionError
from crawler.receipts import Visit
from crawler.sessions import COOL_DOWN
from schemas.settings import Crawl, Settings

NOW = datetime(2017, 1, 2, tzinfo=UTC)
URL = "https://m.weibo.cn/api/container/getIndex?containerid=1"


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.shows = NOW

    def now(self) -> datetime:
        return self.shows


class Site:
    """A crawler whose browser brings a new session each time that it is asked, or fails."""

    def __init__(self, **crawl: Any) -> None:
        self.asked: list[Request] = []
        self.counted: list[str] = []
        self.fails: Exception | None = None
        self.takes = timedelta(0)
        self.stats = SimpleNamespace(inc_value=self.counted.append)
        self.engine = SimpleNamespace(download_async=self.open)
        project = Settings(crawl=Crawl(**crawl))
        self.settings = ScrapySettings({"WEIPLOMACY": project, "USER_AGENT": "a phone"})
        self.clock = Hands()
        self.lanes = LaneMiddleware(self)  # type: ignore[arg-type]
        self.lanes._clock = self.lanes.lane._clock = self.clock

    async def open(self, request: Request) -> None:
        self.asked.append(request)
        await asyncio.sleep(0)
        self.clock.shows += self.takes
        if self.fails:
            raise self.fails
        session = {"name": "SUB", "value": f"session {len(self.asked)}", "domain": ".weibo.cn"}
        self.lanes.lane.take([session])


def plain(**meta: Any) -> Request:
    visit = Visit("us-embassy", "embassy", "c", "guest", NOW)
    return Request(URL, meta={"endpoint": "timeline", "visit": visit, **meta})


def answered(request: Request, response_class: ResponseClass) -> Response:
    request.meta["verdict"] = Verdict(response_class, "a reason", "a signal")
    return Response(URL, request=request)


async def test_a_plain_request_waits_for_the_session_that_the_browser_brings() -> None:
    site = Site()
    requests = [plain() for _ in range(3)]
    await asyncio.gather(*(site.lanes.process_request(request) for request in requests))
    assert [request.url for request in site.asked] == ["https://m.weibo.cn/"]
    assert {request.headers["Cookie"] for request in requests} == {b"SUB=session 1"}
    assert requests[0].headers["X-Requested-With"] == b"XMLHttpRequest"
    assert "proxy" not in requests[0].meta


async def test_every_request_goes_out_by_the_proxy_and_only_those_of_an_endpoint_have_the_session() -> None:
    site = Site(egress_proxy="http://127.0.0.1:9")
    robots, request = Request("https://m.weibo.cn/robots.txt"), plain()
    await site.lanes.process_request(robots)
    assert (robots.meta["proxy"], robots.headers.get("Cookie"), site.asked) == ("http://127.0.0.1:9", None, [])
    await site.lanes.process_request(request)
    assert request.meta["proxy"] == "http://127.0.0.1:9"


async def test_a_rendering_opens_the_lane_itself() -> None:
    site = Site()
    request = plain(wanted=frozenset())
    await site.lanes.process_request(request)
    assert site.asked == []
    assert request.meta["playwright"]
    assert request.meta["capture"]


@pytest.mark.parametrize("failure", [IgnoreRequest("robots"), RuntimeError("the browser is gone")])
async def test_without_a_session_nothing_is_asked(failure: Exception) -> None:
    site = Site()
    site.fails = failure
    with pytest.raises(NoSessionError, match="the lane guest has no session"):
        await site.lanes.process_request(plain())
    # Within the cool-down the browser is not asked again; after it, it is.
    with pytest.raises(NoSessionError):
        await site.lanes.process_request(plain())
    assert len(site.asked) == 1
    site.fails = None
    site.clock.shows += COOL_DOWN
    await site.lanes.process_request(plain())


@pytest.mark.parametrize("lost", [ResponseClass.VISITOR_GATE, ResponseClass.LOGIN_REQUIRED])
async def test_a_lost_session_is_renewed_and_the_request_asked_once_more(lost: ResponseClass) -> None:
    site = Site()
    request = plain()
    await site.lanes.process_request(request)
    site.clock.shows += COOL_DOWN
    again = await site.lanes.process_response(request, answered(request, lost))
    assert isinstance(again, Request)
    assert (again.meta["tries"], again.dont_filter) == (2, True)
    visit = again.meta["visit"]
    assert (visit.planned, visit.fetched, dict(visit.responses)) == (1, 1, {lost.value: 1})
    assert site.counted == ["lanes/guest/retries"]
    await site.lanes.process_request(again)
    assert again.headers["Cookie"] == b"SUB=session 2"
    # Lost once more, it is the answer: nobody is pestered.
    site.clock.shows += COOL_DOWN
    response = answered(again, lost)
    assert await site.lanes.process_response(again, response) is response
    assert len(site.asked) == 2


async def test_requests_that_lose_the_same_session_share_one_renewal() -> None:
    site = Site()
    requests = [plain() for _ in range(3)]
    for request in requests:
        await site.lanes.process_request(request)
    site.clock.shows += COOL_DOWN
    # The browser takes so long that the cool-down alone would let the next one ask again.
    site.takes = COOL_DOWN
    lost = ResponseClass.VISITOR_GATE
    results = await asyncio.gather(*(site.lanes.process_response(one, answered(one, lost)) for one in requests))
    assert all(isinstance(result, Request) for result in results)
    assert len(site.asked) == 2


@pytest.mark.parametrize("other", [one for one, row in CONSEQUENCES.items() if row.retry is Retry.NO])
async def test_any_other_answer_goes_on_as_it_is(other: ResponseClass) -> None:
    site = Site()
    request = plain()
    await site.lanes.process_request(request)
    site.clock.shows += COOL_DOWN
    response = answered(request, other)
    assert await site.lanes.process_response(request, response) is response
    assert len(site.asked) == 1


async def test_within_the_cool_down_the_answer_stays() -> None:
    site = Site()
    request = plain()
    await site.lanes.process_request(request)
    site.clock.shows += COOL_DOWN - timedelta(milliseconds=1)
    response = answered(request, ResponseClass.VISITOR_GATE)
    assert await site.lanes.process_response(request, response) is response
