"""`weiplomacy crawl coverage`: what the receipts say is missing, why, and what will be done about it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
from clickhouse_connect.driver.exceptions import ClickHouseError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.clickhouse import connect, named
from schemas.errors import WeiplomacyError
from schemas.event_fields import iso_milliseconds
from schemas.settings import Settings, load

ACCOUNTS = """
SELECT
    account_id,
    count() AS visits,
    countIf(complete) AS complete,
    max(ended_at) AS newest,
    argMax(stop_reason, ended_at) AS stop_reason,
    argMax(watermark, ended_at) AS watermark,
    sum(comments_captured) AS comments_captured,
    sum(comments_reported) AS comments_reported
FROM weibo.receipts
WHERE ended_at >= {since:DateTime64(3, 'UTC')} AND spider NOT IN ('names', 'canary')
GROUP BY account_id
ORDER BY account_id
"""
# What a visit missed, a later one of the same spider may have found: what the newest says still stands.
MISSING = """
WITH newest AS
(
    SELECT *
    FROM weibo.receipts
    WHERE ended_at >= {since:DateTime64(3, 'UTC')} AND spider != 'names'
    ORDER BY ended_at DESC
    LIMIT 1 BY account_id, spider
)
SELECT account_id, kind, what, missing_items, reason, remedy, ended_at
FROM newest
ARRAY JOIN missing_kind AS kind, missing_what AS what, missing_count AS missing_items, missing_reason AS reason,
    missing_remedy AS remedy
ORDER BY account_id, kind, what
"""
#: What will be done, in words; names that a later crawler adds stand as they are.
REMEDIES = {"next_visit": "the next visit asks again", "never": "never: it can't be had", "operator": "you have to act"}
BY_SETTING = "another setting reads more (crawl.comment_posts, crawl.*_pages)"
REASONS = {
    "cap": "left out by a setting",
    "budget": "no request was left for it",
    "interrupted": "the run was stopped",
    "kafka": "Kafka did not acknowledge it",
}
ROWS = 40


class SinceError(WeiplomacyError):
    """The begin of the period is no moment."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class AccountCoverage:
    """The visits to an account in the period. Moments are UTC; `watermark` is a post id."""

    account_id: str
    visits: int
    complete: int
    newest: datetime
    stop_reason: str
    watermark: int | None
    comments_captured: int
    comments_reported: int | None


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that the newest visit of a spider missed. `count` is None where nobody knows how many things it is."""

    account_id: str
    kind: str
    what: str
    count: int | None
    reason: str
    remedy: str
    ended_at: datetime


def coverage(
    since: Annotated[
        str | None, typer.Option(help="Begin of the period, ISO 8601 with its zone; default: everything.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Missing things that are printed at most.")] = ROWS,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say of each account how complete its visits were, what is missing, why, and what will be done about it.

    Ends with code 1 where something is missing for another reason than a setting.
    """
    accounts, lacks = read(load(), _moment(since))
    if as_json:
        document = {"accounts": [_plain(one) for one in accounts], "missing": [_plain(one) for one in lacks]}
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        _show(accounts, lacks, rows, Console())
    if any(lack.reason != "cap" for lack in lacks):
        raise typer.Exit(1)


def read(settings: Settings, since: datetime) -> tuple[list[AccountCoverage], list[Lack]]:
    """What the receipts say since a moment (UTC). Raises what schemas.clickhouse.connect raises."""
    client = connect(settings)
    try:
        accounts = client.query(ACCOUNTS, parameters={"since": since}).result_rows
        lacks = client.query(MISSING, parameters={"since": since}).result_rows
    except ClickHouseError as error:
        raise named(error, settings) from error
    finally:
        client.close()
    return [AccountCoverage(*row) for row in accounts], [Lack(*row) for row in lacks]


def _show(accounts: Sequence[AccountCoverage], lacks: Sequence[Lack], rows: int, console: Console) -> None:
    if not accounts:
        console.print("no visit in this period: `weiplomacy crawl run` makes one")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("account", "visits", "complete", "newest (UTC)", "ended", "comments"):
        table.add_column(name, justify="right" if name in ("visits", "complete") else "left")
    for one in accounts:
        reported = "" if one.comments_reported is None else f" of {one.comments_reported:,}"
        table.add_row(
            one.account_id,
            str(one.visits),
            Text(str(one.complete), style="green" if one.complete == one.visits else "red"),
            f"{one.newest:%Y-%m-%d %H:%M}",
            one.stop_reason,
            f"{one.comments_captured:,}{reported}",
        )
    console.print(table)
    for lack in lacks[:rows]:
        many = f" ({lack.count:,})" if lack.count is not None else ""
        what = lack.what if lack.kind in lack.what else f"{lack.kind} {lack.what}"
        line = f"{lack.account_id}: {what}{many}: {REASONS.get(lack.reason, lack.reason)}; "
        remedy = BY_SETTING if lack.reason == "cap" else REMEDIES.get(lack.remedy, lack.remedy)
        console.print(Text(line + remedy), soft_wrap=True)
    if len(lacks) > rows:
        console.print(Text(f"and {len(lacks) - rows} more: --rows N, or --json", style="dim"))
    holes = sum(lack.reason != "cap" for lack in lacks)
    visits, whole = sum(one.visits for one in accounts), sum(one.complete for one in accounts)
    by_setting = len(lacks) - holes
    console.print(f"{whole} of {visits} visits complete; missing now: {holes} things, and {by_setting} by setting")


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SinceError(f"--since {text} is no moment: write 2026-11-24T12:00:00+08:00") from error
    if moment.tzinfo is None:
        raise SinceError(f"--since {text} has no zone: write 2026-11-24T12:00:00+08:00")
    return moment


def _plain(one: AccountCoverage | Lack) -> dict[str, Any]:
    return {
        name: iso_milliseconds(value) if isinstance(value, datetime) else value for name, value in asdict(one).items()
    }
