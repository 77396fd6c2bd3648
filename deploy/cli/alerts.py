"""`weiplomacy alerts`: what is alerted of, who is told, and what is silenced."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumers.alerting import figures
from consumers.alerting.curve import curve
from consumers.alerting.wording import LANGUAGES, worded
from deploy.cli.alerts_backtest import backtest
from deploy.cli.alerts_explain import explain
from deploy.cli.alerts_message import STYLES, document, message_of, print_alert
from deploy.cli.alerts_rules import refusal, silence, subscribe
from deploy.cli.alerts_sending import test
from deploy.cli.alerts_stored import any_alert, asking, changes, curve_of, newest
from deploy.cli.ask import BEIJING
from deploy.cli.sql import harmless
from schemas import alert_rules, registry
from schemas.accounts import Account
from schemas.alert_rules import Language, Rules
from schemas.alert_rules_file import Problem, load
from schemas.alerts import AlertChanged
from schemas.clock import clock_of
from schemas.errors import WeiplomacyError, first_reason
from schemas.origin import clock_file_of
from schemas.question_values import day_of
from schemas.settings import Settings
from schemas.settings import load as load_settings

app = typer.Typer(
    no_args_is_help=True,
    help="Alerts: subscribe, list, show, explain, backtest, test, silence. 预警",
)
app.command("subscribe")(subscribe)
app.command("silence")(silence)
app.command("test")(test)
app.command("backtest")(backtest)
app.command("explain")(explain)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
InLanguage = Annotated[Language, typer.Option("--language", help="en, or zh.")]


class PictureError(WeiplomacyError):
    """There is no curve to draw, or the picture can't be written."""


@app.command("list")
def show_list(
    *,
    since: Annotated[
        str | None, typer.Option(help="A day in Beijing: all that changed since then, also what is over.")
    ] = None,
    rules_only: Annotated[
        bool, typer.Option("--rules", help="Only who is told of what; no database is asked.")
    ] = False,
    language: InLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """List the alerts that are open, the subscriptions, and what is silenced."""
    settings = load_settings()
    accounts = registry.load(settings)
    rules, problems = load(settings.alert_rules_file, accounts, refuses=refusal)
    now = clock_of(clock_file_of(settings)).now()
    found, is_empty = ([], False) if rules_only else _episodes(settings, _beginning(since, now))
    if as_json:
        typer.echo(json.dumps(_document(found, rules, problems, now), ensure_ascii=False))
        return
    console = Console()
    if found:
        console.print(_table(found, language, accounts.by_id))
    elif is_empty:
        console.print(Text("there are no alerts yet: the alerter raises them while the crawl observes", "dim"))
    elif not rules_only:
        console.print(Text(f"no alert changed since {since}" if since else "no alert is open", "dim"))
    _print_rules(console, rules, settings.alert_rules_file, now)
    for problem in problems:
        console.print(Text(harmless(str(problem)), "red" if problem.left_out else "yellow"), soft_wrap=True)


@app.command()
def show(
    alert: Annotated[str, typer.Argument(metavar="ID", help="The alert's id, a part of it, or the post's id.")],
    *,
    language: InLanguage = "en",
    picture: Annotated[Path | None, typer.Option(help="Write the curve to this file as well, .svg or .png.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show one alert: what its message says, its changes, and the post's curve beside what was expected."""
    settings = load_settings()
    accounts = registry.load(settings).by_id
    with asking(settings) as client:
        told = changes(client, alert)
        points = curve_of(client, told)
    message = message_of(told, language, accounts)
    if picture is not None:
        _write_picture(picture, points)
    if as_json:
        typer.echo(json.dumps(document(told, message, points), ensure_ascii=False))
    else:
        print_alert(Console(), told, message, language, points)


def _write_picture(file: Path, points: tuple[Sequence[Any], Sequence[Any]]) -> None:
    # Only this needs it, and it takes its time to import.
    from consumers.alerting.picture import png, svg  # noqa: PLC0415

    shapes = curve(*points)
    if not points[0]:
        raise PictureError("there is no curve to draw: the alert is not about a post's counter, or no sample is stored")
    if file.suffix not in (".svg", ".png"):
        raise PictureError(f"{file} ends neither in .svg nor in .png")
    try:
        file.write_bytes(png(shapes) if file.suffix == ".png" else svg(shapes).encode())
    except OSError as error:
        raise PictureError(f"the picture {file} can't be written: {first_reason(error)}") from error


def _beginning(since: str | None, now: datetime) -> datetime | None:
    if since is None:
        return None
    day = day_of("since", since, (now + BEIJING).date())
    return datetime.combine(day, time(), alert_rules.BEIJING)


def _episodes(settings: Settings, since: datetime | None) -> tuple[list[AlertChanged], bool]:
    """The episodes, and whether there never was one."""
    with asking(settings) as client:
        found = newest(client, since)
        return found, not found and not any_alert(client)


def _table(found: Sequence[AlertChanged], language: Language, accounts: Mapping[str, Account]) -> Table:
    phrases = LANGUAGES[language]
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in found:
        style = STYLES.get(one.severity, "") if one.change != "ended" else "dim"
        what = Text(harmless(worded(one, language, accounts).title))
        what.append(f"\n{figures.moment(one.observed_at, language)} · {harmless(one.episode_id)}", "dim")
        table.add_row(Text(phrases.severities.get(one.severity, harmless(one.severity)), style), what)
    return table


def _print_rules(console: Console, rules: Rules, file: Path, now: datetime) -> None:
    if not rules.subscriptions:
        console.print(
            Text(f"nobody is told: `weiplomacy alerts subscribe 德国 --to mailto:…` adds to {file}", "dim"),
            soft_wrap=True,
        )
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("subscription", "who", "about", "level", "to", "at most", "quiet"):
        table.add_column(head, overflow="fold")
    for one in rules.subscriptions:
        cells = (
            *(one.name, " ".join(one.who), " ".join(one.about), f"{one.level:g}", " ".join(one.channels)),
            *(str(one.at_most), f"{one.quiet} {one.timezone}" if one.quiet else "–"),
        )
        table.add_row(*(Text(harmless(cell)) for cell in cells))
    if rules.subscriptions:
        console.print(table)
    for silenced in rules.silences:
        if silenced.until > now:
            state = "silenced" if silenced.holds(now) else "to be silenced"
            said = (
                f"{state} until {figures.moment(silenced.until, 'en')}: {' '.join(silenced.who)} "
                f"({' '.join(silenced.about)}), by {silenced.author}: {silenced.reason}"
            )
            console.print(Text(harmless(said), "magenta"), soft_wrap=True)


def _document(
    found: Sequence[AlertChanged], rules: Rules, problems: Sequence[Problem], now: datetime
) -> dict[str, Any]:
    def listed(entries: Sequence[BaseModel]) -> list[dict[str, Any]]:
        return [alert_rules.document(entry) for entry in entries]

    return {
        "episodes": [one.model_dump(mode="json") for one in found],
        "subscriptions": listed(rules.subscriptions),
        "channels": listed(rules.channels),
        "silences": [
            {**alert_rules.document(one), "in_force": one.holds(now)}
            for one in rules.silences
            if one.until > now - timedelta(days=30)
        ],
        "problems": [{"sentence": one.sentence, "left_out": one.left_out} for one in problems],
    }
