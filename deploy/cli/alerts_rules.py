"""`weiplomacy alerts subscribe` and `silence`: entries added to the rules file, which stays a person's file."""

import getpass
import re
import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumers.alerting import figures
from consumers.alerting.wording import worded
from deploy.cli.alerts_proposal import Proposal, proposal
from deploy.cli.alerts_sending import send_test
from deploy.cli.sql import harmless
from schemas import registry
from schemas.alert_rules import Channel, Language, Silence, moment_of
from schemas.alert_rules_file import RulesFileError, load, parse, read_text
from schemas.alert_rules_writing import Value, appended, entry, with_value, write
from schemas.alert_subjects import resolve
from schemas.clock import clock_of
from schemas.errors import SettingsError, WeiplomacyError
from schemas.origin import clock_file_of
from schemas.registry import Registry, UnknownAccountError
from schemas.settings import Settings
from schemas.settings import load as load_settings

_DURATION = re.compile(r"([0-9]{1,4})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.*")
_SECRET = re.compile(r"([a-z][a-z0-9_]*)=((?:env|file):.+)")


class AlertsUsageError(SettingsError):
    """What was asked for contradicts itself, or lacks something."""


def refusal(channel: Channel) -> str | None:
    """Why a channel can't be used. Raises AddressError or SecretError, which say it in their own words."""
    # All kinds of channels take their time to import, and most commands need none.
    from consumers.delivery.opening import Defaults, open_channel  # noqa: PLC0415

    open_channel(channel.name, channel.address, channel.secrets, Defaults.of(load_settings()))
    return None


def subscribe(
    who: Annotated[list[str], typer.Argument(help="Countries, accounts, bloc:EU, tier:first, post:ID, or all.")],
    *,
    to: Annotated[list[str], typer.Option(help="An address, such as mailto:press@example.org, or a channel's name.")],
    about: Annotated[
        str | None, typer.Option(help="rises,waves,removals … Default: everything but the watcher.")
    ] = None,
    at_most: Annotated[str | None, typer.Option(help="Such as 1/month or 3/day (the default).")] = None,
    level: Annotated[float | None, typer.Option(help="Score from which on it is told: 1, 1.4, 2, 2.8, 4 …")] = None,
    metrics: Annotated[str | None, typer.Option(help="Only by these: reposts,comments,likes …")] = None,
    quiet: Annotated[str | None, typer.Option(help="Hours such as 22:00-07:00.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Of the quiet hours; default: Asia/Shanghai.")] = None,
    language: Annotated[Language | None, typer.Option(help="en (the default), or zh.")] = None,
    secret: Annotated[
        list[str] | None, typer.Option(help="Where a secret of a new channel is: password=env:NAME, token=file:/path.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The subscription's name; default: whom it is about.")] = None,
    history: Annotated[
        bool, typer.Option(help="Look back over what was observed, and propose the level that keeps to --at-most.")
    ] = True,
    send: Annotated[bool, typer.Option("--test/--no-test", help="Send one message, marked as a test.")] = True,
) -> None:
    """Subscribe to alerts, for example: alerts subscribe 德国 --to mailto:press@example.org --at-most 1/month.

    Looks at what would have been told in the last 90 days, adds to the rules file, and sends one message as a test.
    """
    settings = load_settings()
    accounts = registry.load(settings)
    file = settings.alert_rules_file
    _require_known(who, accounts)
    before, _ = load(file, accounts, refuses=refusal)
    channels = {channel.name: channel.address for channel in before.channels}
    parts, used = _channels(to, channels, secret or [])
    taken = {one.name for one in before.subscriptions}
    chosen = name or _free(re.sub(r"[^\w.-]+", "-", "-".join(who))[:56].strip("-") or "alerts", taken)
    values: dict[str, Value | None] = {
        "name": chosen,
        "who": tuple(who),
        "about": _words(about),
        "level": level,
        "metrics": _words(metrics),
        "channels": tuple(used),
        "at_most": at_most,
        "quiet": quiet,
        "timezone": timezone,
        "language": language,
    }
    console = Console()
    if history:
        text, _ = _checked(file, read_text(file), "\n".join((*parts, entry("subscription", values))), accounts)
        found = _look_back(settings, accounts, text, chosen)
        if found is not None:
            _print_proposal(console, found, level, accounts, language or "en")
            values["level"] = found.level if level is None else level
    parts.append(entry("subscription", values))
    added = "\n".join(parts)
    warnings = _add(file, added, accounts)
    console.print(Text(f"added to {file}:\n\n{added}"), soft_wrap=True)
    for warning in warnings:
        Console(stderr=True).print(Text(harmless(warning), "yellow"), soft_wrap=True)
    if send and not send_test(load(file, accounts)[0], chosen, language):
        raise typer.Exit(1)


