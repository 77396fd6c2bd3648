"""The judge where its engine falls silent. What it lets through and refuses: hostile.py, over a real port."""

from types import SimpleNamespace

import pytest

from deploy.clickhouse import guard
from deploy.clickhouse.classifier import Class
from deploy.clickhouse.errors import Code, QueryError

SQL = "SELECT 1"
TREE = b"SelectWithUnionQuery (children 1)\n ExpressionList\n"


@pytest.mark.parametrize("answers", [(b"",), (TREE, b"")])
def test_what_is_killed_while_it_is_judged_is_cancelled_and_proves_nothing(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[bytes, ...]
) -> None:
    # A stand-in for the engine: a kill can't be timed so that it meets the judge's own queries.
    monkeypatch.setattr(guard, "classify", lambda connection, sql: Class.READS)
    said = iter((b"", b"", b"", *answers))
    handle = SimpleNamespace(connection=None, execute=lambda sql, form="TSV": next(said))
    judge = guard.Guard(handle)  # type: ignore[arg-type]
    with pytest.raises(QueryError) as caught:
        judge.judge(handle, SQL)  # type: ignore[arg-type]
    assert caught.value.code == Code.QUERY_WAS_CANCELLED
