"""clickhouse-connect's HTTP client against the server."""

import datetime as dt

import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.external import ExternalData

from tests.clickhouse_process import ClickHouseProcess

pytestmark = pytest.mark.stack

TABLE = "CREATE TABLE t (a UInt64, b Nullable(String), d DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY a"
NOON = dt.datetime(2016, 12, 31, 12, 0, 0, 250_000, tzinfo=dt.UTC)


def test_the_default_client_connects(clickhouse: ClickHouseProcess) -> None:
    with clickhouse.client() as client:
        assert client.ping()
        assert client.command("SELECT currentDatabase()") == "weibo"
        assert str(client.server_tz) == "UTC"
    with clickhouse.client(database="default") as client:
        assert client.command("SELECT currentDatabase()") == "weibo"


def test_select_with_parameters(client: Client) -> None:
    hostile = "a\tb'c\\d\n大使馆"
    parameters = {"s": hostile, "n": 7, "l": ["x'", "y"], "t": NOON}
    rows = client.query(
        "SELECT {s:String}, {n:UInt8}, {l:Array(String)}, {t:DateTime64(3, 'UTC')}", parameters=parameters
    ).result_rows
    assert rows == [(hostile, 7, ["x'", "y"], NOON.replace(tzinfo=None))]


def test_a_parameter_may_have_dollars_in_its_name(client: Client) -> None:
    for name in ("$x", "id$", "a$$b", "$x$"):
        assert client.query(f"SELECT {{{name}:Int32}}", parameters={name: 13}).result_rows == [(13,)]
    with pytest.raises(DatabaseError, match="Unknown setting") as caught:
        client.query("SELECT 1", settings={"a$b": "1"})
    assert caught.value.code == 115


def test_a_literal_may_be_no_utf_8(client: Client) -> None:
    assert client.raw_query("SELECT $data$", parameters={"$data$": b"\xff\xfe\x00;"}) == b"\xff\xfe\\0;\n"
    with pytest.raises(DatabaseError) as caught:
        client.raw_query("SELECT $data$ + 1", parameters={"$data$": b"\xff\xfe"})
    assert caught.value.code == 1001  # the engine's binding can't tell what it says of such a text


def test_parameters_too_long_for_a_url_come_as_a_form(client: Client) -> None:
    long = "微博'\t" * 20_000
    assert client.query("SELECT {s:String}", parameters={"s": long}).result_rows == [(long,)]


def test_streams(client: Client) -> None:
    sql = "SELECT number, toString(number) FROM numbers(300000)"
    with client.query_row_block_stream(sql) as stream:
        rows = [row for block in stream for row in block]
    assert rows[0] == (0, "0") and rows[-1] == (299_999, "299999") and len(rows) == 300_000
    with client.query_column_block_stream(sql) as stream:
        assert sum(sum(block[0]) for block in stream) == 299_999 * 300_000 // 2


@pytest.mark.parametrize("compress", [True, False, "lz4", "zstd", "gzip"])
def test_large_columns_there_and_back(clickhouse: ClickHouseProcess, database: str, compress: bool | str) -> None:
    rows = 300_000
    numbers = list(range(rows))
    texts = [None if number % 3 == 0 else f"text {number}" for number in numbers]
    with clickhouse.client(database=database, compress=compress) as client:
        client.command(TABLE)
        summary = client.insert(
            "t", [numbers, texts, [NOON] * rows], column_names=["a", "b", "d"], column_oriented=True
        )
        assert summary.written_rows == rows
        assert client.query("SELECT count(), uniqExact(a) FROM t").result_rows == [(rows, rows)]
        columns = client.query("SELECT a, b, d FROM t ORDER BY a").result_columns
        assert columns == [numbers, texts, [NOON.replace(tzinfo=None)] * rows]


def test_rows_frames_and_arrow(client: Client) -> None:
    client.command(TABLE)
    assert client.insert("t", [(1, "x", NOON), (2, None, NOON)], column_names=["a", "b", "d"]).written_rows == 2
    frame = client.query_df("SELECT * FROM t ORDER BY a")
    assert list(frame["a"]) == [1, 2]
    frame["a"] += 10
    assert client.insert_df("t", frame).written_rows == 2
    table = client.query_arrow("SELECT a, b FROM t ORDER BY a")
    assert isinstance(table, pa.Table)
    assert table.column("a").to_pylist() == [1, 2, 11, 12]
    assert client.insert_arrow("t", table).written_rows == 4
    assert client.command("SELECT count() FROM t") == 8
    with client.query_arrow_stream("SELECT number FROM numbers(300000)") as stream:
        assert sum(batch.num_rows for batch in stream) == 300_000
    with client.query_df_stream("SELECT number FROM numbers(300000)") as stream:
        assert sum(len(part) for part in stream) == 300_000


@pytest.mark.parametrize("name", ["JSON", "JSONCompact", "CSVWithNames", "Parquet", "Arrow", "XML", "Values"])
def test_a_format_with_a_frame_is_one_whole(client: Client, name: str) -> None:
    client.command("CREATE TABLE whole (number UInt64) ENGINE = MergeTree ORDER BY number")
    sql = "SELECT number FROM numbers(200000)"
    answer = client.raw_query(sql, fmt=name)
    if name == "XML":
        assert answer.count(b"<?xml") == answer.count(b"</result>") == 1 and answer.count(b"<row>") == 200_000
        return
    client.raw_insert("whole", ["number"], answer, fmt=name)
    assert client.query("SELECT count(), sum(number) FROM whole").result_rows == [(200_000, 19_999_900_000)]


