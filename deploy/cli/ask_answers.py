"""Answers to questions: asked of ClickHouse, printed, and with what is to be known beside them."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError
from rich.console import Console
from rich.text import Text
from urllib3.exceptions import HTTPError

from deploy.cli import csv_cells
from deploy.cli.sql import count, picture
from schemas import migrate
from schemas.clickhouse import connect, named, paragraph
from schemas.question_values import Value
from schemas.questions import Question, QuestionError
from schemas.settings import Settings

#: ClickHouse's codes for a database, table or column that is not there: the schema may be an older one.
SCHEMA_CODES = frozenset({16, 46, 47, 60, 81})
#: And for a limit that was reached: rows, time, memory, bytes, rows of the answer.
LIMIT_CODES = frozenset({158, 159, 160, 241, 307, 396})
#: Views that say something before anything was observed.
KNOWN_BEFOREHAND = frozenset({"accounts", "calendar"})


#: Parameters by which a question gets lighter.
NARROWING = ("days", "country", "bloc", "since")


class NoDataYetError(QuestionError):
    """Nothing that the question asks about was observed, or derived, so far."""

    exit_code = 1


class TooHeavyError(QuestionError):
    """A limit of ClickHouse was reached before the answer was there."""

    exit_code = 1


def print_json(settings: Settings, question: Question, values: Mapping[str, Value]) -> None:
    """The answer as JSON lines. Raises NoDataYetError, TooHeavyError, QueryError, NotMigratedError, or what
    schemas.clickhouse.connect raises.
    """
    with _asking(settings, question) as client:
        answer = client.raw_query(question.sql, parameters=dict(values), fmt="JSONEachRow")
        if not answer:
            _require_data(client, question)
    _write(answer)


def print_csv(settings: Settings, question: Question, values: Mapping[str, Value]) -> None:
    """The answer as CSV, safe for spreadsheets; null is an empty cell. Raises as print_json does."""
    parameters = dict(values)
    with _asking(settings, question) as client:
        described = client.query(f"DESCRIBE TABLE ({question.sql})", parameters=parameters).result_rows
        columns = [(name, type_name) for name, type_name, *_ in described]
        answer = client.raw_query(
            csv_cells.guarded(columns, f"({question.sql})"),
            parameters=parameters,
            fmt="CSVWithNames",
        )
        if answer.count(b"\n") < 2:
            _require_data(client, question)
    _write(answer)


def print_table(settings: Settings, question: Question, values: Mapping[str, Value], most: int) -> None:
    """The answer as a table of at most so many rows, with notes. Raises as print_json does."""
    with _asking(settings, question) as client:
        answer = client.query(question.sql, parameters=dict(values))
        rows = list(answer.result_rows)
        if not rows:
            _require_data(client, question)
        notes = list(_notes(client, question, values))
    console = Console()
    console.print(picture(answer.column_names, rows[:most], console))
    shown = count(len(rows)) if len(rows) <= most else f"the first {most} of {len(rows)} rows; --rows N shows more"
    for note in (shown, *notes):
        console.print(Text(note, "dim"), soft_wrap=True)


@contextmanager
def _asking(settings: Settings, question: Question) -> Iterator[Client]:
    client = connect(settings)
    try:
        yield client
    except (ClickHouseError, HTTPError, OSError) as error:
        if isinstance(error, DatabaseError) and error.code in SCHEMA_CODES:
            migrate.require(client, settings)
        if isinstance(error, DatabaseError) and error.code in LIMIT_CODES:
            narrower = [one.name for one in question.parameters if one.name in NARROWING]
            raise TooHeavyError(
                f"{question.name} is too heavy for the limits of ClickHouse at {settings.clickhouse_url}"
                f"{f': narrow it by --{_or(narrower)}' if narrower else ''} ({paragraph(error)})"
            ) from error
        raise named(error, settings) from error
    finally:
        client.close()


def _or(names: Sequence[str]) -> str:
    return " or --".join(names)


def _write(answer: bytes) -> None:
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


def _require_data(client: Client, question: Question) -> None:
    """An answer without rows is one only where there is something to ask about."""
    views = [view for view in question.views if view not in KNOWN_BEFOREHAND]
    if not views:
        return
    sources = {f"weibo.{'snapshots' if view == 'ranking' else view}" for view in views}
    for source in sorted(sources):
        if client.query(f"SELECT 1 FROM {source} LIMIT 1").result_rows:  # noqa: S608 (a view of ours)
            return
    raise NoDataYetError(
        f"there is no data yet for {question.name} ({', '.join(sorted(sources))}): `weiplomacy crawl run` visits the "
        "accounts, `weiplomacy data import` brings the list of December 2016"
    )


def _notes(client: Client, question: Question, values: Mapping[str, Value]) -> Iterator[str]:
    yield from (f"{english} · {chinese}" for english, chinese in question.notes)
    derived = client.query(
        "SELECT table FROM system.columns WHERE database = 'weibo' AND name = 'derived_at' "
        "AND has({views:Array(String)}, table) ORDER BY table",
        parameters={"views": list(question.views)},
    ).result_rows
    if not derived:
        return
    until = client.query("SELECT max(changes_until) FROM weibo_store.derivations").result_rows[0][0]
    views = ", ".join(view for (view,) in derived)
    yield f"derived ({views}) from everything that came until {_moment(until)}"
    scope, parameters = _scope(values)
    visits, complete, newest, row = client.query(
        "SELECT sum(visits), sum(visits_complete), max(newest_sample_at), max(derived_at) "  # noqa: S608 (words of ours)
        f"FROM weibo.account_days WHERE {scope}",
        parameters=parameters,
    ).result_rows[0]
    yield (
        f"coverage: {complete:,} of {visits:,} visits missed nothing, newest sample {_moment(newest)}, newest row "
        f"derived {_moment(row)} (`weiplomacy ask coverage`, `holes`, `freshness`)"
    )


def _scope(values: Mapping[str, Value]) -> tuple[str, dict[str, Any]]:
    """The accounts that the answer is about, as a condition and its parameters."""
    if account := values.get("account"):
        return "account_id = {account:String}", {"account": account}
    if country := values.get("country"):
        within = "SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}"
        return f"account_id IN ({within})", {"country": country}
    return "true", {}


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC" if value and value.year > 1970 else "never"
