"""`weiplomacy data`: the schema in ClickHouse, and what is brought into it."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.data_export import data_export
from deploy.cli.data_import import data_import
from deploy.cli.data_reload import data_reload
from schemas import accounts_table, calendar_table, migrate, registry, retention
from schemas.clickhouse import connect
from schemas.clock import machine_time
from schemas.event_fields import iso_milliseconds
from schemas.settings import load

app = typer.Typer(help="The data: the schema in ClickHouse, imports, exports, what is derived.", no_args_is_help=True)
app.command("import")(data_import)
app.command("export")(data_export)
app.command("reload")(data_reload)


@app.command("migrate")
def migrate_command(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the SQL that would run, and change nothing.")
    ] = False,
    status: Annotated[bool, typer.Option("--status", help="Say what ran and what is still to run.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Bring ClickHouse up to date: migrations that did not run yet, accounts, calendar, and how long rows are kept."""
    settings = load()
    client = connect(settings)
    try:
        if status or dry_run:
            applied = migrate.applied(client, settings)
            todo = migrate.pending(migrate.declared(), applied)
            if dry_run:
                _print_sql(todo)
                _print_changes(retention.pending(client, settings))
            elif as_json:
                typer.echo(json.dumps(_document(applied, todo), ensure_ascii=False))
            else:
                _print_status(applied, todo)
            return
        done = migrate.apply(client, settings)
        changes = retention.apply(client, settings)
        now = machine_time()
        loaded = accounts_table.load_registry(client, settings, registry.load(settings), now)
        calendar_loaded = calendar_table.load_calendar(client, settings, now)
    finally:
        client.close()
    names = [f"{migration.number:04d}_{migration.name}" for migration in done]
    if as_json:
        altered = [change.table for change in changes]
        loads = {"registry_loaded": loaded, "calendar_loaded": calendar_loaded}
        typer.echo(json.dumps({"applied": names, **loads, "retention_altered": altered}))
    else:
        typer.echo(f"applied {', '.join(names)}" if names else "nothing to apply")
        typer.echo("accounts loaded" if loaded else "accounts up to date")
        typer.echo("calendar loaded" if calendar_loaded else "calendar up to date")
        for change in changes:
            typer.echo(f"{change.table}: {change.says}")


def _print_sql(todo: tuple[migrate.Migration, ...]) -> None:
    for migration in todo:
        for statement in migration.statements:
            typer.echo(f"-- {migration.number:04d}_{migration.name}: {statement.words}\n{statement.sql};\n")


def _print_changes(changes: tuple[retention.Change, ...]) -> None:
    for change in changes:
        typer.echo(f"-- retention: {change.table}: {change.says}\n{change.sql};\n")


def _document(
    applied: dict[int, migrate.Applied], todo: tuple[migrate.Migration, ...]
) -> dict[str, list[dict[str, str | int]]]:
    return {
        "applied": [
            {"number": done.number, "name": done.name, "applied_at": iso_milliseconds(done.applied_at)}
            for done in applied.values()
        ],
        "pending": [{"number": migration.number, "name": migration.name} for migration in todo],
    }


def _print_status(applied: dict[int, migrate.Applied], todo: tuple[migrate.Migration, ...]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("migration", style="bold")
    table.add_column("applied (UTC)")
    for done in applied.values():
        table.add_row(f"{done.number:04d}_{done.name}", f"{done.applied_at:%Y-%m-%d %H:%M:%S}")
    for migration in todo:
        table.add_row(f"{migration.number:04d}_{migration.name}", "not yet")
    Console().print(table)
