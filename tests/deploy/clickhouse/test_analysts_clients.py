"""What analysts come with: clickhouse-connect, SQLAlchemy, what a JDBC driver sends, spreadsheets and files."""

import base64
import datetime as dt
import gzip
import io
import struct
from collections.abc import Iterator

import clickhouse_connect
import lz4.frame
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest
import sqlalchemy as sa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, ProgrammingError
from clickhouse_connect.driver.external import ExternalData

from tests.clickhouse_process import ClickHouseProcess
from tests.deploy.clickhouse.asking import ask

pytestmark = pytest.mark.stack

ROWS = [("us-embassy", 2_050_000, "美国驻华大使馆"), ("fr-embassy", 980_000, "=1+1")]


@pytest.fixture(scope="module")
def port(clickhouse: ClickHouseProcess) -> Iterator[int]:
    """The analysts' port of a database with a table and a view with a parameter."""
    with clickhouse.client() as client:
        client.command(
            "CREATE TABLE weibo.accounts_here (account_id String COMMENT 'Permanent id', followers UInt32, "
            "name String, at DateTime64(3, 'UTC') DEFAULT toDateTime64('2016-12-31 00:00:00', 3, 'UTC'), "
            "tags Array(String)) ENGINE = MergeTree ORDER BY account_id"
        )
        client.insert("weibo.accounts_here", ROWS, column_names=["account_id", "followers", "name"])
        client.command(
            "CREATE VIEW weibo.larger AS SELECT account_id, followers FROM weibo.accounts_here "
            "WHERE followers > {than:UInt32}"
        )
        yield clickhouse.analysts_port
        client.command("DROP VIEW weibo.larger")
        client.command("DROP TABLE weibo.accounts_here")


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    with clickhouse_connect.get_client(host="127.0.0.1", port=port, username="an analyst") as client:
        yield client


def test_clickhouse_connect_reads_everything(client: Client) -> None:
    assert client.ping()
    assert client.command("SELECT currentDatabase()") == "weibo"
    sql = "SELECT account_id, followers, name FROM accounts_here ORDER BY followers DESC"
    assert client.query(sql).result_rows == ROWS
    assert client.query(sql + " LIMIT {n:UInt8}", parameters={"n": 1}).result_rows == ROWS[:1]
    assert client.query("SELECT %s, %s", parameters=["it's", 7]).result_rows == [("it's", 7)]
    assert client.query("SELECT * FROM larger(than = 1000000)").result_rows == [ROWS[0][:2]]
    assert list(client.query_df(sql)["followers"]) == [2_050_000, 980_000]
    assert client.query_np("SELECT followers FROM accounts_here").sum() == 3_030_000
    assert client.query_arrow(sql).column("account_id").to_pylist() == ["us-embassy", "fr-embassy"]
    with client.query_row_block_stream("SELECT number FROM numbers(300000)") as stream:
        assert sum(len(block) for block in stream) == 300_000
    with client.query_arrow_stream("SELECT number FROM numbers(300000)") as stream:
        assert sum(batch.num_rows for batch in stream) == 300_000
    with client.query_df_stream("SELECT number FROM numbers(300000)") as stream:
        assert sum(len(part) for part in stream) == 300_000
    assert client.raw_query("SELECT followers FROM accounts_here ORDER BY 1", fmt="CSV") == b"980000\n2050000\n"
    (first, *_) = client.query("SELECT at FROM accounts_here LIMIT 1").result_rows[0]
    assert first == dt.datetime(2016, 12, 31)  # noqa: DTZ001 (the client's own mode)


def test_clickhouse_connect_brings_data_along(client: Client) -> None:
    data = ExternalData(
        file_name="wanted.csv", data=b"us-embassy,1\n", fmt="CSV", structure="account_id String, mark UInt8"
    )
    sql = "SELECT followers, mark FROM accounts_here JOIN wanted USING account_id"
    assert client.query(sql, external_data=data).result_rows == [(2_050_000, 1)]
    for fmt, structure in (
        ("Values", "a String"),
        ("CSV", "a String DEFAULT (file('/etc/passwd'))"),
        ("CSV", "a Int8) ENGINE = File(CSV, '/etc/passwd') --"),
    ):
        hostile = ExternalData(file_name="wanted.csv", data=b"('x')", fmt=fmt, structure=structure)
        with pytest.raises(DatabaseError) as caught:
            client.query("SELECT * FROM wanted", external_data=hostile)
        assert caught.value.code in {73, 408}


