"""The protocol itself: methods, statuses, headers, bytes on the wire."""

import gzip
import http.client
import json
import re
import shutil
import socket
import subprocess
from urllib.parse import quote, urlencode

import lz4.frame
import pytest
from clickhouse_connect.driver.client import Client

from tests.clickhouse_process import ClickHouseProcess, wait_until

pytestmark = pytest.mark.stack


def ask(
    server: ClickHouseProcess, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request(method, path, body, headers or {})  # type: ignore[arg-type]
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def url(**parameters: str) -> str:
    return "/?" + urlencode(parameters)


def curl(*arguments: str, stdin: bytes = b"") -> bytes:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    return subprocess.run([program, "-sS", *arguments], input=stdin, capture_output=True, check=True, timeout=60).stdout


def test_curl(clickhouse: ClickHouseProcess, database: str) -> None:
    base = clickhouse.url
    table = f"{database}.c"
    assert curl(f"{base}/ping") == b"Ok.\n"
    assert curl(f"{base}/?query={quote('SELECT 1')}") == b"1\n"
    assert curl(base, "-d", "SELECT 2") == b"2\n"
    assert curl("-u", "default:", f"{base}/?param_x=3", "-d", "SELECT {x:UInt8}") == b"3\n"
    curl(base, "-d", f"CREATE TABLE {table} (a UInt64) ENGINE = MergeTree ORDER BY a")
    rows = "".join(f"{number}\n" for number in range(400_000)).encode()  # large: curl asks to continue first
    curl(f"{base}/?query={quote(f'INSERT INTO {table} FORMAT TSV')}", "--data-binary", "@-", stdin=rows)
    curl(
        base,
        "-H",
        "Transfer-Encoding: chunked",
        "--data-binary",
        "@-",
        stdin=b"INSERT INTO %s VALUES (1)" % table.encode(),
    )
    assert curl(base, "-d", f"SELECT count(), sum(a) FROM {table} FORMAT CSV") == b"400001,79999800001\n"
    compressed = curl(
        "--compressed", "-H", "Accept-Encoding: gzip", f"{base}/?enable_http_compression=1", "-d", "SELECT 5"
    )
    assert compressed == b"5\n"
    head = curl("-I", f"{base}/?query={quote('SELECT 1')}")
    assert head.startswith(b"HTTP/1.1 200") and b"X-ClickHouse-Format: TabSeparated" in head


def test_health(clickhouse: ClickHouseProcess) -> None:
    for path in ("/ping", "/replicas_status", "/"):
        response, content = ask(clickhouse, "GET", path)
        assert (response.status, content) == (200, b"Ok.\n")
    assert ask(clickhouse, "GET", "/nowhere")[0].status == 404


def test_headers_of_an_answer(clickhouse: ClickHouseProcess) -> None:
    response, content = ask(clickhouse, "POST", url(query_id="q-7", default_format="JSONEachRow"), b"SELECT 1 AS a")
    assert content == b'{"a":1}\n'
    assert response.headers["X-ClickHouse-Query-Id"] == "q-7"
    assert response.headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert response.headers["X-ClickHouse-Timezone"] == "UTC"
    assert response.headers["Content-Type"] == "application/x-ndjson; charset=UTF-8"
    assert json.loads(response.headers["X-ClickHouse-Summary"])["result_rows"] == "1"


@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("SELECT * FROM nowhere", 404, "60"),
        ("SELEC 1", 400, "62"),
        ("SELECT no_such_function()", 404, "46"),
        ("SELECT 1; SELECT 2", 400, "62"),
        ("", 400, "62"),
        ("SELECT throwIf(1)", 500, "395"),
        ("INSERT INTO nowhere VALUES (1)", 404, "60"),
        ("SELECT 1 INTO OUTFILE '/dev/null'", 501, "48"),
        ("SELECT 1 FORMAT NoSuch", 404, "73"),
    ],
)
def test_errors(clickhouse: ClickHouseProcess, sql: str, status: int, code: str) -> None:
    response, content = ask(clickhouse, "POST", "/", sql.encode())
    assert response.status == status
    assert response.headers["X-ClickHouse-Exception-Code"] == code
    assert re.fullmatch(
        rf"Code: {code}\. DB::Exception: .+\([A-Z_]+\) \(version [\d.]+\)\n", content.decode(), re.DOTALL
    )


