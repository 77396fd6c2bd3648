"""Requests beside each other: nobody waits for a long query, nobody takes all the memory, who leaves is cancelled."""

import http.client
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from deploy.clickhouse.admission import READ_PLACES
from tests.clickhouse_process import ClickHouseProcess, wait_until

pytestmark = pytest.mark.stack

ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 7"


class Endless:
    """A request that never ends by itself; leaving the block closes its connection."""

    def __init__(self, server: ClickHouseProcess, sql: str = ENDLESS, options: str = "") -> None:
        self.server = server
        self.query_id = f"endless {uuid.uuid4()}"
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port)
        self.path = f"/?query_id={quote(self.query_id)}&query={quote(sql)}{options}"

    def __enter__(self) -> "Endless":
        self.connection.request("POST", self.path)
        wait_until(self.runs)
        return self

    def runs(self) -> bool:
        with self.server.client() as client:
            sql = "SELECT count() FROM system.processes WHERE Settings['log_comment'] = {id:String}"
            return bool(client.query(sql, parameters={"id": self.query_id}).first_row[0])

    def __exit__(self, *error: object) -> None:
        self.connection.close()


def test_a_query_whose_client_leaves_is_cancelled(clickhouse: ClickHouseProcess) -> None:
    for options in ("", "&wait_end_of_query=1", "&default_format=JSON"):
        with Endless(clickhouse, options=options) as endless:
            pass
        wait_until(lambda gone=endless: not gone.runs())  # type: ignore[misc]


def test_a_stream_whose_reader_leaves_is_cancelled(clickhouse: ClickHouseProcess) -> None:
    with Endless(clickhouse, "SELECT number FROM numbers(1000000000000)") as endless:
        assert endless.connection.getresponse().read(10) == b"0\n1\n2\n3\n4\n"
    wait_until(lambda: not endless.runs())


def test_long_queries_keep_neither_inserts_nor_short_ones_waiting(
    clickhouse: ClickHouseProcess, client: Client
) -> None:
    client.command("CREATE TABLE s (a Int64) ENGINE = MergeTree ORDER BY a")
    with Endless(clickhouse), Endless(clickhouse), Endless(clickhouse):
        for number in range(5):
            client.insert("s", [(number,)], column_names=["a"])
            assert client.command("SELECT count() FROM s") == number + 1


def test_inserts_pass_when_every_place_for_queries_is_taken(clickhouse: ClickHouseProcess, client: Client) -> None:
    client.command("CREATE TABLE p (a Int64) ENGINE = MergeTree ORDER BY a")
    sleeping = "SELECT sum(sleepEachRow(1)) FROM numbers(1000) SETTINGS max_block_size = 1"
    connections = []
    for _ in range(READ_PLACES + 2):
        connection = http.client.HTTPConnection("127.0.0.1", clickhouse.port)
        connection.request("POST", f"/?function_sleep_max_microseconds_per_block=0&query={quote(sleeping)}")
        connections.append(connection)
    try:
        assert client.command("EXISTS p") == 1
        # Before it inserts, the client asks with DESCRIBE which types the columns have.
        assert client.insert("p", [(1,)], column_names=["a"]).written_rows == 1
    finally:
        for connection in connections:
            connection.close()
    wait_until(lambda: client.command("SELECT count() FROM p") == 1)


def test_an_id_that_runs_is_not_taken_twice(clickhouse: ClickHouseProcess, client: Client) -> None:
    with Endless(clickhouse) as endless, pytest.raises(DatabaseError) as caught:
        client.query("SELECT 1", settings={"query_id": endless.query_id})
    assert caught.value.code == 216


def test_too_much_memory_ends_its_own_query_only(clickhouse: ClickHouseProcess, client: Client) -> None:
    greedy = "SELECT length(groupArray(toString(number))) FROM numbers(1000000000)"
    with ThreadPoolExecutor(4) as pool, clickhouse.client(autogenerate_session_id=False) as other:
        failing = pool.submit(client.query, greedy, settings={"max_memory_usage": 100_000_000})
        short = [pool.submit(other.command, "SELECT sum(number) FROM numbers(100000)") for _ in range(30)]
        assert {future.result() for future in short} == {4_999_950_000}
        with pytest.raises(DatabaseError) as caught:
            failing.result()
    assert caught.value.code == 241
    with pytest.raises(DatabaseError) as caught:
        client.query(greedy)
    assert caught.value.code == 241


@pytest.mark.parametrize("format_name", ["Native", "JSON"])
@pytest.mark.parametrize("wait", ["0", "1"])
def test_a_large_answer_is_not_kept_in_memory(clickhouse: ClickHouseProcess, format_name: str, wait: str) -> None:
    size = 0
    most = before = clickhouse.resident_bytes()
    connection = http.client.HTTPConnection("127.0.0.1", clickhouse.port)
    sql = quote(f"SELECT repeat('x', 100) FROM numbers(6000000) FORMAT {format_name}")
    connection.request("POST", f"/?wait_end_of_query={wait}&query={sql}")
    response = connection.getresponse()
    while piece := response.read(1 << 20):
        size += len(piece)
        most = max(most, clickhouse.resident_bytes())
    connection.close()
    assert size > 600_000_000  # beside blocks of 6 MB
    assert most - before < 300 << 20


def test_nothing_leaks_from_one_request_into_the_next(clickhouse: ClickHouseProcess, database: str) -> None:
    failures: list[str] = []

    def many(number: int) -> None:
        with clickhouse.client(database=database if number % 2 else None) as client:
            for turn in range(15):
                size = 1000 + number * 100 + turn
                settings = {"max_block_size": size} if turn % 2 else {}
                sql = "SELECT getSetting('max_block_size'), currentDatabase(), getSetting('readonly')"
                row = client.query(sql, settings=settings).first_row
                expected = (size if settings else 65409, database if number % 2 else "weibo", 0)
                if row != expected:
                    failures.append(f"{row} instead of {expected}")

    threads = [threading.Thread(target=many, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
