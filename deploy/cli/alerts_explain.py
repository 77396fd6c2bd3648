"""`weiplomacy alerts explain`: number by number, why there was or was not an alert about a post."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumers.alerting import figures, history
from consumers.alerting.findings import Finding
from consumers.alerting.posts import Explanation, PostDetector
from consumers.alerting.rises import Rise, band
from deploy.cli.alerts_backtest import MOST_DAYS
from deploy.cli.alerts_stored import asking
from deploy.cli.sql import harmless
from schemas import registry
from schemas.alert_rules import moment_of
from schemas.errors import WeiplomacyError
from schemas.event_fields import iso_milliseconds
from schemas.events import EngagementSample
from schemas.settings import Settings
from schemas.settings import load as load_settings

NEWEST = "SELECT account_id, max(observed_at) FROM weibo.samples WHERE post_id = {post:UInt64} GROUP BY account_id"
DOUBTS = {
    "below_floor": "fewer extra reactions than anybody is told of",
    "warming_up": "too few posts were followed so far to be sure: nothing above a notice",
    "first_sight": "it was seen first when it was old: what it had by then is history",
    "after_gap": "its account was not sampled for long before: what came in that time can't be dated",
    "capped": "a counter is capped",
    "held": "data were late",
    "out_of_order": "the sample came late",
    "too_old": "the post is too old",
}


class UnknownPostError(WeiplomacyError):
    """The post was never sampled, or what was given is no post's id."""

    exit_code = 2


def explain(
    post: Annotated[str, typer.Argument(metavar="POST", help="The post's id.")],
    *,
    at: Annotated[
        str | None, typer.Option(help="As of a moment, such as 2016-12-31T18:00+08:00; default: its newest sample.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say number by number why there was or was not an alert about a post.

    Judged again by the alerter's code, from what was stored of its account in the 90 days before; posts of other
    accounts, which speak where an account has too few of its own, are left out.
    """
    if not post.isdecimal() or len(post) > 19:
        raise UnknownPostError(f"{post!r} is no post's id: it has up to 19 digits, as in the post's address")
    settings = load_settings()
    try:
        until = None if at is None else moment_of(at)
    except ValueError as error:
        raise UnknownPostError(f"--at {at!r}: {error}") from None
    with asking(settings) as client:
        found, highest = judged(client, settings, post, until if isinstance(until, datetime) else None)
    if as_json:
        typer.echo(json.dumps(document(found, highest), ensure_ascii=False))
    else:
        accounts = registry.load(settings).by_id
        account = accounts.get(found.account_id)
        show(Console(), found, highest, account.name_en if account else found.account_id)


def judged(client: Client, settings: Settings, post: str, until: datetime | None) -> tuple[Explanation, Finding | None]:
    """The explanation of a post's newest sample before a moment, and its finding with the highest score.

    Raises UnknownPostError, and what the client raises.
    """
    rows = client.query(NEWEST, parameters={"post": post}, tz_mode="aware").result_rows
    if not rows:
        raise UnknownPostError(f"the post {post} was never sampled")
    account_id, newest = rows[0]
    end = (newest if until is None else min(newest, until)) + timedelta(milliseconds=1)
    detector, highest = PostDetector(), None
    stretch = history.Stretch(end - timedelta(days=MOST_DAYS), end, [account_id])
    for event in history.events(client, settings, stretch):
        for finding in detector.feed(event):
            is_it = isinstance(event, EngagementSample) and event.post_id == post
            if is_it and (highest is None or finding.score > highest.score):
                highest = finding
    found = detector.explain(post)
    if found is None:
        raise UnknownPostError(f"the post {post} is not watched: it has no time of publication, or no sample by then")
    return found, highest


def show(console: Console, found: Explanation, highest: Finding | None, account: str) -> None:
    """Print it."""
    age = figures.duration(found.age_s, "en")
    console.print(
        Text(harmless(f"post {found.post_id} of {account}: sampled {figures.moment(found.at, 'en')}, {age} old")),
        soft_wrap=True,
    )
    if found.basis is not None:
        members, wanted = found.basis.members, found.basis.wanted
        warming = f", warming up: {members} of {wanted}" if found.basis.provisional else ""
        console.print(f"compared with {members} posts ({found.basis.kind}){warming}", highlight=False)
    if found.judgement is None:
        console.print("nothing is expected of such a post yet: too few others were followed", highlight=False)
    else:
        console.print(_table(found.judgement.rises))
        by = "its speed" if found.judgement.by_speed else "its level"
        console.print(f"{found.judgement.deciding.metric} decides, by {by}", highlight=False)
    for doubt in found.doubts:
        console.print(Text(f"against it: {DOUBTS.get(doubt, doubt)}", "yellow"))
    verdict = "an alert" if found.told >= 1 and not found.doubts else "no alert"
    console.print(f"score {found.told:.2f}: {verdict} (one begins at 1, with nothing against it)", highlight=False)
    if highest is not None and highest.at != found.at:
        when = figures.moment(highest.at, "en")
        console.print(f"its highest score was {highest.score:.2f}, by {highest.metric}, {when}", highlight=False)


def _table(rises: tuple[Rise, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("", "value", "expected", "usual range", "times", "level", "came", "foreseen", "speed"):
        table.add_column(head, justify="left" if not head else "right", no_wrap=True)
    for one in rises:
        low, high = band(one.expected, one.spread)
        level, speed = one.above_floor
        times = one.value / one.expected if one.expected > 0 else None
        table.add_row(
            one.metric,
            f"{'≥ ' if one.at_least else ''}{figures.count(one.value, 'en')}",
            figures.count(one.expected, "en"),
            f"{figures.count(low, 'en')} – {figures.count(high, 'en')}",
            "–" if times is None else figures.count(times, "en"),
            _scored(one.level, level, one.floor),
            "–" if one.came is None else figures.count(one.came, "en"),
            "–" if one.foreseen is None else figures.count(one.foreseen, "en"),
            "–" if one.came is None else _scored(one.speed, speed, one.speed_floor),
        )
    return table


def _scored(score: float, counted: float, floor: float) -> str:
    short = f" (needs {figures.count(floor, 'en')} more)" if score > 0 and counted == 0 else ""
    return f"{max(score, 0.0):.2f}{short}"


def document(found: Explanation, highest: Finding | None) -> dict[str, Any]:
    """The explanation as a JSON object."""
    basis = found.basis
    return {
        "post_id": found.post_id,
        "account_id": found.account_id,
        "at": iso_milliseconds(found.at),
        "age_s": found.age_s,
        "score": found.told,
        "doubts": list(found.doubts),
        "basis": None if basis is None else {"kind": basis.kind, "members": basis.members, "wanted": basis.wanted},
        "deciding": found.judgement.deciding.metric if found.judgement else None,
        "by_speed": found.judgement.by_speed if found.judgement else None,
        "rises": [_numbers(one) for one in found.judgement.rises] if found.judgement else [],
        "highest": None
        if highest is None
        else {"score": highest.score, "at": iso_milliseconds(highest.at), "metric": highest.metric},
    }


def _numbers(one: Rise) -> dict[str, Any]:
    numbers = {name: value for name, value in asdict(one).items() if value != float("inf")}
    low, high = band(one.expected, one.spread)
    return {**numbers, "low": low, "high": high}
