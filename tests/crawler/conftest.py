"""A broker that may be frozen, and a very little Weibo, for the tests of the crawl."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas.settings import Crawl, Kafka, Settings
from tests.crawler.little_weibo import LittleWeibo
from tests.kafka_process import KafkaProcess

Make = Callable[..., Settings]


@pytest.fixture(scope="package")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """One broker for all tests of the crawl."""
    process = KafkaProcess(tmp_path_factory.mktemp("kafka"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def weibo(tmp_path: Path) -> Iterator[LittleWeibo]:
    """The little Weibo, served from a thread; its proxy's address is `proxy`."""
    site = LittleWeibo(tmp_path)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    site.proxy = asyncio.run_coroutine_threadsafe(site.start(), loop).result(30)
    yield site
    asyncio.run_coroutine_threadsafe(site.stop(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)


@pytest.fixture
def settings_for(tmp_path: Path, browser: Path, weibo: LittleWeibo) -> Make:
    """Settings for a crawl of the little Weibo, without delays, and without patience for lanes that are paused."""

    def make(servers: list[str] | None = None, **crawl: object) -> Settings:
        return Settings(
            home=tmp_path / "home",
            origin="live",
            kafka=Kafka(bootstrap_servers=",".join(servers or ["127.0.0.1:1"])),
            crawl=Crawl.model_validate(
                {
                    "browser": browser,
                    "egress_proxy": weibo.proxy,
                    "egress_ca_file": weibo.ca_file,
                    "delay_s": 0,
                    "hurry": True,
                    "requests_per_minute": 1_000_000,
                    "lane_wait_s": 0,
                    "render_timeout_s": 30,
                    **crawl,
                }
            ),
        )

    return make
