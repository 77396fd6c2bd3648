"""Errors: code, text and status as ClickHouse gives them."""

from http import HTTPStatus

import chdb
import pytest

from deploy.clickhouse.errors import STATUS_BY_CODE, Code, QueryError


def test_the_engine_s_sentence_without_the_wrapping() -> None:
    text = (
        "Streaming insert finish failed: Code: 108. DB::Exception: Code: 108. DB::Exception: No data to insert. "
        "(NO_DATA_TO_INSERT) (version 26.9.2.1). (NO_DATA_TO_INSERT)"
    )
    error = QueryError.from_engine(RuntimeError(text))
    assert error.code == 108
    assert error.wire_text("1.2") == ("Code: 108. DB::Exception: No data to insert. (NO_DATA_TO_INSERT) (version 1.2)")


def test_an_error_without_code() -> None:
    error = QueryError.from_engine(RuntimeError("out of luck"))
    assert (error.code, str(error)) == (Code.STD_EXCEPTION, "out of luck. (STD_EXCEPTION)")


@pytest.mark.parametrize(
    ("code", "status"), [(60, 404), (62, 400), (48, 501), (241, 500), (516, 403), (159, 408), (229, 413), (9999, 500)]
)
def test_status(code: int, status: int) -> None:
    assert QueryError(code, "x").status == status


@pytest.mark.stack
def test_names_and_numbers_are_the_engine_s() -> None:
    for code in Code:
        name = chdb.query(f"SELECT errorCodeToName({int(code)})", "TabSeparated").bytes().decode().strip()
        assert name == code.name


@pytest.mark.stack
def test_statuses_are_given_to_codes_that_exist() -> None:
    for code in STATUS_BY_CODE:
        assert chdb.query(f"SELECT errorCodeToName({code})", "TabSeparated").bytes().strip() != b""
    assert STATUS_BY_CODE[60] is HTTPStatus.NOT_FOUND
