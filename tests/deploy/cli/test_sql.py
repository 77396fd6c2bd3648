import io

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from deploy.cli import data
from deploy.cli.sql import CELL, cell, harmless, picture, sql
from schemas.clickhouse import ClickHouseUnreachableError, QueryError
from schemas.migrate import MigrationEditedError

app = typer.Typer()
app.command("sql")(sql)
app.add_typer(data.app, name="data")


def run(settings, monkeypatch, *arguments, **more):
    monkeypatch.setenv("WEIPLOMACY_HOME", str(settings.home))
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse_url)
    result = CliRunner().invoke(app, list(arguments), **more)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb", "a\\nb"),
        ("\u202eevil", "\\u202eevil"),
        ("大使馆 😀", "大使馆 😀"),
        ("[red]x", "[red]x"),
    ],
)
def test_texts_can_not_command_the_terminal(text, shown):
    assert harmless(text) == shown
    console = Console(file=io.StringIO(), force_terminal=False, width=100)
    console.print(picture(["c"], [[text]], console))
    assert shown in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("width", "upright"), [(80, True), (200, False)])
def test_an_answer_whose_columns_would_be_too_narrow_stands_upright(width, upright):
    console = Console(file=io.StringIO(), force_terminal=False, width=width)
    names = [f"column_{number}" for number in range(12)]
    console.print(picture(names, [list(range(12)), [None] * 12], console))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("row 1") is upright
    assert (lines[1].split() == ["column_0", "0"]) is upright
    assert len(lines) == (26 if upright else 3)


def test_one_long_text_is_folded_in_its_column():
    console = Console(file=io.StringIO(), force_terminal=False, width=60)
    console.print(picture(["rank", "name"], [[1, "Embassy " * 12], [2, "x"]], console))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[0].split() == ["rank", "name"]
    assert 4 <= len(lines) <= 6


def test_cells_tell_null_from_nothing_and_are_bounded():
    assert [cell(value).plain for value in (None, "", 0, True)] == ["null", "", "0", "yes"]
    assert len(cell("x" * 10_000).plain) == CELL


@pytest.mark.stack
def test_answers_as_table_json_csv_and_any_format(migrated, monkeypatch):
    _, settings = migrated
    assert "1 row" in run(settings, monkeypatch, "sql", "SELECT 1 AS one, 'x' AS two;")
    assert run(settings, monkeypatch, "sql", "--json", "SELECT 1 AS one") == '{"one":1}\n'
    assert run(settings, monkeypatch, "sql", "--csv", input="SELECT 1 AS one") == '"one"\n1\n'
    assert run(settings, monkeypatch, "sql", "--format", "TSV", "SELECT 1, 2") == "1\t2\n"
    assert run(settings, monkeypatch, "sql", "SELECT 1, 2 format TSV") == "1\t2\n"
    assert "the first 3 rows" in run(settings, monkeypatch, "sql", "SELECT number FROM numbers(10)", "--rows", "3")


@pytest.mark.stack
def test_a_refused_query_is_one_paragraph(migrated, monkeypatch):
    _, settings = migrated
    with pytest.raises(QueryError, match="NIX") as caught:
        run(settings, monkeypatch, "sql", "SELECT * FROM NIX")
    assert "\n" not in str(caught.value)


@pytest.mark.stack
def test_migrate_says_what_it_does(empty, monkeypatch):
    assert "not yet" in run(empty, monkeypatch, "data", "migrate", "--status")
    assert "CREATE TABLE IF NOT EXISTS weibo_store.account_snapshots" in run(
        empty, monkeypatch, "data", "migrate", "--dry-run"
    )
    assert "not yet" in run(empty, monkeypatch, "data", "migrate", "--status"), "a dry run changes nothing"
    assert run(empty, monkeypatch, "data", "migrate").splitlines()[-2:] == ["accounts loaded", "calendar loaded"]
    assert run(empty, monkeypatch, "data", "migrate") == "nothing to apply\naccounts up to date\ncalendar up to date\n"
    run(
        empty,
        monkeypatch,
        "sql",
        "ALTER TABLE weibo_store.migrations UPDATE checksum = '' WHERE 1 SETTINGS mutations_sync = 2",
    )
    with pytest.raises(MigrationEditedError):
        run(empty, monkeypatch, "data", "migrate")


def test_nobody_answers(tmp_path, monkeypatch):
    from schemas.settings import ClickHouse, Settings
    from tests.kafka_process import free_port

    settings = Settings(home=tmp_path, clickhouse=ClickHouse(url=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(ClickHouseUnreachableError, match="weiplomacy up"):
        run(settings, monkeypatch, "sql", "SELECT 1")
