"""What a query of analysts may use, how it ends, and that others do not feel it."""

import http.client
import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlencode

import pytest

from tests.clickhouse_process import ClickHouseProcess, wait_until
from tests.deploy.clickhouse.asking import Answer, ask

pytestmark = pytest.mark.stack

ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 7 SETTINGS max_threads = 1"
GREEDY = "SELECT length(groupArray(toString(number))) FROM numbers(1000000000)"


class Endless:
    """A query on the analysts' port that does not end by itself; leaving the block closes its connection."""

    def __init__(self, server: ClickHouseProcess, user: str = "me", sql: str = ENDLESS, **url: str) -> None:
        self.server = server
        self.user = user
        self.query_id = str(uuid.uuid4())
        self.mark = uuid.uuid4().hex
        self.connection = http.client.HTTPConnection("127.0.0.1", server.analysts_port, timeout=60)
        self.url = {"query_id": self.query_id, "user": user, **url}
        self.sql = f"/* {self.mark} */ {sql}"

    def __enter__(self) -> "Endless":
        self.send()
        wait_until(self.runs)
        return self

    def send(self) -> None:
        self.connection.request("POST", "/?" + urlencode(self.url), self.sql)

    def runs(self) -> bool:
        sql = f"SELECT count() FROM system.processes WHERE query LIKE '%{self.mark}%' AND query NOT LIKE '%LIKE%'"
        return ask(self.server.port, sql).text != "0\n"

    def answer(self) -> tuple[int, str]:
        response = self.connection.getresponse()
        text = response.read().decode()
        return int(response.headers["X-ClickHouse-Exception-Code"]), text

    def __exit__(self, *error: object) -> None:
        self.connection.close()


@pytest.fixture
def port(clickhouse: ClickHouseProcess) -> Iterator[int]:
    """The analysts' port; after the test nothing runs on it any more."""
    yield clickhouse.analysts_port
    sql = "SELECT count() FROM system.processes WHERE Settings['log_comment'] LIKE 'analysts%'"
    wait_until(lambda: ask(clickhouse.port, sql).text == "0\n")


def killed(port: int, query_id: str, user: str = "me", how: str = "") -> Answer:
    return ask(port, f"KILL QUERY WHERE query_id = '{query_id}'{how} FORMAT JSON", user=user)


@pytest.mark.parametrize("url", [{}, {"wait_end_of_query": "1"}, {"default_format": "JSON"}, {"session_id": "s"}])
def test_a_query_whose_client_leaves_is_cancelled(
    clickhouse: ClickHouseProcess, port: int, url: dict[str, str]
) -> None:
    with Endless(clickhouse, **url) as endless:
        pass
    wait_until(lambda: not endless.runs())


def test_a_stream_whose_reader_leaves_is_cancelled(clickhouse: ClickHouseProcess, port: int) -> None:
    with Endless(clickhouse, sql="SELECT number FROM numbers(4000000) WHERE NOT ignore(sipHash64(number))") as endless:
        assert endless.connection.getresponse().read(4) == b"0\n1\n"
    wait_until(lambda: not endless.runs())


def test_one_kills_ones_own_query_by_its_id(clickhouse: ClickHouseProcess, port: int) -> None:
    with Endless(clickhouse) as endless:
        assert json.loads(killed(port, endless.query_id, how=" TEST").text)["rows"] == 1
        assert endless.runs()
        (row,) = json.loads(killed(port, endless.query_id).text)["data"]
        assert (row["kill_status"], row["query_id"], row["user"]) == ("waiting", endless.query_id, "me")
        assert row["query"] == ""  # who knows the name and the id could be somebody else
        assert endless.answer()[0] == 394
    assert json.loads(killed(port, endless.query_id).text)["rows"] == 0


def test_nobody_kills_or_sees_another_s_query(clickhouse: ClickHouseProcess, port: int) -> None:
    with Endless(clickhouse, user="me") as endless:
        refused = killed(port, endless.query_id, user="another")
        assert json.loads(refused.text)["rows"] == 0
        assert endless.mark not in refused.text
        assert endless.runs()
        # Ops may, from the main port.
        assert json.loads(killed(clickhouse.port, endless.query_id).text)["rows"] == 1
        assert endless.answer()[0] == 394


