"""One Kafka and one ClickHouse per test run, for every test that needs them."""

from collections.abc import Iterator

import pytest

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
