"""The file in which a run tells how far it is, as the command reads it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy import Spider
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from crawler.extensions.progress import Progress
from crawler.items import Page
from crawler.pipelines import REFUSED
from crawler.receipts import Visit
from crawler.run import Progress as Told
from schemas.events import AnyEvent
from tests.schemas.examples import POST, SNAPSHOT

NOW = datetime(2017, 1, 2, tzinfo=UTC)


class Planned(Spider):
    name = "planned"
    planned_visits = 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "progress.json"


@pytest.fixture
def crawler(file: Path) -> Any:
    made = get_crawler(Planned, {"PROGRESS_FILE": str(file)})
    made.spider = Planned()
    return made


@pytest.fixture
def progress(crawler: Any) -> Progress:
    return Progress.from_crawler(crawler)


def told(file: Path) -> Told:
    return Told.model_validate_json(file.read_bytes())


def page(*events: AnyEvent) -> Page:
    return Page("a page", events, visit("us-embassy"))


def visit(account: str) -> Visit:
    return Visit(account, "embassy", "c", "guest", NOW)


async def test_events_and_receipts_are_counted_as_they_are_acknowledged(progress: Progress, file: Path) -> None:
    progress.page_scraped(page(SNAPSHOT, POST))
    assert told(file) == Told(accounts=3, events=2)
    progress.page_dropped(page(SNAPSHOT))
    progress.page_scraped(page(visit("us-embassy").receipt(NOW)))
    progress.page_dropped(page(visit("fr-embassy").receipt(NOW)))
    state = told(file)
    assert state.events == 3
    assert [(receipt.account_id, receipt.delivered) for receipt in state.receipts] == [
        ("us-embassy", True),
        ("fr-embassy", False),
    ]
    assert not state.ended


async def test_further_events_alone_are_not_written_at_once(crawler: Any, file: Path) -> None:
    moments = [10.0]
    progress = Progress(crawler, file, seconds=lambda: moments[-1])
    told_of = []
    receipt = page(visit("us-embassy").receipt(NOW))
    post = page(POST)
    for moment, scraped in ((10.0, post), (10.1, post), (10.15, receipt), (10.3, post), (10.4, post)):
        moments.append(moment)
        progress.page_scraped(scraped)
        told_of.append(told(file).events)
    assert told_of == [1, 1, 3, 3, 5]


async def test_the_end_is_told_and_why_a_run_did_not_begin(progress: Progress, crawler: Any, file: Path) -> None:
    crawler.stats.set_value(REFUSED, "Kafka does not answer")
    progress.spider_closed(crawler.spider)
    assert told(file) == Told(accounts=3, refused="Kafka does not answer", ended=True)


def test_what_is_no_page_changes_nothing(progress: Progress, file: Path) -> None:
    progress.page_scraped({"name": "x"})
    progress.page_dropped({"name": "x"})
    assert not file.exists()


def test_nobody_asked_for_it() -> None:
    with pytest.raises(NotConfigured):
        Progress.from_crawler(get_crawler(Planned, {"PROGRESS_FILE": None}))


async def test_of_a_crawl_without_an_end_the_newest_receipts_are_kept_and_all_are_counted(file: Path) -> None:
    crawler = get_crawler(Planned, {"PROGRESS_FILE": str(file), "PROGRESS_RECEIPTS": 2})
    crawler.spider = Planned()
    crawler.spider.says = ("a promise can't be kept",)
    progress = Progress.from_crawler(crawler)
    for account in ("a", "b", "c"):
        made = visit(account)
        made.stop("caught_up")
        progress.page_scraped(page(made.receipt(NOW)))
    found = told(file)
    assert [receipt.account_id for receipt in found.receipts] == ["b", "c"]
    assert (found.visits, found.whole, found.says) == (3, 3, ("a promise can't be kept",))
