"""What the lane gives to a request, and when a lost session is renewed; the browser is a stand-in that brings cookies.

With a real browser: tests/crawler/test_crawl.py and tests/crawler/lanes/test_lanes_and_replica.py.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.settings import Settings as ScrapySettings

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict
from crawler.consequences import CONSEQUENCES, Retry
from crawler.endpoints import Endpoint
from crawler.lanes.errors import LanesPausedError
from crawler.lanes.health import HealthPolicy
from crawler.middlewares.lanes import LaneMiddleware
from crawler.receipts import Visit
from schemas.events import LaneChanged
from schemas.settings import Crawl, Lane, Settings
from tests.crawler.lanes.hands import NOW, Hands, cookie

URL = "https://m.weibo.cn/api/container/getIndex?containerid=1"
COOL_DOWN = HealthPolicy().cool_down


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The state folder, where the logbook is, is that of the test."""
    monkeypatch.chdir(tmp_path)


class Site:
    """A crawler whose browser brings a new session each time that it is asked, or fails; a probe has its `probe`."""

    def __init__(self, **crawl: Any) -> None:
        self.asked: list[Request] = []
        self.probed = 0
        self.probe = ResponseClass.OK
        self.counted: list[str] = []
        self.told: list[LaneChanged] = []
        self.fails: Exception | None = None
        self.takes = timedelta(0)
        self.stats = SimpleNamespace(inc_value=self.counted.append, set_value=lambda *_: None)
        self.engine = SimpleNamespace(download_async=self.download)
        self.signals = SimpleNamespace(send_catch_log=lambda _, event: self.told.append(event))
        project = Settings(crawl=Crawl(**{"delay_s": 0, "hurry": True, "lane_wait_s": 0, **crawl}))
        values = {"WEIPLOMACY": project, "USER_AGENT": "a phone", "PLAYWRIGHT_LAUNCH_OPTIONS": {}}
        self.settings = ScrapySettings(values)
        self.clock = Hands()
        self.lanes = LaneMiddleware(self)  # type: ignore[arg-type]
        dispatcher = self.lanes.dispatcher
        self.lanes._clock = dispatcher._clock = self.clock
        for lane in dispatcher.lanes.values():
            lane._clock = self.clock

    async def download(self, request: Request) -> Response:
        await self.lanes.process_request(request)
        await asyncio.sleep(0)
        if "wanted" in request.meta:
            await self.open(request)
            return Response(request.url, request=request)
        self.probed += 1
        return answered(request, self.probe)

    async def open(self, request: Request) -> None:
        self.asked.append(request)
        self.clock.shows += self.takes
        if self.fails:
            raise self.fails
        self.lanes.dispatcher.lanes[request.meta["lane"]].take([cookie("SUB", f"session {len(self.asked)}")])


def plain(**meta: Any) -> Request:
    visit = Visit("us-embassy", "embassy", "c", "guest", NOW)
    return Request(URL, meta={"endpoint": Endpoint.TIMELINE, "visit": visit, **meta})


def answered(request: Request, response_class: ResponseClass) -> Response:
    request.meta["answer"] = Answer(URL, 200, {}, b"", NOW)
    request.meta["verdict"] = Verdict(response_class, "a reason", None, "a signal")
    return Response(URL, request=request)


async def test_a_plain_request_waits_for_the_session_that_the_browser_brings() -> None:
    site = Site(concurrent_requests=3)
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


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (IgnoreRequest("robots"), "it gets no session: robots"),
        (RuntimeError("the browser is gone"), "it gets no session: RuntimeError: the browser is gone"),
    ],
)
async def test_without_a_session_nothing_is_asked(failure: Exception, sentence: str) -> None:
    site = Site()
    site.fails = failure
    with pytest.raises(LanesPausedError, match=sentence):
        await site.lanes.process_request(plain())
    # While the lane is paused the browser is not asked again; after it, it is.
    with pytest.raises(LanesPausedError):
        await site.lanes.process_request(plain())
    assert len(site.asked) == 1
    site.fails = None
    site.clock.shows = site.told[-1].resumes_at or NOW
    site.clock.shows = max(site.clock.shows, NOW + COOL_DOWN)
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
    assert again.priority > request.priority, "before those that wait for the first time"
    visit = again.meta["visit"]
    assert (visit.planned, visit.fetched, dict(visit.responses)) == (1, 1, {lost.value: 1})
    assert site.counted.count("lanes/guest/retries") == 1
    await site.lanes.process_request(again)
    assert again.headers["Cookie"] == b"SUB=session 2"
    # Lost once more, and a probe is answered: it is the question that takes a login. Nobody is pestered.
    site.clock.shows += COOL_DOWN
    response = answered(again, lost)
    assert await site.lanes.process_response(again, response) is response
    assert (len(site.asked), site.probed) == (2, 1)


