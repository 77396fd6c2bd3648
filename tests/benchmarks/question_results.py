"""What the benchmark of questions found: as tables and a line for people, as a document for machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from schemas.questions import Question
from tests.benchmarks.asking import Asked, Run, quantile
from tests.benchmarks.drawing import is_about_one
from tests.benchmarks.population import Scale

ONE_MS, ALL_MS = 100.0, 300.0
"""The targets: p95, warm."""


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


def show(result: Result) -> None:
    """Print the tables."""
    console = Console()
    console = console if console.is_terminal else Console(width=180)
    console.print(_answers(result))
    for one in result.failed:
        console.print(f"{one.question.name}: {one.failure}", markup=False)
    console.print(_costs(result))
    made = ", ".join(f"{kind} {seconds:,.0f} s" for kind, seconds in result.seconds.items() if seconds >= 0.5)
    console.print(f"Made in, one after the other: {made}; each turn of the deriver since then: {_turns(result)}")


def _turns(result: Result) -> str:
    turns = result.derivations
    return f"{quantile(turns, 0.5):.1f} s, at most {max(turns):.1f} s" if turns else "none was due"


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