def _look_back(settings: Settings, accounts: Registry, text: str, name: str) -> Proposal | None:
    """What it would have told; a sentence where that can't be said."""
    rules, _ = parse(text, accounts)
    now = clock_of(clock_file_of(settings)).now()
    try:
        found = proposal(settings, accounts, rules, name, now)
    except WeiplomacyError as error:
        said = (
            f"what it would have told in the past can't be said ({error}): `weiplomacy alerts backtest` says it later"
        )
        Console(stderr=True).print(Text(harmless(said), "yellow"), soft_wrap=True)
        return None
    if found is None:
        Console(stderr=True).print(Text("nothing was observed yet that it could be tried on", "dim"))
    return found


def _print_proposal(
    console: Console, found: Proposal, level: float | None, accounts: Registry, language: Language
) -> None:
    chosen = found.level if level is None else level
    for one in found.at_once if level is None else ():
        when = figures.moment(one.alert.observed_at, language)
        title = harmless(worded(one.alert, language, accounts.by_id).title)
        console.print(Text(f"{when}  {title}", "dim"), soft_wrap=True)
    told = len({one.alert.episode_id for one in found.at_once})
    said = f"of {found.episodes} episodes in {found.days:.0f} days it would have told {told} at level {found.level:g}"
    kept = "" if level is None else f"; you chose {chosen:g}"
    console.print(Text(f"{said}, the lowest that keeps to its cap{kept}"), soft_wrap=True)