async def test_where_a_login_is_asked_for_again_a_probe_is_enough() -> None:
    site = Site()

    async def ask(request: Request) -> Request | Response:
        await site.lanes.process_request(request)
        site.clock.shows += COOL_DOWN
        return await site.lanes.process_response(request, answered(request, ResponseClass.LOGIN_REQUIRED))

    again = await ask(plain())
    assert isinstance(again, Request)
    assert isinstance(await ask(again), Response)
    assert isinstance(await ask(plain()), Response)
    assert (len(site.asked), site.probed) == (2, 2)
    # A session that has ended meanwhile is renewed all the same.
    site.probe = ResponseClass.VISITOR_GATE
    assert isinstance(await ask(plain()), Request)
    assert len(site.asked) == 3


async def test_a_probe_of_another_session_does_not_prove_that_the_question_takes_a_login() -> None:
    site = Site()
    request = plain(lost=True, tries=2)
    await site.lanes.process_request(request)
    (lane,) = site.lanes.dispatcher.lanes.values()
    download = site.engine.download_async

    async def another_meanwhile(probe: Request) -> Response:
        lane.take([cookie("SUB", "session of a page")])
        return await download(probe)

    site.engine.download_async = another_meanwhile
    again = await site.lanes.process_response(request, answered(request, ResponseClass.VISITOR_GATE))
    assert isinstance(again, Request)
    await site.lanes.process_request(again)
    assert again.headers["Cookie"] == b"SUB=session of a page"
    assert (site.probed, lane.health.state) == (1, "healthy")


async def test_a_page_that_lost_its_session_to_a_renewal_is_rendered_again_and_the_new_one_stays() -> None:
    site = Site(concurrent_requests=2)
    page, request = plain(wanted=frozenset({Endpoint.TIMELINE}), endpoint=Endpoint.PAGE), plain()
    await site.lanes.process_request(request)
    await site.lanes.process_request(page)
    site.clock.shows += COOL_DOWN
    assert isinstance(
        await site.lanes.process_response(request, answered(request, ResponseClass.VISITOR_GATE)), Request
    )
    # The renewal took the cookies away from under the page, whose own requests were then refused.
    refused = Answer(URL, 432, {}, b"", NOW)
    page.meta["capture"].answers.append((Endpoint.TIMELINE, refused))
    again = await site.lanes.process_response(page, Response(page.url, request=page))
    assert isinstance(again, Request)
    (lane,) = site.lanes.dispatcher.lanes.values()
    assert lane.health.state == "degraded", lane.health.reason
    assert len(site.asked) == 2


async def test_requests_that_lose_the_same_session_share_one_renewal() -> None:
    site = Site(concurrent_requests=3)
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


async def test_within_the_cool_down_the_lane_waits_and_the_answer_stays() -> None:
    site = Site()
    request = plain()
    await site.lanes.process_request(request)
    site.clock.shows += COOL_DOWN - timedelta(milliseconds=1)
    response = answered(request, ResponseClass.VISITOR_GATE)
    assert await site.lanes.process_response(request, response) is response
    assert site.told[-1].state == "challenged"


@pytest.mark.parametrize("refused", [ResponseClass.BLOCKED, ResponseClass.CHALLENGE])
async def test_what_one_lane_is_refused_another_is_asked_for_once(refused: ResponseClass) -> None:
    site = Site(lanes=(Lane(name="one"), Lane(name="two")))
    request = plain()
    await site.lanes.process_request(request)
    again = await site.lanes.process_response(request, answered(request, refused))
    assert isinstance(again, Request)
    await site.lanes.process_request(again)
    assert (request.meta["lane"], again.meta["lane"]) == ("one", "two")
    assert again.meta["visit"].lane == "two"
    response = answered(again, refused)
    assert await site.lanes.process_response(again, response) is response
    with pytest.raises(LanesPausedError, match=r"one is challenged until .*; two is challenged until "):
        await site.lanes.process_request(plain())


