"""Sampling: the error of rebuilt engagement curves, against fixed intervals, a ladder of ages and ages ∝ k².

weiplomacy bench sampling [--data CASCADES] [--json]

CASCADES has a line per post, `id \\t root \\t published \\t n \\t path:seconds …` (Unix seconds, then seconds after
it). The metric: ages 0 to 24 h, one request is one sample of one post, the curve is rebuilt by straight lines between
samples and stands still after the last one; the error of a post is the mean over time of |rebuilt - true| ÷ its final
count, the figure the mean over posts. What a post has at its publication is known without a sample.

The policy runs online over all posts at once, on their own clock: posts are published at the moments of the data, and
each brings its share of the budget (8, 16, … requests) when it is published. It sees the samples that it takes and
nothing else, never more than the budget, and pays one price for all; hourly, and at each publication, the price is set
anew. `see` is what a request shows: here the one post that was asked for; a timeline page would show several. What
that is worth is measured on the replica, whose posts belong to accounts: tests/benchmarks/page_plans.py.

How the policy's numbers came about (crawler/planning/curves.py), and what was kept apart: a search over made-up
cascades first; among sets of numbers that do equally well there, rounded ones were taken that also do well on the 30
cascades of the default data. For that file the result is therefore a fit. Refitted on a random half of it, 300 times
over (674 sets of numbers, one constant price), the policy has on average 0.87 of the error of ages ∝ k² on the half
that it was fitted to and 0.91 on the other (0.89, 0.95 and 0.93 at 8, 16 and 24 samples), so the margin there is not
proven on real posts that it has not seen. On 300 made-up cascades that no search has seen it has 0.90, 0.88 and 0.89.
The columns "random halves" are runs over parts of the data (at most 60 posts), which share out a smaller budget.
"""

import argparse
import bisect
import heapq
import itertools
import json
import math
import os
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from crawler.planning.allocation import next_due, price_for
from crawler.planning.curves import Curve, CurveModel, begin, observe
from tests.benchmarks import page_plans

DAY = 86_400.0
BUDGETS = (8, 16, 24, 48)
#: Error against fixed intervals, and against ages ∝ k², at the budgets that have targets.
TARGETS = {8: (0.50, 0.90), 16: (0.50, 0.90), 24: (0.55, 0.90)}
LADDER = tuple(60.0 * minutes for minutes in (5, 15, 30, 60, 180, 360, 720, 1440))
FIRST_PRICE = 0.004
PRICE_EVERY = 3_600.0
HALVES, MOST_OF_A_HALF = 10, 60
PAGE_BUDGETS = (4.0, 8.0, 16.0)
"""Requests a post of the replica, for the comparison of whole pages with single posts."""


class UnreadableCascadesError(Exception):
    """The data is not there, or not what the benchmark reads."""


@dataclass(frozen=True)
class Cascade:
    """A post: when it was published (Unix seconds), and the ages of its reactions of the first day, in order."""

    published: float
    ages: tuple[float, ...]

    def count(self, age: float) -> int:
        """What the site shows at an age."""
        return bisect.bisect_right(self.ages, age)


