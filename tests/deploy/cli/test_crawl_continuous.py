"""`weiplomacy crawl run --continuous`: what it orders, and what it tells while it goes on."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from crawler.run import Progress
from deploy.cli.crawl_continuous import Telling
from tests.deploy.cli.test_crawl import Crawler, crawler, receipt, run

__all__ = ["crawler"]


def test_it_orders_plan_after_plan_and_says_in_the_end_how_much_it_was(crawler: Crawler) -> None:
    done = run("run", "--continuous", "--accounts", "us-embassy", "--comment-posts", "2")
    assert done.exit_code == 0, done.output
    [order] = crawler.orders
    assert (order.spider, order.arguments) == ("resample", {"accounts": "us-embassy", "comment_posts": "2"})
    assert order.scrapy_settings == {"PROGRESS_RECEIPTS": "50"}
    assert order.feed is None
    assert done.stdout == "0 of 0 visits complete, 3 events acknowledged\n"
    document = json.loads(run("run", "--continuous", "--json").stdout)
    assert document == {"visits": 0, "complete": 0, "events": 3, "says": []}


@pytest.mark.parametrize("other", [["--no-kafka"], ["--since", "2016-12-01"]])
def test_without_a_memory_and_backwards_nothing_goes_on(crawler: Crawler, other: list[str]) -> None:
    done = run("run", "--continuous", *other)
    assert done.exit_code == 2
    assert crawler.orders == []


def test_sentences_and_incomplete_visits_are_told_once(tmp_path: Path) -> None:
    console = Console(file=StringIO(), width=200)
    counted: list[str] = []
    telling = Telling(console, counted.append)
    whole, hole = receipt(), receipt("fr-embassy", complete=False, problems=("blocked: 418\x1b[2J",))
    telling.follow(Progress(says=("tier normal: too many",), receipts=(whole,)))
    telling.follow(Progress(says=("tier normal: too many",), receipts=(whole, hole)))
    telling.follow(Progress(receipts=(whole, hole, receipt("it-embassy", delivered=False))))
    telling.follow(Progress(says=("tier normal: too many",), receipts=(hole,)))
    assert counted == []
    telling.follow(Progress(says=("tier normal: too many",), receipts=(hole,), visits=3, whole=1, events=7))
    assert counted == ["1 of 3 visits complete, 7 events acknowledged"]
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    assert [line.rpartition("00 ")[2] for line in lines] == [
        "tier normal: too many",
        "fr-embassy: blocked: 418\\x1b[2J",
        "it-embassy: Kafka did not take its receipt",
        "tier normal: too many",
    ]
