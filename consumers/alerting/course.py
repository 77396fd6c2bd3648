"""A post's course so far beside what is usual at each age: what a picture of its rise is drawn from.

Out of what the detector remembers anyway: the post's counters at each of AGES that it has passed, and what its group
had there. So an alert needs no database for its picture.
"""

from math import expm1

from consumers.alerting.baselines import METRICS, UNKNOWN, decode
from consumers.alerting.daylight import moment_at
from consumers.alerting.findings import CurvePoint
from consumers.alerting.growth_curve import AGES, GrowthCurve, place
from consumers.alerting.judging import Weighed
from consumers.alerting.post_state import PostState
from consumers.alerting.rises import Rise, band


def course(post: PostState, weighed: Weighed, rise: Rise, age_s: float, curve: GrowthCurve) -> tuple[CurvePoint, ...]:
    """The points of a post up to its age now, in seconds, at which it has the value of the rise.

    Only those that its group says something of.
    """
    metric = METRICS.index(rise.metric)
    points = []
    for at in range(place(weighed.age) + 1):
        then = moment_at(post.awake + AGES[at]) - post.published
        usual = weighed.footing.group.usual(at, curve)
        if usual is None or not 0 <= then < age_s:
            continue
        codes = post.codes_at(at)
        value = None if codes is None or codes[metric] == UNKNOWN else decode(codes[metric])
        points.append(_point(then, value, expm1(usual.centres[metric]), usual.spreads[metric]))
    points.append(_point(age_s, rise.value, rise.expected, rise.spread))
    return tuple(points)


def _point(age_s: float, value: float | None, expected: float, spread: float) -> CurvePoint:
    low, high = band(expected, spread)
    return CurvePoint(
        round(age_s, 1), None if value is None else round(value, 1), round(low, 1), round(expected, 1), round(high, 1)
    )