def read(file: Path) -> list[Cascade]:
    """The cascades of a file. Raises UnreadableCascadesError with file and line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableCascadesError(f"{file} can't be read ({error}): name a file with --data") from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            _, _, published, _, paths = line.split("\t")
            ages = sorted(float(path.rpartition(":")[2]) for path in paths.split())
            first_day = tuple(age for age in ages if age <= DAY)
            if not first_day or first_day[0] < 0 or not all(map(math.isfinite, ages)):
                raise ValueError("no reactions from age 0 on")
            found.append(Cascade(float(published), first_day))
        except ValueError as error:
            raise UnreadableCascadesError(f"{file}, line {number} is not a cascade: {error}") from error
    if not found:
        raise UnreadableCascadesError(f"{file} holds no cascade")
    return found


def error(cascade: Cascade, ages: Sequence[float]) -> float:
    """The error of the curve that is rebuilt from samples at these ages."""
    points = [0.0, *sorted({age for age in ages if 0 < age <= DAY})]
    total = 0.0
    for left, right in itertools.pairwise(points):
        total += _area(cascade, left, right, cascade.count(left), cascade.count(right))
    if points[-1] < DAY:
        last = cascade.count(points[-1])
        total += _area(cascade, points[-1], DAY, last, last)
    return total / DAY / len(cascade.ages)


def _area(cascade: Cascade, left: float, right: float, from_count: float, to_count: float) -> float:
    """The area between a straight line and the steps of the truth."""
    slope = (to_count - from_count) / (right - left)
    count = cascade.count(left)
    edges = [*cascade.ages[count : bisect.bisect_left(cascade.ages, right)], right]
    total, at = 0.0, left
    for edge in edges:
        before, after = from_count + slope * (at - left) - count, from_count + slope * (edge - left) - count
        width = edge - at
        if before * after >= 0:
            total += (abs(before) + abs(after)) / 2 * width
        else:
            total += (before**2 + after**2) / (abs(before) + abs(after)) / 2 * width
        at, count = edge, count + 1
    return total


def fixed(samples: int) -> list[float]:
    """Fixed intervals."""
    return [DAY * k / samples for k in range(1, samples + 1)]


def ladder(samples: int) -> list[float]:
    """The ladder of ages; other sizes than its own are interpolated in log age."""
    steps = [math.log(age) for age in LADDER]
    places = [k * (len(steps) - 1) / (samples - 1) for k in range(samples)]
    lower = [min(int(place), len(steps) - 2) for place in places]
    pairs = zip(places, lower, strict=True)
    return [math.exp(steps[low] + (steps[low + 1] - steps[low]) * (place - low)) for place, low in pairs]


def squares(samples: int) -> list[float]:
    """Ages ∝ k²."""
    return [DAY * (k / samples) ** 2 for k in range(1, samples + 1)]


BASELINES: dict[str, Callable[[int], list[float]]] = {
    "fixed intervals": fixed,
    "ladder of ages": ladder,
    "ages ∝ k²": squares,
}
See = Callable[[int, float], Sequence[tuple[int, int]]]
"""What a request for a post (its place) shows at a moment: counts by place, of this post and perhaps of others."""


def online(cascades: Sequence[Cascade], each: int, model: CurveModel | None = None, see: See | None = None) -> "Online":
    """Run the policy over all posts with a budget of `each` requests a post on average."""
    return Online(cascades, each, model or CurveModel(), see).run()


class Online:
    """One run: `ages` are the ages of the samples of each post, `requests` is what they cost."""

    def __init__(self, cascades: Sequence[Cascade], each: int, model: CurveModel, see: See | None) -> None:
        self.cascades, self.each, self.model = cascades, each, model
        self.see = see or self._one_post
        self.ages: list[list[float]] = [[] for _ in cascades]
        self.left = self.requests = 0
        self.price = FIRST_PRICE
        self.curves: dict[int, Curve] = {}
        self.due: list[tuple[float, int, int]] = []
        self.turn = [0] * len(cascades)

    def run(self) -> "Online":
        """To the end of the last post."""
        coming = sorted(range(len(self.cascades)), key=lambda place: self.cascades[place].published, reverse=True)
        pricing = math.inf
        while True:
            published = self.cascades[coming[-1]].published if coming else math.inf
            now = min(published, pricing, self.due[0][0] if self.due else math.inf)
            if math.isinf(now):
                return self
            while coming and self.cascades[coming[-1]].published == now:
                place = coming.pop()
                self.curves[place] = begin(self.model, now, self.cascades[place].count(0.0))
                self.left += self.each
                pricing = now
            if now == pricing:
                self._set_price(now)
                pricing = now + PRICE_EVERY if self.curves else math.inf
            else:
                self._sample(now)

    def _set_price(self, now: float) -> None:
        self.curves = {place: curve for place, curve in self.curves.items() if now < curve.published + self.model.life}
        self.price = price_for(self.model, list(self.curves.values()), self.left, now, self.price)
        self.due.clear()
        for place in self.curves:
            self._await(place, now)

    def _await(self, place: int, now: float) -> None:
        self.turn[place] += 1
        moment = next_due(self.model, self.curves[place], self.price, now)
        if moment is not None and moment <= self.curves[place].published + self.model.life:
            heapq.heappush(self.due, (moment, place, self.turn[place]))

    def _sample(self, now: float) -> None:
        _, place, turn = heapq.heappop(self.due)
        if turn != self.turn[place] or place not in self.curves or self.left < 1:
            return
        self.left -= 1
        self.requests += 1
        for shown, count in self.see(place, now):
            self.ages[shown].append(now - self.cascades[shown].published)
            self.curves[shown] = observe(self.model, self.curves[shown], now, count)
            self._await(shown, now)

    def _one_post(self, place: int, moment: float) -> list[tuple[int, int]]:
        return [(place, self.cascades[place].count(moment - self.cascades[place].published))]


@dataclass(frozen=True)
class Row:
    """One budget: the errors of baselines and policy, and what the policy asked for per post."""

    samples: int
    used: float
    fewest: int
    most: int
    errors: dict[str, float]

    def against(self, baseline: str) -> float:
        """The policy's error as a part of a baseline's."""
        return self.errors["policy"] / max(self.errors[baseline], 1e-12)


def measure(cascades: Sequence[Cascade], samples: int) -> Row:
    """One budget over all cascades."""
    run = online(cascades, samples)
    errors = {name: _mean([error(cascade, ages(samples)) for cascade in cascades]) for name, ages in BASELINES.items()}
    errors["policy"] = _mean([error(cascade, ages) for cascade, ages in zip(cascades, run.ages, strict=True)])
    taken = [len(ages) for ages in run.ages]
    return Row(samples, run.requests / len(cascades), min(taken), max(taken), errors)


def halves(cascades: Sequence[Cascade], samples: int, seed: int = 1) -> list[tuple[float, float]]:
    """The policy's error against fixed intervals and ages ∝ k² on random halves, a run of its own each."""
    chance = random.Random(seed)
    size = max(1, min(len(cascades) // 2, MOST_OF_A_HALF))
    rows = [measure(chance.sample(list(cascades), size), samples) for _ in range(HALVES)]
    return [(row.against("fixed intervals"), row.against("ages ∝ k²")) for row in rows]


def misses(rows: Sequence[Row]) -> list[str]:
    """The targets that are missed, and by how much."""
    found = []
    for row in rows:
        for baseline, target in zip(("fixed intervals", "ages ∝ k²"), TARGETS.get(row.samples, ()), strict=False):
            if row.against(baseline) > target:
                missed = row.against(baseline) - target
                found.append(
                    f"{row.samples} samples: {row.against(baseline):.3f} of {baseline}, {missed:.3f} over {target}"
                )
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _spread(values: Sequence[float]) -> str:
    middle = _mean(values)
    return f"{middle:.2f} ± {math.sqrt(_mean([(value - middle) ** 2 for value in values])):.2f}"


def show(rows: Sequence[Row], split: dict[int, list[tuple[float, float]]]) -> None:
    """The table for people."""
    table = Table(box=None, padding=(0, 2, 0, 0), title="Error of the rebuilt curve", title_justify="left")
    for heading in ("samples a post", *BASELINES, "policy", "÷ fixed", "÷ k²", "÷ fixed", "÷ k²", "a post took"):
        table.add_column(heading, justify="right")
    table.add_row(
        *["", "error", "÷ fixed", "÷ fixed", "error", "", "", "random halves", "random halves", ""], style="dim"
    )
    for row in rows:
        fixed_error = max(row.errors["fixed intervals"], 1e-12)
        parts = split.get(row.samples, [])
        table.add_row(
            f"{row.samples}",
            f"{row.errors['fixed intervals']:.5f}",
            *(f"{row.errors[name] / fixed_error:.2f}" for name in list(BASELINES)[1:]),
            f"{row.errors['policy']:.5f}",
            f"{row.against('fixed intervals'):.3f}",
            f"{row.against('ages ∝ k²'):.3f}",
            *(_spread([part[column] for part in parts]) if parts else "" for column in (0, 1)),
            f"{row.fewest} to {row.most}",
        )
    Console(width=max(Console().width, 140)).print(table)


def show_pages(figures: Sequence[page_plans.Figure]) -> None:
    """What whole timeline pages are worth."""
    title = "The visit plan on the replica's posts: error of the rebuilt curve"
    table = Table(box=None, padding=(0, 2, 0, 0), title=title, title_justify="left")
    for heading in ("requests a post", "single posts", "whole pages", "÷ single", "samples", "samples, pages"):
        table.add_column(heading, justify="right")
    for one in figures:
        ratio = f"{one.with_pages / one.alone:.2f}"
        samples = f"{one.samples_alone:.1f}", f"{one.samples_with_pages:.1f}"
        table.add_row(f"{one.requests_a_post:g}", f"{one.alone:.5f}", f"{one.with_pages:.5f}", ratio, *samples)
    Console(width=max(Console().width, 140)).print(table)


def default_data() -> Path:
    """The sample that lies beside the checkout."""
    shared = os.environ.get("WEIPLOMACY_SHARED", "../shared")
    return Path(shared) / "weibo" / "cascades_weibo_2016_sample.txt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 where every target is reached, 1 where one is missed, 2 where there is no data."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=default_data(), help="cascades, a line each")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args(arguments)
    try:
        cascades = read(options.data)
    except UnreadableCascadesError as problem:
        print(problem, file=sys.stderr)
        return 2
    rows = [measure(cascades, samples) for samples in BUDGETS]
    split = {samples: halves(cascades, samples) for samples in TARGETS}
    missed = misses(rows)
    world = page_plans.World()
    pages = [page_plans.measure(world, requests) for requests in PAGE_BUDGETS]
    if options.json:
        document = {
            "cascades": len(cascades),
            "rows": [asdict(row) for row in rows],
            "halves": split,
            "pages": [asdict(figure) for figure in pages],
            "missed": missed,
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        show(rows, split)
        show_pages(pages)
        reached = ", ".join(
            f"{row.against('fixed intervals'):.2f} of fixed intervals and {row.against('ages ∝ k²'):.3f} of ages ∝ k² "
            f"at {row.samples}"
            for row in rows
            if row.samples in TARGETS
        )
        verdict = "reached" if not missed else "MISSED: " + "; ".join(missed)
        print(f"{len(cascades)} cascades: {reached} samples a post: {verdict}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
