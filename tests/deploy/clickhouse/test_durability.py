"""What was acknowledged survives: `kill -9` in the midst of inserts, and an orderly stop."""

import random
import threading
import time
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import Error

from tests.clickhouse_process import ClickHouseProcess

pytestmark = pytest.mark.stack

ROWS = 500  # of one batch
WRITERS = 3


class Writer(threading.Thread):
    """Inserts numbered batches until the server is gone, and knows which were acknowledged."""

    def __init__(self, server: ClickHouseProcess, first: int) -> None:
        super().__init__()
        self.server = server
        self.next_batch = first
        self.acknowledged: list[int] = []

    def run(self) -> None:
        try:
            with self.server.client(query_retries=0) as client:
                while True:
                    batch = self.next_batch
                    client.insert(
                        "acked",
                        [[batch] * ROWS, list(range(ROWS))],
                        column_names=["batch", "row"],
                        column_oriented=True,
                        settings={"insert_deduplication_token": f"t:{batch}"},
                    )
                    self.acknowledged.append(batch)
                    self.next_batch += 1
        except (Error, OSError):
            return


@pytest.mark.timeout(300)
def test_kill_loses_nothing_that_was_acknowledged(data_path: Path) -> None:
    chance = random.Random(3)
    server = ClickHouseProcess(data_path).start()
    with server.client() as client:
        client.command(
            "CREATE TABLE acked (batch UInt64, row UInt32) ENGINE = MergeTree ORDER BY (batch, row) "
            "SETTINGS non_replicated_deduplication_window = 10000"
        )
    acknowledged: list[int] = []
    for generation in range(5):
        writers = [Writer(server, (generation * WRITERS + number) * 1_000_000) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        while not all(writer.acknowledged for writer in writers):
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.5))
        server.kill()
        for writer in writers:
            writer.join()
            acknowledged += writer.acknowledged
        server.port = 0  # somebody else may have taken the old one meanwhile
        server.start()
        with server.client() as client:
            counts = dict(client.query("SELECT batch, count() FROM acked GROUP BY batch").result_rows)
            assert {batch: counts.get(batch) for batch in acknowledged} == dict.fromkeys(acknowledged, ROWS)
            # What was not acknowledged may be there or not, and is exact after the same token was sent again.
            for writer in writers:
                client.insert(
                    "acked",
                    [(writer.next_batch, row) for row in range(ROWS)],
                    column_names=["batch", "row"],
                    settings={"insert_deduplication_token": f"t:{writer.next_batch}"},
                )
                acknowledged.append(writer.next_batch)
            assert client.command("SELECT count() FROM acked") == len(acknowledged) * ROWS
    assert server.stop() == 0


def test_a_stop_lets_an_insert_end_and_keeps_the_port_free(data_path: Path) -> None:
    server = ClickHouseProcess(data_path).start()
    with server.client() as client:
        client.command("CREATE TABLE slow (a UInt64) ENGINE = MergeTree ORDER BY a")
    acknowledged: list[int] = []

    def insert() -> None:
        with server.client(query_retries=0) as client:
            settings = {"function_sleep_max_microseconds_per_block": 0}
            client.command(
                "INSERT INTO slow SELECT number + ignore(sleepEachRow(0.02)) FROM numbers(100)", settings=settings
            )
            acknowledged.append(1)

    thread = threading.Thread(target=insert)
    thread.start()
    with server.client() as client:
        while not client.command("SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO slow%'"):
            time.sleep(0.02)
    assert server.stop() == 0
    thread.join()
    assert acknowledged == [1]
    with server as again, again.client() as client:
        assert client.command("SELECT count() FROM slow") == 100


def test_a_stop_does_not_wait_for_a_query(data_path: Path) -> None:
    with ClickHouseProcess(data_path) as server:
        failures: list[Exception] = []

        def ask() -> None:
            try:
                with server.client(query_retries=0) as client:
                    client.query("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 7")
            except (Error, OSError) as error:
                failures.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        with server.client() as client:
            while not client.command("SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number)%'") > 1:
                time.sleep(0.02)
        assert server.stop() == 0
        thread.join()
        assert "394" in str(failures[0])
