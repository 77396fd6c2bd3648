"""Writes down how far a run is, for whoever started it."""

import json
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.items import Page
from crawler.pipelines import REFUSED
from schemas.events import CrawlReceipt, LaneChanged

BETWEEN_S = 0.2
"""Machine time between two writes that tell of nothing but further events: nobody looks more often, and the file grows
with every receipt."""


class Progress:
    """Keeps the JSON file of the Scrapy setting PROGRESS_FILE up to date.

    `accounts`: visits that were planned; `receipts`: the receipts of those that ended, each with `delivered`: whether
    Kafka took it; with the Scrapy setting PROGRESS_RECEIPTS only so many, the newest; `visits`: how many ended in all,
    `whole`: those of them that are complete and delivered; `says`: sentences of the spider; `events`: events
    acknowledged; `refused`: why the run did not begin, or null; `ended`: whether the run is over. What is only one more
    event is written with the next of these, or BETWEEN_S later.
    """

    def __init__(
        self,
        crawler: Crawler,
        file: Path,
        most_receipts: int | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._crawler = crawler
        self._file = file
        self._seconds = seconds
        self._written_at: float | None = None
        self._receipts: deque[dict[str, Any]] = deque(maxlen=most_receipts)
        self._visits = self._whole = 0
        self._events = 0
        self._ended = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Progress":
        """Built by Scrapy. Raises NotConfigured where nobody asked for the file."""
        file = crawler.settings["PROGRESS_FILE"]
        if not file:
            raise NotConfigured
        progress = cls(crawler, Path(file), crawler.settings.getint("PROGRESS_RECEIPTS") or None)
        crawler.signals.connect(progress.page_scraped, signals.item_scraped)
        crawler.signals.connect(progress.page_dropped, signals.item_dropped)
        crawler.signals.connect(progress.spider_closed, signals.spider_closed)
        return progress

    def page_scraped(self, item: Any) -> None:
        """All events of a page are acknowledged."""
        if isinstance(item, Page):
            self._events += len(item.events)
            self._note(item, delivered=True)
        elif isinstance(item, LaneChanged):
            self._events += 1
            self._write()

    def page_dropped(self, item: Any) -> None:
        """Not all events of a page are."""
        if isinstance(item, Page):
            self._note(item, delivered=False)

    def spider_closed(self, spider: Spider) -> None:
        """The run is over."""
        self._ended = True
        self._write()

    def _note(self, page: Page, delivered: bool) -> None:
        receipts = [event for event in page.events if isinstance(event, CrawlReceipt)]
        self._receipts.extend({**receipt.model_dump(mode="json"), "delivered": delivered} for receipt in receipts)
        self._visits += len(receipts)
        self._whole += sum(receipt.complete and delivered for receipt in receipts)
        if receipts or self._written_at is None or self._seconds() - self._written_at >= BETWEEN_S:
            self._write()

    def _write(self) -> None:
        self._written_at = self._seconds()
        state = {
            "accounts": getattr(self._crawler.spider, "planned_visits", 0),
            "receipts": list(self._receipts),
            "visits": self._visits,
            "whole": self._whole,
            "says": getattr(self._crawler.spider, "says", ()),
            "events": self._events,
            "refused": self._crawler.stats.get_value(REFUSED),
            "ended": self._ended,
        }
        partial = self._file.with_name(self._file.name + ".partial")
        partial.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
        partial.replace(self._file)
