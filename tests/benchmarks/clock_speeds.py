"""The highest speed of the replica's clock at which every account is visited, and rendered, as its tier is promised.

The spider `resample` carries its plans out over all accounts, a third of them in each tier, for some hours of the
replica's time. What was promised is judged by what Kafka has: the moments of the samples of a timeline and of the
snapshots of a profile, and receipts that are complete, all of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from crawler.planning.promises import PROMISES, TIERS, Promise, Tier
from schemas.clock import write_clock
from schemas.events import AccountSnapshot, AnyEvent, EngagementSample
from tests.benchmarks.findings import Finding
from tests.benchmarks.stage import NOW, Run, Stage

SLOWEST = 10.0


@dataclass(frozen=True, slots=True)
class Trial:
    """Some hours at one speed. `worst` has, for each tier, the longest wait as a part of what is promised."""

    speed: float
    requests: int
    visits: int
    renders: int
    cpu: float
    seconds: float
    worst: Mapping[str, float]
    wrong: list[str]

    @property
    def holds(self) -> bool:
        return not self.wrong and all(part <= 1.0 for part in self.worst.values())

    def row(self) -> tuple[str, ...]:
        kept = "all promises" if self.holds else "; ".join(self.wrong[:1]) or "late"
        waits = (f"{part:.2f}" for part in self.worst.values())
        return (
            f"{self.speed:,.0f} ×",
            *(f"{number:,}" for number in (self.requests, self.visits, self.renders)),
            f"{self.cpu:.0f}",
            f"{self.seconds:.0f}",
            *waits,
            kept,
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """How long each trial is, in hours of the clock, and what may be asked: in flight, and a second of machine time."""

    hours: int
    in_flight: int
    per_second: float


def measure(stage: Stage, fastest: float, steps: int, terms: Terms) -> Finding:
    """From the fastest down by halves until all promises hold, then closer in so many steps.

    A promise that is longer than a trial is not broken in it; renders are promised each day.
    """
    tiers = _tiers(stage)
    trials = []
    speed, failed, held = fastest, 0.0, 0.0
    while not held and speed >= SLOWEST:
        trials.append(_try(stage, tiers, speed, terms))
        if trials[-1].holds:
            held = speed
        else:
            failed, speed = speed, speed / 2
    for _ in range(steps if failed and held else 0):
        speed = (held + failed) / 2
        trials.append(_try(stage, tiers, speed, terms))
        held, failed = (speed, failed) if trials[-1].holds else (held, speed)
    return Finding(
        "speed",
        f"{terms.hours} h of {len(tiers)} accounts, {terms.per_second:g} requests/s, {terms.in_flight} in flight",
        ("clock", "requests", "timeline reads", "renders", "CPU s", "seconds", *WAITS, ""),
        [trial.row() for trial in trials],
        {
            "speed": held,
            "hours": terms.hours,
            "requests_a_second": terms.per_second,
            "trials": [{**_document(trial), "holds": trial.holds} for trial in trials],
        },
        f"all promises to {len(tiers)} accounts hold at {held:,.0f} times the clock, over {terms.hours} h",
        wrong=[] if held else [f"promises are broken at every speed down to {speed * 2:g}"],
    )


WAITS = tuple(f"{kind}, {tier}" for tier in TIERS for kind in ("visit", "render"))


def _try(stage: Stage, tiers: Mapping[str, Tier], speed: float, terms: Terms) -> Trial:
    """Starting is not what is measured: the promises are judged from the first visit on."""
    write_clock(stage.weibo.clock_file, NOW, speed)
    run = stage.crawl(
        {"accounts": ",".join(tiers), "minutes": str(terms.hours * 60), "pages": "1"},
        terms.in_flight,
        scrapy_settings={"PROGRESS_RECEIPTS": "20"},
        spider="resample",
        accounts_file=_accounts_file(stage, tiers),
        delay_s=speed / terms.per_second,
        comment_posts=0,
    )
    visits, renders = _moments(run.events)
    begin = min((moment for moments in visits.values() for moment in moments), default=NOW)
    end = max((receipt.observed_at for receipt in run.receipts), default=NOW + timedelta(hours=terms.hours))
    return Trial(
        speed=speed,
        requests=sum(receipt.planned for receipt in run.receipts),
        visits=sum(map(len, visits.values())),
        renders=sum(map(len, renders.values())),
        cpu=run.times.ended.cpu - run.times.began.cpu,
        seconds=run.times.ended.seconds - run.times.began.seconds,
        worst=worst(visits, renders, tiers, begin, end),
        wrong=_wrong(run),
    )


def _wrong(run: Run) -> list[str]:
    """An interrupted visit at the very end is none: the time was over."""
    return [
        f"{receipt.account_id}: {'; '.join(receipt.problems[:1]) or receipt.stop_reason}"
        for receipt in run.receipts
        if not receipt.complete and receipt.stop_reason != "interrupted"
    ]


Moments = Mapping[str, set[datetime]]


def _moments(events: Iterable[AnyEvent]) -> tuple[Moments, Moments]:
    """When the timeline of each account was read, and when its page was rendered."""
    visits: defaultdict[str, set[datetime]] = defaultdict(set)
    renders: defaultdict[str, set[datetime]] = defaultdict(set)
    for event in events:
        if isinstance(event, EngagementSample) and event.via == "timeline":
            visits[event.account_id].add(event.observed_at)
        elif isinstance(event, AccountSnapshot) and event.via == "profile":
            renders[event.account_id].add(event.observed_at)
    return visits, renders


def worst(
    visits: Moments,
    renders: Moments,
    tiers: Mapping[str, Tier],
    begin: datetime,
    end: datetime,
    promises: Mapping[Tier, Promise] = PROMISES,
) -> dict[str, float]:
    """For each tier and kind of visit the longest wait of an account, as a part of what is promised."""
    found = dict.fromkeys(WAITS, 0.0)
    for account, tier in tiers.items():
        promise = promises[tier]
        for kind, moments, every in (
            ("visit", visits.get(account, set()), promise.every),
            ("render", renders.get(account, set()), promise.render_every),
        ):
            if every is not None:
                name = f"{kind}, {tier}"
                found[name] = max(found[name], longest(moments, begin, end) / every)
    return found


def longest(moments: set[datetime], begin: datetime, end: datetime) -> timedelta:
    """The longest wait between two moments, from the beginning on and to the end."""
    within = [begin, *sorted(moment for moment in moments if begin <= moment <= end), end]
    return max(after - before for before, after in pairwise(within))


def _tiers(stage: Stage) -> dict[str, Tier]:
    """A third of the accounts in each tier, the busiest in the first."""
    uids = stage.busiest(1_000)
    size = -(-len(uids) // len(TIERS))
    return {f"uid:{uid}": TIERS[place // size] for place, uid in enumerate(uids)}


def _accounts_file(stage: Stage, tiers: Mapping[str, Tier]) -> Path:
    file = stage.folder / "accounts.toml"
    entries = (
        f'[[account]]\nuid = "{account.removeprefix("uid:")}"\ntier = "{tier}"\n' for account, tier in tiers.items()
    )
    file.write_text("\n".join(entries), encoding="utf-8")
    return file


def _document(trial: Trial) -> dict[str, Any]:
    return {
        "speed": trial.speed,
        "requests": trial.requests,
        "timeline_reads": trial.visits,
        "renders": trial.renders,
        "cpu_seconds": round(trial.cpu, 1),
        "seconds": round(trial.seconds, 1),
        "longest_wait_by_promise": {name: round(part, 3) for name, part in trial.worst.items()},
        "wrong": trial.wrong[:5],
    }
