"""What a crawl is measured on: a replica, a broker with the topics of the contract, and the crawl between them."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
from kafka import KafkaProducer

from crawler.run import Order, Progress, run
from deploy.stack.browser import find
from schemas.events import CrawlReceipt
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


@dataclass(frozen=True, slots=True)
class Run:
    """A crawl that has ended: what it did, what it cost, and the ids of the events that it brought, receipts apart."""

    progress: Progress
    times: stopwatch.Times
    memory_mb: float
    rows: frozenset[str] = field(repr=False)

    @property
    def wrong(self) -> list[str]:
        """Why its figures mean nothing; nothing where every visit is complete and delivered."""
        if self.progress.complete:
            return []
        problems = [problem for receipt in self.progress.receipts for problem in receipt.problems]
        return problems[:3] or ["not every visit ended well"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A running replica and a running broker."""

    folder: Path
    kafka: KafkaProcess
    weibo: ReplicaProcess
    browser: Path

    def settings(self, in_flight: int, visits: int) -> Settings:
        """As many requests, and visits, at a time; no delay."""
        return Settings(
            home=self.folder / "home",
            origin="replica",
            clock_file=self.weibo.clock_file,
            kafka=Kafka(bootstrap_servers=",".join(self.kafka.servers)),
            crawl=Crawl(
                browser=self.browser,
                egress_proxy=self.weibo.proxy,
                egress_ca_file=self.weibo.ca_file,
                delay_s=0,
                concurrent_requests=in_flight,
                concurrent_pages=visits,
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
        visits: int = 2,
        scrapy_settings: Mapping[str, str] | None = None,
        spider: str = "embassy",
    ) -> Run:
        """Run a spider to its end, with every promise and with Kafka. What it remembers is forgotten afterwards."""
        file = self.folder / "times.json"
        order = Order(spider, arguments, {**(scrapy_settings or {}), **stopwatch.scrapy_settings(file)})
        assert self.kafka.process
        memory = MemoryWatch((self.kafka.process.pid, self.weibo.process.pid))
        reader = EventReader(self.kafka)
        progress = run(self.settings(in_flight, visits), order, memory.look)
        found = [event for event, _ in reader.events() if event is not None]
        self._forget({receipt.account_id for receipt in progress.receipts})
        rows = frozenset(event.event_id for event in found if not isinstance(event, CrawlReceipt))
        return Run(progress, stopwatch.read(file), memory.most_mb, rows)

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
