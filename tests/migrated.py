"""Databases and brokers for tests of what is stored: one of each per run, the tables empty for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from schemas import migrate
from schemas.clickhouse import connect
from schemas.settings import ClickHouse, Settings
from tests.clickhouse_process import ClickHouseProcess
from tests.kafka_process import KafkaProcess


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseProcess]:
    """A running database."""
    with ClickHouseProcess(tmp_path_factory.mktemp("clickhouse")) as process:
        yield process


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """A running broker with the topics of the contract."""
    process = KafkaProcess(tmp_path_factory.mktemp("kafka"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def empty(database: ClickHouseProcess, tmp_path: Path) -> Settings:
    """Settings of a database without any of our tables."""
    settings = Settings(home=tmp_path, clickhouse=ClickHouse(url=database.url))
    client = connect(settings)
    # The database of the views stays: the server itself is at home there.
    for (view,) in client.query("SELECT name FROM system.tables WHERE database = 'weibo'").result_rows:
        client.command(f"DROP VIEW weibo.{view} SYNC")
    client.command("DROP DATABASE IF EXISTS weibo_store SYNC")
    client.close()
    return settings


@pytest.fixture
def migrated(empty: Settings) -> Iterator[tuple[Client, Settings]]:
    """A client and its settings, of a database with the tables and views, all of them empty."""
    client = connect(empty)
    migrate.apply(client, empty)
    yield client, empty
    client.close()
