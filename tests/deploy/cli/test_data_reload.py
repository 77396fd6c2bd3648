"""`weiplomacy data reload` over the real engine: its line, its JSON, and what it says when it can not go on."""

import json
import re
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from typer.testing import CliRunner, Result

from consumers import deriving
from deploy.cli import data
from deploy.cli.data_reload import NothingToReloadError, ReloadInterruptedError
from schemas.migrate import NotMigratedError
from schemas.registry import UnknownAccountError
from schemas.settings import Settings
from tests.consumers.test_deriving import Store
from tests.consumers.test_reloading import events, tables

pytestmark = pytest.mark.stack


@pytest.fixture
def run(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("WEIPLOMACY_HOME", str(empty.home))
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", empty.clickhouse_url)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(data.app, ["reload", *arguments])

    return run


@pytest.fixture
def store(migrated: tuple[Client, Settings]) -> Store:
    filled = Store(migrated[0])
    for account in ("us-embassy", "uid:7"):
        filled.write(events(account))
    return filled


def test_it_ends_with_one_line_or_one_document(store: Store, run: Any) -> None:
    assert re.fullmatch(r"2 accounts, 8 posts, \d+\.\d s\n", run().stdout)
    store.client.command(
        "INSERT INTO weibo_store.post_measures SELECT * REPLACE (9 AS post_id) FROM weibo_store.post_measures LIMIT 1"
    )
    assert run().stdout.endswith(" s; 1 row that nothing gives any more is gone\n")
    document = json.loads(run("--accounts", "uid:7", "--json").stdout)
    assert document.pop("seconds") > 0
    assert document == {"accounts": 1, "posts": 4, "removed": 0}


def test_accounts_without_rows_and_accounts_that_nobody_knows_are_told_apart(store: Store, run: Any) -> None:
    assert isinstance(run("--accounts", "uid:7,france-embassy-x").exception, UnknownAccountError)
    found = run("--accounts", "uid:7,JP").exception
    assert isinstance(found, NothingToReloadError), found
    assert "there are no rows of JP" in str(found)
    assert isinstance(run("--accounts", " , ").exception, NothingToReloadError)


def test_interrupted_it_says_how_far_it_came_and_leaves_every_row(
    store: Store, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    before, asked, statement = tables(store.client), [], deriving.statement

    def until_the_third(table: str) -> str:
        asked.append(table)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return statement(table)

    monkeypatch.setattr(deriving, "statement", until_the_third)
    found = run().exception
    assert isinstance(found, ReloadInterruptedError), found
    assert found.exit_code == 130
    assert str(found).startswith("stopped after 2 statements")
    assert tables(store.client) == before


def test_a_database_that_lacks_tables_is_told_to_be_migrated(run: Any) -> None:
    assert isinstance(run().exception, NotMigratedError)
