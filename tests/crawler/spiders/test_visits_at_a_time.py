"""How many visits are open at a time: what a run asks for, without a crawl."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Request
from scrapy.utils.test import get_crawler

from crawler.endpoints import Endpoint
from crawler.receipts import Wanted
from crawler.spiders.embassy import EmbassySpider
from crawler.spiders.visiting import VisitingSpider
from schemas.settings import Crawl, Settings

ACCOUNTS = "us-embassy,fr-embassy,jp-embassy,de-embassy,ca-embassy"
Started = tuple[VisitingSpider, list[Request]]


@pytest.fixture
async def start(tmp_path: Path) -> Any:
    """Starts a spider, and returns it with the list of what it asks for, which grows."""
    tasks = []

    def starting(kind: type[VisitingSpider], **crawl: int) -> Started:
        settings = Settings(home=tmp_path, crawl=Crawl(**crawl))  # type: ignore[arg-type]
        spider = kind.from_crawler(get_crawler(kind, {"WEIPLOMACY": settings}), accounts=ACCOUNTS)
        asked: list[Request] = []

        async def run() -> None:
            async for output in spider.start():
                asked.append(output)

        tasks.append(asyncio.create_task(run()))
        return spider, asked

    yield starting
    for task in tasks:
        task.cancel()
        await asyncio.wait([task])


async def count(asked: list[Request]) -> int:
    for _ in range(20):
        await asyncio.sleep(0)
    return len(asked)


async def test_as_many_visits_are_open_as_requests_may_be_in_flight(start: Callable[..., Started]) -> None:
    spider, asked = start(EmbassySpider, concurrent_requests=3, concurrent_pages=1)
    assert await count(asked) == 3
    async for _ in spider.close_visit(asked[0].meta["visit"]):
        pass
    assert await count(asked) == 4


async def test_renderings_alone_may_be_more_than_requests(start: Callable[..., Started]) -> None:
    _, asked = start(EmbassySpider, concurrent_requests=1, concurrent_pages=2)
    assert await count(asked) == 2


async def test_what_leads_on_goes_before_what_stands_alone(start: Callable[..., Started]) -> None:
    spider, asked = start(EmbassySpider)
    assert await count(asked) == 1
    visit, nothing = asked[0].meta["visit"], lambda *_: iter(())
    further, alone = (
        spider.ask(visit, "https://m.weibo.cn/", endpoint, "", nothing, Wanted("visit", "x"))
        for endpoint in (Endpoint.TIMELINE, Endpoint.EXTEND)
    )
    assert asked[0].priority == further.priority > alone.priority
