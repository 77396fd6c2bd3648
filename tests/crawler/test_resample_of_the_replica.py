"""Visit plans carried out against the replica: true samples by pages and renderings; workers that share accounts."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.memory.topic import restore
from crawler.run import Order, run
from schemas.clock import write_clock
from schemas.counts import interval_of
from schemas.events import AccountSnapshot, EngagementSample
from schemas.settings import Crawl, Kafka, Settings
from tests.event_reader import EventReader
from tests.kafka_process import KafkaProcess
from tests.replica_process import ReplicaProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
SPEED = 400.0
# Accounts that no other test leaves a memory of.
ACCOUNTS = ("it-embassy", "th-embassy")


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[ReplicaProcess]:
    running = ReplicaProcess(tmp_path, NOW)
    yield running
    running.stop()


@pytest.fixture
def settings(replica: ReplicaProcess, kafka: KafkaProcess, browser: Path, tmp_path: Path) -> Settings:
    crawl = Crawl(
        browser=browser,
        egress_proxy=replica.proxy,
        egress_ca_file=replica.ca_file,
        render_every_normal_h=0.5,
        render_cost=1,
        comment_posts=0,
    )
    return Settings(
        home=tmp_path / "home",
        origin="replica",
        clock_file=replica.clock_file,
        kafka=Kafka(bootstrap_servers=",".join(kafka.servers)),
        crawl=crawl,
    )


def test_a_plan_is_carried_out_with_true_samples(
    replica: ReplicaProcess, kafka: KafkaProcess, settings: Settings
) -> None:
    reader = EventReader(kafka)
    write_clock(replica.clock_file, NOW, SPEED)
    progress = run(settings, Order("resample", {"accounts": ",".join(ACCOUNTS), "minutes": "65", "pages": "2"}))
    events = [event for event, _ in reader.events() if event is not None]
    assert progress.complete, [receipt.problems for receipt in progress.receipts]
    assert {receipt.spider for receipt in progress.receipts} == {"resample"}
    assert len({(receipt.account_id, receipt.cycle) for receipt in progress.receipts}) == progress.accounts

    moments = defaultdict(set)
    samples = [event for event in events if isinstance(event, EngagementSample)]
    for sample in samples:
        moments[sample.account_id].add(sample.observed_at)
        # At this speed an answer arrives some moments after it was made.
        early, late = (
            replica.truth(f"/post?mid={sample.post_id}&at={at.isoformat().replace('+00:00', 'Z')}")["post"]
            for at in (sample.observed_at - timedelta(minutes=5), sample.observed_at)
        )
        for shown, name in ((sample.reposts, "reposts"), (sample.comments, "comments")):
            assert shown is not None
            low, high = interval_of(shown)
            assert low <= late[name]
            assert high is None or early is None or high >= early[name]
    assert all(len(moments[account]) >= 3 for account in ACCOUNTS)
    assert any((one.planned, one.posts_captured >= 10) == (1, True) for one in progress.receipts), "ten posts at once"
    rendered = {event.account_id for event in events if isinstance(event, AccountSnapshot)}
    assert rendered == set(ACCOUNTS)
    memory = restore(kafka.servers).accounts
    for account in ACCOUNTS:
        assert memory[account].first_visited_at
        assert memory[account].rendered_at
        assert memory[account].visited_at
        assert memory[account].generation > 0
