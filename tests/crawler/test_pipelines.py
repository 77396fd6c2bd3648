"""A worker that Kafka takes nothing from ends, instead of asking on; a single run goes on to its end."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy.exceptions import DropItem
from scrapy.settings import BaseSettings

from crawler.items import Page
from crawler.memory.membership import Broken, Membership
from crawler.pipelines import REFUSED, PublishingPipeline
from crawler.publishing import KafkaUnreachableError, Outcome
from crawler.receipts import Visit
from schemas.events import AnyEvent
from schemas.settings import Settings
from tests.schemas.examples import POST

NOW = datetime(2017, 1, 2, tzinfo=UTC)
SILENCE = "Kafka acknowledged 0 of 1 events within 60 s"


class Stage:
    """A pipeline without a crawl, whose publisher gets no acknowledgement."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, home: Path, worker: bool) -> None:
        self.stopped = asyncio.Event()
        self.stats: dict[str, Any] = {}
        stats = SimpleNamespace(set_value=self.stats.__setitem__, inc_value=lambda *_: None)
        ours = BaseSettings({"WEIPLOMACY": Settings(home=home), "KAFKA_ENABLED": False})
        signals = SimpleNamespace(connect=lambda *_: None)
        crawler: Any = SimpleNamespace(stats=stats, settings=ours, signals=signals, stop_async=self._stop)
        self.pipeline = PublishingPipeline(crawler)
        if worker:
            self.pipeline._membership = cast("Membership", object())

        async def publish(page: Page) -> Outcome:
            return Outcome(problems=[f"{page.name}: {SILENCE}"])

        monkeypatch.setattr(self.pipeline, "_publish", publish)

    async def _stop(self) -> None:
        self.stopped.set()

    async def give(self, *events: AnyEvent) -> None:
        visit = Visit("us-embassy", "resample", "c", "guest", NOW)
        with pytest.raises(DropItem):
            await self.pipeline.process_item(Page("a page", events, visit))
        await asyncio.sleep(0)


def receipt() -> AnyEvent:
    return Visit("us-embassy", "resample", "c", "guest", NOW).receipt(NOW)


async def test_a_worker_whose_receipt_is_not_taken_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stage = Stage(monkeypatch, tmp_path, worker=True)
    await stage.give(POST)
    assert not stage.stopped.is_set(), "a page may be too large; a receipt is not"
    await stage.give(receipt())
    assert stage.stopped.is_set()
    assert stage.stats[REFUSED] == f"the crawl ends, since Kafka takes nothing any more: a page: {SILENCE}"


async def test_a_single_run_tells_it_in_its_receipts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stage = Stage(monkeypatch, tmp_path, worker=False)
    await stage.give(receipt())
    assert not stage.stopped.is_set()
    assert stage.stats == {}


async def test_a_group_that_can_not_go_on_ends_the_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stage = Stage(monkeypatch, tmp_path, worker=True)
    stage.pipeline._shared(Broken(KafkaUnreachableError("no broker")))
    await asyncio.sleep(0)
    assert stage.stopped.is_set()
    assert stage.stats[REFUSED] == "no broker"
