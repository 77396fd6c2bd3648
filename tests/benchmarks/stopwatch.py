"""A Scrapy add-on that writes down what a crawl cost: seconds, CPU seconds, memory, and how many answers it had.

It adds nothing else to a crawl. The CPU is that of the crawl's process and of all that it started (the browser);
starting Python and Scrapy is not in it.
"""

import json
import os
import resource
import time
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.settings import Settings

from crawler.endpoints import Endpoint, endpoint_of
from tests.benchmarks.processes import tree, waited

FILE = "STOPWATCH_FILE"
NAME = "tests.benchmarks.stopwatch.Stopwatch"


class Mark(BaseModel):
    """A moment of a crawl. `own` is the CPU of its process, `cpu` that of the browser too; `waited`: for a core."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    cpu: float
    own: float
    waited: float


class Times(BaseModel):
    """A whole crawl: its begin, its first plain answer, and its end. Without a plain answer `plain` is its end.

    At `ended` every event is acknowledged. `memory_mb` is the most that the crawl's process had, without the browser.
    """

    model_config = ConfigDict(frozen=True)

    began: Mark
    plain: Mark
    ended: Mark
    answers: int
    """Plain answers after the first one."""
    memory_mb: float

    @property
    def cpu(self) -> float:
        """From the first plain answer on."""
        return self.ended.cpu - self.plain.cpu

    @property
    def seconds(self) -> float:
        """From the first plain answer on."""
        return self.ended.seconds - self.plain.seconds


class Clock:
    """The extension: listens, and writes the file at the end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._process = psutil.Process()
        self._began = self._mark()
        self._plain: Mark | None = None
        self._answers = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Clock":
        clock = cls(Path(crawler.settings[FILE]))
        crawler.signals.connect(clock.opened, signals.spider_opened)
        crawler.signals.connect(clock.answered, signals.response_received)
        crawler.signals.connect(clock.closed, signals.spider_closed)
        return clock

    def opened(self, spider: Spider) -> None:
        self._began = self._mark()

    def answered(self, response: Response, request: Request) -> None:
        if endpoint_of(request.url) in (None, Endpoint.PAGE):
            return
        if self._plain is None:
            self._plain = self._mark()
        else:
            self._answers += 1

    def closed(self, spider: Spider) -> None:
        # The browser still runs: when it has ended, what it used can't be asked for any more.
        ended = self._mark()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        times = Times(
            began=self._began, plain=self._plain or ended, ended=ended, answers=self._answers, memory_mb=memory
        )
        self._file.write_text(times.model_dump_json())

    def _mark(self) -> Mark:
        return Mark(
            seconds=time.monotonic(), cpu=tree(self._process), own=time.process_time(), waited=waited(os.getpid())
        )


class Stopwatch:
    """The add-on."""

    def update_settings(self, settings: Settings) -> None:
        settings["EXTENSIONS"].set(f"{__name__}.Clock", 0)


def scrapy_settings(file: Path) -> dict[str, str]:
    """What makes a crawl write its times into a file."""
    return {"ADDONS": json.dumps({NAME: 0}), FILE: str(file)}


def read(file: Path) -> Times:
    return Times.model_validate_json(file.read_text())
