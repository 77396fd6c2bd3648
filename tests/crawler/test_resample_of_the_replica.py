"""Visit plans carried out against the replica: true samples by pages and renderings; workers that share accounts."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from crawler.memory.topic import restore
from crawler.run import Order, Progress, environment, run
from schemas.clock import write_clock
from schemas.counts import interval_of
from schemas.events import AccountSnapshot, CrawlReceipt, EngagementSample
from schemas.settings import Crawl, Kafka, Settings
from tests.event_reader import EventReader
from tests.kafka_process import KafkaProcess
from tests.replica_process import ReplicaProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
SPEED = 400.0
# Accounts that no other test leaves a memory of.
ACCOUNTS = ("it-embassy", "th-embassy")
# Of four partitions.
SHARED = ("it-embassy", "nz-embassy", "th-embassy", "br-embassy")
COMMAND = Path(sys.executable).with_name("weiplomacy")


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[ReplicaProcess]:
    running = ReplicaProcess(tmp_path, NOW)
    yield running
    running.stop()


@pytest.fixture
def settings(replica: ReplicaProcess, kafka: KafkaProcess, browser: Path, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home",
        origin="replica",
        clock_file=replica.clock_file,
        kafka=Kafka(bootstrap_servers=",".join(kafka.servers)),
        crawl=Crawl(browser=browser, egress_proxy=replica.proxy, egress_ca_file=replica.ca_file, comment_posts=0),
    )


def with_crawl(settings: Settings, **crawl: object) -> Settings:
    return settings.model_copy(update={"crawl": settings.crawl.model_copy(update=crawl)})


def is_enough(progress: Progress) -> bool:
    """Whether each account has been visited three times, and ten posts were seen at once by one plain request.

    The first visit reads an account's figures plainly, the next to read them is one that renders.
    """
    whole = [receipt for receipt in progress.receipts if receipt.complete]
    visits = Counter(receipt.account_id for receipt in whole)
    figures = Counter(receipt.account_id for receipt in whole if AccountSnapshot.name in receipt.published)
    at_once = any(receipt.planned == 1 and receipt.posts_captured >= 10 for receipt in whole)
    return at_once and all(visits[account] >= 3 and figures[account] >= 2 for account in ACCOUNTS)


def test_a_plan_is_carried_out_with_true_samples(
    replica: ReplicaProcess, kafka: KafkaProcess, settings: Settings
) -> None:
    reader = EventReader(kafka)
    settings = with_crawl(settings, render_every_normal_h=1, render_cost=1)
    write_clock(replica.clock_file, NOW, SPEED)
    progress = run(
        settings,
        Order("resample", {"accounts": ",".join(ACCOUNTS), "pages": "2", "minutes": "1200"}),
        lambda so_far: signal.raise_signal(signal.SIGTERM) if is_enough(so_far) else None,
    )
    events = [event for event, _ in reader.events() if event is not None]
    assert progress.ended
    assert is_enough(progress)
    for receipt in progress.receipts:
        assert receipt.spider == "resample"
        assert receipt.delivered
        assert receipt.complete or receipt.stop_reason == "interrupted", receipt.problems
    assert len({(receipt.account_id, receipt.cycle) for receipt in progress.receipts}) == progress.accounts

    samples = [event for event in events if isinstance(event, EngagementSample)]
    assert {sample.account_id for sample in samples} == set(ACCOUNTS)
    for sample in samples:
        # The answer was made between the beginning of its visit and the moment at which it was observed.
        began = max(
            receipt.started_at
            for receipt in progress.receipts
            if receipt.account_id == sample.account_id and receipt.started_at <= sample.observed_at
        )
        early, late = (
            replica.truth(f"/post?mid={sample.post_id}&at={at.isoformat().replace('+00:00', 'Z')}")["post"]
            for at in (began, sample.observed_at)
        )
        # Comments and likes may fall in between; reposts never do.
        assert sample.reposts is not None
        low, high = interval_of(sample.reposts)
        assert low <= late["reposts"]
        assert high is None or early is None or high >= early["reposts"]
    memory = restore(kafka.servers).accounts
    for account in ACCOUNTS:
        assert memory[account].first_visited_at
        assert memory[account].rendered_at
        assert memory[account].visited_at
        assert memory[account].generation > 0


class Worker:
    """A worker as `weiplomacy crawl run --continuous` makes one; its receipts carry its name."""

    def __init__(self, name: str, settings: Settings) -> None:
        command = [str(COMMAND), "crawl", "run", "--continuous", "--json", "--accounts", ",".join(SHARED)]
        self.process = subprocess.Popen(
            [*command, "--cycle", name, "--comment-posts", "0"], env=environment(settings), stdout=subprocess.PIPE
        )

    def kill(self) -> None:
        """All of its processes, at once."""
        if self.process.poll() is None:
            whole = psutil.Process(self.process.pid)
            for process in [*whole.children(recursive=True), whole]:
                # Those that end with another one are gone by then.
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self.process.wait()


class Story:
    """Which worker has visited which account, as the receipts tell it."""

    def __init__(self, kafka: KafkaProcess) -> None:
        self._reader = EventReader(kafka)
        self.receipts: list[CrawlReceipt] = []

    def until(self, condition: Callable[[], bool]) -> None:
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < 120
            time.sleep(0.2)
            self.read()

    def read(self) -> None:
        self.receipts += [event for event, _ in self._reader.new() if isinstance(event, CrawlReceipt)]

    def visited_by(self, name: str) -> set[str]:
        return {receipt.account_id for receipt in self.receipts if receipt.cycle.startswith(f"{name}-")}


def test_workers_share_the_accounts_and_those_of_a_killed_one_go_on_elsewhere(
    replica: ReplicaProcess, kafka: KafkaProcess, settings: Settings
) -> None:
    story = Story(kafka)
    settings = with_crawl(settings, visit_every_normal_min=20)
    write_clock(replica.clock_file, NOW, SPEED)
    one = Worker("one", settings)
    workers = [one]
    try:
        story.until(lambda: story.visited_by("one") == set(SHARED))
        two = Worker("two", settings)
        workers.append(two)
        story.until(lambda: bool(story.visited_by("two")))
        two.kill()
        story.read()
        theirs, so_far = story.visited_by("two"), len(story.receipts)
        assert theirs < set(SHARED)
        story.until(lambda: {receipt.account_id for receipt in story.receipts[so_far:]} >= theirs)
        one.process.send_signal(signal.SIGTERM)
        said, _ = one.process.communicate(timeout=60)
    finally:
        for worker in workers:
            worker.kill()
    assert one.process.returncode == 0
    story.read()
    assert json.loads(said)["visits"] == sum(receipt.cycle.startswith("one-") for receipt in story.receipts)
    assert {receipt.cycle.partition("-")[0] for receipt in story.receipts[so_far:]} == {"one"}
    assert len({(receipt.account_id, receipt.cycle) for receipt in story.receipts}) == len(story.receipts)
    memory = restore(kafka.servers).accounts
    assert all(memory[account].visited_at for account in SHARED)
