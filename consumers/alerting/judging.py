"""A post's counters at a moment against its account's: the one way in which samples are judged and explained."""

from dataclasses import dataclass
from math import exp, expm1, hypot, inf, log
from typing import Final, NamedTuple

from consumers.alerting.account_state import AccountState
from consumers.alerting.baselines import METRICS, WANTED, WEIGHTS, Group, Usual
from consumers.alerting.findings import Doubt
from consumers.alerting.growth_curve import AGES, GAPS, LAST, LOG_AGES, GrowthCurve, place
from consumers.alerting.post_state import PostState
from consumers.alerting.rises import (
    LEAST,
    LEVEL_Z,
    PSEUDO,
    SPEED_Z,
    Rise,
    foreseen_growth,
    level_distance,
    level_floor,
    speed_distance,
    speed_floor,
)
from schemas.alerts import BasisKind
from schemas.counts import Count, Counter

FAR: Final = 1.5
"""A level that is told at once after a gap."""
SURE: Final = 1.99
"""No score above this while too few posts were followed: the lowest severity."""
UNSURE: Final = 0.99
"""No score above this while something speaks against it."""
_CARRIED_FAR: Final = 3
"""Steps of AGES from which on an expectation rests on the general curve more than on the posts."""

_ENOUGH: Final = 0.8
_THIRD: Final = 0.35

Four = tuple[float, float, float, float]


class Footing(NamedTuple):
    """What an expectation rests on: the group, and what is usual in it at the last of AGES that is reached."""

    kind: BasisKind
    group: Group
    usual: Usual


