"""`weiplomacy alerts backtest`: what rules would have told, had they been in force."""

import csv
import gc
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from consumers.alerting import figures, history
from consumers.alerting.backtest import Fired, Label, Quality, fired, quality, replay
from consumers.alerting.first_start import LOOKBACK
from consumers.alerting.watching import watch_of
from consumers.alerting.wording import worded
from consumers.process import PILE
from deploy.cli.alerts_message import STYLES
from deploy.cli.ask import BEIJING
from deploy.cli.sql import harmless
from schemas import migrate, registry
from schemas.alert_rules import BEIJING as BEIJING_ZONE
from schemas.alert_rules import Language, Rules, moment_of
from schemas.alert_rules_file import load
from schemas.alerts import AlertChanged
from schemas.clickhouse import connect
from schemas.clock import clock_of
from schemas.errors import SettingsError, WeiplomacyError, first_reason
from schemas.event_fields import iso_milliseconds
from schemas.origin import clock_file_of
from schemas.question_values import day_of
from schemas.registry import Registry
from schemas.settings import Settings
from schemas.settings import load as load_settings

#: So long before, what is usual is learnt from.
LEARNING_DAYS = LOOKBACK // timedelta(days=1)
#: A subscription proposes its level by what happened in so many days at most.
MOST_DAYS = 90
ANSWER_TIMEOUT_S = 120


class PeriodError(SettingsError):
    """The period ends before it begins."""

    exit_code = 2


class LabelsError(WeiplomacyError):
    """The file of labels can't be read."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Tested:
    """The changes of episodes in a period, and what rules make of them."""

    since: datetime
    until: datetime
    alerts: Sequence[AlertChanged]
    fired: Sequence[Fired]

    @property
    def at_once(self) -> list[Fired]:
        """What would have been told at once."""
        return [one for one in self.fired if one.decision.when == "now"]


def backtest(
    *,
    since: Annotated[str, typer.Option(help="The first day, in Beijing, such as 2016-12-01.")],
    until: Annotated[str | None, typer.Option(help="The last day, in Beijing; default: today.")] = None,
    rules: Annotated[
        Path | None, typer.Option(help="A rules file to try, compared with the one in force. Default: that one.")
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="A CSV of what is known to have happened: account_id, onset and, where known, post_id."),
    ] = None,
    learning_days: Annotated[int, typer.Option(min=0, max=366, help="So many days before teach what is usual.")] = (
        LEARNING_DAYS
    ),
    language: Annotated[Language, typer.Option("--language", help="en, or zh.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say what rules would have told in the past: by day and account, against labels, beside the rules in force."""
    settings = load_settings()
    accounts = registry.load(settings)
    today = (clock_of(clock_file_of(settings)).now() + BEIJING).date()
    begin = datetime.combine(day_of("since", since, today), time(), BEIJING_ZONE)
    last = today if until is None else day_of("until", until, today)
    end = datetime.combine(last, time(), BEIJING_ZONE) + timedelta(days=1)
    if end <= begin:
        raise PeriodError(f"--until {until} lies before --since {since}")
    known = read_labels(labels) if labels else None
    in_force, problems = load(settings.alert_rules_file, accounts)
    tried, more = load(_existing(rules), accounts) if rules else (in_force, ())
    for problem in (*problems, *more):
        Console(stderr=True).print(Text(harmless(str(problem)), "yellow"), soft_wrap=True)
    alerts = replayed(settings, accounts, begin, end, timedelta(days=learning_days))
    tested = Tested(begin, end, alerts, fired(tried, alerts))
    old = fired(in_force, alerts) if rules else None
    found = quality(alerts, known) if known is not None else None
    if as_json:
        typer.echo(json.dumps(_document(tested, old, found), ensure_ascii=False))
    else:
        show(Console(), tested, accounts, language, tried)
        _show_difference(Console(), tested, old)
        _show_quality(Console(), found)