def silence(
    who: Annotated[list[str] | None, typer.Argument(help="Countries, accounts, post:ID, or all.")] = None,
    *,
    until: Annotated[
        str | None, typer.Option(help="2016-12-31 (its end in Beijing), 2016-12-31T18:00+08:00, or 6h, 3d, 2w.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    author: Annotated[str | None, typer.Option(help="Who silences it; default: your name on this machine.")] = None,
    about: Annotated[str | None, typer.Option(help="rises,waves,removals … Default: all.")] = None,
    show: Annotated[bool, typer.Option("--list", help="List the silences, with their numbers.")] = False,
    end: Annotated[int | None, typer.Option(min=1, help="End the silence of this number now.")] = None,
) -> None:
    """Silence alerts for a time: they are recorded, and told to nobody. Ends of what was told are told."""
    if sum((bool(who), show, end is not None)) != 1:
        raise AlertsUsageError("say whom to silence, or --list, or --end with a number")
    settings = load_settings()
    file = settings.alert_rules_file
    now = clock_of(clock_file_of(settings)).now()
    if show:
        _list_silences(file, now)
    elif end is not None:
        write(file, lambda text: _ended(text, end - 1, now))
        typer.echo(f"silence {end} has ended")
    else:
        if until is None or not reason:
            raise AlertsUsageError("a silence needs --until and --reason")
        accounts = registry.load(settings)
        _require_known(who or [], accounts)
        last = _until(until, now)
        values: dict[str, Value | None] = {
            "who": tuple(who or ()),
            "about": _words(about),
            "author": author or getpass.getuser(),
            "reason": reason,
            "since": now.replace(microsecond=0),
            "until": last,
        }
        _add(file, entry("silence", values), accounts)
        typer.echo(f"silenced until {figures.moment(last, 'en')}: {', '.join(who or ())}")


def _ended(text: str, position: int, now: datetime) -> str:
    """The text in which a silence ends now; one that has not begun ends as it begins."""
    ended = with_value(text, "silence", position, "until", now.replace(microsecond=0))
    since = moment_of(tomllib.loads(text)["silence"][position].get("since"))
    if isinstance(since, datetime) and since > now:
        return with_value(text, "silence", position, "until", since)
    return ended


def _until(text: str, now: datetime) -> datetime:
    found = _DURATION.fullmatch(text)
    try:
        last = now + int(found[1]) * _UNITS[found[2]] if found else moment_of(text)
    except (ValueError, OverflowError) as error:
        raise AlertsUsageError(f"--until {text!r}: {error}; 6h, 3d and 2w go as well") from None
    if not isinstance(last, datetime) or last <= now:
        raise AlertsUsageError(f"--until {text!r} is past: it is {figures.moment(now, 'en')}")
    return last.replace(microsecond=0)


def _words(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(word.strip() for word in text.split(",") if word.strip())


def _require_known(who: Sequence[str], accounts: Registry) -> None:
    subjects, problems = resolve(tuple(who), accounts)
    if problems:
        raise UnknownAccountError("; ".join(problems))
    if not subjects:
        raise UnknownAccountError(f"{', '.join(who)}: no account of the registry is meant by it")


def _channels(to: Sequence[str], channels: dict[str, str], secrets: Sequence[str]) -> tuple[list[str], list[str]]:
    """The entries of channels that are new, and the names of all."""
    places = {}
    for one in secrets:
        found = _SECRET.fullmatch(one)
        if not found:
            raise AlertsUsageError("--secret says where one is: password=env:NAME, or token=file:/absolute/path")
        places[found[1]] = found[2]
    entries, used = [], []
    by_address = {address: name for name, address in channels.items()}
    for target in to:
        if target in channels:
            used.append(target)
        elif target in by_address:
            used.append(by_address[target])
        elif _ADDRESS.fullmatch(target):
            name = _free(_channel_name(target), set(channels) | set(used))
            entries.append(entry("channel", {"name": name, "address": target, **places}))
            used.append(name)
        else:
            there = f": there are {', '.join(channels)}" if channels else ""
            raise AlertsUsageError(f"--to {target!r} is neither an address nor a channel's name{there}")
    if places and not entries:
        raise AlertsUsageError("--secret belongs to a new channel: those that are there have theirs in the rules file")
    return entries, used


def _channel_name(address: str) -> str:
    """From mailto:press@example.org `press`, from dingtalk:// `dingtalk`."""
    kind, _, rest = address.partition(":")
    words = rest.partition("@")[0] if kind.lower() == "mailto" else kind.partition("+")[0]
    return re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-")[:48] or "channel"


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken."""
    number = 2
    chosen = name
    while chosen in taken:
        chosen, number = f"{name}-{number}", number + 1
    return chosen


def _add(file: Path, added: str, accounts: Registry) -> list[str]:
    """Add entries where nothing of them is wrong; the sentences on what is doubtful. Raises RulesFileError."""
    warnings: list[str] = []

    def change(text: str) -> str:
        new, found = _checked(file, text, added, accounts)
        warnings.extend(found)
        return new

    write(file, change)
    return warnings


def _checked(file: Path, text: str, added: str, accounts: Registry) -> tuple[str, list[str]]:
    """The text with entries added, and the sentences on what is doubtful. Raises RulesFileError where one is wrong."""
    old = {str(problem) for problem in _problems(read_text(file), accounts)}
    new = appended(text, added)
    found = [problem for problem in _problems(new, accounts) if str(problem) not in old]
    wrong = [str(problem) for problem in found if problem.left_out]
    if wrong:
        # Lines are those of a file that is not written.
        sentences = (re.sub(r"^(?:line \d+|\w+ number \d+) ", "", sentence) for sentence in wrong)
        raise RulesFileError(f"nothing is added: {'; '.join(sentences)}")
    return new, list(map(str, found))


def _problems(text: str, accounts: Registry) -> Sequence[Any]:
    return parse(text, accounts, refuses=refusal)[1]


def _list_silences(file: Path, now: datetime) -> None:
    try:
        entries = tomllib.loads(read_text(file)).get("silence", [])
    except tomllib.TOMLDecodeError as error:
        raise RulesFileError(f"the alert rules {file} are wrong: {error}") from error
    if not entries:
        typer.echo("nothing is silenced")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("", "who", "about", "until", "by", "reason"):
        table.add_column(head, overflow="fold")
    for number, one in enumerate(entries, 1):
        try:
            valid = Silence.model_validate(one)
        except ValidationError:
            table.add_row(str(number), Text("wrong: see `weiplomacy alerts list`", "red"))
            continue
        style = "" if valid.until > now else "dim"
        cells = (
            *(str(number), " ".join(valid.who), " ".join(valid.about)),
            *(figures.moment(valid.until, "en"), valid.author, valid.reason),
        )
        table.add_row(*(Text(harmless(cell), style) for cell in cells))
    Console().print(table)
