"""Which functions may be called, of those that an engine lists."""

import pytest

from deploy.clickhouse.allowed import Function, Functions, database_allowed, table_allowed

LISTED = (
    Function("sum", "Aggregate Functions", is_aggregate=True),
    Function("uniq", "Aggregate Functions", is_aggregate=True),
    Function("lower", "String", is_aggregate=False),
    Function("lcase", "", is_aggregate=False, stands_for="lower"),
    Function("file", "Other", is_aggregate=False),
    Function("readFile", "", is_aggregate=False, stands_for="file"),
    Function("orphan", "", is_aggregate=False, stands_for="nowhere"),
    Function("formatRow", "Type Conversion", is_aggregate=False),
    Function("version", "Other", is_aggregate=False),
    Function("mine", "String", is_aggregate=False, is_system=False),
    Function("brandNew", "A category of tomorrow", is_aggregate=False),
    Function("format", "String Replacement", is_aggregate=False),
)
FUNCTIONS = Functions(LISTED, ("file", "url", "numbers", "format"), ("If", "State", "Merge", "OrNull"))


@pytest.mark.parametrize("name", ["sum", "SUM", "sumIf", "uniqStateIf", "sumOrNull", "lower", "lcase", "version"])
def test_allowed(name: str) -> None:
    assert FUNCTIONS.allows(name) and not FUNCTIONS.refuses_everywhere(name)


@pytest.mark.parametrize("name", ["file", "FILE", "readFile", "orphan", "formatRow", "mine", "brandNew"])
def test_known_and_not_allowed(name: str) -> None:
    assert not FUNCTIONS.allows(name) and FUNCTIONS.refuses_everywhere(name)


@pytest.mark.parametrize("name", ["nowhere", "fileIf", "If", "lowerIf", ""])
def test_what_the_engine_does_not_list_is_not_allowed(name: str) -> None:
    assert not FUNCTIONS.allows(name)


def test_a_name_may_be_allowed_in_one_place_only() -> None:
    assert FUNCTIONS.refuses_everywhere("url") and not FUNCTIONS.refuses_everywhere("numbers")
    assert FUNCTIONS.is_table_function("FORMAT") and not FUNCTIONS.refuses_everywhere("format")


def test_tables() -> None:
    assert table_allowed("weibo", "posts") and table_allowed("weibo_store", "posts")
    assert table_allowed("system", "tables") and not table_allowed("system", "processes")
    assert not table_allowed("default", "x") and not table_allowed("SYSTEM", "processes")
    assert database_allowed("system") and not database_allowed("default")
