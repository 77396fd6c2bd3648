"""A post that passes an age leaves its counters there: for its groups, and for the general curve."""

from math import exp, expm1, log, log1p

from consumers.alerting.baselines import SCALE, UNKNOWN, Group, encode, with_interactions
from consumers.alerting.growth_curve import AGES, LAST, LOG_AGES, GrowthCurve, place
from consumers.alerting.post_state import PostState

_FAR_APART = 2.5
"""Between samples of which one is this many times as old as the other, nothing is read off a line."""
_NEAR = 1.25
"""A single sample speaks for an age that it is at most a quarter beyond."""
_TEACHES = encode(10)
"""A post with fewer interactions teaches the general curve nothing: its steps are whole reactions."""
_LEAST_SHARE = 0.3
"""A post that has reached less of its life by the general curve than this says too little of its final count."""


def pass_ages(post: PostState, age: float, counts: tuple[int, int, int], own: Group, curve: GrowthCurve) -> None:
    """The post is now of this waking age, with these counts (-1: not shown); `post.aged` and `values` are still those
    of the sample before, and `own` is its account's group. Between two samples the counters follow a line over the
    logarithms of age and count.
    """
    before = post.aged
    alone = not before or age > before * _FAR_APART
    first = place(age / _NEAR if alone else before) + 1
    last = place(age)
    for at in range(first, last + 1):
        if post.codes_at(at) is not None:
            continue
        if alone:
            factor = exp(curve.log_share(AGES[at]) - curve.log_share(age))
            codes = [UNKNOWN if count < 0 else encode(count * factor) for count in counts]
        else:
            part = (LOG_AGES[at] - log(before)) / (log(age) - log(before))
            codes = [
                UNKNOWN if count < 0 or had < 0 else encode(expm1(log1p(had) + (log1p(count) - log1p(had)) * part))
                for had, count in zip(post.values, counts, strict=True)
            ]
        _leave(post, at, codes, own)
        if not alone:
            _teach(post, at, curve)


def project(post: PostState, age: float, counts: tuple[int, int, int], own: Group, curve: GrowthCurve) -> None:
    """A post that is first seen when it is old: its counts, carried to the end of its life, are its final ones."""
    share = curve.share(age)
    if share >= _LEAST_SHARE:
        _leave(post, LAST, [UNKNOWN if count < 0 else encode(count / share) for count in counts], own)


def _leave(post: PostState, at: int, codes: list[int], own: Group) -> None:
    if min(codes) == UNKNOWN:
        return
    post.codes[3 * at : 3 * at + 3] = type(post.codes)("H", codes)
    four = with_interactions(codes)
    for group in post.groups:
        group.add(at, four)
    if own in post.groups:
        own.teach(at)


def _teach(post: PostState, at: int, curve: GrowthCurve) -> None:
    now, before = post.codes_at(at), post.codes_at(at - 1) if at else None
    if now is None or before is None or UNKNOWN in (now[3], before[3]) or before[3] < _TEACHES:
        return
    curve.learn(at - 1, (now[3] - before[3]) / SCALE)
