"""The analysts' questions on so many samples, cold and warm, while inserts go on: p50, p95, what they read; row costs.

python -m tests.benchmarks.questions --samples 1e8

Fills a database of its own, begun again it goes on where it stopped; then asks every question of the pack with random
parameters. Targets, warm: about one post or account p95 < 100 ms, about all accounts p95 < 300 ms. The exit code is 0
where all are met, 1 where not, and what is slower is named.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.table import Table

from schemas import accounts_table, calendar_table, migrate, questions, registry
from schemas.clickhouse import connect
from schemas.clock import machine_time
from schemas.errors import WeiplomacyError
from schemas.questions import Question
from schemas.settings import ClickHouse, Settings
from tests.benchmarks import filling
from tests.benchmarks.asking import Asked, Run, ask_all, quantile
from tests.benchmarks.drawing import is_about_one, stock_of
from tests.benchmarks.living import Life
from tests.benchmarks.population import Scale, parameters, parts, scale_of
from tests.benchmarks.processes import machine
from tests.clickhouse_process import ClickHouseProcess

FOLDER = Path.home() / ".cache" / "weiplomacy" / "questions"
ONE_MS, ALL_MS = 100.0, 300.0
"""The targets: p95, warm."""
ANSWER_TIMEOUT_S = 3_600
MERGE_PATIENCE_S = 1_800.0
SAY_EVERY_S = 10.0
#: Half of the machine's memory: what is filled and derived in bulk needs more than a question may.
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


@dataclass(frozen=True, slots=True)
class Cost:
    """What a table costs: rows, bytes on the disk, and bytes of its columns, as far as its parts tell them apart."""

    table: str
    rows: int
    bytes: int
    columns: dict[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """What was found: the scale, all answers, what inserts took meanwhile, and what is on the disk."""

    scale: Scale
    asked: list[Asked]
    inserts: list[float]
    derivations: list[float]
    seconds: dict[str, float]
    costs: list[Cost]
    machine: dict[str, Any]

    @property
    def slow(self) -> list[Asked]:
        """The questions that miss their target."""
        return [one for one in self.asked if not one.failure and p(one.warm, 0.95) >= target(one.question)]

    @property
    def failed(self) -> list[Asked]:
        """The questions that were not answered at all."""
        return [one for one in self.asked if one.failure]


def target(question: Question) -> float:
    """The target of a question, milliseconds."""
    return ONE_MS if is_about_one(question) else ALL_MS


def p(runs: Sequence[Run], share: float) -> float:
    """A quantile of what answers took, milliseconds."""
    return 1_000 * quantile([run.seconds for run in runs], share)


class Sayer:
    """Says how far it is, now and then, on standard error."""

    def __init__(self) -> None:
        self._said = 0.0
        self._began = time.monotonic()

    def __call__(self, sentence: str) -> None:
        now = time.monotonic()
        if now - self._said >= SAY_EVERY_S:
            self._said = now
            print(f"{now - self._began:6.0f} s  {sentence}", file=sys.stderr, flush=True)


def measure(folder: Path, wanted: Scale, pack: Sequence[Question], options: argparse.Namespace) -> Result:
    """Fill, derive, ask. Raises WeiplomacyError."""
    say = Sayer()
    arguments = ("--max-memory", str(MEMORY), "--max-query-memory", str(MEMORY * 3 // 4))
    with ClickHouseProcess(folder / "clickhouse", *arguments) as database:
        settings = Settings(home=folder / "home", clickhouse=ClickHouse(url=database.url))
        connected = partial(connect, settings, ANSWER_TIMEOUT_S)
        client = connected()
        migrate.apply(client, settings)
        known = registry.load(settings)
        accounts_table.load_registry(client, settings, known, machine_time())
        calendar_table.load_calendar(client, settings, machine_time())
        scale = filling.agreed(client, wanted)
        names = [account.id for account in known.accounts]
        filling.fill(connected, list(parts(scale, names)), options.workers, say)
        filling.derive(connected, options.workers, say)
        filling.merge(client, MERGE_PATIENCE_S, say)
        stock = stock_of(client, scale, random.Random(options.seed))
        live = parameters(scale, names, 0, 0)
        with Life(connected, scale, live, settings.deriver.every_s) as life:
            asked = ask_all(
                client, database.path, pack, stock, warm=options.warm, cold=options.cold, seed=options.seed, say=say
            )
        seconds = {
            "filling": filling.seconds_of(client, "derived", excluded=True),
            "deriving": filling.seconds_of(client, "derived"),
        }
        found = Result(scale, asked, life.inserts, life.derivations, seconds, costs_of(client), machine())
        client.close()
    return found


def costs_of(client: Client) -> list[Cost]:
    """What every table costs, the largest first."""
    where = "WHERE active AND database = 'weibo_store' GROUP BY table"
    tables = client.query(f"SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts {where} ORDER BY 3 DESC")
    columns = client.query(
        f"SELECT table, column, sum(column_bytes_on_disk) AS size FROM system.parts_columns {where}, column "
        "HAVING size > 0 ORDER BY size DESC"
    ).result_rows
    return [
        Cost(name, rows, size, {column: bytes_ for table, column, bytes_ in columns if table == name})
        for name, rows, size in tables.result_rows
    ]


def show(result: Result) -> None:
    """Print the tables."""
    console = Console()
    console = console if console.is_terminal else Console(width=180)
    console.print(_answers(result))
    for one in result.failed:
        console.print(f"{one.question.name}: {one.failure}", markup=False)
    console.print(_costs(result))


def _answers(result: Result) -> Table:
    on, inserts = result.machine, result.inserts
    middle, most = (f"{1_000 * quantile(inserts, share):.0f} ms" for share in (0.5, 0.99))
    title = (
        f"{result.scale.samples:,} samples of {result.scale.accounts:,} accounts, {on['cores']} cores, "
        f"load {on['load']}; inserts meanwhile p50 {middle}, p99 {most}"
    )
    table = Table(title=title, title_justify="left", box=None)
    names = ("question", "about", "cold p50", "warm p50", "p95", "max, ms", "rows read", "MB", "raw tables, ×")
    for number, name in enumerate(names):
        table.add_column(name, justify="right" if number > 1 else "left", no_wrap=True)
    for one in result.asked:
        if one.failure:
            continue
        rows, size = (quantile([getattr(run, name) for run in one.warm], 0.5) for name in ("rows", "bytes"))
        slow = "[bold]" if one in result.slow else ""
        table.add_row(
            slow + one.question.name,
            "one" if is_about_one(one.question) else "all",
            *(f"{p(one.cold, 0.5):.0f}", f"{p(one.warm, 0.5):.0f}", f"{slow}{p(one.warm, 0.95):.0f}"),
            *(f"{p(one.warm, 1):.0f}", f"{rows:,.0f}", f"{size / 1e6:,.1f}"),
            f"{p(one.raw, 0.5) / p(one.warm, 0.5):.1f}" if one.raw else "",
        )
    return table


def _costs(result: Result) -> Table:
    table = Table(title="On the disk", title_justify="left", box=None)
    for number, name in enumerate(("table", "rows", "MB", "bytes per sample", "its dearest columns, bytes per row")):
        table.add_column(name, justify="right" if 0 < number < 4 else "left", no_wrap=number < 4)
    for cost in result.costs:
        dearest = ", ".join(f"{name} {size / cost.rows:.2f}" for name, size in list(cost.columns.items())[:9])
        each = f"{cost.bytes / result.scale.samples:.3f}"
        table.add_row(cost.table, f"{cost.rows:,}", f"{cost.bytes / 1e6:,.1f}", each, dearest)
    return table


def line(result: Result) -> str:
    """The result in a line."""
    answered = [one for one in result.asked if not one.failure]
    worst = {
        about: max((p(one.warm, 0.95) for one in answered if is_about_one(one.question) is about), default=0.0)
        for about in (True, False)
    }
    words = (
        f"{len(answered)} questions on {result.scale.samples:,} samples, warm, p95 at most: about one post or account "
        f"{worst[True]:.0f} ms (target {ONE_MS:.0f}), about all {worst[False]:.0f} ms (target {ALL_MS:.0f})"
    )
    slow = ", ".join(f"{one.question.name} {p(one.warm, 0.95):.0f} ms" for one in result.slow)
    failed = ", ".join(one.question.name for one in result.failed)
    return words + (f"; slower: {slow}" if slow else "") + (f"; NOT ANSWERED: {failed}" if failed else "")


def document(result: Result) -> dict[str, Any]:
    """The result as one JSON document; times in milliseconds."""
    samples = result.scale.samples
    return {
        "benchmark": "questions",
        "samples": samples,
        "accounts": result.scale.accounts,
        "seconds": {name: round(seconds, 1) for name, seconds in result.seconds.items()},
        "inserts_ms": {f"p{share}": round(1_000 * quantile(result.inserts, share / 100), 1) for share in (50, 99)},
        "derivations_s": [round(seconds, 2) for seconds in result.derivations],
        "questions": [_entry(one) for one in result.asked],
        "tables": [
            {
                "table": cost.table,
                "rows": cost.rows,
                "bytes_per_sample": round(cost.bytes / samples, 4),
                "bytes_per_row": {name: round(size / cost.rows, 4) for name, size in cost.columns.items()},
            }
            for cost in result.costs
        ],
        "machine": result.machine,
        "slower_than_the_target": [one.question.name for one in result.slow],
        "not_answered": {one.question.name: one.failure for one in result.failed},
    }


def _entry(one: Asked) -> dict[str, Any]:
    kinds = {"cold": one.cold, "warm": one.warm, "raw": one.raw}
    return {
        "question": one.question.name,
        "about": "one" if is_about_one(one.question) else "all",
        **{
            kind: {
                **{name: round(p(runs, share), 1) for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))},
                "rows": quantile([run.rows for run in runs], 0.5),
                "bytes": quantile([run.bytes for run in runs], 0.5),
            }
            for kind, runs in kinds.items()
            if runs
        },
    }


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--samples", type=float, default=1e8, help="engagement samples, such as 1e9 (default: 1e8)")
    parser.add_argument("--accounts", type=int, help="default: one per 200,000 samples, from 48 to 5,000")
    parser.add_argument("--data", type=Path, help="folder of the database, which is kept (default: one per size)")
    parser.add_argument("--only", action="append", help="a question; may be given several times (default: all)")
    parser.add_argument("--warm", type=int, default=20, help="times that each question is asked warm")
    parser.add_argument("--cold", type=int, default=3, help="times that each question is asked cold")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="parts that are filled at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(given)
    samples = int(options.samples)
    if samples < 1 or options.warm < 1 or options.workers < 1 or options.cold < 0:
        parser.error("--samples, --warm and --workers are at least 1")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    folder = options.data or FOLDER / f"{samples}"
    try:
        pack = questions.declared()
        if options.only:
            pack = tuple(questions.find(pack, name) for name in options.only)
        folder.mkdir(parents=True, exist_ok=True)
        result = measure(folder, scale_of(samples, midnight, options.accounts), pack, options)
    except WeiplomacyError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.json:
        print(json.dumps(document(result), indent=2, ensure_ascii=False))
    else:
        show(result)
        print(line(result))
    return 1 if result.slow or result.failed else 0


if __name__ == "__main__":
    sys.exit(main())
