import gc
import weakref
from collections.abc import Iterator

import pytest
from scrapy import Spider, signals
from scrapy.utils.test import get_crawler

from crawler.extensions.garbage import ALLOCATIONS, GarbageCollection


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


async def test_what_is_there_at_the_start_is_exempt_and_later_cycles_are_found(collector: None) -> None:
    crawler = get_crawler(Spider)
    extension = GarbageCollection.from_crawler(crawler)
    assert gc.get_freeze_count() == 0
    await crawler.signals.send_catch_log_async(signals.spider_opened, spider=Spider("any"))
    assert extension
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] == ALLOCATIONS
    lost = weakref.ref(Cycle())
    gc.collect()
    assert lost() is None
