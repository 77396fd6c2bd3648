"""Limits tighten, never loosen; and what of a statement is its SETTINGS."""

import pytest

from deploy.clickhouse.analysts import AnalystLimits, assignments, tightened, without_settings
from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.statement import parse

LIMITS = AnalystLimits(
    seconds=60, memory=1000, rows_read=100, result_rows=10, result_bytes=500, threads=2, places=4, spill=50
)


def test_the_limits_are_settings() -> None:
    assert LIMITS.settings() == {
        "max_execution_time": "60",
        "max_memory_usage": "1000",
        "max_rows_to_read": "100",
        "max_result_rows": "10",
        "max_threads": "2",
        "max_temporary_data_on_disk_size_for_query": "50",
        "max_result_bytes": "500",
        "optimize_move_to_prewhere_if_final": "1",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_execution_time", "60"),
        ("max_execution_time", "0.5"),
        ("max_memory_usage", "1"),
        ("max_result_bytes", "499"),
        ("max_rows_in_join", "1000000000"),
        ("max_block_size", "1000"),
        ("result_overflow_mode", "break"),
        ("session_timezone", "Asia/Shanghai"),
        ("output_format_json_quote_64bit_integers", "1"),
    ],
)
def test_what_tightens_or_only_shapes_the_answer_is_taken(name: str, value: str) -> None:
    assert tightened({name: value}, LIMITS) == {name: value}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("max_execution_time", "61", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_execution_time", "0", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_execution_time", "-1", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_execution_time", "1e3", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_execution_time", "inf", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_execution_time", "٣", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_memory_usage", "1001", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_memory_usage", "1G", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_memory_usage", "18446744073709551616", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_threads", "3", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_result_bytes", "501", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_rows_in_join", "0", Code.SETTING_CONSTRAINT_VIOLATION),
        ("max_block_size", "100000000", Code.SETTING_CONSTRAINT_VIOLATION),
        ("read_overflow_mode", "any", Code.SETTING_CONSTRAINT_VIOLATION),
        ("readonly", "0", Code.READONLY),
        ("readonly", "3", Code.READONLY),
        ("max_temporary_data_on_disk_size_for_query", "1", Code.READONLY),
        ("MAX_THREADS", "1", Code.READONLY),
        ("log_comment", "x", Code.READONLY),
        ("no_such_setting", "1", Code.READONLY),
    ],
)
def test_what_loosens_is_refused(name: str, value: str, code: Code) -> None:
    with pytest.raises(QueryError, match=name) as caught:
        tightened({name: value}, LIMITS)
    assert caught.value.code == code


def test_read_only_may_be_asked_for() -> None:
    assert tightened({"readonly": "1", "max_threads": "1"}, LIMITS) == {"max_threads": "1"}


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (" a = 1", {"a": "1"}),
        ("a=1,b = 'x, c = 2' ", {"a": "1", "b": "x, c = 2"}),
        (r"a = 'it\'s'", {"a": "it's"}),
        ("a = 0.5;", {"a": "0.5"}),
        ("a = 1 b = 2", None),
        ("a", None),
        ("a = 1 UNION ALL SELECT 1", None),
        ("a = (SELECT 1)", None),
        ("a = 1 /* */", None),
        ("a = 'x", None),
        ("`a` = 1", None),
        ("", None),
    ],
)
def test_assignments(text: str, pairs: dict[str, str] | None) -> None:
    assert assignments(text) == pairs


@pytest.mark.parametrize(
    ("text", "sql", "settings"),
    [
        ("SELECT 1 SETTINGS a = 1", "SELECT 1", {"a": "1"}),
        ("SELECT 1 settings a = 1 FORMAT CSV", "SELECT 1", {"a": "1"}),
        ("SELECT 1 FORMAT CSV SETTINGS a = 1, b = 'x'", "SELECT 1", {"a": "1", "b": "x"}),
        ("SELECT 1 SETTINGS a = 1 FORMAT CSV SETTINGS a = 2", "SELECT 1", {"a": "2"}),
        ("SELECT '微博' SETTINGS a = 1", "SELECT '微博'", {"a": "1"}),
        ("SELECT 'SETTINGS a = 1'", "SELECT 'SETTINGS a = 1'", {}),
        ("SELECT (SELECT 1 SETTINGS a = 1)", "SELECT (SELECT 1 SETTINGS a = 1)", {}),
        ("SELECT 1 SETTINGS a = 1 UNION ALL SELECT 2", "SELECT 1 SETTINGS a = 1 UNION ALL SELECT 2", {}),
        ("SELECT settings FROM t", "SELECT settings FROM t", {}),
    ],
)
def test_settings_at_the_end_are_taken_off(text: str, sql: str, settings: dict[str, str]) -> None:
    statement, found = without_settings(parse(text.encode()))
    assert (statement.sql, statement.tail, found) == (sql, "", settings)


def test_settings_after_the_format_must_be_settings() -> None:
    with pytest.raises(QueryError) as caught:
        without_settings(parse(b"SELECT 1 FORMAT CSV SETTINGS a = (SELECT 1)"))
    assert caught.value.code == Code.SYNTAX_ERROR
