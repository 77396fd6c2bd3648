"""The crawl as a whole: real Scrapy, a real Chromium, and a site that misbehaves on demand."""

import contextlib
import json
import os
import re
import signal
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.lanes.egress import EgressError
from crawler.run import CrawlError, Order, resolve_names, run
from schemas.accounts import Account
from schemas.registry import load as load_registry
from schemas.settings import Settings
from tests.crawler.little_weibo import NAME, UID, LittleWeibo, post_id
from tests.kafka_process import KafkaProcess, free_port

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

Make = Callable[..., Settings]


def crawl(settings: Settings, feed: Path, **arguments: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The events of a run without Kafka, and its one receipt."""
    bounds = {"comment_posts": "0", "repost_pages": "0"}
    order = Order("embassy", {"accounts": "us-embassy", **bounds, **arguments}, feed=feed)
    progress = run(settings, order)
    events = [json.loads(line) for line in feed.read_text().splitlines()]
    (receipt,) = [event for event in events if event["type"].endswith("receipt.v1")]
    assert progress.receipts[0].model_dump(mode="json", exclude={"delivered"}) == receipt
    return events, receipt


def kinds(events: list[dict[str, Any]]) -> Counter[str]:
    """Events by type, without those of the lane, which belong to no visit."""
    counted = Counter(event["type"].split(".", 1)[1] for event in events)
    del counted["lane.changed.v1"]
    return counted


def test_a_visit_reads_the_rendered_page_and_what_follows_it(
    settings_for: Make, weibo: LittleWeibo, tmp_path: Path
) -> None:
    events, receipt = crawl(settings_for(), tmp_path / "feed", comment_posts="2", comment_pages="1", cycle="c1")
    assert kinds(events) == {
        "account.snapshot.v1": 1,
        "post.seen.v1": 26,
        "engagement.sample.v1": 25,
        "comment.seen.v1": 2,
        "crawl.receipt.v1": 1,
    }
    assert events[-1] == receipt
    assert receipt["complete"]
    assert receipt["cycle"] == "c1"
    assert receipt["stop_reason"] == "end_of_list"
    assert (receipt["planned"], receipt["fetched"]) == (7, 7)
    assert receipt["responses"] == {"ok": 4, "end_of_list": 3}
    assert receipt["acknowledged"] == receipt["published"]
    assert (receipt["posts_reported"], receipt["posts_captured"]) == (25, 25)
    assert (receipt["comments_reported"], receipt["comments_captured"]) == (4, 2)
    # One page was rendered; everything else came by plain requests, with the session that the browser got.
    assert weibo.sessions == 1
    assert sum(target.startswith("/u/") for target in weibo.asked) == 2
    # The long text is an update of a post that was published when it was seen.
    long = [event for event in events if event.get("post_id") == post_id(3) and "text" in event]
    assert [event["text"] for event in long] == ["post 3", "whole text"]
    assert "路人甲" not in (tmp_path / "feed").read_text()


def test_a_lost_long_text_does_not_lose_its_post(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    weibo.faults = {"extend"}
    events, receipt = crawl(settings_for(), tmp_path / "feed")
    assert kinds(events)["post.seen.v1"] == 25
    assert not receipt["complete"]
    assert receipt["stop_reason"] == "failed"
    assert receipt["responses"] == {"ok": 3, "end_of_list": 1, "schema_drift": 1}
    assert f"/statuses/extend?id={post_id(3)}" in receipt["problems"][0]
    (kept,) = [event for event in events if event["type"] == "weiplomacy.body.quarantined.v1"]
    assert (kept["endpoint"], kept["post_id"], kept["account_id"]) == ("extend", post_id(3), "us-embassy")
    assert receipt["acknowledged"]["body.quarantined"] == 1
    lost = [missing for missing in receipt["missing"] if missing["reason"] != "cap"]
    assert [(missing["what"], missing["remedy"]) for missing in lost] == [(post_id(3), "operator")]


def test_a_refusal_by_robots_txt_has_its_class(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    weibo.faults = {"robots"}
    events, receipt = crawl(settings_for(), tmp_path / "feed")
    assert kinds(events) == {"crawl.receipt.v1": 1}
    assert receipt["responses"] == {"robots": 1}
    assert receipt["stop_reason"] == "blocked"
    assert "crawl.obey_robots" in receipt["problems"][0]
    assert set(weibo.asked) == {"/robots.txt"}


def test_a_blocked_page_is_not_an_account_without_posts(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    weibo.faults = {"banned"}
    events, receipt = crawl(settings_for(), tmp_path / "feed")
    assert kinds(events) == {"crawl.receipt.v1": 1}
    assert receipt["responses"] == {"blocked": 1}
    assert receipt["stop_reason"] == "blocked"


def test_nothing_of_a_stranger_is_attributed(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    weibo.faults = {"stranger"}
    events, receipt = crawl(settings_for(), tmp_path / "feed")
    assert kinds(events) == {"crawl.receipt.v1": 1}
    assert receipt["responses"] == {"wrong_account": 1}
    assert receipt["stop_reason"] == "wrong_account"
    # The posts are missing with the figures: who reads the receipt alone must not take them for read.
    assert {(one["kind"], one["reason"], one["remedy"]) for one in receipt["missing"]} == {
        ("profile", "wrong_account", "operator"),
        ("timeline", "wrong_account", "operator"),
    }


def test_where_the_json_is_unusable_the_page_itself_is_read(
    settings_for: Make, weibo: LittleWeibo, tmp_path: Path
) -> None:
    weibo.faults = {"profile"}
    events, receipt = crawl(settings_for(), tmp_path / "feed", pages="1")
    (snapshot,) = [event for event in events if event["type"].startswith("weiplomacy.account")]
    assert snapshot["via"] == "dom"
    assert receipt["responses"]["schema_drift"] == 1
    assert not receipt["complete"]


def test_a_session_that_is_lost_is_renewed_by_the_browser(
    settings_for: Make, weibo: LittleWeibo, tmp_path: Path
) -> None:
    weibo.lose_session_at = "since_id=10"
    weibo.faults = {"robots"}
    _, receipt = crawl(settings_for(obey_robots=False), tmp_path / "feed")
    assert "/robots.txt" not in weibo.asked
    assert receipt["complete"]
    assert weibo.sessions == 3  # the first, the one that nobody holds, and the renewed one
    assert receipt["responses"]["visitor_gate"] == 1
    assert receipt["posts_captured"] == 25


def test_comments_that_are_counted_and_shown_to_no_session_are_missing_by_name(
    settings_for: Make, weibo: LittleWeibo, tmp_path: Path
) -> None:
    weibo.faults = {"no comments"}
    _, receipt = crawl(settings_for(), tmp_path / "feed", pages="1", comment_posts="1", comment_pages="1")
    # Asked twice by heat, in two sessions that agree: the list has ended, and the post counts what nobody is shown.
    assert receipt["responses"] == {"ok": 3, "suspiciously_empty": 1, "end_of_list": 1}
    assert (receipt["planned"], receipt["fetched"]) == (5, 5)
    assert weibo.sessions == 2
    assert not receipt["complete"]
    # What settings leave out is counted besides.
    holes = [(one["kind"], one["count"], one["reason"]) for one in receipt["missing"] if one["reason"] != "cap"]
    assert holes == [("comments", 2, "comments_curated")]


def test_a_throttled_session_does_not_end_a_list(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    weibo.faults = {"throttled"}
    _, receipt = crawl(settings_for(), tmp_path / "feed", comment_posts="1", comment_pages="1")
    assert receipt["posts_captured"] == 25
    assert receipt["comments_captured"] == 1
    assert receipt["responses"]["suspiciously_empty"] >= 1
    assert receipt["complete"]


def test_an_account_that_has_posts_is_never_without_any(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    weibo.faults = {"no posts"}
    _, receipt = crawl(settings_for(), tmp_path / "feed", comment_posts="0")
    assert not receipt["complete"]
    assert receipt["stop_reason"] == "failed"
    assert "end_of_list" not in receipt["responses"]
    assert receipt["missing"][0]["reason"] == "suspiciously_empty"


def test_half_an_answer_is_asked_for_again(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    weibo.half_at = "since_id=10"
    _, receipt = crawl(settings_for(), tmp_path / "feed", comment_posts="0")
    assert receipt["responses"]["network_error"] == 1
    assert receipt["posts_captured"] == 25
    assert receipt["complete"]
    assert weibo.sessions == 1


@pytest.fixture
def hanging_up() -> Iterator[str]:
    """A proxy that takes every connection and ends it at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    server.accept()[0].close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def test_an_unreachable_site_ends_with_a_receipt(settings_for: Make, hanging_up: str, tmp_path: Path) -> None:
    settings = settings_for(egress_proxy=hanging_up, obey_robots=False)
    _, receipt = crawl(settings, tmp_path / "feed")
    assert receipt["responses"] == {"network_error": 1}
    assert receipt["fetched"] == 0
    assert receipt["stop_reason"] == "failed"
    assert f"by the proxy {hanging_up}" in receipt["problems"][0]


def test_a_dead_proxy_is_one_sentence_and_nothing_is_crawled(settings_for: Make, tmp_path: Path) -> None:
    settings = settings_for(egress_proxy=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(
        EgressError, match=r"of the lane guest does not answer \(Connection refused\), nothing was crawled"
    ):
        run(settings, Order("embassy", {"accounts": "us-embassy"}, feed=tmp_path / "feed"))
    assert not (tmp_path / "feed").exists()


def test_plain_requests_verify_certificates(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    settings = settings_for()
    # Another authority than the one that signed the site's certificate: the system's first one.
    other = tmp_path / "other.pem"
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not found:
        pytest.skip("the system's certificate authorities can't be listed here")
    other.write_text(ssl.DER_cert_to_PEM_cert(found[0]))
    crawl_settings = settings.crawl.model_copy(update={"egress_ca_file": other, "obey_robots": False})
    order = Order("comments", {"posts": f"us-embassy/{post_id(1)}"}, feed=tmp_path / "feed")
    progress = run(settings.model_copy(update={"crawl": crawl_settings}), order)
    assert not progress.receipts[0].complete
    assert not any("hotflow" in target for target in weibo.asked)


def test_names_lead_to_uids_and_strangers_are_told(settings_for: Make) -> None:
    settings = settings_for()
    registry = load_registry(settings)
    right, wrong = registry.find(NAME), registry.find("fr-embassy")
    results = {result.account_id: result for result in resolve_names(settings, [right, wrong])}
    assert (results[right.id].response_class, results[right.id].uid) == ("ok", UID)
    assert results[wrong.id].response_class == "wrong_account"
    assert results[wrong.id].screen_name == NAME


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"accounts": "us-embassy", "page": "1"}, "has no argument 'page'"),
        ({"accounts": "us-embassy", "pages": "many"}, "pages='many': a whole number from 1 on"),
        ({"accounts": "atlantis"}, "'atlantis' is not in the registry"),
    ],
)
def test_a_wrong_argument_is_one_sentence(
    settings_for: Make, arguments: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(CrawlError, match=sentence):
        run(settings_for(), Order("embassy", arguments, feed=tmp_path / "feed"))


def test_an_account_without_a_uid_has_a_receipt(settings_for: Make, tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.toml"
    accounts.write_text('[[account]]\nid = "nameless"\nscreen_name = "某大使馆"\n')
    settings = settings_for(accounts_file=accounts)
    assert load_registry(settings).accounts[0] == Account(id="nameless", screen_name="某大使馆")
    (receipt,) = run(settings, Order("embassy", {"accounts": "all"}, feed=tmp_path / "feed")).receipts
    assert not receipt.complete
    assert "weiplomacy registry resolve nameless" in receipt.problems[0]


def test_without_kafka_nothing_is_crawled(settings_for: Make, weibo: LittleWeibo) -> None:
    order = Order("embassy", {"accounts": "us-embassy"})
    with pytest.raises(CrawlError, match=r"Kafka does not answer at 127\.0\.0\.1:1"):
        run(settings_for(), order)
    assert weibo.asked == []


def test_events_are_acknowledged_by_kafka(settings_for: Make, kafka: KafkaProcess) -> None:
    arguments = {"accounts": "us-embassy", "pages": "1", "comment_posts": "0"}
    progress = run(settings_for(kafka.servers), Order("embassy", arguments))
    assert progress.complete
    assert progress.receipts[0].delivered
    assert progress.receipts[0].stop_reason == "page_limit"
    # The lane's beginning, a snapshot, ten posts with a sample each, one long text, and the receipt.
    assert progress.events == 1 + 1 + 20 + 1 + 1


def test_a_broker_that_freezes_in_the_middle_fails_its_page_by_name(
    settings_for: Make, weibo: LittleWeibo, kafka: KafkaProcess
) -> None:
    settings = settings_for(kafka.servers)
    quick = settings.kafka.model_copy(update={"delivery_timeout_ms": 2_000})

    def freeze() -> None:
        kafka.signal(signal.SIGSTOP)
        # Longer than a delivery may take, and short enough for the receipt to get through afterwards.
        threading.Timer(6, kafka.signal, [signal.SIGCONT]).start()

    weibo.when["since_id=10"] = freeze
    arguments = {"accounts": "us-embassy", "comment_posts": "0"}
    order = Order("embassy", arguments)
    progress = run(settings.model_copy(update={"kafka": quick}), order)
    (receipt,) = progress.receipts
    assert not progress.complete
    assert receipt.delivered
    assert receipt.stop_reason == "failed"
    assert [text for text in receipt.problems if re.match(r"timeline page \d of us-embassy: Kafka gave up on", text)], (
        receipt.problems
    )
    assert receipt.acknowledged.get("engagement.sample", 0) < receipt.published["engagement.sample"] == 25


def test_a_stop_in_the_middle_ends_in_receipts(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    # The signal goes to this process, as it would to the command, and is passed on to the spider.
    weibo.when["since_id=10"] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    settings = settings_for()
    slow = settings.crawl.model_copy(update={"delay_s": 1.0, "government_factor": 1.0})
    arguments = {"accounts": "us-embassy,fr-embassy", "comment_posts": "2", "comment_pages": "1", "repost_pages": "0"}
    order = Order("embassy", arguments, feed=tmp_path / "feed")
    progress = run(settings.model_copy(update={"crawl": slow}), order)
    assert progress.accounts == 2
    assert {receipt.account_id: receipt.stop_reason for receipt in progress.receipts} == {
        "us-embassy": "interrupted",
        "fr-embassy": "interrupted",
    }
    assert not progress.complete
