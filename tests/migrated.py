"""Tables for tests of what is stored: in the one database of the run, and empty for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from schemas import migrate
from schemas.clickhouse import connect
from schemas.settings import ClickHouse, Settings
from tests.clickhouse_process import ClickHouseProcess

#: What the tables and views are like, in one number: other than after the migrations, and they are made anew.
LIKENESS = """
SELECT count(), groupBitXor(cityHash64(database, name, create_table_query))
FROM system.tables
WHERE database IN ('weibo', 'weibo_store')
"""
FILLED = """
SELECT name
FROM system.tables
WHERE database = 'weibo_store' AND name != 'migrations' AND engine LIKE '%MergeTree' AND total_rows > 0
"""
_made: dict[str, tuple[int, int]] = {}
"""By the database's address, the likeness that the migrations gave it."""


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
def migrated(
    clickhouse: ClickHouseProcess, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Client, Settings]]:
    """A client and its settings, of a database with the tables and views, all of them empty.

    To migrate takes more than a second: what the test before has left as it was is only emptied.
    """
    settings = Settings(home=tmp_path, clickhouse=ClickHouse(url=clickhouse.url))
    if "empty" in request.fixturenames:
        # Whoever asks for both must not have it emptied later.
        request.getfixturevalue("empty")
    client = connect(settings)
    if _made.get(clickhouse.url) != _likeness(client):
        emptied(clickhouse, tmp_path)
        migrate.apply(client, settings)
        _made[clickhouse.url] = _likeness(client)
    truncate(client)
    yield client, settings
    client.close()


def truncate(client: Client) -> None:
    """Leave no row in any table of ours."""
    for (table,) in client.query(FILLED).result_rows:
        client.command(f"TRUNCATE TABLE weibo_store.{table} SYNC")


def _likeness(client: Client) -> tuple[int, int]:
    ((count, fingerprint),) = client.query(LIKENESS).result_rows
    return count, fingerprint
