"""Ends a run when whoever started it is gone: nobody could stop it then, and its lanes may be given to another."""

import asyncio
import logging
import os

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

logger = logging.getLogger(__name__)

LOOK_S = 1.0


class Starter:
    """Looks whether the process of the Scrapy setting STARTED_BY is still our parent; else the run is stopped."""

    def __init__(self, crawler: Crawler, process: int) -> None:
        self._crawler = crawler
        self._process = process
        self._looking: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Starter":
        """Built by Scrapy. Raises NotConfigured where nobody says who started it."""
        process = crawler.settings.getint("STARTED_BY")
        if not process:
            raise NotConfigured
        starter = cls(crawler, process)
        crawler.signals.connect(starter.spider_opened, signals.spider_opened)
        crawler.signals.connect(starter.spider_closed, signals.spider_closed)
        return starter

    def spider_opened(self) -> None:
        """Begin to look."""
        self._looking = asyncio.get_running_loop().create_task(self._look())

    def spider_closed(self) -> None:
        """The run is over."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while os.getppid() == self._process:  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(LOOK_S)
        logger.error("whoever started the crawl (process %d) is gone: it ends", self._process)
        # The task that stops the run must not be the one that its end cancels.
        self._looking = None
        await self._crawler.stop_async()
