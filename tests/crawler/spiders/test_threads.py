"""What stands under a post, where a lane takes no more requests, without a crawl."""

import asyncio
from datetime import UTC, datetime

from scrapy.http import Request
from twisted.python.failure import Failure

from crawler.items import Page
from crawler.lanes.errors import BudgetSpentError
from crawler.lists import Bounds
from crawler.parsing.timeline import PostReference
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
    spider.clock, spider.canary, spider.visiting = MachineClock(), None, asyncio.Semaphore(0)
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


def reference(number: int, comments: int, reposts: int) -> PostReference:
    post = str(int(POST) - number)
    return PostReference(
        post,
        None,
        None,
        False,
        comments,
        text_truncated=False,
        seen=None,
        reposts=reposts,  # type: ignore[arg-type]
    )


async def test_posts_whose_lists_a_setting_leaves_out_are_one_counted_range() -> None:
    spider, visit = Reading(), Visit("us-embassy", "reading", "c1", "guest", datetime(2026, 11, 24, tzinfo=UTC))
    spider.leave_out(visit, [])
    spider.leave_out(visit, [reference(0, 2, 0), reference(1, 0, 0)])
    spider.leave_out(visit, [reference(2, 5, 0)])
    visit.stop("page_limit")
    receipt = visit.receipt(datetime(2026, 11, 24, tzinfo=UTC))
    assert [(one.kind, one.what, one.count, one.reason, one.remedy) for one in receipt.missing] == [
        ("comments", f"comments of posts from {POST} down to {int(POST) - 2}", 7, "cap", "operator")
    ]
    assert receipt.complete
