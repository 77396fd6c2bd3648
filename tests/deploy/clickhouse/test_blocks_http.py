"""compress=1 and decompress=1 over HTTP, at both ports, beside formats, codings, errors and the engine's own files."""

import gzip
import http.client
import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
import zstandard
from clickhouse_connect.driver.client import Client

from deploy.clickhouse.blocks import BLOCK, encode_all
from deploy.clickhouse.errors import Code
from tests.clickhouse_process import ClickHouseProcess
from tests.deploy.clickhouse.test_blocks import METHODS, block, decoded

pytestmark = pytest.mark.stack

LATE = "SELECT throwIf(number = 3000000, 'late') FROM numbers(5000000)"


def ask(
    port: int, body: str | bytes = b"", method: str = "POST", headers: Mapping[str, str] | None = None, **url: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        content = body.encode() if isinstance(body, str) else body
        connection.request(method, "/?" + urlencode(url), content or None, dict(headers or {}))
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.fixture(params=["main", "analysts"])
def port(clickhouse: ClickHouseProcess, request: pytest.FixtureRequest) -> int:
    return clickhouse.port if request.param == "main" else clickhouse.analysts_port


@pytest.mark.parametrize("format_", ["TabSeparated", "JSON", "Native", "RowBinaryWithNamesAndTypes", "Parquet"])
@pytest.mark.parametrize("rows", [1, 100_000])
@pytest.mark.parametrize("wait", ["0", "1"])
def test_an_answer_in_blocks_has_the_same_bytes(port: int, format_: str, rows: int, wait: str) -> None:
    sql = f"SELECT number, toString(number * 7) FROM numbers({rows}) ORDER BY number FORMAT {format_}"
    plain = ask(port, sql)[1]
    response, content = ask(port, sql, compress="1", wait_end_of_query=wait)
    assert response.headers["X-ClickHouse-Format"] == format_
    assert "Content-Encoding" not in response.headers
    blocks = decoded(content)
    if format_ == "JSON":  # tells how long it took
        assert json.loads(b"".join(blocks))["data"] == json.loads(plain)["data"]
    else:
        assert b"".join(blocks) == plain
    assert {len(piece) for piece in blocks[:-1]} <= {BLOCK}
    assert (len(blocks) == 1) == (len(b"".join(blocks)) <= BLOCK)


def test_an_answer_of_nothing_has_no_block(port: int) -> None:
    response, content = ask(port, "SELECT 1 WHERE 0", compress="1")
    assert (response.status, content) == (200, b"")


def test_the_coding_of_http_goes_around_the_blocks(port: int) -> None:
    headers = {"Accept-Encoding": "gzip"}
    sql = "SELECT number FROM numbers(300000)"
    response, content = ask(port, sql, headers=headers, compress="1", enable_http_compression="1")
    assert response.headers["Content-Encoding"] == "gzip"
    assert b"".join(decoded(gzip.decompress(content))).split()[-1] == b"299999"


@pytest.mark.parametrize(("sql", "code"), [("SELECT nothing", 47), ("SELECT 1 +* 2", 62), (LATE, 395)])
def test_an_error_is_in_blocks_as_well(port: int, sql: str, code: int) -> None:
    response, content = ask(port, sql, compress="1", wait_end_of_query="1")
    assert response.headers["X-ClickHouse-Exception-Code"] == str(code)
    assert response.status >= 400
    (text,) = decoded(content)
    assert text.startswith(b"Code: %d. DB::Exception: " % code)


def test_an_error_after_the_first_byte_is_in_the_last_block(port: int) -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(port, LATE, compress="1")
    content = b"".join(decoded(caught.value.partial))
    assert re.search(
        rb"^(?:0\n)+\r\n__exception__\r\n(\w+)\r\nCode: 395\. .*\d+ \1\r\n__exception__\r\n$", content, re.S
    )


def test_head_and_get_without_a_query(port: int) -> None:
    assert ask(port, method="GET", compress="1")[1] == b"Ok.\n"
    response, content = ask(port, method="HEAD", query="SELECT 1", compress="1")
    assert (response.status, content) == (200, b"")
    assert int(response.headers["Content-Length"]) == len(encode_all(b"1\n"))
    response, content = ask(port, method="HEAD", query="SELECT nothing", compress="1")
    assert (response.headers["X-ClickHouse-Exception-Code"], content) == ("47", b"")


def test_the_answer_to_what_is_no_query(clickhouse: ClickHouseProcess, client: Client, database: str) -> None:
    kill = "KILL QUERY WHERE query_id = 'of nobody'"
    _, content = ask(clickhouse.analysts_port, kill, compress="1", default_format="JSON")
    assert json.loads(b"".join(decoded(content)))["rows"] == 0
    client.command("CREATE TABLE p (a Int8) ENGINE = MergeTree ORDER BY a")
    client.command("INSERT INTO p VALUES (1)")
    client.command("ALTER TABLE p DETACH PARTITION tuple()")
    attach = f"ALTER TABLE {database}.p ATTACH PARTITION tuple()"
    _, content = ask(clickhouse.port, attach, compress="1", alter_partition_verbose_result="1")
    assert b"ATTACH PARTITION" in b"".join(decoded(content))
    assert ask(clickhouse.port, "SET max_threads = 1", compress="1")[1] == b""


@pytest.mark.parametrize("name", METHODS)
def test_a_query_in_blocks(port: int, name: str) -> None:
    method, compress = METHODS[name]
    body = b"".join(block(method, compress(piece), len(piece)) for piece in (b"SELECT ", b"{x:UInt8} + 1"))
    assert ask(port, body, decompress="1", param_x="4")[1] == b"5\n"
    assert decoded(ask(port, body, compress="1", decompress="1", param_x="4")[1]) == [b"5\n"]
    assert ask(port, method="GET", query="SELECT 3", decompress="1")[1] == b"3\n"


def test_rows_in_blocks(clickhouse: ClickHouseProcess, client: Client, database: str) -> None:
    client.command("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a")
    insert = f"INSERT INTO {database}.t FORMAT CSV\n".encode()
    rows = b"".join(b"%d\n" % number for number in range(300_000))
    body = encode_all(insert + rows)
    response, _ = ask(clickhouse.port, body, decompress="1")
    assert json.loads(response.headers["X-ClickHouse-Summary"])["written_rows"] == "300000"
    around = {"Content-Encoding": "gzip"}
    ask(clickhouse.port, gzip.compress(encode_all(rows)), headers=around, query=insert.decode(), decompress="1")
    assert client.query("SELECT count(), uniqExact(a) FROM t").result_rows == [(600_000, 300_000)]
    bad = bytearray(body)
    bad[-5] ^= 1
    for refused, code in ((bytes(bad), Code.CHECKSUM_DOESNT_MATCH), (body[:-5], Code.CANNOT_READ_ALL_DATA)):
        response, content = ask(clickhouse.port, refused, decompress="1")
        assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (500, str(int(code)))
        assert f"({code.name})".encode() in content
        response, content = ask(clickhouse.port, refused, decompress="1", compress="1")
        assert f"({code.name})".encode() in b"".join(decoded(content))
    assert client.command("SELECT count() FROM t") == 600_000


@pytest.mark.parametrize("codec", ["LZ4", "LZ4HC", "ZSTD", "NONE"])
def test_blocks_that_the_engine_has_written(
    clickhouse: ClickHouseProcess, client: Client, database: str, codec: str
) -> None:
    """A column's file of a part is a sequence of such blocks, and its content is what RowBinary has of the column."""
    client.command(
        f"CREATE TABLE e (a UInt64 CODEC({codec})) ENGINE = MergeTree ORDER BY tuple() "
        "SETTINGS min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0"
    )
    client.command("INSERT INTO e SELECT cityHash64(number) % 100000 FROM numbers(300000)")
    folder = client.command(f"SELECT path FROM system.parts WHERE database = '{database}' AND table = 'e' AND active")
    written = (Path(str(folder)) / "a.bin").read_bytes()
    assert b"".join(decoded(written)) == ask(clickhouse.port, f"SELECT a FROM {database}.e FORMAT RowBinary")[1]
    ask(clickhouse.port, written, query=f"INSERT INTO {database}.e FORMAT RowBinary", decompress="1")
    assert client.command("SELECT count(), sum(a) = 2 * sumIf(a, _part = 'all_1_1_0') FROM e") == ["600000", "1"]


def test_a_bomb_is_refused_where_it_is_too_large(clickhouse: ClickHouseProcess) -> None:
    spaces = b" " * (12 << 20)
    small = block(0x90, zstandard.compress(spaces), len(spaces))
    response, _ = ask(clickhouse.analysts_port, small * 2, decompress="1")  # each is allowed, both are too large
    assert response.headers["X-ClickHouse-Exception-Code"] == str(int(Code.TOO_MANY_BYTES))
    large = block(0x90, zstandard.compress(bytes(17 << 20)), 17 << 20)
    response, content = ask(clickhouse.analysts_port, large, decompress="1")
    assert response.headers["X-ClickHouse-Exception-Code"] == str(int(Code.TOO_MANY_BYTES))
    assert b"decodes to 17825792 bytes; 16777216 are allowed here" in content
