"""What stands under a post, where a lane takes no more requests, without a crawl."""

import asyncio
from datetime import UTC, datetime

from scrapy.http import Request
from twisted.python.failure import Failure

from crawler.items import Page
from crawler.lanes.errors import BudgetSpentError
from crawler.lists import Bounds
from crawler.receipts import Visit
from crawler.spiders.threads import ThreadReading
from schemas.clock import MachineClock
from schemas.events import CrawlReceipt

POST = "4058868600000000"


class Reading(ThreadReading):
    name = "reading"


async def test_a_spent_budget_is_told_to_the_lists_and_counted_once() -> None:
    spider = Reading()
    spider.bounds = Bounds(orders=("hot", "time"), comment_pages=3, reply_pages=1, repost_pages=1)
    spider.clock, spider.canary, spider.rendering = MachineClock(), None, asyncio.Semaphore(0)
    visit = Visit("us-embassy", "reading", "c1", "guest", datetime(2026, 11, 24, tzinfo=UTC))
    (request,) = spider.comments(visit, POST, reported=12)
    assert isinstance(request, Request)
    failure = Failure(BudgetSpentError("the day's budget of guest is spent", None, "budget"))
    failure.request = request  # type: ignore[attr-defined]
    (page,) = [output async for output in spider.unanswered(failure)]
    assert isinstance(page, Page)
    (receipt,) = page.events
    assert isinstance(receipt, CrawlReceipt)
    assert [(one.kind, one.count, one.reason, one.remedy) for one in receipt.missing] == [
        ("comments", 12, "budget", "next_visit")
    ]
    # The list by time is not even asked for, and ended for the same reason.
    assert {(one.order, one.ended_by) for one in receipt.lists} == {("hot", "budget"), ("time", "budget")}
    assert receipt.problems == (f"hot comments of {POST}: the day's budget of guest is spent",)
    assert (receipt.complete, receipt.stop_reason, receipt.responses) == (False, "failed", {})