def test_clickhouse_connect_writes_nothing(client: Client) -> None:
    for attempt in (
        lambda: client.insert("accounts_here", ROWS, column_names=["account_id", "followers", "name"]),
        lambda: client.command("DROP TABLE accounts_here"),
        lambda: client.raw_insert("accounts_here", ["account_id"], b"x\n", fmt="TSV"),
        lambda: client.query("SELECT file('/etc/passwd')"),
    ):
        with pytest.raises(DatabaseError) as caught:
            attempt()
        assert caught.value.code in {164, 446}
    # The driver itself sees in system.settings that they are closed.
    with pytest.raises(ProgrammingError, match="readonly"):
        client.query("SELECT 1", settings={"max_memory_usage": 1})
    assert client.query("SELECT 1 SETTINGS max_memory_usage = 100000000").result_rows == [(1,)]


def test_sqlalchemy(port: int) -> None:
    engine = sa.create_engine(f"clickhousedb://somebody:@127.0.0.1:{port}/weibo")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
        inspector = sa.inspect(engine)
        assert "accounts_here" in inspector.get_table_names(schema="weibo")
        assert {column["name"] for column in inspector.get_columns("accounts_here", schema="weibo")} == {
            *("account_id", "followers", "name", "at", "tags")
        }
        table = sa.Table("accounts_here", sa.MetaData(schema="weibo"), autoload_with=engine)
        query = sa.select(table.c.account_id, table.c.followers).where(table.c.followers > 1_000_000)
        assert [tuple(row) for row in connection.execute(query)] == [ROWS[0][:2]]
        total = sa.select(sa.func.sum(table.c.followers), sa.func.count())
        assert tuple(connection.execute(total).one()) == (3_030_000, 2)
        with pytest.raises(sa.exc.DBAPIError, match="READONLY"):
            connection.execute(sa.insert(table).values(account_id="x", followers=1, name="x"))


def basic(user: str, password: str = "") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


#: What ClickHouse's JDBC driver and DBeaver send when they connect, and when they show a tree.
JDBC = (
    "SELECT currentUser() AS user, timezone() AS timezone, version() AS version FORMAT RowBinaryWithNamesAndTypes",
    "select currentUser(), timezone(), version(), toInt8(ifnull((select value from system.settings where name = "
    "'readonly'), '0')) as readonly FORMAT RowBinaryWithNamesAndTypes",
    "SELECT name AS TABLE_SCHEM, NULL AS TABLE_CATALOG FROM system.databases WHERE name LIKE '%' ORDER BY name",
    "SELECT t.database AS TABLE_SCHEM, t.name AS TABLE_NAME, CASE WHEN t.engine LIKE '%View' THEN 'VIEW' ELSE 'TABLE' "
    "END AS TABLE_TYPE, t.comment AS REMARKS FROM system.tables t WHERE t.database LIKE 'weibo' AND t.name LIKE '%'",
    "SELECT database, table, name, type, default_kind, comment, position FROM system.columns WHERE database = 'weibo' "
    "AND table LIKE 'accounts_here' ORDER BY position",
    "select 'TABLE' as TABLE_TYPE union all select 'VIEW'",
    "SELECT name, alias_to, case_insensitive FROM system.data_type_families ORDER BY name",
    "SELECT name, is_aggregate FROM system.functions ORDER BY name",
    "SELECT name FROM system.table_engines",
    "SELECT name FROM system.table_functions",
    "SELECT database, name FROM system.dictionaries",
    "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'weibo'",
    "SHOW CREATE TABLE weibo.accounts_here",
    "DESCRIBE TABLE weibo.accounts_here",
    "SELECT * FROM weibo.accounts_here LIMIT 200",
    "EXPLAIN SELECT * FROM weibo.accounts_here",
    "SELECT * FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'weibo'",
)


