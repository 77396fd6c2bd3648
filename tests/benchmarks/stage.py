"""What a crawl is measured on: a replica, a broker with the topics of the contract, and the crawl between them."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
from kafka import KafkaProducer

from crawler.run import Order, Progress, run
from deploy.stack.browser import find
from schemas.events import AnyEvent, CrawlReceipt
from schemas.settings import Crawl, Kafka, Settings
from schemas.topics import MEMORY
from tests.benchmarks import stopwatch
from tests.benchmarks.processes import children
from tests.event_reader import EventReader
from tests.kafka_process import KafkaProcess
from tests.replica_process import ReplicaProcess

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
LOOK_S = 2.0


@dataclass(slots=True)
class MemoryWatch:
    """The most memory that the crawl had with its browser, MB, shared pages counted once; looked at now and then."""

    besides: tuple[int, ...]
    most_mb: float = 0.0
    _next: float = 0.0

    def look(self, _: Progress) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_S
        held = 0
        for child in children(self.besides):
            for process in (child, *child.children(recursive=True)):
                try:
                    held += process.memory_full_info().pss
                except psutil.Error:  # it has ended in between
                    continue
        self.most_mb = max(self.most_mb, held / 2**20)


@dataclass(frozen=True)
class Run:
    """A crawl that has ended: what it did, what it cost, and the events that it brought."""

    progress: Progress
    times: stopwatch.Times
    memory_mb: float
    events: Sequence[AnyEvent] = field(repr=False)

    @cached_property
    def rows(self) -> frozenset[str]:
        """The ids of the events, receipts apart."""
        return frozenset(event.event_id for event in self.events if not isinstance(event, CrawlReceipt))

    @property
    def receipts(self) -> list[CrawlReceipt]:
        return [event for event in self.events if isinstance(event, CrawlReceipt)]

    @property
    def wrong(self) -> list[str]:
        """Why its figures mean nothing; nothing where every visit is complete and delivered."""
        problems = [problem for receipt in self.receipts for problem in receipt.problems]
        delivered = len(self.receipts) == self.progress.accounts and all(one.complete for one in self.receipts)
        return [] if self.progress.ended and delivered else problems[:3] or ["not every visit ended well"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A running replica and a running broker."""

    folder: Path
    kafka: KafkaProcess
    weibo: ReplicaProcess
    browser: Path

    def settings(self, in_flight: int, pages: int, **crawl: Any) -> Settings:
        """As many requests, and browser pages, at a time; no delay unless `crawl`, further settings, has one."""
        return Settings(
            home=self.folder / "home",
            origin="replica",
            clock_file=self.weibo.clock_file,
            kafka=Kafka(bootstrap_servers=",".join(self.kafka.servers)),
            crawl=Crawl(
                browser=self.browser,
                egress_proxy=self.weibo.proxy,
                egress_ca_file=self.weibo.ca_file,
                concurrent_requests=in_flight,
                concurrent_pages=pages,
                **{"delay_s": 0, **crawl},
            ),
        )

    def busiest(self, count: int) -> list[str]:
        """The uids of the accounts with most posts."""
        accounts = sorted(self.weibo.truth("")["accounts"], key=lambda account: -int(account["posts"]))
        return [str(account["uid"]) for account in accounts[:count]]

    def crawl(
        self,
        arguments: Mapping[str, str],
        in_flight: int,
        pages: int = 2,
        scrapy_settings: Mapping[str, str] | None = None,
        spider: str = "embassy",
        follow: Callable[[Progress], None] = lambda _: None,
        **crawl: Any,
    ) -> Run:
        """Run a spider to its end, with every promise and with Kafka. What it remembers is forgotten afterwards."""
        file = self.folder / "times.json"
        order = Order(spider, arguments, {**(scrapy_settings or {}), **stopwatch.scrapy_settings(file)})
        assert self.kafka.process
        memory = MemoryWatch((self.kafka.process.pid, self.weibo.process.pid))
        reader = EventReader(self.kafka)

        def look(progress: Progress) -> None:
            memory.look(progress)
            follow(progress)

        progress = run(self.settings(in_flight, pages, **crawl), order, look)
        found = [event for event, _ in reader.events() if event is not None]
        done = Run(progress, stopwatch.read(file), memory.most_mb, found)
        self._forget({receipt.account_id for receipt in done.receipts})
        return done

    def _forget(self, accounts: set[str]) -> None:
        producer = KafkaProducer(bootstrap_servers=self.kafka.servers)
        for account in sorted(accounts):
            producer.send(MEMORY.name, key=account.encode(), value=None)
        producer.flush()
        producer.close()


@contextmanager
def staged(folder: Path, *replica_options: str, kafka: KafkaProcess | None = None) -> Iterator[Stage]:
    """Start a replica, and a broker where none is given; they end with the block."""
    browser = find(None, lambda _: None).path
    broker = kafka or KafkaProcess(folder / "kafka")
    try:
        if kafka is None:
            broker.start()
        _wait_for_leaders(broker)
        weibo = ReplicaProcess(folder, NOW, *replica_options)
        try:
            yield Stage(folder, broker, weibo, browser)
        finally:
            weibo.stop()
    finally:
        if kafka is None:
            broker.stop()


def _wait_for_leaders(kafka: KafkaProcess) -> None:
    """A new partition has no leader at first, and the library then answers as if it did not exist."""
    for _ in range(50):
        with suppress(KeyError):
            return EventReader(kafka).close()
        time.sleep(0.2)
    raise TimeoutError("the broker's partitions have no leaders")
