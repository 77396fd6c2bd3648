"""One database process for all tests of this folder, and an empty database for each test."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from tests.clickhouse_process import ClickHouseProcess


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseProcess]:
    """A running server, shared: tests leave its settings and their neighbours' databases alone."""
    folder = tmp_path_factory.mktemp("clickhouse") / "data"
    analysts = (
        *("--analysts-port", "0", "--analysts-memory", str(256 << 20), "--analysts-seconds", "60"),
        *("--analysts-result-bytes", str(32 << 20), "--analysts-rows-read", str(10**13)),
    )
    with ClickHouseProcess(folder, *analysts) as process:
        yield process


@pytest.fixture
def database(clickhouse: ClickHouseProcess) -> Iterator[str]:
    """Name of an empty database of this test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with clickhouse.client() as client:
        client.command(f"CREATE DATABASE {name} ENGINE = Atomic")
        yield name
        client.command(f"DROP DATABASE {name}")


@pytest.fixture
def client(clickhouse: ClickHouseProcess, database: str) -> Iterator[Client]:
    """A client of clickhouse-connect whose database is empty."""
    with clickhouse.client(database=database) as client:
        yield client


@pytest.fixture
def data_path(tmp_path: Path) -> Path:
    """A folder for a server of the test's own."""
    return tmp_path / "data"
