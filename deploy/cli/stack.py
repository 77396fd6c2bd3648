"""`weiplomacy up`, `down`, `status`, `logs`: the one-machine stack."""

import json
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.cli.sql import harmless
from deploy.stack import bring_up
from deploy.stack.errors import PartError
from deploy.stack.layout import layout_of
from deploy.stack.status import PartStatus, status_of
from schemas.event_fields import iso_milliseconds
from schemas.settings import load

LINES = 200
WATCH_S = 2.0
#: Characters that a cell of the table takes; what is longer stands below it.
IN_TABLE = 45


def up(
    *,
    replica: Annotated[
        bool, typer.Option("--replica", help="A new state folder is for the replica instead of the live site.")
    ] = False,
) -> None:
    """Bring the stack up: Kafka, ClickHouse, the loader; in a replica's folder the replica too."""
    console = Console(stderr=True)
    with console.status("starting") as line:
        stack = bring_up.up(load(), "replica" if replica else None, lambda what: line.update(f"waiting for {what}"))
    for part in stack.parts:
        console.print(f"[green]✓[/] {part.name:<11} {part.address}", highlight=False)
    if stack.origin == "replica":
        console.print("replica: generated content", style="yellow")


def down() -> None:
    """Stop all parts, writers first; what was acknowledged is kept."""
    console = Console(stderr=True)
    with console.status("stopping"):
        was = bring_up.down(load())
    console.print("stopped" if was else "nothing was running")


def status(
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C, every two seconds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say of each part whether it is up and what it is doing. Ends with code 1 when one is down."""
    settings = load()
    parts = status_of(settings)
    if watch:
        with Live(picture_of(parts)) as picture, suppress(KeyboardInterrupt):
            while True:
                time.sleep(WATCH_S)
                parts = status_of(settings)
                picture.update(picture_of(parts))
    elif as_json:
        rows = [{**asdict(part), "since": iso_milliseconds(part.since) if part.since else None} for part in parts]
        typer.echo(json.dumps(rows, ensure_ascii=False))
    else:
        Console().print(picture_of(parts))
    if not all(part.up for part in parts):
        raise typer.Exit(1)


def logs(
    part: Annotated[str | None, typer.Argument(help="kafka, clickhouse, replica, loader, crawl; default: all.")] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as more is written.")] = False,
) -> None:
    """Show what the parts wrote."""
    folder = layout_of(load().home).logs
    files = sorted(folder.glob(f"{part or '*'}.log"))
    if not files:
        there = ", ".join(sorted(file.stem for file in folder.glob("*.log"))) or "none yet"
        raise PartError(f"there is no log of {part or 'any part'} in {folder}; there are: {there}")
    command = ["tail", "-n", str(LINES), *(["-F"] if follow else []), "--", *map(str, files)]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def picture_of(parts: list[PartStatus]) -> Group:
    """The parts as a table, and below it, in full, what is said of those that are not up."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("part", "state", "address", "since", "doing"):
        table.add_column(column, overflow="fold")
    troubles = []
    for part in parts:
        state = Text(part.state, style="green" if part.up else "bold red")
        since = f"{part.since:%Y-%m-%d %H:%M:%S} UTC" if part.since else ""
        doing = Text(harmless(part.doing))
        if len(doing) > IN_TABLE:
            troubles.append(Text(f"{part.name}: ", style="bold").append_text(doing))
            doing = Text("see below")
        table.add_row(part.name, state, part.address, since, doing)
    return Group(table, *troubles)
