"""Tables for tests of what is stored: in the one database of the run, and empty for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from schemas import migrate
from schemas.clickhouse import connect
from schemas.settings import ClickHouse, Settings
from tests.clickhouse_process import ClickHouseProcess


@pytest.fixture
def empty(clickhouse: ClickHouseProcess, tmp_path: Path) -> Settings:
    """Settings of a database without any of our tables."""
    return emptied(clickhouse, tmp_path)


def emptied(clickhouse: ClickHouseProcess, home: Path) -> Settings:
    """The database without any of our tables, and settings of it."""
    settings = Settings(home=home, clickhouse=ClickHouse(url=clickhouse.url))
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
