"""Item pipeline: publishes pages of events to Kafka and tells the visit what became of them; and changes of lanes."""

import asyncio
import logging
import os
import socket
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem

from crawler.items import Page
from crawler.lanes.lane import LANE_CHANGED
from crawler.memory.keeper import Keeper
from crawler.memory.membership import Broken, Change, Gained, Membership, Ownership
from crawler.memory.records import AccountMemory
from crawler.memory.topic import Restored, outgoing_record, restore
from crawler.publishing import NotAcknowledgedError, Outcome, Publisher, PublishingError
from schemas.clock import machine_time
from schemas.events import CrawlReceipt, LaneChanged
from schemas.origin import claim, source_of
from schemas.settings import Settings

if TYPE_CHECKING:
    from crawler.spiders.visiting import VisitingSpider

logger = logging.getLogger(__name__)
# The library tells of every connection at INFO.
logging.getLogger("kafka").setLevel(logging.WARNING)

REFUSED = "weiplomacy/refused"
"""The statistic that holds the sentence why a run did not even begin, or why a worker could not go on."""


class PublishingPipeline:
    """Publishes each page and holds it until Kafka has acknowledged all of its events, or has failed to in time.

    With Scrapy's setting KAFKA_ENABLED off, a page only goes on to the feed, and counts as acknowledged by it.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings: Settings = crawler.settings["WEIPLOMACY"]
        self._crawler = crawler
        self._servers = settings.kafka_servers
        self._publisher: Publisher | None = None
        self._lane_changes: set[asyncio.Task[None]] = set()
        self._membership: Membership | None = None
        self._ending: asyncio.Task[None] | None = None
        if crawler.settings.getbool("KAFKA_ENABLED"):
            self._publisher = Publisher(
                settings.kafka_servers,
                source_of(claim(settings)),
                settings.kafka.delivery_timeout_ms,
                settings.kafka.page_deadline_s,
            )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PublishingPipeline":
        """Built by Scrapy."""
        pipeline = cls(crawler)
        crawler.signals.connect(pipeline.lane_changed, LANE_CHANGED)
        return pipeline

    def lane_changed(self, event: LaneChanged) -> None:
        """Publish a change of a lane, which belongs to no visit; nobody waits for it before the end of the run."""
        task = asyncio.create_task(self._publish_change(event))
        self._lane_changes.add(task)
        task.add_done_callback(self._lane_changes.discard)

    async def _publish_change(self, event: LaneChanged) -> None:
        if self._publisher is not None:
            outcome = await self._publisher.publish(f"change of lane {event.lane}", (event,), event.lane)
            if not outcome.complete:
                logger.error("%s", "; ".join(outcome.problems))
                return
        self._crawler.stats.inc_value(f"events/acknowledged/{event.name}")
        await self._crawler.signals.send_catch_log_async(
            signal=signals.item_scraped, item=event, response=None, spider=self._crawler.spider
        )

    async def open_spider(self) -> None:
        """Connect and restore the crawler's memory, before the first request. Where that fails, nothing is crawled."""
        if self._publisher is None:
            return
        try:
            await self._publisher.start()
            write = partial(_remember, self._publisher)
            if self._spider.SHARES_ACCOUNTS:
                self._spider.memory = Keeper(write=write, machine=machine_time, owned=Ownership())
                worker = f"{socket.gethostname()}-{os.getpid()}"
                self._membership = Membership(self._servers, worker, self._shared)
                self._membership.join()
                return
            restored = await asyncio.to_thread(restore, self._servers)
            _tell(restored)
            self._spider.memory = Keeper(restored.accounts, restored.problems, write, machine_time)
        except PublishingError as error:
            self._refuse(error)
            raise CloseSpider("kafka_unreachable") from error

    def _shared(self, change: Change) -> None:
        """What the group of workers says: accounts are ours, or ours no more, or it can't go on."""
        if isinstance(change, Broken):
            self._end(change.error)
            return
        if isinstance(change, Gained):
            _tell(change.restored)
        self._spider.memory.follow(change)
        self._spider.shared()

    def _end(self, error: PublishingError) -> None:
        """A worker that can't go on ends; whoever supervises it starts it again."""
        if self._ending is None:
            self._refuse(error)
            self._ending = asyncio.get_running_loop().create_task(self._crawler.stop_async())

    def _refuse(self, error: PublishingError) -> None:
        logger.error("%s", error)
        self._crawler.stats.set_value(REFUSED, str(error))

    async def process_item(self, item: Any) -> Any:
        """Publish a page. A page with events that Kafka did not acknowledge is dropped by name, for Scrapy's log."""
        if not isinstance(item, Page):
            return item
        outcome = await self._publish(item)
        if outcome.complete and (item.covers or item.posts):
            memory = self._spider.memory
            memory.learn(item.visit.account_id, item.covers, item.posts, item.number)
            if problem := await memory.write_soon(item.visit.account_id):
                item.visit.forgotten(problem)
        item.visit.page_settled(outcome)
        for name, count in outcome.acknowledged.items():
            self._crawler.stats.inc_value(f"events/acknowledged/{name}", count)
        if not outcome.complete:
            problems = "; ".join(outcome.problems)
            if self._membership is not None and any(isinstance(event, CrawlReceipt) for event in item.events):
                # Without Kafka a crawl without an end would ask and ask, and nothing would come of it.
                self._end(NotAcknowledgedError(f"the crawl ends, since Kafka takes nothing any more: {problems}"))
            raise DropItem(problems)
        return item

    async def close_spider(self) -> None:
        """End the visits that were interrupted with their receipts, and close the producer. All of it is bounded."""
        spider: VisitingSpider | None = self._crawler.spider  # type: ignore[assignment]
        for page in [page async for page in spider.interrupted()] if spider is not None else ():
            try:
                await self.process_item(page)
            except DropItem as error:
                logger.error("%s", error)
            else:
                await self._crawler.signals.send_catch_log_async(
                    signal=signals.item_scraped, item=page, response=None, spider=spider
                )
        await asyncio.gather(*self._lane_changes)
        if self._membership is not None:
            await self._membership.leave()
        if self._publisher is not None:
            await self._publisher.close()

    @property
    def _spider(self) -> "VisitingSpider":
        return self._crawler.spider  # type: ignore[return-value]

    async def _publish(self, page: Page) -> Outcome:
        if self._publisher is not None:
            return await self._publisher.publish(page.name, page.events, page.lane)
        names = Counter(event.name for event in page.events)
        return Outcome(published=names, acknowledged=names.copy())


def _tell(restored: Restored) -> None:
    for problem in restored.problems.values():
        logger.error("%s", problem)


async def _remember(publisher: Publisher, record: AccountMemory) -> str | None:
    """Keep a record in the topic of the memory; returns a sentence where Kafka did not take it."""
    one = outgoing_record(record)
    outcome = await publisher.deliver(one.id, [one])
    return None if outcome.complete else "; ".join(outcome.problems)
