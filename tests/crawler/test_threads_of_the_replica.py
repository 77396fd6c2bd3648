"""What stands under posts of the replica, read by the spider `comments`, against the truth of that moment."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.run import Order, run
from schemas.settings import Crawl, Settings
from tests.replica_process import ReplicaProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
UID = "1743951792"

Read = Callable[..., tuple[list[dict[str, Any]], dict[str, Any]]]


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[ReplicaProcess]:
    running = ReplicaProcess(tmp_path, NOW)
    yield running
    running.stop()


@pytest.fixture
def read(replica: ReplicaProcess, browser: Path, tmp_path: Path) -> Read:
    """Runs the spider on posts; returns its events and its receipt."""

    def reading(posts: list[str], **arguments: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        settings = Settings(
            home=tmp_path / "home",
            origin="replica",
            clock_file=replica.clock_file,
            crawl=Crawl(browser=browser, egress_proxy=replica.proxy, egress_ca_file=replica.ca_file),
        )
        named = ",".join(f"us-embassy/{mid}" for mid in posts)
        feed = tmp_path / "feed.jsonl"
        run(settings, Order("comments", {"posts": named, **arguments}, feed=feed))
        events = [json.loads(line) for line in feed.read_text().splitlines()]
        return events, events[-1]

    return reading


def truth_of(replica: ReplicaProcess) -> dict[str, dict[str, Any]]:
    """The newest posts with their counters and the ids of all comments that the lists give."""
    found = {}
    for post in replica.truth(f"/posts?uid={UID}&limit=30")["posts"]:
        told = replica.truth(f"/comments?mid={post['mid']}&limit=1000")
        comments = {row["id"]: row for row in told["comments"]}
        comments |= {reply["id"]: reply for row in told["comments"] for reply in row["children"]}
        found[post["mid"]] = {**post, "listed": comments}
    return found


def some(truth: dict[str, dict[str, Any]], count: int) -> list[str]:
    """Posts with more than a page of everything, and not with thousands."""
    sizes = {mid: len(post["listed"]) for mid, post in truth.items() if post["reposts"] < 200}
    chosen = [mid for mid, size in sizes.items() if 60 <= size < 500]
    assert len(chosen) >= count, sizes
    return chosen[:count]


def of_kind(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == f"weiplomacy.{kind}.v1"]


def test_without_a_cap_all_that_is_listed_is_captured_once(replica: ReplicaProcess, read: Read) -> None:
    truth = truth_of(replica)
    posts = some(truth, 3)
    everything = dict.fromkeys(("comment_pages", "reply_pages", "repost_pages"), "all")
    events, receipt = read(posts, comment_orders="hot,time", **everything)
    assert receipt["problems"] == []
    assert receipt["missing"] == []
    assert receipt["complete"]
    comments, reposts = of_kind(events, "comment.seen"), of_kind(events, "repost.seen")
    lists = {(one["post_id"], one["order"]): one for one in receipt["lists"]}
    assert len(lists) == 4 * len(posts)
    assert {one["ended_by"] for one in lists.values()} == {"end"}
    for mid in posts:
        exact = truth[mid]
        mine = [comment for comment in comments if comment["post_id"] == mid]
        assert {comment["comment_id"] for comment in mine} == set(exact["listed"])
        # Replies that stood inline, without a word of their likes, come once more with them; nothing else does.
        told_twice = Counter(comment["comment_id"] for comment in mine if comment["likes"] is not None)
        assert set(told_twice.values()) == {1}
        for comment in mine:
            told = exact["listed"][comment["comment_id"]]
            assert (comment["root_id"], comment["has_picture"]) == (told["root_id"], told["has_picture"])
            assert comment["likes"] in (told["likes"], None if comment["order"] == "reply" else told["likes"])
            # The list by time says it to the minute or the day, which the id makes more exact.
            away = datetime.fromisoformat(comment["created_at"]) - datetime.fromisoformat(told["created_at"])
            assert abs(away) <= timedelta(seconds=60 if comment["order"] == "time" else 0)
        mine = [repost["repost_id"] for repost in reposts if repost["post_id"] == mid]
        assert len(mine) == len(set(mine)) == exact["reposts"]
        for order in ("hot", "time"):
            one = lists[mid, order]
            assert (one["reported"], one["listed"]) == (exact["comments"], exact["listed_comments"])
            assert one["captured"] == len(exact["listed"])
        assert lists[mid, "repost"]["captured"] == lists[mid, "repost"]["reported"] == exact["reposts"]
    # The counters hold what the lists do not give: that is said by reported and captured, and nothing is missing.
    assert any(lists[mid, "hot"]["reported"] > lists[mid, "hot"]["captured"] for mid in posts)


@pytest.mark.parametrize("orders", ["hot", "hot,time"])
def test_with_a_cap_what_is_missing_is_counted_exactly(replica: ReplicaProcess, read: Read, orders: str) -> None:
    truth = truth_of(replica)
    posts = some(truth, 3)
    caps = {"comment_pages": "1", "reply_pages": "3", "repost_pages": "1"}
    events, receipt = read(posts, comment_orders=orders, **caps)
    assert receipt["complete"]
    assert {(one["reason"], one["remedy"]) for one in receipt["missing"]} == {("cap", "operator")}
    left = 0
    for mid in posts:
        captured = {event["comment_id"] for event in of_kind(events, "comment.seen") if event["post_id"] == mid}
        mine = [one for one in receipt["missing"] if mid in one["what"]]
        short = sum(one["count"] for one in mine if one["kind"] in ("comments", "replies"))
        assert captured < set(truth[mid]["listed"])
        assert short == len(truth[mid]["listed"]) - len(captured)
        assert sum(one["count"] for one in mine if one["kind"] == "reposts") == truth[mid]["reposts"] - 10
        left += short
    assert left


@pytest.mark.parametrize(
    ("form", "reason", "complete"), [("curated", "comments_curated", False), ("forbidden", "comments_closed", True)]
)
def test_comments_that_are_counted_and_not_shown_are_named(
    replica: ReplicaProcess, read: Read, form: str, reason: str, complete: bool
) -> None:
    truth = truth_of(replica)
    (mid,) = some(truth, 1)
    replica.fault(name="closed", kind="comments-closed", form=form, match={"mid": mid})
    events, receipt = read([mid])
    assert of_kind(events, "comment.seen") == []
    assert receipt["problems"] == []
    hot = next(one for one in receipt["lists"] if one["order"] == "hot")
    assert (hot["reported"], hot["captured"], hot["ended_by"]) == (truth[mid]["comments"], 0, reason)
    assert (reason, truth[mid]["comments"]) in {(one["reason"], one["count"]) for one in receipt["missing"]}
    assert receipt["complete"] is complete
