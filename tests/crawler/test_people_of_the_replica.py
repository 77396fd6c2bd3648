"""Private people of the replica: whatever leaves the crawler, in topics and in its log, names none of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.run import LOG, Order, Progress, run
from schemas.events import Comment, PostSeen, QuarantinedBody, Repost
from schemas.settings import Crawl, Kafka, People, Settings
from tests.event_reader import EventReader
from tests.kafka_process import KafkaProcess
from tests.replica_process import ReplicaProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
# An account that no other test leaves a memory of.
ACCOUNT, UID = "fr-embassy", "1987630007"
ARGUMENTS = {
    "accounts": ACCOUNT,
    "comment_posts": "4",
    "comment_orders": "hot,time",
    "comment_pages": "3",
    "reply_pages": "10",
    "repost_pages": "2",
}

Crawled = Callable[[People], tuple[Progress, EventReader, str]]


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[ReplicaProcess]:
    running = ReplicaProcess(tmp_path, NOW)
    yield running
    running.stop()


@pytest.fixture
def crawled(replica: ReplicaProcess, kafka: KafkaProcess, browser: Path, tmp_path: Path) -> Crawled:
    """Runs the spider `comments` into Kafka; returns how it went, the reader of all topics, and the log."""

    def crawling(people: People) -> tuple[Progress, EventReader, str]:
        settings = Settings(
            home=tmp_path / "home",
            origin="replica",
            clock_file=replica.clock_file,
            kafka=Kafka(bootstrap_servers=",".join(kafka.servers)),
            crawl=Crawl(browser=browser, egress_proxy=replica.proxy, egress_ca_file=replica.ca_file),
            people=people,
        )
        reader = EventReader(kafka)
        progress = run(settings, Order("comments", ARGUMENTS))
        return progress, reader, (settings.home / LOG).read_text()

    return crawling


def test_no_topic_and_no_log_names_a_private_person(replica: ReplicaProcess, crawled: Crawled) -> None:
    newest = [post["mid"] for post in replica.truth(f"/posts?uid={UID}&limit=4")["posts"]]
    # One post answers so that nothing can be read, so that bodies and problems are searched too.
    replica.fault(
        name="drift", kind="renamed-field", field="user", to="author", match={"mid": newest[0], "endpoint": "hotflow"}
    )
    progress, reader, log = crawled(People())
    found = reader.events()
    events = [event for event, _ in found if event is not None]
    posts = {event.post_id for event in events if isinstance(event, PostSeen)}
    under = {event.post_id for event in events if isinstance(event, Comment)}
    assert under
    assert any(isinstance(event, Repost) for event in events)
    assert any(isinstance(event, QuarantinedBody) for event in events)
    assert progress.receipts[0].problems
    assert not progress.receipts[0].raw_people
    written = b"".join(value for _, value in found).decode() + log
    people = {one["uid"]: one["screen_name"] for mid in posts for one in replica.truth(f"/people?mid={mid}")["people"]}
    assert len(people) > 100
    assert [uid for uid, name in people.items() if uid in written or name in written] == []
    # Nor are their pictures linked; a masked body in quarantine has the same filler for all.
    linked = [value for event, value in found if b"default.jpg" in value and not isinstance(event, QuarantinedBody)]
    assert linked == []


def test_raw_values_are_there_when_the_operator_wants_them_and_every_receipt_says_so(crawled: Crawled) -> None:
    progress, reader, _ = crawled(People(raw=True))
    assert all(receipt.raw_people for receipt in progress.receipts)
    comments = [event for event, _ in reader.events() if isinstance(event, Comment)]
    assert comments
    assert all(comment.author_name and comment.author_uid for comment in comments)
    assert any(comment.text.startswith("回复@") and "~" not in comment.text for comment in comments)
