"""`weiplomacy ask`: named questions over the views, answered as a table, JSON, CSV, or as the SQL that would run."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.cli.ask_answers import print_csv, print_json, print_table
from deploy.cli.ask_dictionary import print_dictionary
from deploy.cli.sql import ROWS
from schemas import registry
from schemas.clock import clock_of
from schemas.origin import clock_file_of
from schemas.question_values import filled, values_of
from schemas.questions import Parameter, Question, QuestionError, declared, find
from schemas.settings import load

#: Days are Beijing's; it has no summer time.
BEIJING = timedelta(hours=8)
#: Columns of a terminal from which on both languages stand side by side.
WIDE = 150


class AskUsageError(QuestionError):
    """The words after `ask` can't be read."""


def ask(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per row; without a name, the list.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a head, safe for spreadsheets.")] = False,
    as_sql: Annotated[
        bool, typer.Option("--sql", help="The SQL that would run, with its values, for any client.")
    ] = False,
    rows: Annotated[int, typer.Option(min=1, help="Rows of the table at most.")] = ROWS,
    dictionary: Annotated[bool, typer.Option("--dictionary", help="What every view and column means.")] = False,
    help_wanted: Annotated[bool, typer.Option("--help", help="Help; with a name, the question's parameters.")] = False,
) -> None:
    """Ask a named question, for example: weiplomacy ask overperforming --country US --days 30.

    Without a name: the list of questions. 提问：列出或回答命名问题。
    """
    name, given = words(context.args)
    if sum((as_json, as_csv, as_sql)) > 1:
        raise AskUsageError("choose one of --json, --csv and --sql")
    if dictionary:
        if name or given or as_csv or as_sql:
            raise AskUsageError("--dictionary goes with --json or nothing else")
        print_dictionary(load(), as_json)
        return
    questions = declared()
    if name is not None:
        form = "json" if as_json else "csv" if as_csv else "sql" if as_sql else "table"
        _answer(find(questions, name), given, "help" if help_wanted else form, rows)
    elif given or as_csv or as_sql:
        raise AskUsageError("which question? `weiplomacy ask` lists them")
    elif help_wanted:
        typer.echo(context.get_help())
    elif as_json:
        typer.echo(json.dumps([as_document(question) for question in questions], ensure_ascii=False))
    else:
        _list(questions)


def _answer(question: Question, given: Mapping[str, str], form: str, rows: int) -> None:
    if form == "help":
        _describe(question)
        return
    settings = load()
    today = (clock_of(clock_file_of(settings)).now() + BEIJING).date()
    values = values_of(question, given, registry.load(settings), today)
    if form == "sql":
        typer.echo(f"-- {question.english}\n{filled(question, values)}")
    elif form == "json":
        print_json(settings, question, values)
    elif form == "csv":
        print_csv(settings, question, values)
    else:
        print_table(settings, question, values, rows)


def words(arguments: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """A question's name and its parameters, from the words of the command line: --name value, or --name=value.

    Raises AskUsageError.
    """
    name: str | None = None
    given: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and len(word) > 2:
            key, equals, value = word[2:].partition("=")
            if not equals:
                if not rest:
                    raise AskUsageError(f"{word} needs a value")
                value = rest.pop(0)
            key = key.replace("-", "_")
            if key in given:
                raise AskUsageError(f"--{key} is given twice")
            given[key] = value
        elif name is None:
            name = word
        else:
            raise AskUsageError(
                f"one question at a time: {word!r} stands beside {name!r} (parameters are --name value)"
            )
    return name, given


def as_document(question: Question) -> dict[str, object]:
    """A question as a JSON object."""
    return {
        "name": question.name,
        "group": question.group,
        "english": question.english,
        "chinese": question.chinese,
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.type,
                "required": parameter.default is None,
                "default": parameter.default,
                "choices": list(parameter.choices),
                "english": parameter.english,
                "chinese": parameter.chinese,
            }
            for parameter in question.parameters
        ],
        "notes": [{"english": english, "chinese": chinese} for english, chinese in question.notes],
        "views": list(question.views),
    }


def _list(questions: Sequence[Question]) -> None:
    console = Console()
    wide = console.width >= WIDE
    for group, members in groupby(questions, key=lambda question: question.group):
        table = Table(
            box=None,
            padding=(0, 2, 0, 0),
            title=group,
            title_justify="left",
            title_style="bold cyan",
            show_header=False,
        )
        table.add_column(no_wrap=True, style="bold", min_width=24)
        table.add_column(overflow="fold")
        if wide:
            table.add_column(overflow="fold", style="dim")
        for question in members:
            table.add_row(question.name, *((question.english, question.chinese) if wide else (question.english,)))
        console.print(table)
    console.print(
        Text("weiplomacy ask NAME --help: its parameters · --sql: the SQL · --dictionary: views and columns", "dim")
    )


def _describe(question: Question) -> None:
    console = Console()
    console.print(Text(f"weiplomacy ask {question.name}", "bold"))
    console.print(Text(question.english))
    console.print(Text(question.chinese))
    if question.parameters:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for head in ("parameter", "type", "default", "meaning"):
            table.add_column(head, overflow="fold")
        for parameter in question.parameters:
            table.add_row(*(Text(part) for part in _parts(parameter)))
        console.print(table)
    for english, chinese in question.notes:
        console.print(Text(f"{english} · {chinese}", "dim"))
    console.print(Text(f"reads {', '.join(f'weibo.{view}' for view in question.views)}", "dim"))
    console.print(Text("--json, --csv, --sql and --rows N say how it is answered", "dim"))


def _parts(parameter: Parameter) -> tuple[str, str, str, str]:
    default = "required" if parameter.default is None else parameter.default or "all"
    choices = f" ({', '.join(parameter.choices)})" if parameter.choices else ""
    return f"--{parameter.name}", parameter.type, default, f"{parameter.english}{choices} · {parameter.chinese}"