async def test_what_had_better_be_said_by_another_session_is_asked_there_where_one_is_well() -> None:
    site = Site(lanes=(Lane(name="one"), Lane(name="two")))

    async def ask(**meta: Any) -> str:
        request = plain(**meta)
        request.meta["visit"] = visit
        await site.lanes.process_request(request)
        await site.lanes.process_response(request, answered(request, ResponseClass.OK))
        lane: str = request.meta["lane"]
        return lane

    visit = plain().meta["visit"]
    assert await ask() == "one"
    # No other one is open yet.
    assert await ask(elsewhere=True) == "one"
    assert await ask(other_than="one") == "two"
    assert await ask(elsewhere=True) == "two"
    assert visit.lane == "one"
    site.lanes.dispatcher.lanes["two"].answered(ResponseClass.CHALLENGE, "a captcha")
    assert await ask(elsewhere=True) == "one"


@pytest.mark.parametrize(
    ("signal", "headers", "seconds"),
    [("status_429", {}, 60), ("status_429", {"retry-after": "7"}, 7), ("status_418", {}, 1800)],
)
async def test_a_lane_pauses_as_long_as_weibo_says_or_the_table(
    signal: str, headers: dict[str, str], seconds: int
) -> None:
    site = Site()
    request = plain()
    await site.lanes.process_request(request)
    request.meta["answer"] = Answer(URL, 429, headers, b"", NOW)
    request.meta["verdict"] = Verdict(ResponseClass.BLOCKED, "a reason", None, signal)
    response = Response(URL, request=request)
    assert await site.lanes.process_response(request, response) is response
    assert site.told[-1].resumes_at == NOW + timedelta(seconds=seconds)


async def test_what_is_empty_is_asked_for_in_another_lane_or_in_the_next_session() -> None:
    for lanes, second in (((Lane(name="one"), Lane(name="two")), "two:1"), ((Lane(name="one"),), "one:2")):
        site = Site(lanes=lanes)
        request = plain(endpoint=Endpoint.HOTFLOW)
        await site.lanes.process_request(request)
        site.clock.shows += COOL_DOWN
        empty = answered(request, ResponseClass.SUSPICIOUSLY_EMPTY)
        again = await site.lanes.process_response(request, empty)
        assert isinstance(again, Request)
        assert again.meta["empty_by"] == ("one:1",)
        await site.lanes.process_request(again)
        assert f"{again.meta['lane']}:{again.meta['lane_generation']}" == second
        agreed = answered(again, ResponseClass.SUSPICIOUSLY_EMPTY)
        assert await site.lanes.process_response(again, agreed) is agreed
        assert again.meta["verdict"].response_class is ResponseClass.END_OF_LIST


async def test_where_no_answer_comes_by_one_lane_another_is_asked_once() -> None:
    site = Site(lanes=(Lane(name="one", egress_proxy="http://127.0.0.1:9"), Lane(name="two")))
    request = plain()
    await site.lanes.process_request(request)
    again = site.lanes.process_exception(request, ConnectionRefusedError("nobody is there"))
    assert isinstance(again, Request)
    visit = again.meta["visit"]
    assert (visit.planned, visit.fetched, dict(visit.responses)) == (1, 0, {"network_error": 1})
    await site.lanes.process_request(again)
    assert (request.meta["lane"], again.meta["lane"]) == ("one", "two")
    assert "proxy" not in again.meta
    assert again.meta["max_retry_times"] == 1, "three times in all"
    assert site.lanes.process_exception(again, ConnectionRefusedError("there neither")) is None
    # A lane that must not be asked is not asked then either.
    request = plain(other_than="one")
    await site.lanes.process_request(request)
    assert site.lanes.process_exception(request, ConnectionRefusedError("nobody is there")) is None
    # By a lane alone, Scrapy's own middleware asks again.
    alone = Site()
    request = plain()
    await alone.lanes.process_request(request)
    assert alone.lanes.process_exception(request, ConnectionRefusedError("nobody is there")) is None


async def test_what_a_lane_was_refused_the_next_run_knows() -> None:
    site = Site()
    request = plain()
    await site.lanes.process_request(request)
    await site.lanes.process_response(request, answered(request, ResponseClass.BLOCKED))
    # The lanes of a run that begins now read the machine's clock, by which that pause is long over: it is a probe.
    (lane,) = Site().lanes.dispatcher.lanes.values()
    assert (lane.health.state, lane.health.cause) == ("challenged", ResponseClass.BLOCKED)
