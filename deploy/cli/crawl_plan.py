"""`weiplomacy crawl plan`: what is visited within the next hour and why, and which promises the budget can't keep."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.memory.records import AccountMemory
from crawler.memory.topic import restore
from crawler.planning.figures import TierFigures, figures
from crawler.planning.plan import HORIZON, Plan, plan
from crawler.planning.terms import Terms, terms_of
from crawler.planning.watchlist import watched
from crawler.run import toward
from crawler.spiders.arguments import accounts_of
from schemas.accounts import Account
from schemas.clock import clock_of
from schemas.event_fields import iso_milliseconds
from schemas.registry import load as load_registry
from schemas.settings import load

ROWS = 30
SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True)
class Hour:
    """The next hour of one worker that had all of these accounts. `unresolved` have no uid, so they can't be visited;
    `problems` are sentences about memory that can't be read.
    """

    now: datetime
    terms: Terms
    made: Plan
    tiers: tuple[TierFigures, ...]
    shortages: tuple[str, ...]
    unresolved: tuple[str, ...]
    problems: tuple[str, ...] = ()


def next_hour(
    accounts: Sequence[Account], memory: dict[str, AccountMemory], terms: Terms, now: datetime, problems: Sequence[str]
) -> Hour:
    """The plan of the hour from `now` (offset-aware) on."""
    known = [
        watched(account, memory.get(account.id) or AccountMemory(account_id=account.id), now, terms.model)
        for account in accounts
        if account.uid
    ]
    made = plan(known, terms.budget, now, HORIZON, terms.promises, terms.model)
    return Hour(
        now,
        terms,
        made,
        figures(known, terms, made, HORIZON),
        terms.shortages(account.tier for account in known),
        tuple(account.id for account in accounts if not account.uid),
        tuple(problems),
    )


def show_plan(
    accounts: Annotated[str, typer.Option(help="Ids, uids or screen names, separated by commas, or all.")] = "all",
    *,
    rows: Annotated[int, typer.Option(min=0, help="Visits that are printed at most.")] = ROWS,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what is visited within the next hour and why, from what the crawler remembers, and what the limits mean.

    Says which promises the budget can't keep, and with what budget it would.
    """
    settings = toward(load())
    chosen = accounts_of(load_registry(settings), accounts)
    terms = terms_of(settings, [account.tier for account in chosen])
    restored = restore(settings.kafka_servers)
    now = clock_of(settings.clock_file).now()
    hour = next_hour(chosen, restored.accounts, terms, now, tuple(restored.problems.values()))
    if as_json:
        typer.echo(json.dumps(as_document(hour), ensure_ascii=False))
    else:
        _show(hour, rows, Console())


def as_document(hour: Hour) -> dict[str, Any]:
    """The hour as one JSON document. Intervals are in minutes, moments in UTC."""
    return {
        "from": iso_milliseconds(hour.now),
        "until": iso_milliseconds(hour.now + HORIZON),
        "delay_s": round(hour.terms.delay.total_seconds(), 3),
        "lanes": dict(hour.terms.lanes),
        "requests": {"allowed": hour.made.allowed, "planned": hour.made.requests},
        "price": hour.made.price,
        "tiers": [
            {
                "tier": one.tier,
                "accounts": one.accounts,
                "visit_every_min": one.visit_every / timedelta(minutes=1),
                "render_every_min": one.render_every / timedelta(minutes=1) if one.render_every else None,
                "promised_visits": one.promised_visits,
                "promised_requests": one.promised_requests,
                "planned_visits": one.planned_visits,
                "planned_posts": one.planned_posts,
                "planned_requests": one.planned_requests,
            }
            for one in hour.tiers
        ],
        "visits": [
            {
                "at": iso_milliseconds(visit.at),
                "account_id": visit.account_id,
                "kind": visit.kind.value,
                "posts": visit.posts,
                "gain": visit.gain,
                "cost": visit.cost,
                "reason": visit.reason,
            }
            for visit in hour.made.visits
        ],
        "broken": [
            {"tier": one.tier, "accounts": one.accounts, "needed_per_hour": one.needed_per_hour, "says": one.says}
            for one in hour.made.broken
        ],
        "shortages": hour.shortages,
        "unresolved": hour.unresolved,
        "problems": hour.problems,
    }


def _show(hour: Hour, rows: int, console: Console) -> None:
    made = hour.made
    console.print(
        f"{hour.now:%Y-%m-%d %H:%M} UTC and the hour after it: {made.requests:,} of {made.allowed:,} requests, "
        f"one every {hour.terms.delay.total_seconds():.1f} s"
    )
    lanes = ", ".join(f"{name} {requests:,.0f}" for name, requests in hour.terms.lanes.items())
    console.print(f"requests per hour by lane: {lanes}; accounts are taken for a government's")
    console.print(_tiers(hour.tiers))
    if made.visits[:rows]:
        console.print(_visits(made, rows))
    if len(made.visits) > rows:
        console.print(Text(f"and {len(made.visits) - rows} more: --rows N, or --json", style="dim"))
    for sentence in (*(one.says for one in made.broken), *hour.shortages, *hour.problems):
        console.print(Text(sentence, style="red"), soft_wrap=True)
    if hour.unresolved:
        names = ", ".join(hour.unresolved[:SHOWN_NAMES]) + (", …" if len(hour.unresolved) > SHOWN_NAMES else "")
        said = (
            f"{len(hour.unresolved)} accounts have no uid and can't be visited ({names}): `weiplomacy registry resolve`"
        )
        console.print(Text(said, style="yellow"), soft_wrap=True)
    if not (made.broken or hour.shortages):
        console.print(Text("every promise is kept", style="green"))


def _tiers(tiers: Sequence[TierFigures]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("tier", "accounts", "visited every", "rendered every", "visits/h each", "posts/h each", "requests/h"):
        table.add_column(name, justify="left" if name == "tier" else "right")
    for one in tiers:
        table.add_row(
            one.tier,
            str(one.accounts),
            f"≤ {one.visit_every / timedelta(minutes=1):g} min",
            f"≤ {one.render_every / timedelta(hours=1):g} h" if one.render_every else "never",
            f"{one.planned_visits:.2f} (promised {one.promised_visits:.2f})",
            f"{one.planned_posts:.2f}",
            f"{one.planned_requests:.0f} (promised {one.promised_requests:.0f})",
        )
    return table


def _visits(made: Plan, rows: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("at")
    table.add_column("account", overflow="fold")
    table.add_column("look")
    for name in ("posts", "gain", "cost"):
        table.add_column(name, justify="right")
    table.add_column("why", overflow="fold")
    for visit in made.visits[:rows]:
        table.add_row(
            f"{visit.at:%H:%M:%S}",
            visit.account_id,
            visit.kind.value,
            str(len(visit.posts)),
            f"{visit.gain:.3f}",
            str(visit.cost),
            Text(visit.reason),
        )
    return table
