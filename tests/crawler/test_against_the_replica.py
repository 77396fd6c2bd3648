"""The crawl of two accounts of the replica, event by event against the truth of that moment."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.run import Order, run
from schemas.counts import contains
from schemas.events import AccountSnapshot, Comment, CrawlReceipt, EngagementSample, PostSeen
from schemas.settings import Crawl, Kafka, Settings
from tests.event_reader import EventReader
from tests.kafka_process import KafkaProcess
from tests.replica_process import ReplicaProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
# Accounts that no other test leaves a memory of.
UIDS = {"jp-embassy": "1938487875", "de-embassy": "2209621235"}


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[ReplicaProcess]:
    running = ReplicaProcess(tmp_path, NOW)
    yield running
    running.stop()


def test_every_counter_is_the_truth_of_its_moment(
    replica: ReplicaProcess, kafka: KafkaProcess, browser: Path, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path / "home",
        origin="replica",
        clock_file=replica.clock_file,
        kafka=Kafka(bootstrap_servers=",".join(kafka.servers)),
        crawl=Crawl(browser=browser, egress_proxy=replica.proxy, egress_ca_file=replica.ca_file),
    )
    arguments = {"accounts": ",".join(UIDS), "pages": "3", "comment_posts": "2", "comment_pages": "1", "cycle": "c1"}
    reader = EventReader(kafka)
    progress = run(settings, Order("embassy", arguments))
    assert [receipt.problems for receipt in progress.receipts] == [(), ()]
    assert progress.complete

    found = reader.events()
    events = [event for event, _ in found if event is not None]
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