def test_get_and_head_only_read(clickhouse: ClickHouseProcess, client: Client, database: str) -> None:
    client.command("CREATE TABLE g (a Int8) ENGINE = Memory")
    for sql in (
        f"INSERT INTO {database}.g VALUES (1)",
        f"DROP TABLE {database}.g",
        "SET max_threads = 1",
        "KILL QUERY WHERE 1",
    ):
        response, _ = ask(clickhouse, "GET", url(query=sql))
        assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (500, "164")
    response, content = ask(clickhouse, "HEAD", url(query="SELECT 1"))
    assert (response.status, content) == (200, b"")
    assert client.command("SELECT count() FROM g") == 0


def test_statement_in_url_and_data_in_body(clickhouse: ClickHouseProcess, client: Client, database: str) -> None:
    client.command("CREATE TABLE b (a Int32) ENGINE = MergeTree ORDER BY a")
    insert = url(query="INSERT INTO b FORMAT JSONEachRow", database=database)
    assert ask(clickhouse, "POST", insert, b'{"a": 1}\n{"a": 2}')[0].status == 200
    assert ask(clickhouse, "POST", url(query="INSERT INTO b VALUES", database=database), b"(3), (4)")[0].status == 200
    assert ask(clickhouse, "POST", url(query="INSERT INTO b FORMAT CSV 5", database=database))[0].status == 200
    assert (
        ask(clickhouse, "POST", url(query="SELECT a FROM", database=database), b"b ORDER BY a")[1] == b"1\n2\n3\n4\n5\n"
    )


def test_several_lz4_frames_in_one_body_are_all_inserted(
    clickhouse: ClickHouseProcess, client: Client, database: str
) -> None:
    client.command("CREATE TABLE f (a UInt32) ENGINE = MergeTree ORDER BY a")
    frames = [lz4.frame.compress(f"INSERT INTO {database}.f FORMAT CSV\n".encode())]
    frames += [
        lz4.frame.compress("".join(f"{n}\n" for n in range(k, k + 1000)).encode()) for k in range(0, 50_000, 1000)
    ]
    headers = {"Content-Encoding": "lz4"}
    response, _ = ask(clickhouse, "POST", "/", iter(frames), headers)
    assert json.loads(response.headers["X-ClickHouse-Summary"])["written_rows"] == "50000"
    assert client.query("SELECT count(), uniqExact(a) FROM f").result_rows == [(50_000, 50_000)]
    response, content = ask(clickhouse, "POST", "/", b"".join(frames)[:-9], headers)
    assert response.headers["X-ClickHouse-Exception-Code"] == "271"
    assert b"ends inside a frame" in content
    assert client.command("SELECT count() FROM f") == 50_000


def test_a_coding_that_is_not_served_is_named(clickhouse: ClickHouseProcess) -> None:
    response, content = ask(clickhouse, "POST", "/", b"x", {"Content-Encoding": "br"})
    assert response.headers["X-ClickHouse-Exception-Code"] == "89"
    assert b"use lz4, zstd, gzip or deflate" in content


