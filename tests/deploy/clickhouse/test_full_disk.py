"""A disk that is full: an insert is refused with a sentence, reads go on, and what was acknowledged stays."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.clickhouse_process import ClickHouseProcess
from tests.full_disk import fill, small_disk

pytestmark = pytest.mark.stack


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 128 << 20) as folder:
        yield folder


def test_nothing_acknowledged_is_lost_and_it_goes_on_when_there_is_room(disk: Path) -> None:
    text = random.Random(1).randbytes(100_000).hex()
    with ClickHouseProcess(disk / "clickhouse") as database:
        client = database.client()
        client.command("CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
        client.insert("t", [[0, text]], column_names=["n", "s"])
        fill(disk)
        acknowledged = [0]
        with pytest.raises(DatabaseError, match=r"(?i)no.* space") as refused:
            # What merges give back is used up too.
            for number in range(1, 1_000):
                client.insert("t", [[number, text]], column_names=["n", "s"])
                acknowledged.append(number)
        assert "Stack trace" not in str(refused.value)
        assert sorted(n for (n,) in client.query("SELECT n FROM t").result_rows) == acknowledged
        database.kill()
        (disk / "filling").unlink()
        database.start()
        client = database.client()
        client.insert("t", [[1_000, text]], column_names=["n", "s"])
        rows = client.query("SELECT n, s FROM t ORDER BY n").result_rows
        assert rows == [(number, text) for number in (*acknowledged, 1_000)]


def test_it_says_so_where_it_can_not_even_start(disk: Path) -> None:
    fill(disk)
    with pytest.raises(AssertionError, match="clickhouse can't be used: there is no space left on its disk"):
        ClickHouseProcess(disk / "clickhouse").start()
