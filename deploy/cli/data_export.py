"""`weiplomacy data export`: a view and a period as one file, whole or not at all, with a manifest beside it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, cast

import typer
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from deploy.cli import csv_cells
from schemas import migrate
from schemas.clickhouse import connect, named
from schemas.clock import clock_of, machine_time
from schemas.errors import WeiplomacyError, first_reason
from schemas.event_fields import iso_milliseconds
from schemas.origin import clock_file_of
from schemas.question_values import day_of
from schemas.settings import Settings, load

#: Days are Beijing's; it has no summer time.
BEIJING = timedelta(hours=8)
PIECE = 1 << 20

#: What the days of a period are held against, by view; None: a view without time is exported whole.
TIMES: Mapping[str, str | None] = {
    "accounts": None,
    "snapshots": "observed_at",
    "posts": "ifNull(created_at, first_observed_at)",
    "post_measures": "ifNull(created_at, first_observed_at)",
    "counters_at_age": "created_at",
    "samples": "observed_at",
    "hourly_deltas": "hour",
    "account_hours": "hour",
    "account_days": "day",
    "account_states": "month",
    "comments": "ifNull(created_at, observed_at)",
    "reposts": "ifNull(created_at, observed_at)",
    "interference": "first_seen_at",
    "receipts": "ended_at",
    "alerts": "observed_at",
    "calendar": "day_from",
}
#: It has arguments: exported as it is at the end of the period.
RANKING = "ranking"


class ExportError(WeiplomacyError):
    """Something can't be exported so."""

    exit_code = 2


class UnknownViewError(ExportError):
    """There is no such view, or it can't be exported."""


class ExportFolderError(ExportError):
    """The folder can't be made or written to, or holds that file already."""

    exit_code = 1


class ExportFailedError(ExportError):
    """ClickHouse's answer is not whole."""

    exit_code = 1


class Form(StrEnum):
    """What is written."""

    PARQUET = "parquet"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file holds: days are Beijing's and inclusive, null where the view has none; `moment` is when, UTC."""

    view: str
    file: str
    format: str
    since: str | None
    until: str | None
    moment: str
    rows: int
    bytes: int
    sha256: str
    columns: tuple[Mapping[str, str], ...]
    software: str


def data_export(
    view: Annotated[str, typer.Argument(help="A view of weibo: `weiplomacy ask --dictionary` lists them.")],
    *,
    to: Annotated[Path, typer.Option("--to", help="Folder that the file and its manifest go to.")],
    since: Annotated[str | None, typer.Option(help="First day, in Beijing; default: from the beginning.")] = None,
    until: Annotated[str, typer.Option(help="Last day, in Beijing.")] = "today",
    form: Annotated[Form, typer.Option("--format", help="What is written.")] = Form.PARQUET,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an earlier export of the same name.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest.")] = False,
) -> None:
    """Write a view and a period to a file: whole, from one query, or not at all; with a manifest beside it."""
    settings = load()
    today = (clock_of(clock_file_of(settings)).now() + BEIJING).date()
    period = _period(since, until, today)
    if view not in TIMES and view != RANKING:
        raise UnknownViewError(
            f"there is no view {view!r} to export; there are: {', '.join(sorted((*TIMES, RANKING)))}"
        )
    manifest = export(settings, view, period, form, to, replace, machine_time())
    if as_json:
        typer.echo(json.dumps(asdict(manifest), ensure_ascii=False))
        return
    typer.echo(f"{manifest.rows:,} rows of weibo.{view} in {to / manifest.file} ({manifest.bytes:,} bytes)")


def _period(since: str | None, until: str, today: date) -> tuple[date | None, date]:
    last = day_of("until", until.strip(), today)
    first = day_of("since", since.strip(), today) if since is not None else None
    if first and first > last:
        raise ExportError(f"--since {first} is after --until {last}")
    return first, last