def replayed(
    settings: Settings,
    accounts: Registry,
    since: datetime,
    until: datetime,
    learning: timedelta,
    who: Sequence[str] = (),
) -> list[AlertChanged]:
    """The changes of episodes in a period, by the alerter's own code; with progress on standard error."""
    begin = since - learning
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"), TimeElapsedColumn())
    with (
        closing(connect(settings, ANSWER_TIMEOUT_S)) as client,
        Progress(*columns, console=Console(stderr=True)) as bar,
    ):
        migrate.require(client, settings)
        task = bar.add_task("looking back", total=(until - begin).total_seconds(), day="")

        def seen(moment: datetime) -> None:
            bar.update(
                task, completed=(moment - begin).total_seconds(), day=f"{moment.astimezone(BEIJING_ZONE):%Y-%m-%d}"
            )

        events = history.events(client, settings, history.Stretch(begin, until, who))
        with seldom_collected():
            return list(replay(watch_of(settings, accounts), events, since, seen))


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let Python look for cycles seldom: there are few, and a tenth of the time goes into looking."""
    before = gc.get_threshold()
    gc.set_threshold(PILE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def read_labels(file: Path) -> list[Label]:
    """The labels of a CSV file. Raises LabelsError, by line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if not {"account_id", "onset"} <= set(rows.fieldnames or ()):
                raise LabelsError(f"the labels {file} need the columns account_id and onset; post_id may be there")
            return [_label(file, number, row) for number, row in enumerate(rows, 2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelsError(f"the labels {file} can't be read: {first_reason(error)}") from error


def _label(file: Path, number: int, row: dict[str, str]) -> Label:
    try:
        onset = moment_of(row["onset"])
    except ValueError as error:
        raise LabelsError(f"the labels {file}, line {number}: onset: {error}") from None
    if not isinstance(onset, datetime) or not row["account_id"]:
        raise LabelsError(f"the labels {file}, line {number}: an account_id and an onset are needed")
    return Label(row["account_id"], onset, row.get("post_id") or None)


def _existing(file: Path) -> Path:
    if not file.exists():
        raise LabelsError(f"there are no rules at {file}")
    return file


def show(console: Console, tested: Tested, accounts: Registry, language: Language, rules: Rules) -> None:
    """Print what would have been told, by day, and how much that is by account."""
    begun = [alert for alert in tested.alerts if alert.change == "started"]
    days = (tested.until - tested.since) / timedelta(days=1)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("Beijing", "", "what", "to"):
        table.add_column(head, overflow="fold", no_wrap=head == "Beijing")
    for one in tested.at_once:
        alert, decision = one.alert, one.decision
        table.add_row(
            f"{alert.observed_at.astimezone(BEIJING_ZONE):%m-%d %H:%M}",
            Text(alert.severity, STYLES.get(alert.severity, "")),
            Text(harmless(worded(alert, language, accounts.by_id).title)),
            f"{decision.subscription} → {decision.channel}",
        )
    if tested.at_once:
        console.print(table)
    by_day = Counter(f"{one.alert.observed_at.astimezone(BEIJING_ZONE):%Y-%m-%d}" for one in tested.at_once)
    by_account = Counter(one.alert.account_id or "several" for one in tested.at_once)
    for head, counts in (("by day", sorted(by_day.items())), ("by account", by_account.most_common(10))):
        if counts:
            console.print(
                Text(f"{head}: {', '.join(f'{name} {count}' for name, count in counts)}", "dim"), soft_wrap=True
            )
    held = sum(1 for one in tested.fired if one.decision.when == "digest")
    subscribed = "" if rules.subscriptions else " (nobody has subscribed)"
    console.print(
        f"{len(tested.at_once)} messages at once, {held} held back for digests{subscribed}; "
        f"{len(begun)} episodes began in {figures.count(round(days), 'en')} days, "
        f"{figures.count(len(begun) / days, 'en')} a day",
        soft_wrap=True,
        highlight=False,
    )


def _show_difference(console: Console, tested: Tested, old: Sequence[Fired] | None) -> None:
    if old is None:
        return
    new, before = _told(tested.fired), _told(old)
    console.print(
        f"beside the rules in force: {len(new - before)} messages more, {len(before - new)} fewer, "
        f"{len(new & before)} the same",
        highlight=False,
    )
    for sign, some in (("+", new - before), ("-", before - new)):
        for episode, number, channel in sorted(some)[:20]:
            console.print(Text(harmless(f"{sign} {episode} {number} to {channel}"), "dim"), soft_wrap=True)


def _told(found: Sequence[Fired]) -> set[tuple[str, int, str]]:
    return {
        (one.alert.episode_id, one.alert.number, one.decision.channel) for one in found if one.decision.when == "now"
    }


def _show_quality(console: Console, found: Quality | None) -> None:
    if found is None:
        return
    precision = "–" if found.precision is None else f"{found.precision:.0%} ({found.right} of {found.alerts})"
    recall = "–" if found.recall is None else f"{found.recall:.0%} ({found.found} of {found.labels})"
    late = "–" if found.median_minutes is None else f"{found.median_minutes:.0f}"
    console.print(f"against labels: precision {precision}, recall {recall}, median minutes {late}", highlight=False)


def _document(tested: Tested, old: Sequence[Fired] | None, found: Quality | None) -> dict[str, Any]:
    return {
        "since": iso_milliseconds(tested.since),
        "until": iso_milliseconds(tested.until),
        "episodes": sum(1 for alert in tested.alerts if alert.change == "started"),
        "fired": [_fired(one) for one in tested.fired],
        "in_force": None if old is None else [_fired(one) for one in old],
        "quality": None
        if found is None
        else {
            "precision": found.precision,
            "recall": found.recall,
            "median_minutes": found.median_minutes,
            "alerts": found.alerts,
            "labels": found.labels,
        },
    }


def _fired(one: Fired) -> dict[str, Any]:
    decision = one.decision
    return {
        "subscription": decision.subscription,
        "channel": decision.channel,
        "when": decision.when,
        "reason": decision.reason,
        "alert": one.alert.model_dump(mode="json"),
    }
