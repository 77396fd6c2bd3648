"""An insert that is not carried out is never acknowledged, however late it fails; and what it may bring along."""

from collections.abc import Sequence

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.clickhouse_process import ClickHouseProcess

pytestmark = pytest.mark.stack


def insert(client: Client, table: str, numbers: Sequence[int], **settings: object) -> None:
    client.insert(table, [[number] for number in numbers], column_names=["n"], settings=settings)


def numbers(client: Client, table: str) -> list[int]:
    return [number for (number,) in client.query(f"SELECT n FROM {table} ORDER BY n").result_rows]


def test_a_constraint_that_is_violated(client: Client) -> None:
    client.command("CREATE TABLE t (n UInt64, CONSTRAINT small CHECK n < 100) ENGINE = MergeTree ORDER BY n")
    insert(client, "t", [1])
    with pytest.raises(DatabaseError, match="Constraint `small`") as refused:
        insert(client, "t", [200])
    assert refused.value.code == 469
    assert numbers(client, "t") == [1]


def test_too_many_partitions(client: Client) -> None:
    client.command("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n PARTITION BY intDiv(n, 100)")
    with pytest.raises(DatabaseError, match="Too many partitions"):
        insert(client, "t", [100, 200], max_partitions_per_insert_block=1)
    assert numbers(client, "t") == []


def test_too_many_parts(client: Client) -> None:
    client.command(
        "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n "
        "SETTINGS parts_to_throw_insert = 2, parts_to_delay_insert = 1, max_delay_to_insert = 1"
    )
    client.command("SYSTEM STOP MERGES t")
    insert(client, "t", [1])
    insert(client, "t", [2])
    with pytest.raises(DatabaseError, match="Too many parts"):
        insert(client, "t", [3])
    assert numbers(client, "t") == [1, 2]


def test_a_view_that_throws(client: Client) -> None:
    client.command("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
    client.command("CREATE TABLE behind (n UInt64) ENGINE = MergeTree ORDER BY n")
    client.command("CREATE MATERIALIZED VIEW v TO behind AS SELECT n + throwIf(n = 7, 'seven') AS n FROM t")
    insert(client, "t", [1])
    with pytest.raises(DatabaseError, match="seven") as refused:
        insert(client, "t", [7])
    assert refused.value.code == 395
    assert numbers(client, "behind") == [1]


def test_data_that_can_not_be_parsed_are_told_without_the_way_that_they_came(
    clickhouse: ClickHouseProcess, client: Client, database: str
) -> None:
    client.command("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
    with pytest.raises(DatabaseError, match="Cannot parse input") as refused:
        client.raw_insert("t", ["n"], insert_block=b"1\nx\n", fmt="TSV")
    assert "/proc/" not in str(refused.value)
    assert numbers(client, "t") == []


def test_settings_of_the_statement_count(client: Client, database: str) -> None:
    client.command(
        "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 10"
    )
    for number in (1, 2):
        client.command(f"INSERT INTO t (n) SETTINGS insert_deduplication_token = 'one' VALUES ({number})")
    assert numbers(client, "t") == [1]


def test_a_format_is_a_name_and_nothing_more(client: Client) -> None:
    client.command("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
    with pytest.raises(DatabaseError, match="Unknown format"):
        client.command('INSERT INTO t FORMAT "TSV x"\n1')
    with pytest.raises(DatabaseError, match=r"(?i)unknown format"):
        client.command("INSERT INTO t FORMAT Nonsense\n1")
    client.command("INSERT INTO t FORMAT `TSV`\n1")
    assert numbers(client, "t") == [1]


def test_an_insert_after_with_has_its_data_as_they_are(client: Client) -> None:
    client.command("CREATE TABLE texts (s String) ENGINE = MergeTree ORDER BY s")
    client.command("WITH 1 AS y INSERT INTO texts (s) FORMAT TabSeparated\nvalue;\n")
    client.command("WITH 'x' AS y INSERT INTO texts SELECT y")
    assert client.query("SELECT s FROM texts ORDER BY s").result_rows == [("value;",), ("x",)]
