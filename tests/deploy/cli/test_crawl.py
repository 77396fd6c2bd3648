"""`weiplomacy crawl run` and `probe`: what they order, what they print, and with which exit code they end."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crawler import run as crawler_run
from crawler.run import DeliveredReceipt, Order, Progress
from deploy.cli import crawl as command
from deploy.cli.crawl import FixturesError, IncompleteError
from schemas.registry import UnknownAccountError
from schemas.settings import Settings

NOW = datetime(2017, 1, 2, tzinfo=UTC)


def receipt(account: str = "us-embassy", **fields: object) -> DeliveredReceipt:
    values = {
        "account_id": account, "observed_at": NOW, "cycle": "c", "spider": "embassy", "lane": "guest", "software": "w",
        "started_at": NOW, "planned": 2, "fetched": 2, "published": {"post.seen": 3}, "acknowledged": {"post.seen": 3},
        "responses": {"ok": 2}, "stop_reason": "page_limit", "complete": True, "problems": (), "posts_reported": None,
        "posts_captured": 3, "comments_reported": 4, "comments_captured": 1, "delivered": True,
    }  # fmt: skip
    return DeliveredReceipt.model_validate(values | fields)


@dataclass
class Crawler:
    """In place of a crawl: what it was asked for, and the receipts that it gives."""

    receipts: tuple[DeliveredReceipt, ...] = (receipt(),)
    orders: list[Order] = field(default_factory=list)
    does: Callable[[Order], None] = lambda _: None

    def run(self, _: Settings, order: Order, follow: Callable[[Progress], None] = lambda _: None) -> Progress:
        self.orders.append(order)
        self.does(order)
        progress = Progress(accounts=len(self.receipts), receipts=self.receipts, events=3, ended=True)
        follow(progress)
        return progress


@pytest.fixture
def crawler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Crawler:
    fake = Crawler()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(crawler_run, "run", fake.run)
    monkeypatch.setattr(command, "with_browser", lambda settings: settings)
    return fake


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command.app, list(arguments))


def test_what_is_given_is_ordered_and_the_rest_is_left_to_the_settings(crawler: Crawler) -> None:
    assert run("run").exit_code == 0
    assert run("run", "--accounts", "us-embassy", "--pages", "2", "--comment-posts", "0", "--cycle", "c").exit_code == 0
    first, second = crawler.orders
    assert (first.spider, first.arguments, first.feed) == ("embassy", {"accounts": "all"}, None)
    assert second.arguments == {"accounts": "us-embassy", "pages": "2", "comment_posts": "0", "cycle": "c"}


def test_without_kafka_the_events_go_into_a_file(crawler: Crawler) -> None:
    run("run", "--no-kafka")
    run("run", "--no-kafka", "--output", "mine.jsonl")
    assert [order.feed for order in crawler.orders] == [Path("events.jsonl"), Path("mine.jsonl")]


def test_receipts_are_printed_and_nothing_of_the_progress_where_no_terminal_is(crawler: Crawler) -> None:
    done = run("run")
    assert done.stderr == ""
    for words in ("us-embassy", "page_limit", "1 of 4", "2 of 2", "3 of 3", "ok 2"):
        assert words in " ".join(done.stdout.split())
    [document] = json.loads(run("run", "--json").stdout)
    assert (document["account_id"], document["delivered"]) == ("us-embassy", True)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"complete": False, "problems": ("blocked: 418",), "stop_reason": "blocked"}, "fr-embassy: blocked: 418"),
        ({"delivered": False, "stop_reason": "failed"}, "fr-embassy: failed"),
    ],
)
def test_what_is_not_whole_ends_with_a_sentence(crawler: Crawler, missing: dict[str, object], words: str) -> None:
    crawler.receipts = (receipt(), receipt("fr-embassy", **missing))
    done = run("run")
    assert isinstance(done.exception, IncompleteError)
    assert str(done.exception) == f"1 of 2 visits are not complete; the first, {words}"
    assert "us-embassy" in done.stdout


@pytest.mark.parametrize("arguments", [["run", "--accounts", "us-embassy,atlantis"], ["probe", "atlantis"]])
def test_an_unknown_account_is_told_before_the_crawl(crawler: Crawler, arguments: list[str]) -> None:
    assert isinstance(run(*arguments).exception, UnknownAccountError)
    assert crawler.orders == []


def test_a_uid_outside_the_registry_may_be_visited(crawler: Crawler) -> None:
    assert run("run", "--accounts", "1234567890").exit_code == 0


def test_a_probe_prints_class_and_posts_and_counts_what_is_kept(crawler: Crawler, tmp_path: Path) -> None:
    fixtures = tmp_path / "fixtures"

    def crawl(order: Order) -> None:
        assert order.feed
        posts = [
            {"type": "weiplomacy.post.seen.v1", "created_at": None, "post_id": str(n), "text": f"text {n}\x1b[2J"}
            for n in range(5)
        ]
        order.feed.write_text("".join(json.dumps(post) + "\n" for post in posts))
        (fixtures / "us-embassy-profile.json").write_text("{}")

    fixtures.mkdir()
    (fixtures / "older.json").write_text("{}")
    crawler.does = crawl
    crawler.receipts = (receipt(responses={"ok": 2, "end_of_list": 1}, problems=("a note",)),)
    done = run("probe", "us-embassy", "--fixtures", str(fixtures))
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "classes: ok × 2, end_of_list × 1",
        "problem: a note",
        *(f"None  {n}  'text {n}\\x1b[2J'" for n in range(3)),
        f"1 answers kept in {fixtures}",
    ]
    assert crawler.orders[0].arguments == {"accounts": "us-embassy", "pages": "1", "comment_posts": "0"}
    assert crawler.orders[0].scrapy_settings == {"FIXTURES_FOLDER": str(fixtures)}


def test_a_canary_has_a_line_of_its_own_and_is_not_the_probe(crawler: Crawler, tmp_path: Path) -> None:
    crawler.does = lambda order: order.feed.touch() if order.feed else None
    crawler.receipts = (receipt(spider="canary", problems=("Weibo has changed",)), receipt("fr-embassy"))
    assert run("run").stdout.count("(canary)") == 1
    done = run("probe", "fr-embassy", "--fixtures", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[:2] == ["classes: ok × 2", "problem: Weibo has changed"]


def test_a_probe_that_is_not_whole_is_a_failure(crawler: Crawler) -> None:
    def crawl(order: Order) -> None:
        assert order.feed
        order.feed.touch()

    crawler.does = crawl
    crawler.receipts = (receipt(complete=False, stop_reason="blocked"),)
    assert "was not read as a whole: blocked" in str(run("probe", "us-embassy").exception)


def test_a_folder_for_the_answers_that_can_not_be_made_is_told(crawler: Crawler, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("probe", "us-embassy", "--fixtures", str(tmp_path / "file" / "x"))
    assert isinstance(done.exception, FixturesError)
    assert crawler.orders == []
