"""Splitting a request's text into statement, format and data."""

import pytest

from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.statement import Kind, parse


@pytest.mark.parametrize(
    ("text", "kind", "sql", "format_name", "tail"),
    [
        ("SELECT 1", Kind.SELECT, "SELECT 1", None, ""),
        ("  select 1 ; ", Kind.SELECT, "select 1", None, ""),
        ("SELECT 1 FORMAT JSON", Kind.SELECT, "SELECT 1", "JSON", ""),
        ("SELECT 1\nFORMAT JSON SETTINGS max_threads = 1", Kind.SELECT, "SELECT 1", "JSON", "SETTINGS max_threads = 1"),
        ("SELECT 1 AS format FORMAT CSV", Kind.SELECT, "SELECT 1 AS format", "CSV", ""),
        ("SELECT format FROM t", Kind.SELECT, "SELECT format FROM t", None, ""),
        ("SELECT 'a FORMAT JSON'", Kind.SELECT, "SELECT 'a FORMAT JSON'", None, ""),
        ("SELECT 1 -- FORMAT JSON", Kind.SELECT, "SELECT 1 -- FORMAT JSON", None, ""),
        ("SELECT (SELECT 1 FORMAT JSON)", Kind.SELECT, "SELECT (SELECT 1 FORMAT JSON)", None, ""),
        ("/* insert */ WITH 1 AS x SELECT x", Kind.SELECT, "/* insert */ WITH 1 AS x SELECT x", None, ""),
        ("(SELECT 1) UNION ALL (SELECT 2)", Kind.SELECT, "(SELECT 1) UNION ALL (SELECT 2)", None, ""),
        (r"SELECT 'it\'s; fine' AS `a;b`", Kind.SELECT, r"SELECT 'it\'s; fine' AS `a;b`", None, ""),
        ("SELECT $x$ ; ' $x$", Kind.SELECT, "SELECT $x$ ; ' $x$", None, ""),
        ("SHOW TABLES FORMAT CSV", Kind.SHOW, "SHOW TABLES", "CSV", ""),
        ("DESCRIBE TABLE t", Kind.SHOW, "DESCRIBE TABLE t", None, ""),
        ("EXPLAIN SELECT 1", Kind.SHOW, "EXPLAIN SELECT 1", None, ""),
        ("CREATE TABLE t (a Int8) ENGINE = Log", Kind.WRITE, "CREATE TABLE t (a Int8) ENGINE = Log", None, ""),
        ("INSERT INTO t SELECT 1", Kind.WRITE, "INSERT INTO t SELECT 1", None, ""),
        ("INSERT INTO t WITH 1 AS x SELECT x;", Kind.WRITE, "INSERT INTO t WITH 1 AS x SELECT x", None, ""),
        ("WITH 1 AS insert SELECT insert", Kind.SELECT, "WITH 1 AS insert SELECT insert", None, ""),
        ("WITH 1 AS x INSERT INTO t SELECT x", Kind.WRITE, "WITH 1 AS x INSERT INTO t SELECT x", None, ""),
        ("SET max_threads = 1", Kind.SESSION, "SET max_threads = 1", None, ""),
        ("KILL QUERY WHERE 1", Kind.KILL, "KILL QUERY WHERE 1", None, ""),
    ],
)
def test_statement(text: str, kind: Kind, sql: str, format_name: str | None, tail: str) -> None:
    statement = parse(text.encode())
    assert (statement.kind, statement.sql, statement.format, statement.tail) == (kind, sql, format_name, tail)


@pytest.mark.parametrize(
    ("text", "sql", "format_name", "data"),
    [
        (b"INSERT INTO t FORMAT Native\n\x01\x02", "INSERT INTO t", "Native", b"\x01\x02"),
        (b"INSERT INTO t FORMAT RowBinary \n\n\x01", "INSERT INTO t", "RowBinary", b"\n\x01"),
        (b"INSERT INTO `a b`.`c` (x, `y`) FORMAT CSV\r\n1;2", "INSERT INTO `a b`.`c` (x, `y`)", "CSV", b"1;2"),
        (b"INSERT INTO settings (settings) FORMAT CSV 1", "INSERT INTO settings (settings)", "CSV", b"1"),
        (b"insert into t (a) values (1), ('x;y')", "insert into t (a)", "Values", b" (1), ('x;y')"),
        (b"INSERT INTO format FORMAT CSV\n1", "INSERT INTO format", "CSV", b"1"),
        (b"INSERT INTO TABLE a.values VALUES (1)", "INSERT INTO TABLE a.values", "Values", b" (1)"),
        (
            b'INSERT INTO t FORMAT JSONEachRow {"a": "FORMAT CSV"}',
            "INSERT INTO t",
            "JSONEachRow",
            b'{"a": "FORMAT CSV"}',
        ),
        (b"WITH 1 AS y INSERT INTO t (s) FORMAT TSV\nvalue;\n", "WITH 1 AS y INSERT INTO t (s)", "TSV", b"value;\n"),
        (b"INSERT INTO FUNCTION null('a Int8') VALUES (1)", "INSERT INTO FUNCTION null('a Int8')", "Values", b" (1)"),
    ],
)
def test_insert_with_data(text: bytes, sql: str, format_name: str, data: bytes) -> None:
    statement = parse(text)
    assert statement.kind is Kind.INSERT_DATA
    assert (statement.sql, statement.format, text[statement.data_start :]) == (sql, format_name, data)
    assert statement.tail == ""


@pytest.mark.parametrize(
    "text",
    [
        b"INSERT INTO t (a) SETTINGS a = 1, b = 'FORMAT x' FORMAT CSV 1",
        b"INSERT INTO t (a) settings a = 1, b = 'FORMAT x' VALUES 1",
        b"INSERT INTO t (a) SETTINGS a = 1, b = 'FORMAT x'",
    ],
)
def test_settings_of_an_insert_stand_apart(text: bytes) -> None:
    statement = parse(text)
    assert statement.sql == "INSERT INTO t (a)"
    assert statement.tail.upper() == "SETTINGS A = 1, B = 'FORMAT X'"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.SYNTAX_ERROR),
        (" -- nothing\n", Code.SYNTAX_ERROR),
        ("SELECT 1; SELECT 2", Code.SYNTAX_ERROR),
        ("SELECT 1; DROP TABLE t", Code.SYNTAX_ERROR),
        ("SELECT 1 INTO OUTFILE '/etc/x'", Code.NOT_IMPLEMENTED),
        ("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", Code.NOT_IMPLEMENTED),
        ("CREATE TEMPORARY TABLE t (a Int8)", Code.NOT_IMPLEMENTED),
        ("SET param_a = 1", Code.NOT_IMPLEMENTED),
        ("INSERT INTO t FORMAT", Code.SYNTAX_ERROR),
    ],
)
def test_refused(text: str, code: Code) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text.encode())
    assert caught.value.code == code


def test_totals_are_noticed() -> None:
    assert parse(b"SELECT count() FROM t GROUP BY a WITH TOTALS").has_totals
    assert not parse(b"SELECT total FROM t").has_totals