def export(
    settings: Settings,
    view: str,
    period: tuple[date | None, date],
    form: Form,
    folder: Path,
    replace: bool,
    moment: datetime,
) -> Manifest:
    """Write a view's rows of a period, Beijing days from the first (None: the beginning) to the last, to a folder.

    The rows come from one query. Data and manifest get their names when both are whole, the manifest last; whatever
    fails leaves nothing. Raises ExportFolderError, ExportFailedError, NotMigratedError, or what schemas.clickhouse
    raises.
    """
    since, until = period
    timed = TIMES.get(view) is not None
    stem = f"{view}_{since or 'begin'}_{until}" if timed else f"{view}_{until}"
    file, notes = folder / f"{stem}.{form}", folder / f"{stem}.{form}.json"
    with _whole(folder, (file, notes), replace) as (data, words):
        client = connect(settings)
        try:
            source = _source(view, period)
            columns = _columns(client, view, source)
            rows, size, digest = _write(client, source, columns, form, data)
        except (ClickHouseError, HTTPError) as error:
            migrate.require(client, settings)
            raise named(error, settings) from error
        finally:
            client.close()
        manifest = Manifest(
            view=view,
            file=file.name,
            format=form.value,
            since=since.isoformat() if since and timed else None,
            until=until.isoformat() if timed or view == RANKING else None,
            moment=iso_milliseconds(moment),
            rows=rows,
            bytes=size,
            sha256=digest,
            columns=tuple(
                {"name": name, "type": type_name, "comment": comment} for name, type_name, comment in columns
            ),
            software=version("weiplomacy"),
        )
        words.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return manifest


@contextmanager
def _whole(folder: Path, files: Sequence[Path], replace: bool) -> Iterator[tuple[Path, ...]]:
    """Partial names for the files, which get their own when all went well, and are gone when it did not."""
    partial = tuple(file.with_name(f".{file.name}.partial") for file in files)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not replace and (held := next((file for file in files if file.exists()), None)):
            raise ExportFolderError(f"{held} is there already: name another folder, or --replace")
        for file in partial:
            file.write_bytes(b"")
        yield partial
        for written, file in zip(partial, files, strict=True):
            written.replace(file)
    except OSError as error:
        raise ExportFolderError(f"nothing was exported to {folder}: {first_reason(error)}") from error
    finally:
        for file in partial:
            _forget(file)


def _forget(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        # What can't be written to can't be cleared either, and was told already.
        return


def _source(view: str, period: tuple[date | None, date]) -> str:
    since, until = period
    if view == RANKING:
        return f"weibo.ranking(at = '{until}')"
    time = TIMES[view]
    if time is None:
        return f"weibo.{view}"
    if time in ("day", "day_from"):
        bounds = [f"{time} <= '{until}'"] + ([f"{time} >= '{since}'"] if since else [])
    else:
        bounds = [f"{time} < {_midnight(until + timedelta(days=1))}"]
        bounds += [f"{time} >= {_midnight(since)}"] if since else []
    return f"weibo.{view} WHERE {' AND '.join(bounds)}"


def _midnight(day: date) -> str:
    return f"toDateTime64('{day} 00:00:00', 3, 'Asia/Shanghai')"


def _columns(client: Client, view: str, source: str) -> list[tuple[str, str, str]]:
    """Name, type and meaning of the columns."""
    described = client.query(f"DESCRIBE TABLE (SELECT * FROM {source})").result_rows  # noqa: S608 (views of ours)
    words = client.query(
        "SELECT name, comment FROM system.columns WHERE database = 'weibo' AND table = {view:String}",
        parameters={"view": view},
    ).result_rows
    comments = {name: comment for name, comment in words}  # noqa: C416 (rows are lists for the types)
    return [(name, type_name, comments.get(name, "")) for name, type_name, *_ in described]


def _write(
    client: Client, source: str, columns: Sequence[tuple[str, str, str]], form: Form, file: Path
) -> tuple[int, int, str]:
    """Write the answer; rows, bytes and SHA-256 of it."""
    query = f"SELECT * FROM {source}"  # noqa: S608 (views of ours)
    if form is Form.CSV:
        query = csv_cells.guarded([(name, type_name) for name, type_name, _ in columns], source)
    # The answer begins when it is whole on the server's side: no error can come in its middle, and its rows are known.
    settings = {"wait_end_of_query": 1}
    answer = client.raw_stream(query, fmt="Parquet" if form is Form.PARQUET else "CSVWithNames", settings=settings)
    digest, size = sha256(), 0
    with cast(HTTPResponse, answer) as stream, file.open("wb") as output:
        try:
            rows = int(json.loads(stream.headers["X-ClickHouse-Summary"])["result_rows"])
        except (KeyError, ValueError) as error:
            raise ExportFailedError(
                "ClickHouse does not say how many rows its answer has: ask a newer server"
            ) from error
        while piece := stream.read(PIECE):
            output.write(piece)
            digest.update(piece)
            size += len(piece)
    return rows, size, digest.hexdigest()
