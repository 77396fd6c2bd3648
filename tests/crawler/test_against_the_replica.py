"""The crawl of two accounts of the replica, event by event against the truth of that moment."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from kafka import KafkaConsumer, TopicPartition

from crawler.run import Order, run
from schemas.clock import write_clock
from schemas.cloudevents import decode, header
from schemas.counts import contains
from schemas.events import AccountSnapshot, AnyEvent, Comment, CrawlReceipt, EngagementSample, PostSeen
from schemas.settings import Crawl, Kafka, Settings
from schemas.topics import TOPICS
from tests.kafka_process import KafkaProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
UIDS = {"us-embassy": "1743951792", "fr-embassy": "1987630007"}


class Replica:
    """The replica as a process, with a clock that stands still."""

    def __init__(self, folder: Path) -> None:
        self.clock_file = folder / "clock.json"
        self.ca_file = folder / "replica" / "ca.pem"
        write_clock(self.clock_file, NOW, 0)
        command = [sys.executable, "-m", "deploy.replica", "--state", str(folder / "replica")]
        command += ["--proxy-port", "0", "--control-port", "0", "--clock-file", str(self.clock_file)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert "generated content" in self.process.stdout.readline()
        ports = json.loads((folder / "replica" / "ports.json").read_text())
        self.proxy = f"http://127.0.0.1:{ports['proxy']}"
        self.control = f"http://127.0.0.1:{ports['control']}"

    def truth(self, path: str) -> Any:
        with urlopen(f"{self.control}/truth{path}") as answer:  # noqa: S310
            return json.load(answer)


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    running = Replica(tmp_path)
    yield running
    running.process.terminate()
    running.process.wait(30)


class Reader:
    """Reads what comes into all topics after it was made, topic by topic."""

    def __init__(self, kafka: KafkaProcess) -> None:
        self._consumer = KafkaConsumer(bootstrap_servers=kafka.servers, enable_auto_commit=False)
        self._partitions = [
            TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)
        ]
        self._consumer.assign(self._partitions)
        for partition, end in self._consumer.end_offsets(self._partitions).items():
            self._consumer.seek(partition, end)

    def events(self) -> list[tuple[AnyEvent, bytes]]:
        """All of it, each event with its raw value."""
        ends = self._consumer.end_offsets(self._partitions)
        found = []
        while any(self._consumer.position(partition) < end for partition, end in ends.items()):
            for records in self._consumer.poll(timeout_ms=500).values():
                found += [(decode(record.value, record.headers), record.value) for record in records]
                assert {header(record.headers, "ce_source") for record in records} == {"urn:weiplomacy:replica"}
        self._consumer.close()
        return found


def test_every_counter_is_the_truth_of_its_moment(
    replica: Replica, kafka: KafkaProcess, browser: Path, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path / "home",
        origin="replica",
        clock_file=replica.clock_file,
        kafka=Kafka(bootstrap_servers=",".join(kafka.servers)),
        crawl=Crawl(browser=browser, egress_proxy=replica.proxy, egress_ca_file=replica.ca_file),
    )
    arguments = {"accounts": ",".join(UIDS), "pages": "3", "comment_posts": "2", "comment_pages": "1", "cycle": "c1"}
    reader = Reader(kafka)
    progress = run(settings, Order("embassy", arguments))
    assert [receipt.problems for receipt in progress.receipts] == [(), ()]
    assert progress.complete

    found = reader.events()
    events = [event for event, _ in found]
    assert len(events) == progress.events
    assert all(event.observed_at == NOW for event in events)

    truths = {row["uid"]: row for row in replica.truth("")["accounts"]}
    snapshots = [event for event in events if isinstance(event, AccountSnapshot)]
    assert {snapshot.account_id for snapshot in snapshots} == set(UIDS)
    for snapshot in snapshots:
        truth = truths[UIDS[snapshot.account_id]]
        assert snapshot.screen_name == truth["screen_name"]
        assert contains(snapshot.followers, truth["followers"])
        assert contains(snapshot.posts, truth["posts"])

    samples = [event for event in events if isinstance(event, EngagementSample)]
    assert len({sample.post_id for sample in samples}) >= 50
    for sample in samples:
        truth = replica.truth(f"/post?mid={sample.post_id}")["post"]
        assert truth["uid"] == UIDS[sample.account_id]
        for shown, name in ((sample.reposts, "reposts"), (sample.comments, "comments"), (sample.likes, "likes")):
            assert contains(shown, truth[name]), f"{name} of {sample.post_id}"

    # What the account's timeline says is there, is there; a pinned post may stand on top of it.
    for account_id, uid in UIDS.items():
        newest = {post["mid"] for post in replica.truth(f"/posts?uid={uid}&limit=25")["posts"]}
        seen = {event.post_id for event in events if isinstance(event, PostSeen) and event.account_id == account_id}
        assert newest <= seen

    comments = [event for event in events if isinstance(event, Comment)]
    assert comments
    raw = b"".join(value for _, value in found).decode()
    for post_id in {comment.post_id for comment in comments}:
        people = replica.truth(f"/people?mid={post_id}")["people"]
        assert people
        for person in people:
            assert person["uid"] not in raw
            assert person["screen_name"] not in raw, post_id

    receipts = [event for event in events if isinstance(event, CrawlReceipt)]
    assert {receipt.account_id: receipt.stop_reason for receipt in receipts} == dict.fromkeys(UIDS, "page_limit")
    assert all(receipt.complete for receipt in receipts)
