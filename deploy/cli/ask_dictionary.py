"""`weiplomacy ask --dictionary`: what every view and every column means, from the comments in the database itself."""

import json
from dataclasses import asdict, dataclass

import typer
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from urllib3.exceptions import HTTPError

from deploy.cli.sql import harmless
from schemas import migrate
from schemas.clickhouse import connect, named
from schemas.settings import Settings

VIEWS = """
SELECT name, comment, arrayMap(one -> (one.name, one.type), parameterized_view_parameters)
FROM system.tables
WHERE database = 'weibo'
ORDER BY name
"""
COLUMNS = """
SELECT table, name, type, comment FROM system.columns WHERE database = 'weibo' ORDER BY table, position
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view, its ClickHouse type and what it means."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class View:
    """A view of `weibo`: what it holds, its arguments as `name Type`, and its columns."""

    name: str
    comment: str
    arguments: tuple[str, ...]
    columns: tuple[Column, ...]


def read(client: Client, settings: Settings) -> tuple[View, ...]:
    """The views as the database describes them. Raises NotMigratedError, or what schemas.clickhouse.named names."""
    try:
        views = client.query(VIEWS).result_rows
        columns = client.query(COLUMNS).result_rows
        if not views:
            migrate.require(client, settings)
        words = {name: comment for _, name, _, comment in columns}
        found = []
        for view, comment, arguments in views:
            own = [Column(*rest) for table, *rest in columns if table == view]
            if arguments:
                own = _of_function(client, view, arguments, words)
            signature = tuple(f"{name} {type_name}" for name, type_name in arguments)
            found.append(View(view, comment, signature, tuple(own)))
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error
    return tuple(found)


def _of_function(client: Client, view: str, arguments: list[tuple[str, str]], words: dict[str, str]) -> list[Column]:
    """Columns of a view with arguments: it has no comments of its own on them, other views have on the same names."""
    call = ", ".join(f"{name} = '2016-12-31'" for name, _ in arguments)
    rows = client.query(f"DESCRIBE TABLE weibo.{view}({call})").result_rows
    return [Column(name, type_name, words.get(name, "")) for name, type_name, *_ in rows]


def print_dictionary(settings: Settings, as_json: bool) -> None:
    """Print the dictionary. Raises what `read` and schemas.clickhouse.connect raise."""
    client = connect(settings)
    try:
        views = read(client, settings)
    finally:
        client.close()
    if as_json:
        typer.echo(json.dumps([asdict(view) for view in views], ensure_ascii=False))
        return
    console = Console()
    for view in views:
        arguments = f"({', '.join(view.arguments)})" if view.arguments else ""
        console.print(Text(f"weibo.{view.name}{arguments}", "bold cyan"))
        console.print(Text(harmless(view.comment)))
        table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(style="dim", overflow="fold")
        table.add_column(overflow="fold")
        for column in view.columns:
            table.add_row(column.name, column.type, Text(harmless(column.comment)))
        console.print(table)
        console.print()
