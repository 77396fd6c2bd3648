"""clickhouse-connect's HTTP client against the server."""

import pytest
from clickhouse_connect.driver.client import Client

pytestmark = pytest.mark.stack


def test_select(client: Client) -> None:
    assert client.query("SELECT 1 AS a, 'x' AS b").result_rows == [(1, "x")]