def test_a_query_of_the_main_port_is_not_the_analysts_to_kill(clickhouse: ClickHouseProcess, port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", clickhouse.port, timeout=60)
    connection.request("POST", "/?query_id=main-1", ENDLESS)
    runs = "SELECT count() FROM system.processes WHERE Settings['log_comment'] = 'main-1'"
    wait_until(lambda: ask(clickhouse.port, runs).text == "1\n")
    assert json.loads(killed(port, "main-1", user="default").text)["rows"] == 0
    assert ask(clickhouse.port, runs).text == "1\n"
    assert json.loads(killed(clickhouse.port, "main-1").text)["rows"] == 1
    assert connection.getresponse().headers["X-ClickHouse-Exception-Code"] == "394"
    connection.close()


def test_too_much_memory_ends_its_own_query_only(clickhouse: ClickHouseProcess, port: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        failing = pool.submit(ask, port, GREEDY)
        short = [pool.submit(ask, port, "SELECT sum(number) FROM numbers(100000)") for _ in range(20)]
        assert {future.result().text for future in short} == {"4999950000\n"}
        assert failing.result().code == 241


def test_time_rows_and_answers_have_limits(port: int) -> None:
    assert ask(port, ENDLESS, max_execution_time="0.5").code == 159
    assert ask(port, f"{ENDLESS}, max_execution_time = 0.5").status == 408
    assert ask(port, "SELECT count() FROM numbers(1000000)", max_rows_to_read="1000").code == 158
    assert ask(port, "SELECT number FROM numbers(10000000)", wait_end_of_query="1").code == 396
    assert ask(port, "SELECT number FROM numbers(10)", max_result_rows="5").code == 396
    assert ask(port, "SELECT number FROM numbers(9)", max_result_rows="5", result_overflow_mode="break").status == 200


@pytest.mark.parametrize("format_name", ["JSON", "Parquet", "XML"])
def test_an_answer_that_goes_over_the_disk_has_its_size_limited(
    clickhouse: ClickHouseProcess, port: int, format_name: str
) -> None:
    # To the engine's own limit a constant column is as large as one value.
    sql = "SELECT repeat(hex(sipHash128(number)), 1000) FROM numbers(20000) SETTINGS max_block_size = 100"
    answer = ask(port, f"{sql} FORMAT {format_name}")
    assert answer.code == 396
    assert "Limit for result exceeded" in answer.text
    wait_until(lambda: list((clickhouse.path / "http").iterdir()) == [])


def test_a_constant_column_does_not_fill_the_disk(clickhouse: ClickHouseProcess, port: int) -> None:
    answer = ask(port, "SELECT repeat('x', 100000) FROM numbers(4000) FORMAT JSON", max_block_size="10")
    assert answer.code == 396, answer.text[:200]
    answer = ask(
        port,
        "SELECT repeat('x', 100000) FROM numbers(4000) FORMAT TSV SETTINGS max_block_size = 10",
        wait_end_of_query="1",
    )
    assert answer.code in {307, 396}, answer.text[:200]


def test_a_text_has_a_length(port: int) -> None:
    assert ask(port, "SELECT 1 /*" + "x" * 262_000 + "*/").text == "1\n"
    for longer in ("SELECT 1 /*" + "x" * 263_000 + "*/", "SELECT 1" + "+1" * 500_000):
        refused = ask(port, longer)
        assert (refused.status, refused.code) == (413, 229)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT 1" + "+1" * 20_000, 167),
        ("SELECT " + "NOT " * 20_000 + "1", 167),
        ("SELECT " + "(" * 50_000 + "1" + ")" * 50_000, 306),
        ("SELECT " + "[" * 50_000 + "1" + "]" * 50_000, 306),
        ("SELECT " + "(1 OR 0) AND " * 15_000 + "1", 168),
        ("SELECT * FROM " + "(SELECT * FROM " * 3000 + "numbers(1)" + ")" * 3000, 306),
        ("SELECT CAST([] AS " + "Array(" * 10_000 + "Int8" + ")" * 10_000 + ")", 306),
        ("SELECT match('a', repeat('(', 100000))", 427),
        ("SELECT match('a', '((a{1,100}){1,100}){1,100}')", 427),
        ("SELECT length(randomString(4000000000))", 131),
        ("SELECT range(0, 10000000000)", 69),
        ("SELECT uniqExact(number) FROM numbers(100000000)", 241),
        ("SELECT a.number FROM numbers(100000000) AS a JOIN numbers(100000000) AS b ON a.number = b.number", 241),
        ("SELECT topK(100000000)(number) FROM numbers(10)", 69),
        ("SELECT finalizeAggregation(CAST(unhex('ffffffffff') AS AggregateFunction(groupArray, String)))", 32),
        ("WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x) SELECT count() FROM x", 306),
        ("WITH 1 AS a0, " + ", ".join(f"(a{n - 1}, a{n - 1}) AS a{n}" for n in range(1, 40)) + " SELECT a39", 36),
        ("SELECT toDateTime(0, '/etc/passwd')", 36),
    ],
)
def test_bombs_end_with_an_error_of_their_own(port: int, sql: str, code: int) -> None:
    answer = ask(port, sql)
    assert answer.code == code, answer.text[:300]
    assert ask(port, "SELECT 1").text == "1\n"


