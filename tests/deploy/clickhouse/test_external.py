"""The structure of an external table is names and types."""

import pytest

from deploy.clickhouse.errors import QueryError
from deploy.clickhouse.external import check, is_structure
from deploy.clickhouse.intake import ExternalTable


@pytest.mark.parametrize(
    "text",
    [
        "a Int8",
        "a Int8, b String",
        "id UInt8, name Nullable(String), tags Array(LowCardinality(String)) ",
        "a DateTime64(3, 'UTC'), b Enum8('x' = -1, 'y' = 2), c Tuple(x Int8, y Map(String, Int8))",
        "_1 UInt8, _2 String",
    ],
)
def test_types(text: str) -> None:
    assert is_structure(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a Int8,",
        "a Int8) ENGINE = File('CSV', '/etc/passwd') --",
        "a Int8) ENGINE = Memory",
        "a String DEFAULT file('/etc/passwd')",
        "a DEFAULT file('/etc/passwd')",
        "a MATERIALIZED (1)",
        "a DEFAULT (file('/etc/passwd'))",
        "a EPHEMERAL, b String",
        "Int8",
        "a Nonsense",
        "a String ALIAS b",
        "a String CODEC(NONE)",
        "a Int8 /* */, b Int8",
        "a Int8 -- x",
        "a 'x'",
        r"a Enum8('\'' = 1)",
        "a Array(Int8",
        "a Array(Int8))",
        "`a` Int8",
        "a Int8; DROP TABLE t",
        "INDEX i a TYPE minmax",
        "a Array(Int8)(Int8)",
    ],
)
def test_more_than_types(text: str) -> None:
    assert not is_structure(text)


def test_values_may_be_expressions_and_are_refused() -> None:
    check(ExternalTable("t", "a Int8", "CSV", b""))
    for format_name in ("Values", "Template", "Protobuf", "MySQLDump", "CSV INTO"):
        with pytest.raises(QueryError, match="Unknown format"):
            check(ExternalTable("t", "a Int8", format_name, b""))
