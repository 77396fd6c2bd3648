"""A post's counter by its age, or a series up to now, beside what was expected, as shapes on a small sheet.

No words in it: ages of a post are counted from 0, and those of a series back from 0, which is now.

The band is the usual range, the dashed line what was expected, the solid line with dots what was observed. From the
shapes come an SVG and a PNG (consumers.alerting.picture).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

#: The sheet, and what is left free around the plot for labels.
WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 22, 34
#: Points of a curve that are drawn at most: more than the sheet can show apart.
MOST_POINTS = 400
#: Dots are drawn up to so many.
MOST_DOTS = 80

INK, FAINT, BAND, EXPECTED, OBSERVED = "#3c4043", "#e3e6ea", "#d7e3f4", "#5b84b7", "#c5221f"
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
#: Steps of the axis of ages, in seconds.
AGE_STEPS = (
    *(MINUTE * n for n in (1, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 6, 12)),
    *(DAY * n for n in (1, 2, 5, 10, 30, 90, 365)),
)
MOST_AGE_LABELS = 8
GREATEST = 1e15

Point = tuple[float, float]
Sample = tuple[float, float]
Expectation = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon."""

    points: tuple[Point, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points."""

    points: tuple[Point, ...]
    colour: str
    width: float
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    at: Point
    radius: float
    colour: str


@dataclass(frozen=True, slots=True)
class Label:
    """A short text; `anchor` says which of its sides stands at the point, in the middle of its height."""

    at: Point
    text: str
    anchor: Literal["start", "middle", "end"]
    size: int = 12
    colour: str = INK


Shape = Area | Path | Dot | Label


def curve(samples: Sequence[Sample], band: Sequence[Expectation]) -> tuple[Shape, ...]:
    """The shapes of a curve, from back to front; none where there is nothing to show.

    `samples`: age in seconds and value; `band`: age, lowest usual, expected, highest usual. In any order; what is no
    number, or a negative count, is left out, and of what was expected, what lies far beyond the newest sample.
    """
    observed = _thinned(_clean(samples))
    expected = _thinned(_clean(band))
    if observed and expected:
        expected = _until(expected, observed[-1][0])
    if not observed and not expected:
        return ()
    ages = [one[0] for one in (*observed, *expected)]
    first, last = min(0.0, *ages), max(0.0, *ages)
    if last - first < MINUTE:
        first, last = (-MINUTE, 0.0) if first < 0 else (0.0, MINUTE)
    highest = max(1.0, *(max(one[1:]) for one in (*observed, *expected)))
    steps = _steps(highest)
    sheet = _Sheet(first, last, steps[-1])
    return tuple(_shapes(sheet, steps, observed, expected))


def _shapes(
    sheet: "_Sheet",
    steps: Sequence[float],
    observed: Sequence[tuple[float, ...]],
    expected: Sequence[tuple[float, ...]],
) -> Iterator[Shape]:
    for step in steps:
        y = sheet.y(step)
        yield Path(((LEFT, y), (WIDTH - RIGHT, y)), FAINT, 1)
        yield Label((LEFT - 8, y), short(step), "end")
    for age in _ages(sheet.first, sheet.last):
        x = sheet.x(age)
        yield Path(((x, HEIGHT - BOTTOM), (x, HEIGHT - BOTTOM + 5)), INK, 1)
        yield Label((x, HEIGHT - BOTTOM + 17), age_label(age), "middle")
    if len(expected) > 1:
        upper = [sheet.at(one[0], one[3]) for one in expected]
        lower = [sheet.at(one[0], one[1]) for one in reversed(expected)]
        yield Area((*upper, *lower), BAND)
        yield Path(tuple(sheet.at(one[0], one[2]) for one in expected), EXPECTED, 2, dashed=True)
    elif expected:
        age, low, middle, high = expected[0]
        yield Path((sheet.at(age, low), sheet.at(age, high)), BAND, 12)
        yield Dot(sheet.at(age, middle), 4, EXPECTED)
    yield Path(((LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM)), INK, 1)
    points = tuple(sheet.at(one[0], one[1]) for one in observed)
    if len(points) > 1:
        yield Path(points, OBSERVED, 2.5)
    for point in points if len(points) <= MOST_DOTS else points[-1:]:
        yield Dot(point, 3, OBSERVED)
    if points:
        x, y = points[-1]
        yield Label((min(x, WIDTH - RIGHT), max(y - 12, 10)), f"{observed[-1][1]:,.0f}", "end", 13, OBSERVED)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """From ages and values to points."""

    first: float
    last: float
    highest: float

    def x(self, age: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (age - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.highest

    def at(self, age: float, value: float) -> Point:
        return self.x(age), self.y(value)


def _clean(rows: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """In the order of their ages, one for each: the one that came last."""
    by_age = {
        row[0]: row
        for row in rows
        if -GREATEST <= row[0] <= GREATEST and all(math.isfinite(one) and 0 <= one <= GREATEST for one in row[1:])
    }
    return [by_age[age] for age in sorted(by_age)]


def _thinned(rows: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """At most so many, evenly spread, the first and the last among them."""
    if len(rows) <= MOST_POINTS:
        return rows
    last = len(rows) - 1
    return [rows[round(place * last / (MOST_POINTS - 1))] for place in range(MOST_POINTS)]


def _until(expected: list[tuple[float, ...]], age: float) -> list[tuple[float, ...]]:
    """What was expected up to an age, and the first that comes after it where it is not far."""
    within = [one for one in expected if one[0] <= age]
    after = [one for one in expected if age < one[0] <= 2 * age]
    return [*within, *after[:1]] or expected[:1]


def _steps(highest: float) -> list[float]:
    """Four to six round values from 0 to the first that is not below the highest."""
    rough = highest / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999_999)
    step = max(step, 1.0)
    return [step * n for n in range(math.ceil(highest / step - 1e-9) + 1)]


def _ages(first: float, last: float) -> list[float]:
    span = last - first
    step = next((one for one in AGE_STEPS if span / one <= MOST_AGE_LABELS), None)
    if step is None:
        step = DAY * 10.0 ** math.ceil(math.log10(span / DAY / MOST_AGE_LABELS))
    return [step * n for n in range(math.ceil(first / step), int(last / step) + 1)]


def age_label(age: float) -> str:
    """An age in one unit: 30m, 6h, 2d; before now: -6h."""
    if age == 0:
        return "0"
    if age < 0:
        return f"-{age_label(-age)}"
    if age < HOUR:
        return f"{age / MINUTE:g}m"
    if age < DAY:
        return f"{age / HOUR:g}h"
    return f"{age / DAY:g}d"


def short(value: float) -> str:
    """A value in a few characters: 250, 1.5k, 2M."""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"
