"""Beijing's day: how awake it is by the hour, and time weighted by it.

A reaction that would come within an hour of the afternoon takes six at night. A post's age in waking time is what its
growth is a smooth function of; on the clock of the wall its curve has a dent every night.
"""

import itertools
from math import floor

BEIJING_HOURS = 8
HOUR = 3_600.0
DAY = 24 * HOUR

AWAKE_BY_HOUR = (
    0.85, 0.62, 0.43, 0.32, 0.28, 0.32, 0.48, 0.70, 0.92, 1.01, 1.07, 1.10,
    1.13, 1.10, 1.07, 1.07, 1.07, 1.10, 1.13, 1.18, 1.21, 1.24, 1.21, 1.07,
)  # fmt: skip
"""Reactions per hour of Beijing's day from 0:00, against an average hour. From how a city of office hours and evenings
on the phone lives (lowest at 4:00, highest between 20:00 and 22:00, the night a quarter of the evening), and on purpose
flatter than what any one sample of posts shows."""

_SUM = sum(AWAKE_BY_HOUR)
_AWAKE = tuple(weight * 24 / _SUM for weight in AWAKE_BY_HOUR)
_BEFORE = (0.0, *itertools.accumulate(_AWAKE))


def waking(moment: float) -> float:
    """Waking seconds up to a moment in Unix seconds; only differences mean something. A whole day has 86,400."""
    hours = moment / HOUR + BEIJING_HOURS
    days = floor(hours / 24)
    hour = hours - 24 * days
    whole = min(int(hour), 23)
    return (24 * days + _BEFORE[whole] + (hour - whole) * _AWAKE[whole]) * HOUR
