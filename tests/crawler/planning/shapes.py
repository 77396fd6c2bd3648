"""Posts of other shapes than the usual one, as ages of reactions in seconds."""

import random

from tests.benchmarks.sampling import DAY, Cascade

NOON = 1_464_739_200.0 + 4 * 3600
"""1 June 2016, 12:00 in Beijing."""


def burst() -> Cascade:
    """Everything within ten minutes, then nothing."""
    return Cascade(NOON, tuple(float(age) for age in range(0, 600, 10)))


def slow() -> Cascade:
    """The same all day long."""
    return Cascade(NOON, tuple(float(age) for age in range(0, int(DAY), 1_200)))


def two_waves() -> Cascade:
    """A wave at once and one after ten hours."""
    return Cascade(NOON, tuple(float(age) for age in [*range(0, 3_600, 60), *range(36_000, 39_600, 60)]))


def night() -> Cascade:
    """Published at midnight, quiet until the morning."""
    return Cascade(NOON + 12 * 3_600, (0.0, *(25_200.0 + 90 * k for k in range(200))))


def silent() -> Cascade:
    """Published, and nobody cared."""
    return Cascade(NOON, (0.0,))


def usual(seed: int) -> Cascade:
    """Fast at first, with a long tail."""
    dice = random.Random(seed)
    ages = sorted(2_000 * (dice.random() ** -1.2 - 1) for _ in range(dice.randrange(20, 200)))
    return Cascade(NOON + dice.randrange(0, 20_000), (0.0, *(age for age in ages if age <= DAY)))


def all_shapes() -> list[Cascade]:
    return [burst(), slow(), two_waves(), night(), silent(), *(usual(seed) for seed in range(5))]