def test_totals_are_not_lost(client: Client) -> None:
    sql = "SELECT number % 2 AS k, count() FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k"
    assert client.raw_query(sql, fmt="TSV") == b"0\t5\n1\t5\n\n0\t10\n"


def test_raw_inserts(client: Client) -> None:
    client.command("CREATE TABLE raw (a UInt32, b String) ENGINE = MergeTree ORDER BY a")
    assert client.raw_insert("raw", ["a", "b"], b"1,x\n2,y\n", fmt="CSV").written_rows == 2
    assert client.raw_insert("raw", None, '{"a": 3}\n{"a": 4}', fmt="JSONEachRow").written_rows == 2
    assert client.raw_insert("raw", None, b"\x05\x00\x00\x00\x01z", fmt="RowBinary").written_rows == 1
    client.command("INSERT INTO raw VALUES (6, 'a;b'), (7, 'c')")
    client.command("INSERT INTO raw SELECT number, 's' FROM numbers(8, 2)")
    assert client.query("SELECT a, b FROM raw ORDER BY a").result_rows == [
        *((1, "x"), (2, "y"), (3, ""), (4, ""), (5, "z"), (6, "a;b"), (7, "c"), (8, "s"), (9, "s")),
    ]


def test_a_token_inserts_once(client: Client) -> None:
    client.command(f"{TABLE} SETTINGS non_replicated_deduplication_window = 100")
    for token in ("topic:0:0-1", "topic:0:0-1", "topic:0:2-3"):
        settings = {"insert_deduplication_token": token}
        client.insert("t", [(1, "x", NOON), (2, "y", NOON)], column_names=["a", "b", "d"], settings=settings)
    assert client.command("SELECT count() FROM t") == 4


def test_errors_have_code_name_and_text(client: Client) -> None:
    with pytest.raises(DatabaseError, match=r"Code: 60\. DB::Exception: .*nowhere.*\(UNKNOWN_TABLE\)") as caught:
        client.query("SELECT * FROM nowhere")
    assert (caught.value.code, caught.value.name) == (60, "UNKNOWN_TABLE")
    with pytest.raises(DatabaseError) as caught:
        client.query("SELECT * FROM t", settings={"database": "nowhere"})
    assert caught.value.code == 81
    with pytest.raises(DatabaseError) as caught:
        client.command("SELECT 1", settings={"no_such_setting": "1"})
    assert caught.value.code == 115


def test_an_error_after_the_first_block_reaches_the_reader(client: Client) -> None:
    sql = "SELECT throwIf(number = 3000000, 'so far') FROM numbers(5000000)"
    for fetch in (client.query_row_block_stream, client.query_column_block_stream, client.query_df_stream):
        with pytest.raises(DatabaseError, match="so far"), fetch(sql) as stream:
            for _ in stream:
                pass


def test_summary_and_query_id(client: Client) -> None:
    result = client.query("SELECT count() FROM numbers(1000)", settings={"query_id": "mine"})
    assert result.query_id == "mine"
    assert result.summary["read_rows"] == "1000"
    assert result.summary["result_rows"] == "1"
    assert client.query("SELECT 1").query_id not in {"", "mine"}


def test_columns_of_an_empty_answer(client: Client) -> None:
    assert client.query("SELECT 1 AS a, 'x' AS b LIMIT 0").column_names == ("a", "b")
    assert client.query("SELECT 1 AS a WHERE 0").result_rows == []


def test_external_data(client: Client) -> None:
    data = ExternalData(
        file_name="names.csv", data="1,美国\n2,法国\n".encode(), fmt="CSV", structure="id UInt8, name String"
    )
    rows = client.query("SELECT name FROM names WHERE id = 2", external_data=data).result_rows
    assert rows == [("法国",)]


def test_settings_are_those_of_their_request(client: Client) -> None:
    sql = "SELECT getSetting('max_block_size')"
    usual = client.command(sql)
    assert client.command(sql, settings={"max_block_size": 123}) == 123
    assert client.query(sql, settings={"max_block_size": 124}).result_rows == [(124,)]
    assert client.command(sql) == usual


def test_a_session_keeps_set_and_use(clickhouse: ClickHouseProcess, database: str) -> None:
    with clickhouse.client() as one, clickhouse.client() as other:
        one.command("SET max_block_size = 321")
        one.command(f"USE {database}")
        assert one.command("SELECT getSetting('max_block_size'), currentDatabase()") == ["321", database]
        assert other.command("SELECT getSetting('max_block_size'), currentDatabase()") != ["321", database]
        assert one.command("SELECT getSetting('max_block_size')", settings={"max_block_size": 5}) == 5
        one.command("SET max_block_size = DEFAULT")
        assert one.command("SELECT getSetting('max_block_size')") != 321
        with pytest.raises(DatabaseError, match="no temporary tables"):
            one.command("CREATE TEMPORARY TABLE x (a Int8)")


def test_the_limits_of_the_server_are_set(client: Client) -> None:
    assert client.command("SELECT getSetting('async_insert'), getSetting('max_memory_usage')") == [
        "false",
        str(1 << 30),
    ]
    total = client.command("SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'")
    assert total == 2 << 30


def test_the_file_system_is_no_table(client: Client) -> None:
    for name in ("`/etc/passwd`", "default.`/etc/passwd`", "`file:///etc/passwd`"):
        with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
            client.query(f"SELECT * FROM {name}")
