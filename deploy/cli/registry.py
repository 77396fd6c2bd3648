"""`weiplomacy registry`: the accounts that are crawled, whether their list is right, and whether the site agrees."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Protocol

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.stack.browser import with_browser
from schemas import registry
from schemas.account_lists import AccountListError, read
from schemas.accounts import Account
from schemas.errors import WeiplomacyError
from schemas.event_fields import iso_milliseconds
from schemas.settings import Settings, load

app = typer.Typer(no_args_is_help=True, help="The accounts that are crawled: list, check, resolve.")

Outcome = Literal["confirmed", "wrong", "not found", "no answer"]
STYLES: dict[Outcome, str] = {"confirmed": "green", "wrong": "red", "not found": "yellow", "no answer": "yellow"}
NOTHING = "–"
#: Columns of a terminal from which on the table says all.
WIDE = 118
#: Response classes by which the site says that there is no such account.
ABSENT = ("not_found", "account_gone")


class UnaskedError(WeiplomacyError):
    """The crawler gave no result for an account that it was asked for."""


class NameResult(Protocol):
    """What the site said about one account's name: crawler.run.NameResult. The moment is UTC."""

    @property
    def account_id(self) -> str: ...
    @property
    def uid(self) -> str | None: ...
    @property
    def screen_name(self) -> str | None: ...
    @property
    def response_class(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def observed_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """The site's answer beside the registry: what it means and why. `uid` and `screen_name` are the site's."""

    account_id: str
    outcome: Outcome
    says: str
    uid: str | None
    screen_name: str | None
    response_class: str
    observed_at: str


def judge(account: Account, result: NameResult) -> Judgement:
    """Compare the site's answer with the registry. Confirmed is only what agrees in name and, where known, in uid."""
    outcome, says = _compared(account, result)
    return Judgement(
        account.id,
        outcome,
        says,
        result.uid,
        result.screen_name,
        result.response_class,
        iso_milliseconds(result.observed_at),
    )


def _compared(account: Account, result: NameResult) -> tuple[Outcome, str]:
    expected = account.screen_name
    if result.response_class in ABSENT:
        return "not found", result.detail or f"the site knows no account {account.shown_name}"
    if result.uid is None or result.screen_name is None:
        outcome: Outcome = "wrong" if result.response_class == "wrong_account" else "no answer"
        lacks = result.detail or ("the answer lacks the uid or the name" if result.response_class == "ok" else "")
        return outcome, f"{result.response_class}: {lacks}".rstrip(": ")
    if expected is not None and result.screen_name.casefold() != expected.casefold():
        return "wrong", f"the site shows the name {result.screen_name}, the registry has {expected}"
    if account.uid is not None and result.uid != account.uid:
        return "wrong", f"{account.shown_name} is uid {result.uid} on the site, and {account.uid} in the registry"
    if result.response_class != "ok":
        return "no answer", f"{result.response_class}: {result.detail}".rstrip(": ")
    return "confirmed", f"{result.screen_name} is uid {result.uid}"


def ask(settings: Settings, accounts: Sequence[Account]) -> list[NameResult]:
    """Ask the site for the uids of the accounts' names, through the crawler's spider `names`."""
    # Scrapy is slow to import, and only this needs it.
    from crawler.run import resolve_names  # noqa: PLC0415

    return list(resolve_names(with_browser(settings), accounts))


def resolve_all(settings: Settings, accounts: Sequence[Account]) -> list[Judgement]:
    """Ask the site, judge each answer, and record what is confirmed in the state folder.

    Raises UnaskedError where an account got no result, and what the crawl itself raises.
    """
    results = {result.account_id: result for result in ask(settings, accounts)}
    judged = []
    for account in accounts:
        result = results.get(account.id)
        if result is None:
            raise UnaskedError(f"the crawler gave no result for {account.id}: see its log (`weiplomacy logs`)")
        judgement = judge(account, result)
        if judgement.outcome == "confirmed" and result.uid and result.screen_name:
            registry.confirm(settings.home, account.id, result.uid, result.screen_name, result.observed_at)
        judged.append(judgement)
    return judged


@app.command("list")
def show(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Print the accounts in force, with what the site has confirmed."""
    accounts = registry.load(load()).accounts
    if as_json:
        typer.echo(json.dumps([account.model_dump(mode="json") for account in accounts], ensure_ascii=False))
        return
    console = Console()
    console.print(table(accounts, wide=console.width >= WIDE))
    console.print(Text(summary(accounts)))


def table(accounts: Sequence[Account], wide: bool) -> Table:
    """The accounts as a table; a narrow one leaves out what the id tells already."""
    picture = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("account", "name on Weibo", "uid", "confirmed"):
        picture.add_column(heading, no_wrap=True, overflow="ellipsis")
    for heading in ("mission", "country", "blocs") if wide else ():
        picture.add_column(heading, overflow="fold")
    for account in accounts:
        confirmed = account.uid_confirmed_at
        cells = [
            Text(account.id),
            Text(account.screen_name or NOTHING),
            Text(account.uid or NOTHING),
            Text(f"{confirmed:%Y-%m-%d}" if confirmed else NOTHING, style="green" if confirmed else "dim"),
        ]
        if wide:
            cells += [
                Text(account.mission.value.replace("_", " ")),
                Text(account.country_en or NOTHING),
                Text(" ".join(account.bloc)),
            ]
        picture.add_row(*cells)
    return picture


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A list of accounts; default: the one in force.")] = None,
) -> None:
    """Validate a list of accounts; exit code 1 where something is wrong, each problem with its line."""
    settings = load()
    chosen = file or settings.crawl.accounts_file or registry.BASE_LIST
    try:
        accounts = read(chosen)
    except AccountListError as error:
        for problem in error.problems:
            typer.secho(f"{chosen}: {problem}", fg="red", err=True)
        raise typer.Exit(1) from error
    for warning in stale(accounts, registry.confirmations(settings.home)):
        typer.secho(warning, fg="yellow", err=True)
    typer.echo(f"{chosen} is right: {summary(accounts)}")


@app.command()
def resolve(
    accounts: Annotated[
        list[str] | None, typer.Argument(help="Ids, names, uids or country codes; default: all that have a name.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Ask the site which uid has each account's name, and remember what agrees; exit code 1 where one does not."""
    settings = load()
    known = registry.load(settings)
    chosen = [known.find(text) for text in accounts] if accounts else [a for a in known.accounts if a.screen_name]
    judged = resolve_all(settings, list(dict.fromkeys(chosen)))
    if as_json:
        typer.echo(json.dumps([asdict(judgement) for judgement in judged], ensure_ascii=False))
    else:
        picture = Table(box=None, padding=(0, 1), header_style="bold")
        for heading in ("account", "", "why"):
            picture.add_column(heading, overflow="fold")
        for judgement in judged:
            outcome = Text(judgement.outcome, style=STYLES[judgement.outcome])
            picture.add_row(Text(judgement.account_id), outcome, Text(judgement.says))
        console = Console()
        console.print(picture)
        counts = [f"{sum(j.outcome == outcome for j in judged)} {outcome}" for outcome in STYLES]
        console.print(Text(", ".join(counts)))
    if any(judgement.outcome != "confirmed" for judgement in judged):
        raise typer.Exit(1)


def stale(accounts: Sequence[Account], confirmed: dict[str, registry.Confirmation]) -> list[str]:
    """Confirmations that the list has overtaken: of an account that is gone, or of another uid."""
    by_id = {account.id: account for account in accounts}
    sentences = []
    for account_id, confirmation in confirmed.items():
        account = by_id.get(account_id)
        if account is None:
            sentences.append(f"{account_id} was confirmed as uid {confirmation.uid} and is not in the list")
        elif account.uid not in (None, confirmation.uid):
            sentences.append(
                f"{account_id} was confirmed as uid {confirmation.uid}, but the list says {account.uid}, which counts"
            )
    return sentences


def summary(accounts: Sequence[Account]) -> str:
    """How many accounts there are, and of how many the uid is known and confirmed."""
    known = sum(account.uid is not None for account in accounts)
    confirmed = sum(account.uid_confirmed_at is not None for account in accounts)
    return f"{len(accounts)} accounts, {known} with a uid, {confirmed} of them confirmed by the site"
