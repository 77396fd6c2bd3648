"""The analysts' limits, and what a request may change of its settings: limits tighten, never loosen.

Settings that only shape an answer or the meaning of a query are free, by a list; all others are the server's. A
SETTINGS clause at the end of a statement is taken off and treated like settings in the URL; anywhere else it is
refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.statement import Statement, last_settings

_OVERFLOWS = frozenset({"result_overflow_mode", "read_overflow_mode", "timeout_overflow_mode"})
#: Limits that we leave open: whatever a request sets is tighter.
_OPEN_LIMITS = frozenset(
    {
        *("max_bytes_to_read", "max_result_bytes", "max_rows_to_group_by", "max_rows_to_sort", "max_bytes_to_sort"),
        *("max_rows_in_distinct", "max_rows_in_join", "max_bytes_in_join", "max_rows_in_set", "max_bytes_in_set"),
        "max_columns_to_read",
    }
)
_FREE = frozenset(
    {
        *("aggregate_functions_null_for_empty", "any_join_distinct_right_table_keys"),
        *("bool_false_representation", "bool_true_representation"),
        *("cast_keep_nullable", "count_distinct_implementation", "data_type_default_nullable"),
        *("date_time_output_format", "empty_result_for_aggregation_by_empty_set", "extremes", "final"),
        *("format_csv_delimiter", "format_csv_null_representation", "format_tsv_null_representation"),
        *("group_by_use_nulls", "join_use_nulls", "max_block_size", "optimize_read_in_order", "session_timezone"),
        *("output_format_arrow_string_as_string", "output_format_arrow_low_cardinality_as_dictionary"),
        *("output_format_arrow_compression_method", "output_format_arrow_fixed_string_as_fixed_byte_array"),
        *("output_format_arrow_use_signed_indexes_for_dictionary", "output_format_csv_crlf_end_of_line"),
        *("output_format_binary_write_json_as_string", "output_format_decimal_trailing_zeros"),
        *("output_format_json_array_of_rows", "output_format_json_escape_forward_slashes"),
        *("output_format_json_named_tuples_as_objects", "output_format_json_quote_64bit_floats"),
        *("output_format_json_quote_64bit_integers", "output_format_json_quote_decimals"),
        *("output_format_json_quote_denormals", "output_format_json_skip_null_value_in_named_tuples"),
        *("output_format_native_encode_types_in_binary_format", "output_format_native_write_json_as_string"),
        *("output_format_native_use_flattened_dynamic_and_json_serialization", "output_format_orc_string_as_string"),
        *("output_format_parquet_compression_method", "output_format_parquet_row_group_size"),
        *("output_format_parquet_string_as_string", "output_format_pretty_color", "output_format_pretty_max_rows"),
        *("output_format_pretty_row_numbers", "output_format_tsv_crlf_end_of_line", "output_format_write_statistics"),
        *("prefer_column_name_to_alias", "totals_mode", "transform_null_in", "union_default_mode"),
        *("use_client_time_zone", "low_cardinality_allow_in_native_format"),
    }
)
MAX_BLOCK_SIZE = 1 << 20
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_PAIR = r"\s*([A-Za-z_]\w*)\s*=\s*('(?:[^'\\]|\\.)*'|[\w.+-]+)\s*"
_PAIRS = re.compile(f"{_PAIR}(?:,{_PAIR})*;?\\s*", re.ASCII | re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class AnalystLimits:
    """What one query of an analyst may use: seconds, bytes, rows read and returned, bytes returned, threads.

    `places` queries of analysts run at a time, each other waits. `spill` bytes of a query may go to the disk.
    """

    seconds: float
    memory: int
    rows_read: int
    result_rows: int
    result_bytes: int
    threads: int
    places: int
    spill: int

    def settings(self) -> dict[str, str]:
        """The settings that hold the limits, and what views need; `readonly` is set after them and closes the list."""
        return {
            **{name: f"{most:g}" if isinstance(most, float) else str(most) for name, most in self.ceilings().items()},
            "max_temporary_data_on_disk_size_for_query": str(self.spill),
            "max_result_bytes": str(self.result_bytes),
            # The views ask for it themselves, and are not heard under `readonly`.
            "optimize_move_to_prewhere_if_final": "1",
        }

    def ceilings(self) -> dict[str, float | int]:
        """What a request may tighten."""
        return {
            "max_execution_time": float(self.seconds),
            "max_memory_usage": self.memory,
            "max_rows_to_read": self.rows_read,
            "max_result_rows": self.result_rows,
            "max_threads": self.threads,
        }


def tightened(asked: Mapping[str, str], limits: AnalystLimits) -> dict[str, str]:
    """The settings of a request that are to be used. Raises `QueryError` for one that analysts may not change."""
    ceilings = {**limits.ceilings(), "max_block_size": MAX_BLOCK_SIZE, "max_result_bytes": limits.result_bytes}
    settings = {}
    for name, value in asked.items():
        if name == "readonly" and value in {"1", "2"}:
            continue
        if name in ceilings or name in _OPEN_LIMITS:
            _check_limit(name, value, ceilings.get(name))
        elif name in _OVERFLOWS:
            if value not in {"throw", "break"}:
                raise _loosening(name, "is 'throw' or 'break'")
        elif name not in _FREE:
            raise QueryError.named(Code.READONLY, f"Cannot modify '{name}' setting in readonly mode")
        settings[name] = value
    return settings


def _check_limit(name: str, value: str, most: float | None) -> None:
    if not _NUMBER.fullmatch(value) or float(value) <= 0:  # 0 is without limit
        raise _loosening(name, "is a number above 0 here" if most is None else f"should be above 0, at most {most:g}")
    if most is not None and float(value) > most:
        raise _loosening(name, f"shouldn't be greater than {most:.15g}")


def _loosening(name: str, what: str) -> QueryError:
    return QueryError.named(Code.SETTING_CONSTRAINT_VIOLATION, f"Setting {name} {what}")


def assignments(text: str) -> dict[str, str] | None:
    """`name = value, name = value` as a mapping; None when `text` is anything else."""
    if not _PAIRS.fullmatch(text):
        return None
    pairs = re.findall(_PAIR, text, re.ASCII | re.DOTALL)
    return {name: _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith("'") else value for name, value in pairs}


def without_settings(statement: Statement) -> tuple[Statement, dict[str, str]]:
    """A statement without the SETTINGS at its end, and these. Raises `QueryError` where they can't be read."""
    settings: dict[str, str] = {}
    sql = statement.sql
    place = last_settings(sql)
    if place is not None and (pairs := assignments(sql[place + len("SETTINGS") :])) is not None:
        sql, settings = sql[:place].rstrip(), pairs
    if statement.tail:
        pairs = assignments(statement.tail[len("SETTINGS") :])
        if pairs is None:
            raise QueryError.named(Code.SYNTAX_ERROR, "SETTINGS must be name = value, separated by commas")
        settings |= pairs
    return replace(statement, sql=sql, tail=""), settings
