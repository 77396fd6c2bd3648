"""A run whose starter is gone ends; one whose starter is there goes on."""

import asyncio
import os
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from crawler.extensions import starter
from crawler.extensions.starter import Starter


def watching(process: int) -> tuple[Starter, asyncio.Event]:
    stopped = asyncio.Event()

    async def stop_async() -> None:
        stopped.set()

    crawler: Any = SimpleNamespace(stop_async=stop_async)
    return Starter(crawler, process), stopped


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter, "LOOK_S", 0.01)


async def test_without_its_starter_a_run_ends() -> None:
    made, stopped = watching(os.getppid() + 1)
    made.spider_opened()
    async with asyncio.timeout(10):
        await stopped.wait()
    made.spider_closed()


async def test_with_it_a_run_goes_on() -> None:
    made, stopped = watching(os.getppid())
    made.spider_opened()
    await asyncio.sleep(0.1)
    assert not stopped.is_set()
    made.spider_closed()


def test_whoever_is_not_named_is_not_looked_for() -> None:
    with pytest.raises(NotConfigured):
        Starter.from_crawler(get_crawler())
    assert Starter.from_crawler(get_crawler(settings_dict={"STARTED_BY": 7}))
