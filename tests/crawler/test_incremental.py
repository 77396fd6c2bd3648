"""Visit after visit to one account of the replica: what is new, what changed, what disappeared, and nothing twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.memory.coverage import BEGINNING
from crawler.memory.topic import restore
from crawler.run import DeliveredReceipt, Order, run
from schemas.counts import contains
from schemas.events import AnyEvent, Comment, EngagementSample, PostEdited, PostRemoved, PostSeen, QuarantinedBody
from schemas.settings import Crawl, Kafka, Settings
from tests.event_reader import EventReader
from tests.kafka_process import KafkaProcess
from tests.replica_process import ReplicaProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
# Accounts that no other test leaves a memory of.
SWISS, SWISS_UID = "ch-embassy", "2603537861"
SWEDISH, SWEDISH_UID = "se-embassy", "3260734291"


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[ReplicaProcess]:
    running = ReplicaProcess(tmp_path, NOW)
    yield running
    running.stop()


class Visits:
    """Visits to one account with one state folder; each returns its receipt and its events."""

    def __init__(self, account: str, replica: ReplicaProcess, kafka: KafkaProcess, browser: Path, home: Path) -> None:
        self._account = account
        self._kafka = kafka
        self._settings = Settings(
            home=home,
            origin="replica",
            clock_file=replica.clock_file,
            kafka=Kafka(bootstrap_servers=",".join(kafka.servers)),
            crawl=Crawl(browser=browser, egress_proxy=replica.proxy, egress_ca_file=replica.ca_file),
        )

    def __call__(self, **arguments: str) -> tuple[DeliveredReceipt, list[AnyEvent]]:
        reader = EventReader(self._kafka)
        order = Order("embassy", {"accounts": self._account, "comment_posts": "0", **arguments})
        (receipt,) = run(self._settings, order).receipts
        return receipt, [event for event, _ in reader.events() if event is not None]


def posts(events: list[AnyEvent], kind: type[AnyEvent]) -> Counter[str]:
    return Counter(event.post_id for event in events if isinstance(event, kind) and hasattr(event, "post_id"))


def test_each_visit_finds_what_changed_since_the_last(
    replica: ReplicaProcess, kafka: KafkaProcess, browser: Path, tmp_path: Path
) -> None:
    visit = Visits(SWISS, replica, kafka, browser, tmp_path / "home")
    listed = [post["mid"] for post in replica.truth(f"/posts?uid={SWISS_UID}&limit=20")["posts"]]
    soon = (NOW + timedelta(hours=1)).isoformat()
    replica.fault(kind="server-error", name="no lists", match={"mid": listed[0], "endpoint": "hotflow", "until": soon})
    some = {"comment_posts": "1", "comment_pages": "1", "reply_pages": "0"}
    receipt, events = visit(pages="2", cycle="c1", **some)
    assert not receipt.complete
    owed = [missing for missing in receipt.missing if missing.reason != "cap"]
    assert [(missing.kind, missing.remedy) for missing in owed] == [("comments", "next_visit")]
    assert posts(events, Comment)[listed[0]] == 0
    known = posts(events, PostSeen)
    assert len(known) >= 20
    assert set(listed) <= set(known)
    assert receipt.watermark == listed[0]

    deleted, edited = listed[4], listed[6]
    later = NOW + timedelta(days=2)
    replica.fault(kind="removed", name="gone", reason="complaints", match={"mid": deleted})
    replica.fault(kind="edited", name="corrected", match={"mid": edited, "from": NOW.isoformat()})
    replica.jump(later)
    receipt, events = visit(pages="2", cycle="c2", **some)
    assert receipt.problems == ()
    assert posts(events, Comment)[listed[0]], "owed, though it is no longer the newest"
    assert (receipt.stop_reason, receipt.complete) == ("caught_up", True)
    newest = [post["mid"] for post in replica.truth(f"/posts?uid={SWISS_UID}&limit=40")["posts"]]
    new = set(newest[: newest.index(listed[0])])
    assert new, "there is something new after two days"
    assert receipt.watermark == newest[0]
    again = posts(events, PostSeen)
    assert set(again) >= new
    assert not set(again) & (set(listed) - {edited}), "what is known is not told again"
    assert set(posts(events, PostEdited)) == {edited}
    gone = [event for event in events if isinstance(event, PostRemoved)]
    assert {event.post_id for event in gone} == {deleted}
    assert [event.removal for event in gone] == ["unknown", "removed_by_platform"]
    assert [event.confirmed_at for event in gone] == [None, later]
    samples = posts(events, EngagementSample)
    assert samples[listed[0]] == 1, "known posts are sampled all the same"

    receipt, events = visit(pages="1", cycle="c3", **some)
    assert receipt.complete
    assert posts(events, Comment)[listed[0]] == 0, "owed no longer"
    assert set(posts(events, PostSeen)) | set(posts(events, PostEdited)) | set(posts(events, PostRemoved)) == set()

    # The answers can't be read any more; the page's own script still paints them, without ids.
    replica.fault(kind="renamed-field", name="drift", field="user", to="author", match={"endpoint": "timeline"})
    replica.fault(kind="edited", name="again", match={"mid": newest[1], "from": later.isoformat()})
    receipt, events = visit(pages="1", cycle="c4")
    assert not receipt.complete
    assert_told_by_the_page(events, replica, newest[0], newest[1])


def assert_told_by_the_page(events: list[AnyEvent], replica: ReplicaProcess, known: str, edited: str) -> None:
    """Samples of posts that the memory knows, right ones, and the page of the others in quarantine."""
    counters = {post["mid"]: post for post in replica.truth(f"/posts?uid={SWISS_UID}&limit=40")["posts"]}
    shown = {event.post_id: event for event in events if isinstance(event, EngagementSample)}
    assert {event.via for event in shown.values()} == {"dom"}
    assert len(shown) >= 8
    assert known in shown
    assert edited not in shown
    for post_id in set(shown) & set(counters):  # a pinned one may be older than those
        likes = shown[post_id].likes
        assert likes is not None
        assert contains(likes, counters[post_id]["likes"])
    kept = {event.endpoint: event.reason for event in events if isinstance(event, QuarantinedBody)}
    assert set(kept) == {"timeline", "page"}
    assert kept["page"].startswith("1 of the ")


def test_a_back_fill_reaches_its_day_and_then_the_beginning(
    replica: ReplicaProcess, kafka: KafkaProcess, browser: Path, tmp_path: Path
) -> None:
    visit = Visits(SWEDISH, replica, kafka, browser, tmp_path / "home")
    visit(pages="1", cycle="b1")
    receipt, _ = visit(pages="1", since="2016-12-20", most_pages="2", cycle="b2")
    assert not receipt.complete
    assert {(missing.kind, missing.reason) for missing in receipt.missing} == {
        ("timeline", "budget"),
        ("comments", "cap"),
        ("reposts", "cap"),
    }
    receipt, events = visit(pages="1", since="2016-12-20", cycle="b3")
    assert receipt.complete, receipt.problems
    wanted = [
        post["mid"]
        for post in replica.truth(f"/posts?uid={SWEDISH_UID}&limit=100")["posts"]
        if post["created_at"] >= "2016-12-19T16:00"
    ]
    memory = restore(kafka.servers).accounts[SWEDISH]
    assert all(any(interval.holds(int(mid)) for interval in memory.coverage.intervals) for mid in wanted)
    assert memory.coverage.floor is not None
    assert memory.coverage.floor > BEGINNING
    assert memory.coverage.holes == ()
    assert {event.observed_at for event in events} == {NOW}
