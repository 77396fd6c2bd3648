"""Beijing's day: time weighted by how awake its people are, so that an age means the same at noon and at four.

A post of two hours is expected to have fewer reactions at 4:00 than at 20:00. Ages are therefore counted in waking
seconds: 86,400 in any whole day, about 1,150 in an hour of the deep night, about 4,900 in one of the evening.
"""

import itertools
from bisect import bisect_right

HOUR = 3_600.0
DAY = 24 * HOUR
BEIJING = 8 * HOUR

_AWAKE_BY_HOUR = (
    0.85, 0.62, 0.43, 0.32, 0.28, 0.32, 0.48, 0.70, 0.92, 1.01, 1.07, 1.10,
    1.13, 1.10, 1.07, 1.07, 1.07, 1.10, 1.13, 1.18, 1.21, 1.24, 1.21, 1.07,
)  # fmt: skip
"""Reactions per hour of Beijing's day from 0:00, against an average hour: how a city of office hours and evenings on
the phone lives (lowest at 4:00, the night a quarter of the evening), flatter than any one sample of posts shows."""

_MEAN = sum(_AWAKE_BY_HOUR) / 24
_RATES = tuple(weight / _MEAN for weight in _AWAKE_BY_HOUR)
_BEFORE = tuple(HOUR * hours for hours in (0.0, *itertools.accumulate(_RATES)))


def waking(moment: float) -> float:
    """Waking seconds up to a moment (Unix seconds); only differences mean something."""
    days, rest = divmod(moment + BEIJING, DAY)
    hour, within = divmod(rest, HOUR)
    whole = int(hour)
    return days * DAY + _BEFORE[whole] + within * _RATES[whole]


def moment_at(awake: float) -> float:
    """The moment (Unix seconds) up to which so many waking seconds have passed: the inverse of `waking`."""
    days, rest = divmod(awake, DAY)
    hour = min(bisect_right(_BEFORE, rest) - 1, 23)
    return days * DAY + hour * HOUR + (rest - _BEFORE[hour]) / _RATES[hour] - BEIJING