class Weighed(NamedTuple):
    """The figures of the four metrics; -1: not known. `final` is what posts usually get in all."""

    footing: Footing
    age: float
    values: Four
    expected: Four
    final: Four
    came: Four
    foreseen: Four


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a sample was judged as. `score` is 1 where the default rule would tell somebody of it."""

    score: float
    doubts: tuple[Doubt, ...]
    by_speed: bool
    deciding: Rise
    rises: tuple[Rise, ...]


def bounds(counter: Counter | None) -> tuple[int, int, bool]:
    """At least, at most, and whether it is capped, with the lower bound as both; -1 where it is not shown."""
    if counter is None:
        return -1, -1, False
    if isinstance(counter, Count):
        return counter.low, counter.low if counter.high is None else counter.high, counter.high is None
    return counter, counter, False


def footing(account: AccountState, post: PostState, peers: Group, curve: GrowthCurve, at: int) -> Footing | None:
    """Posts of its type, then of its account, then of all accounts; None where none of them has enough posts."""
    ranked = account.types.get(post.type)
    if ranked is not None:
        usual = ranked.group.usual(at, curve)
        if usual is not None and usual.members >= WANTED:
            return Footing("type", ranked.group, usual)
    usual = account.all.group.usual(at, curve)
    if usual is not None:
        return Footing("account", account.all.group, usual)
    usual = peers.usual(at, curve)
    if usual is not None and usual.members >= WANTED:
        return Footing("peers", peers, usual)
    return None


def followed(account: AccountState, found: Footing) -> int:
    """How many posts were followed for this footing: of the account itself, where other accounts stand in for it."""
    return (account.all.group if found.kind == "peers" else found.group).fresh


def basis_kind(found: Footing, at: int) -> BasisKind:
    """The name of a footing; `curve` where the posts were seen at quite another age."""
    return "curve" if abs(found.usual.source - at) > _CARRIED_FAR else found.kind


def weigh(
    post: PostState,
    account: AccountState,
    peers: Group,
    curve: GrowthCurve,
    age: float,
    lows: tuple[int, int, int],
    speed: bool,
) -> Weighed | None:
    """The figures of a sample at a waking age. `speed`: growth since the post's anchor is asked for. None: nothing is
    expected.
    """
    at = place(age)
    found = footing(account, post, peers, curve, max(at, 0))
    if found is None:
        return None
    usual = found.usual
    centres = usual.centres
    if 0 <= at < LAST:
        after = found.group.usual(at + 1, curve)
        if after is not None:
            part = (log(age) - LOG_AGES[at]) / GAPS[at]
            one, two, three, four = centres
            one2, two2, three2, four2 = after.centres
            centres = (
                one + (one2 - one) * part,
                two + (two2 - two) * part,
                three + (three2 - three) * part,
                four + (four2 - four) * part,
            )
    expected: Four = (expm1(centres[0]), expm1(centres[1]), expm1(centres[2]), expm1(centres[3]))
    share = curve.share(age)
    if at < 0:
        expected = _times(expected, share / curve.share(AGES[0]))
    reposts, comments, likes = lows
    unknown = reposts < 0 or comments < 0 or likes < 0
    total = -1.0 if unknown else WEIGHTS[0] * reposts + WEIGHTS[1] * comments + WEIGHTS[2] * likes
    values: Four = (reposts, comments, likes, total)
    final = _times(expected, 1.0 / share)
    came: Four = (-1.0, -1.0, -1.0, -1.0)
    foreseen: Four = came
    if speed:
        came, foreseen = _growth(post, values, final, usual.spreads, curve, share)
    return Weighed(found, age, values, expected, final, came, foreseen)


def _times(four: Four, factor: float) -> Four:
    return four[0] * factor, four[1] * factor, four[2] * factor, four[3] * factor


def _growth(
    post: PostState, values: Four, final: Four, spreads: Four, curve: GrowthCurve, share: float
) -> tuple[Four, Four]:
    """What came since the anchor, and what was foreseen then."""
    then, reposts, comments, likes = post.anchor
    if post.capped:
        reposts, comments, likes = (
            -1 if post.capped >> metric & 1 else top for metric, top in enumerate((reposts, comments, likes))
        )
    unknown = reposts < 0 or comments < 0 or likes < 0
    total = -1 if unknown else WEIGHTS[0] * reposts + WEIGHTS[1] * comments + WEIGHTS[2] * likes
    share_then = curve.share(post.age(then))
    came, foreseen = [-1.0, -1.0, -1.0, -1.0], [-1.0, -1.0, -1.0, -1.0]
    for metric, had in enumerate((reposts, comments, likes, total)):
        value = values[metric]
        if had >= 0 and value >= 0:
            came[metric] = value - had if value > had else 0.0
            foreseen[metric] = foreseen_growth(had, share_then, share, final[metric], spreads[metric])
    return (came[0], came[1], came[2], came[3]), (foreseen[0], foreseen[1], foreseen[2], foreseen[3])


def remarkable(found: Weighed, error: float) -> bool:
    """Whether any metric may be worth half a score: enough extra reactions, and far enough. Cheap, never too strict:
    half a score needs a third of one by level or by speed.
    """
    fast = exp(_THIRD * SPEED_Z * error)
    for value, expected, came, foreseen, spread, least in zip(
        found.values, found.expected, found.came, found.foreseen, found.footing.usual.spreads, LEAST, strict=True
    ):
        if came - foreseen >= least and came + 1.0 >= (foreseen + 1.0) * fast:
            return True
        if value - expected >= least and value + PSEUDO >= (expected + PSEUDO) * exp(_THIRD * LEVEL_Z * spread):
            return True
    return False


def rises(found: Weighed, capped: int, error: float, level: bool) -> tuple[Rise, ...]:
    """The metrics that are known, as scores. `error` is the usual error of a forecast; `level`: levels are news."""
    result = []
    for metric, value in enumerate(found.values):
        if value < 0:
            continue
        expected, spread = found.expected[metric], found.footing.usual.spreads[metric]
        came, foreseen = found.came[metric], found.foreseen[metric]
        at_least = bool(capped) if metric == len(METRICS) - 1 else bool(capped >> metric & 1)
        rise = Rise(
            METRICS[metric],
            value,
            at_least,
            expected,
            spread,
            level_floor(metric, expected),
            level_distance(value, expected, spread) / LEVEL_Z if level else 0.0,
            came if came >= 0 else None,
            foreseen if came >= 0 else None,
            error,
            speed_floor(metric, foreseen, found.final[metric]) if came >= 0 else inf,
            speed_distance(came, foreseen, error) / SPEED_Z if came >= 0 else 0.0,
        )
        result.append(rise)
    return tuple(result)


def judge(found: tuple[Rise, ...], followed: int, history: bool, gap: bool) -> Judgement:
    """The verdict over the metrics. `history`: first seen when it was old; `gap`: its first sample after one."""
    deciding, level, speed = _deciding(found)
    score = hypot(level, speed)
    doubts: list[Doubt] = []
    if history:
        doubts.append("first_sight")
    if gap and level < FAR:
        doubts.append("after_gap")
    if score < 1.0 <= max(rise.score for rise in found):
        doubts.append("below_floor")
    if deciding.at_least and score < 1.0:
        doubts.append("capped")
    if doubts:
        score = min(score, UNSURE)
    if followed < WANTED:
        score = min(score, SURE)
    return Judgement(score, tuple(doubts), speed > level, deciding, found)


def _deciding(found: tuple[Rise, ...]) -> tuple[Rise, float, float]:
    """The metric that stands out most, with its level and speed. A counter tells more than the sum of all, which
    decides only where no counter does, or stands out much more.
    """
    scored = [(rise, *rise.above_floor) for rise in found]
    best = max(scored, key=lambda one: hypot(one[1], one[2]))
    if best[0].metric != METRICS[-1] or len(scored) == 1:
        return best
    counter = max((one for one in scored if one is not best), key=lambda one: hypot(one[1], one[2]))
    total, alone = hypot(best[1], best[2]), hypot(counter[1], counter[2])
    return counter if alone >= _ENOUGH * total and (alone >= 1.0 or total < 1.0) else best