@pytest.mark.parametrize("sql", JDBC)
def test_what_a_jdbc_driver_asks(port: int, sql: str) -> None:
    url = {
        "query_id": f"jdbc-{abs(hash(sql))}",
        "session_id": "jdbc",
        "session_timeout": "600",
        "database": "weibo",
        "default_format": "RowBinaryWithNamesAndTypes",
        "wait_end_of_query": "1",
        "max_result_rows": "200000",
        "extremes": "0",
        "result_overflow_mode": "throw",
        "compress": "1",
    }
    headers = {"X-ClickHouse-User": "dbeaver", "X-ClickHouse-Key": "", "Accept-Encoding": "identity"}
    answer = ask(port, sql, headers, **url)
    assert answer.status == 200, answer.text
    assert answer.headers["X-ClickHouse-Query-Id"] == url["query_id"]


def test_the_rest_of_the_protocol(port: int) -> None:
    assert ask(port, "", method="GET").text == "Ok.\n"
    answer = ask(
        port, "SELECT 1", {**basic("me"), "X-ClickHouse-Database": "weibo", "X-ClickHouse-Format": "JSONEachRow"}
    )
    assert answer.text == '{"1":1}\n'
    assert answer.headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert answer.headers["X-ClickHouse-Timezone"] == "UTC"
    refused = ask(port, "CREATE TEMPORARY TABLE x (a Int8)", session_id="s")
    assert (refused.code, "no temporary tables" in refused.text) == (48, True)


def fetched(port: int, sql: str, encoding: str = "identity", **url: str) -> tuple[bytes, dict[str, str]]:
    """The bytes of an answer, asked for with GET."""
    import http.client
    from urllib.parse import urlencode

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    path = "/?" + urlencode({"query": sql, "enable_http_compression": "1", **url})
    connection.request("GET", path, headers={"Accept-Encoding": encoding})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.status == 200, content
    return content, dict(response.headers.items())


@pytest.mark.parametrize("path", ["/ping", "/replicas_status"])
def test_health(port: int, path: str) -> None:
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        assert answer.read() == b"Ok.\n"


def test_compressed_answers_and_questions(port: int) -> None:
    sql = "SELECT number FROM numbers(100000)"
    content, headers = fetched(port, sql, "gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(content).endswith(b"\n99999\n")
    assert lz4.frame.decompress(fetched(port, sql, "lz4")[0]).endswith(b"\n99999\n")
    assert ask(port, gzip.compress(b"SELECT 5"), {"Content-Encoding": "gzip"}).text == "5\n"
    hidden = ask(port, gzip.compress(b"SELECT file('/etc/passwd')"), {"Content-Encoding": "gzip"})
    assert hidden.code == 446


def test_files_for_spreadsheets_and_notebooks(port: int) -> None:
    sql = "SELECT account_id, followers, name FROM accounts_here ORDER BY followers DESC"
    content, headers = fetched(port, f"{sql} FORMAT CSVWithNames")
    assert content.decode().splitlines() == [
        '"account_id","followers","name"',
        '"us-embassy",2050000,"美国驻华大使馆"',
        '"fr-embassy",980000,"=1+1"',
    ]
    assert headers["Content-Type"] == "text/csv; charset=UTF-8; header=present"
    table = pyarrow.parquet.read_table(io.BytesIO(fetched(port, f"{sql} FORMAT Parquet")[0]))
    assert table.column("followers").to_pylist() == [2_050_000, 980_000]
    for name, reader in (("Arrow", pa.ipc.open_file), ("ArrowStream", pa.ipc.open_stream)):
        table = reader(fetched(port, f"{sql} FORMAT {name}")[0]).read_all()
        assert [row["followers"] for row in table.to_pylist()] == [2_050_000, 980_000]
    content, _ = fetched(port, "SELECT toUInt32(7) AS a", default_format="RowBinary")
    assert struct.unpack("<I", content) == (7,)
