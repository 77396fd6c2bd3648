"""One Kafka, one ClickHouse and one browser per test run, for every test that needs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack.browser import find
from deploy.stack.errors import BrowserError
from tests.clickhouse_process import ClickHouseProcess
from tests.kafka_process import KafkaProcess


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """A broker with the topics of the contract. Who kills or freezes it starts one of their own."""
    process = KafkaProcess(tmp_path_factory.mktemp("kafka"))
    try:
        process.start()
        yield process
    finally:
        process.stop()


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseProcess]:
    """The database process, empty at first."""
    with ClickHouseProcess(tmp_path_factory.mktemp("clickhouse")) as process:
        yield process


@pytest.fixture(scope="session")
def browser() -> Path:
    """A browser of this machine that launches; `weiplomacy test` has installed one where that is possible."""
    try:
        return find(None, lambda _: None).path
    except BrowserError as error:
        pytest.skip(str(error))