def test_compressed_answer(clickhouse: ClickHouseProcess) -> None:
    path = url(enable_http_compression="1", query="SELECT number FROM numbers(300000)")
    response, content = ask(clickhouse, "GET", path, headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(content).split()[-1] == b"299999"


@pytest.mark.parametrize("head", ["Content-Length: 100000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1c\r\n"])
def test_a_client_that_vanishes_in_the_middle_inserts_nothing(
    clickhouse: ClickHouseProcess, client: Client, database: str, head: str
) -> None:
    client.command("CREATE TABLE v (a UInt32) ENGINE = MergeTree ORDER BY a")
    insert = quote(f"INSERT INTO {database}.v FORMAT CSV")
    with socket.create_connection(("127.0.0.1", clickhouse.port)) as wire:
        wire.sendall(f"POST /?query_id=vanish&query={insert} HTTP/1.1\r\nHost: localhost\r\n{head}".encode())
        wire.sendall(b"1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n1\n2\n3\n4\n\r\n")
    # The next request of the same id would be refused while the first is alive.
    wait_until(lambda: ask(clickhouse, "POST", url(query_id="vanish"), b"SELECT 1")[0].status == 200)
    assert client.command("SELECT count() FROM v") == 0


def test_an_answer_leaves_in_one_piece(clickhouse: ClickHouseProcess) -> None:
    body = b"SELECT 1"
    with socket.create_connection(("127.0.0.1", clickhouse.port)) as wire:
        for _ in range(5):
            wire.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            assert wire.recv(1 << 16).endswith(b"\r\n\r\n1\n")


def test_an_error_after_the_first_byte_stands_in_the_last_chunk_and_breaks_the_answer(
    clickhouse: ClickHouseProcess,
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", clickhouse.port, timeout=60)
    connection.request("POST", "/", b"SELECT throwIf(number = 3000000, 'late') FROM numbers(5000000)")
    response = connection.getresponse()
    assert response.status == 200
    tag = response.headers["X-ClickHouse-Exception-Tag"].encode()
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    content = caught.value.partial
    found = re.search(
        rb"\r\n__exception__\r\n%s\r\n(.*)(?<=\n)(\d+) %s\r\n__exception__\r\n$" % (tag, tag), content, re.DOTALL
    )
    assert found is not None
    assert found.group(1).startswith(b"Code: 395. DB::Exception: late")
    assert len(found.group(1)) == int(found.group(2))


def test_wait_end_of_query_tells_a_late_error_in_the_head(clickhouse: ClickHouseProcess) -> None:
    sql = b"SELECT throwIf(number = 3000000, 'late') FROM numbers(5000000)"
    response, content = ask(clickhouse, "POST", url(wait_end_of_query="1"), sql)
    assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (500, "395")
    assert content.startswith(b"Code: 395. DB::Exception: late")


def test_wait_end_of_query_of_a_large_answer(clickhouse: ClickHouseProcess) -> None:
    response, content = ask(clickhouse, "POST", url(wait_end_of_query="1"), b"SELECT number FROM numbers(3000000)")
    assert json.loads(response.headers["X-ClickHouse-Summary"])["result_rows"] == "3000000"
    assert int(response.headers["Content-Length"]) == len(content)
    assert content.endswith(b"\n2999999\n")


def test_what_is_not_served_is_refused_by_name(clickhouse: ClickHouseProcess) -> None:
    for parameters, code in (({"role": "r"}, "48"), ({"session_id": "none", "session_check": "1"}, "372")):
        response, _ = ask(clickhouse, "POST", url(**parameters), b"SELECT 1")
        assert response.headers["X-ClickHouse-Exception-Code"] == code


def test_a_page_in_a_browser_of_this_machine_can_do_nothing(clickhouse: ClickHouseProcess, database: str) -> None:
    table = f"{database}.precious"
    ask(clickhouse, "POST", "/", f"CREATE TABLE {table} (a UInt8) ENGINE = MergeTree ORDER BY a")
    for headers in ({"Origin": "https://example.org"}, {"Host": f"rebound.example.org:{clickhouse.port}"}):
        response, content = ask(clickhouse, "POST", "/", f"DROP TABLE {table}", headers)
        assert (response.status, response.getheader("X-ClickHouse-Exception-Code")) == (403, "497"), content
    assert ask(clickhouse, "POST", "/", f"EXISTS TABLE {table}")[1] == b"1\n"
