"""When a soak has failed: what grew beyond the bound, and what is in a median."""

import pytest

from tests.faults.soak import MIB, Sample, Soaked

OPEN = 2


def samples(end: Sample) -> list[Sample]:
    return [Sample(at, 0, 0, 0) for at in range(10)] + [
        Sample(at, 100 * MIB, 400 * MIB, 3) if at < 90 else Sample(at, end.crawler, end.browser, end.pages)
        for at in range(10, 101)
    ]


@pytest.mark.parametrize(
    ("end", "problems"),
    [
        (Sample(0, 150 * MIB, 500 * MIB, 4), []),
        (Sample(0, 174 * MIB, 400 * MIB, 3), ["the crawler has 174 MiB in the end, 173 are allowed"]),
        (Sample(0, 100 * MIB, 600 * MIB, 3), ["the browser has 600 MiB in the end, 548 are allowed"]),
        (Sample(0, 100 * MIB, 400 * MIB, 9), ["9 pages are there in the end, 4 are allowed"]),
        (Sample(0, 0, 0, 0), ["the crawler was gone before the end"]),
    ],
)
def test_growth_beyond_the_bound_is_told(end: Sample, problems: list[str]) -> None:
    assert Soaked.of(samples(end)).problems(OPEN) == problems
