"""`weiplomacy data reload`: the derived tables computed anew from the raw rows."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from clickhouse_connect.driver.exceptions import ClickHouseError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from urllib3.exceptions import HTTPError

from consumers import deriving, reloading
from consumers.deriver import ANSWER_TIMEOUT_S
from consumers.deriving import Scope
from consumers.starting import database
from deploy.cli.sql import count
from schemas import registry
from schemas.clickhouse import named
from schemas.errors import WeiplomacyError
from schemas.settings import Settings, load


class NothingToReloadError(WeiplomacyError):
    """An account is asked for of which there are no rows."""

    exit_code = 2


class ReloadInterruptedError(WeiplomacyError):
    """It was interrupted; the tables are readable, and partly new."""

    exit_code = 130


def chosen(scopes: Sequence[Scope], accounts: str, settings: Settings) -> list[Scope]:
    """The scopes of the accounts that are asked for: ids, uids or screen names, separated by commas.

    Raises NothingToReloadError, or what schemas.registry raises.
    """
    known = {scope.account_id: scope for scope in scopes}
    found = {}
    for text in filter(None, (part.strip() for part in accounts.split(","))):
        account_id = text if text in known else registry.load(settings).find(text).id
        if account_id not in known:
            raise NothingToReloadError(f"there are no rows of {text}, so there is nothing to compute: crawl it first")
        found[account_id] = known[account_id]
    if not found:
        raise NothingToReloadError(f"{accounts!r} names no account: give ids, uids or screen names, or all")
    return list(found.values())


def data_reload(
    accounts: Annotated[str, typer.Option(help="Ids, uids or screen names, separated by commas, or all.")] = "all",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compute the derived tables anew from the raw rows, beside a stack that runs; Ctrl-C leaves them readable."""
    settings = load()
    client = database(settings, ANSWER_TIMEOUT_S)
    began, whole, done = time.monotonic(), accounts == "all", 0
    try:
        scopes = deriving.everything(client)
        if not whole:
            scopes = chosen(scopes, accounts, settings)
        with _bar() as bar:
            task = bar.add_task("computing", total=sum(1 for _ in deriving.chunks(scopes)))

            def each(number: int) -> None:
                nonlocal done
                done = number
                bar.update(task, completed=number)

            found = reloading.reload(client, scopes, whole=whole, each=each)
    except KeyboardInterrupt as interrupted:
        raise ReloadInterruptedError(
            f"stopped after {done} statements: their rows are new, the others as they were; run it again to finish"
        ) from interrupted
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error
    finally:
        client.close()
    seconds = time.monotonic() - began
    if as_json:
        typer.echo(json.dumps({**asdict(found), "seconds": round(seconds, 3)}))
        return
    gone = f"; {count(found.removed)} that nothing gives any more {'is' if found.removed == 1 else 'are'} gone"
    says = f"{found.accounts} accounts, {found.posts} posts, {seconds:.1f} s"
    typer.echo(says + (gone if found.removed else ""))


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
