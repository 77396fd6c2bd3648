"""A token without rows is forgotten at the start, and every other one is kept."""

import shutil
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from deploy.clickhouse.tokens import orphans
from tests.clickhouse_process import ClickHouseProcess


def line(change: int, part: str, token: str) -> str:
    return f"{change}\t{part}\t{token}"


def test_a_token_is_an_orphan_where_no_part_covers_its_blocks() -> None:
    log = [line(1, "202611_1_1_0", "a"), line(1, "202611_4_4_0", "b"), line(1, "202612_2_2_0", "c")]
    assert orphans(log, ["202611_1_3_1_7", "detached", "format_version.txt"]) == [
        ("202611_4_4_0", "b"),
        ("202612_2_2_0", "c"),
    ]
    assert orphans(log, ["202611_1_4_1", "202612_2_2_0"]) == []


def test_what_was_taken_back_or_added_again_is_no_orphan() -> None:
    log = [line(1, "all_1_1_0", "a"), line(1, "all_2_2_0", "b"), line(2, "all_1_1_0", "a"), line(2, "all_2_2_0", "b")]
    assert orphans(log, []) == []
    assert orphans([*log, line(1, "all_3_3_0", "a")], ["all_3_3_0"]) == []


def test_a_torn_line_says_nothing() -> None:
    assert orphans([line(1, "all_1_1_0", "a"), "1\tall_9", "1\tall_91\tall_2_2_0\tb"], ["all_1_1_0"]) == []


def test_a_part_that_is_still_written_covers_nothing() -> None:
    assert orphans([line(1, "all_1_1_0", "a")], ["tmp_insert_all_1_1_0", "tmp_merge_all_1_2_1"]) == [("all_1_1_0", "a")]


def insert(client: Client, batch: int) -> None:
    client.insert(
        "kept",
        [[batch], [batch % 2]],
        column_names=["batch", "half"],
        column_oriented=True,
        settings={"insert_deduplication_token": f"t:{batch}"},
    )


@pytest.mark.stack
def test_an_insert_whose_part_died_is_written_by_its_repeat(data_path: Path) -> None:
    server = ClickHouseProcess(data_path).start()
    with server.client() as client:
        client.command(
            "CREATE TABLE kept (batch UInt64, half UInt8) ENGINE = MergeTree PARTITION BY half ORDER BY batch "
            "SETTINGS non_replicated_deduplication_window = 100"
        )
        for batch in range(4):
            insert(client, batch)
        client.command("OPTIMIZE TABLE kept FINAL")
        insert(client, 4)
    server.kill()
    # Killed a moment earlier, the engine would not have named the part whose token it had logged.
    (lost,) = data_path.glob("store/*/*/0_5_5_0")
    shutil.rmtree(lost)
    for _ in range(2):  # what was mended once is as good as any other after one more kill
        server.start()
        with server.client() as client:
            for batch in range(5):
                insert(client, batch)
            assert client.query("SELECT batch FROM kept ORDER BY batch").result_columns == [[0, 1, 2, 3, 4]]
        server.kill()
