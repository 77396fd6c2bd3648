"""`weiplomacy sql`: ask ClickHouse, and read the answer as a table, JSON, CSV or any of ClickHouse's formats."""

import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Annotated, Any, cast

import typer
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from urllib3.exceptions import HTTPError

from schemas.clickhouse import connect, named
from schemas.errors import WeiplomacyError
from schemas.settings import load

#: A table is for reading: so many rows and so many characters a cell; the other formats have no such bounds.
ROWS = 200
CELL = 120
#: Width down to which a column may be folded, and the space behind each.
LEGIBLE, GAP = 24, 2
#: ClickHouse's own word for the format, at the end of a query.
FORMAT = re.compile(r"\sFORMAT\s+(\w+)$", re.IGNORECASE)


class NoQueryError(WeiplomacyError):
    """There is nothing to ask."""

    exit_code = 2


def sql(
    query: Annotated[str | None, typer.Argument(help="The SQL; without it, standard input is read.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per row.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a head.")] = False,
    format_name: Annotated[str | None, typer.Option("--format", help="Any output format of ClickHouse.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows of the table at most.")] = ROWS,
) -> None:
    """Ask ClickHouse, for example: weiplomacy sql "SELECT * FROM weibo.ranking(at = '2016-12-31')"."""
    question = (query if query is not None else _from_input()).strip().removesuffix(";").strip()
    if not question:
        raise NoQueryError('nothing to ask: weiplomacy sql "SELECT …", or the SQL on standard input')
    if (own := FORMAT.search(question)) and format_name is None:
        question, format_name = question[: own.start()], own[1]
    chosen = format_name or ("JSONEachRow" if as_json else "CSVWithNames" if as_csv else None)
    settings = load()
    client = connect(settings)
    try:
        if chosen:
            _stream(client, question, chosen)
        else:
            _show(client, question, rows)
    except (ClickHouseError, HTTPError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise named(error, settings) from error
    finally:
        client.close()


def _from_input() -> str:
    if sys.stdin.isatty():
        return ""
    return sys.stdin.read()


def _stream(client: Client, question: str, format_name: str) -> None:
    """ClickHouse's own bytes, as they come."""
    with cast(IO[bytes], client.raw_stream(question, fmt=format_name)) as stream:
        while data := stream.read(65_536):
            sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _show(client: Client, question: str, rows: int) -> None:
    with client.query_rows_stream(question) as stream:
        names = stream.source.column_names
        shown: list[Any] = []
        more = False
        for row in stream:
            if len(shown) == rows:
                more = True
                break
            shown.append(row)
    console = Console()
    console.print(picture(names, shown, console))
    console.print(Text(f"the first {rows} rows; --rows N shows more, --csv all" if more else count(len(shown)), "dim"))


def count(rows: int) -> str:
    """So many rows, in words."""
    return "1 row" if rows == 1 else f"{rows} rows"


def picture(names: Sequence[str], rows: Sequence[Sequence[Any]], console: Console) -> RenderableType:
    """An answer as a table; where its columns would be too narrow to be read, row after row, a line per column.

    Texts from the site can't command the terminal.
    """
    shown = [[cell(value) for value in row] for row in rows]
    heads = [Text(harmless(name)) for name in names]
    widths = (max(part.cell_len for part in (head, *column)) for head, *column in zip(heads, *shown, strict=True))
    if not shown or sum(min(width, LEGIBLE) + GAP for width in widths) <= console.width:
        return table(heads, shown)
    return Group(*(one for number, row in enumerate(shown, 1) for one in upright(heads, row, number)))


def table(heads: Sequence[Text], rows: Sequence[Sequence[Text]]) -> Table:
    """Cells as a table."""
    whole = Table(box=None, padding=(0, GAP, 0, 0), header_style="bold")
    for index, head in enumerate(heads):
        numbers = all(row[index].justify == "right" for row in rows) and bool(rows)
        whole.add_column(head, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        whole.add_row(*row)
    return whole


def upright(heads: Sequence[Text], row: Sequence[Text], number: int) -> Iterator[RenderableType]:
    """One row as lines: the column's name, then the value."""
    yield Rule(f"row {number}", align="left", style="dim")
    lines = Table(box=None, padding=(0, GAP, 0, 0), show_header=False)
    lines.add_column(style="bold", no_wrap=True)
    lines.add_column(overflow="fold")
    for head, value in zip(heads, row, strict=True):
        # To the right stand numbers under each other; here nothing does.
        lines.add_row(head, Text(value.plain, style=value.style))
    yield lines


def cell(value: Any) -> Text:
    """A value as text: null is told apart from an empty text and from 0, moments are ISO 8601."""
    if value is None:
        return Text("null", style="dim", justify="right")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, (int, float)):
        return Text(str(value), justify="right")
    text = value.isoformat(sep=" ", timespec="milliseconds") if isinstance(value, datetime) else str(value)
    text = harmless(text)
    return Text(text if len(text) <= CELL else text[: CELL - 1] + "…")


def harmless(text: str) -> str:
    """Text without control characters: each is written as an escape, so that it can't command a terminal."""
    return "".join(
        character if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else ascii(character)[1:-1]
        for character in text
    )