def test_the_loader_and_ops_do_not_wait_behind_analysts(clickhouse: ClickHouseProcess, port: int) -> None:
    with clickhouse.client() as client, ExitStack() as many:
        client.command("CREATE TABLE weibo.beside (a Int64) ENGINE = MergeTree ORDER BY a")
        queries = [many.enter_context(Endless(clickhouse)) for _ in range(3)]
        for _ in range(6):  # more than there are places: these wait
            waiting = Endless(clickhouse)
            waiting.send()
            many.callback(waiting.connection.close)
        assert all(query.runs() for query in queries)
        for number in range(5):
            client.insert("weibo.beside", [(number,)], column_names=["a"])
            assert client.command("SELECT count() FROM weibo.beside") == number + 1
        client.command("DROP TABLE weibo.beside")


def test_a_session_keeps_set_and_use(port: int) -> None:
    sql = "SELECT getSetting('max_result_rows'), currentDatabase(), getSetting('readonly')"
    assert ask(port, "SET max_result_rows = 77", session_id="a", user="me").status == 200
    assert ask(port, "USE weibo", session_id="a", user="me").status == 200
    assert ask(port, sql, session_id="a", user="me").text == "77\tweibo\t1\n"
    for url in ({"session_id": "b", "user": "me"}, {"session_id": "a", "user": "you"}, {}):
        assert ask(port, sql, **url).text == "5000000\tweibo\t1\n"
    assert ask(port, "SELECT 1", session_id="never", session_check="1").code == 372


def test_get_and_head_read_too(port: int) -> None:
    assert ask(port, "", method="GET", query="SELECT 1").text == "1\n"
    assert ask(port, "", method="HEAD", query="SELECT 1").status == 200
    assert ask(port, "", method="GET", query="DROP TABLE weibo.t").code == 164
    assert ask(port, "", method="GET", query="SELECT file('/etc/passwd')").code == 446


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ({"readonly": "0"}, 164),
        ({"max_memory_usage": "0"}, 452),
        ({"max_execution_time": "100000"}, 452),
        ({"log_comment": "x"}, 164),
        ({"allow_ddl": "1"}, 164),
        ({"format_schema": "/etc/passwd"}, 164),
        ({"output_format_schema": "/x"}, 164),
        ({"dialect": "prql"}, 164),
        ({"database": "system"}, 497),
        ({"database": "private"}, 497),
        ({"database": "_table_function"}, 497),
        ({"default_format": "Template"}, 73),
        ({"role": "x"}, 48),
        ({"max_threads": "1; DROP TABLE x"}, 452),
        ({"session_timezone": "x', readonly = '0"}, 36),
        ({"readonly": "2"}, 0),
        ({"max_threads": "1", "database": "default"}, 0),
    ],
)
def test_what_the_url_may_not_say(port: int, url: dict[str, str], code: int) -> None:
    assert ask(port, "SELECT 1", **url).code == code


@pytest.mark.parametrize(
    ("sql", "value", "code"),
    [
        ("SELECT * FROM {x:Identifier}", "system.processes", 497),
        ("SELECT * FROM system.{x:Identifier}", "processes", 497),
        ("SELECT * FROM {x:Identifier}.processes", "system", 497),
        ("SELECT * FROM weibo.{x:Identifier}", "/etc/passwd", 60),
        ("SELECT {x:Identifier}('/etc/passwd')", "file", 62),
        ("SELECT {x:String}", "file('/etc/passwd')", 0),
        ("SELECT arrayMap({x:Identifier}, ['/etc/passwd'])", "file", 446),
        ("DESCRIBE {x:Identifier}.processes", "system", 497),
        ("SELECT 1 IN {x:Identifier}.processes", "system", 497),
    ],
)
def test_parameters_are_values(port: int, sql: str, value: str, code: int) -> None:
    assert ask(port, sql, param_x=value).code == code
