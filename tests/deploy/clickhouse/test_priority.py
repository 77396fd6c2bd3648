"""Queries run behind inserts where the operating system lets them, and nobody can end the process by trying."""

import os

import pytest
from clickhouse_connect.driver.client import Client

from deploy.clickhouse import priority
from deploy.clickhouse.errors import Code, QueryError


@pytest.mark.stack
def test_queries_and_not_inserts_run_behind(client: Client) -> None:
    sql = "SELECT getSetting('os_threads_nice_value_query')"
    assert client.command(sql) == (8 if priority.can_be_restored() else 0)
    client.command("CREATE TABLE n (nice Int32) ENGINE = Memory")
    client.command(f"INSERT INTO n {sql}")
    assert client.command("SELECT nice FROM n") == 0


def test_the_trial_leaves_this_thread_alone() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    priority.can_be_restored()
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_without_the_right_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    set_: list[int] = []

    def only_lower(which: int, who: int, value: int) -> None:
        if set_ and value < set_[-1]:
            raise PermissionError
        set_.append(value)

    monkeypatch.setattr(os, "setpriority", only_lower)
    assert priority.can_be_restored() is False


@pytest.mark.parametrize(
    ("sql", "settings"),
    [("SELECT 1 SETTINGS OS_THREADS_NICE_VALUE_QUERY = 5", {}), ("SELECT 1", {"os_threads_nice_value_query": "5"})],
)
def test_it_is_refused_by_name(sql: str, settings: dict[str, str]) -> None:
    with pytest.raises(QueryError) as caught:
        priority.refuse(sql, settings)
    assert caught.value.code == Code.NOT_IMPLEMENTED
    priority.refuse("SELECT 1", {"max_threads": "1"})
