"""What a group of posts does at an age: of this account's type, of this account, or of all accounts.

A post that passes one of the AGES leaves its counters there, as logarithms; the group keeps them sorted. What is to be
expected is the mean of the middle half of the logarithms (CrowdTangle's rule: drop the top and the bottom quarter, the
mean of the rest, at the same age). How far posts usually stray from it is the distance between the 12 % and the 88 %
point, or twice that from the centre to the upper one where counts lean that way, in standard deviations of a normal
distribution. So ten hits among a hundred posts change little, and an account whose posts differ wildly has a wide band.
What few posts say of that distance is weighed against what is usual among accounts (usual_spreads).
"""

from array import array
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1, hypot, inf, log1p
from typing import Final

from consumers.alerting.growth_curve import LAST, GrowthCurve
from consumers.alerting.usual_spreads import NARROWEST, UsualSpreads

METRICS: Final = ("reposts", "comments", "likes", "interactions")
WEIGHTS: Final = (2, 2, 1)
"""Interactions: reposts and comments weigh twice a like, which costs a reader the least."""

WANTED: Final = 20
"""So many members make an expectation that is no longer provisional."""
FEWEST: Final = 5
"""With fewer nothing is expected: the quartiles of four posts are nearly their extremes."""

SCALE: Final = 4_000.0
UNKNOWN: Final = 65_535
"""A counter at an age that is not known."""

_TAIL, _TAIL_Z = 0.12, 1.175
"""The part of the posts on either side whose distance does not matter, and where it begins in a normal distribution."""
_FEW = 6.0
"""Spreads that are known as of n posts are widened by 6/n. Such a spread of n posts is known as well as a standard
deviation of 0.6·n, and the factor is about by how much the tail of Student's t with so many degrees
of freedom is wider at one in two thousand."""
_CARRIED = 0.4
"""Standard deviation that an expectation gains by the general curve, as a part of the logarithm that it is carried by:
where a post has a third of its final count by the general curve, its own curve is off by half of that third."""
_DISTANCE = 0.25
"""An age counts as a source as if each step of distance cost it a quarter of a member."""


def encode(count: float) -> int:
    """log(1 + count) in 4,000ths: 16 bits hold up to 13,000,000, to 0.013 %."""
    return min(round(log1p(count) * SCALE), UNKNOWN - 1)


def decode(code: float) -> float:
    """The count of a code, not rounded."""
    return expm1(code / SCALE)


def weighted(reposts: float, comments: float, likes: float) -> float:
    """Interactions of the three counters."""
    return WEIGHTS[0] * reposts + WEIGHTS[1] * comments + WEIGHTS[2] * likes


def with_interactions(codes: Sequence[int]) -> tuple[int, int, int, int]:
    """Codes of the four metrics from those of the three counters."""
    reposts, comments, likes = codes
    if UNKNOWN in (reposts, comments, likes):
        return reposts, comments, likes, UNKNOWN
    return reposts, comments, likes, encode(weighted(decode(reposts), decode(comments), decode(likes)))


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual at one of AGES: per metric the centre and the spread of log(1 + count).

    `members` is how many posts it rests on, `source` the index of the age at which they were seen.
    """

    centres: tuple[float, float, float, float]
    spreads: tuple[float, float, float, float]
    members: int
    source: int

    def settled(self, at: int) -> bool:
        """Whether enough posts were seen at AGES[at] itself."""
        return self.source == at and self.members >= WANTED


class Group:
    """The members' counters at each of AGES. What is usual is remembered until a member passes that age."""

    __slots__ = ("_generation", "_members", "_sorted", "_spreads", "_usual", "fresh")

    def __init__(self, spreads: UsualSpreads | None = None) -> None:
        """`spreads`: what its own spreads are weighed against; None: they are taken as they are."""
        self._spreads = spreads
        #: Members that were followed from their first hours on.
        self.fresh = 0
        self._sorted: list[tuple[array[int], ...] | None] = [None] * (LAST + 1)
        self._members = [0] * (LAST + 1)
        self._usual: dict[int, Usual | None] = {}
        self._generation = 0

    def add(self, at: int, codes: Sequence[int]) -> None:
        """A member has these four codes at AGES[at]."""
        for column, code in zip(self._columns(at), codes, strict=True):
            if code != UNKNOWN:
                insort(column, code)
        self._members[at] += 1
        self._changed(at)

    def remove(self, at: int, codes: Sequence[int]) -> None:
        """A member is one no longer."""
        for column, code in zip(self._columns(at), codes, strict=True):
            if code != UNKNOWN:
                column.pop(bisect_left(column, code))
        self._members[at] -= 1
        self._changed(at)

    def teach(self, at: int) -> None:
        """Let what the members show at AGES[at] count among what is usual."""
        count = self._members[at]
        if self._spreads is not None and count >= FEWEST:
            for metric, column in enumerate(self._columns(at)):
                if column:
                    self._spreads.learn(at, metric, _robust(column)[1], count)

    def members(self, at: int) -> int:
        """How many have left a counter at that age."""
        return self._members[at]

    def usual(self, at: int, curve: GrowthCurve) -> Usual | None:
        """What is usual at AGES[at]: of the members seen there, or of those seen nearest, carried by the curve."""
        if self._generation != curve.generation:
            self._generation = curve.generation
            self._usual = {}
        try:
            return self._usual[at]
        except KeyError:
            found = self._usual[at] = self._work_out(at, curve)
            return found

    def _columns(self, at: int) -> tuple["array[int]", ...]:
        columns = self._sorted[at]
        if columns is None:
            columns = self._sorted[at] = tuple(array("H") for _ in METRICS)
        return columns

    def _changed(self, at: int) -> None:
        usual = self._usual
        if usual:
            # What has enough members of its own stands; of the rest, another age may now be the better source.
            self._usual = {age: known for age, known in usual.items() if age != at and known and known.settled(age)}

    def _work_out(self, at: int, curve: GrowthCurve) -> Usual | None:
        members = self._members
        source = at if members[at] >= WANTED else _best_source(members, at)
        count = members[source]
        if count < FEWEST:
            return None
        carried = curve.shares[at] - curve.shares[source]
        centres, spreads = [], []
        for metric, column in enumerate(self._columns(source)):
            centre, spread = _robust(column)
            known: float = count
            if self._spreads is not None:
                spread, known = self._spreads.believed(source, metric, spread, count)
            if carried:
                centre = log1p(expm1(centre) * exp(carried))
                spread = hypot(spread, _CARRIED * carried)
            centres.append(centre)
            spreads.append(max(spread * (1.0 + _FEW / known), NARROWEST))
        return Usual(_four(centres), _four(spreads), count, source)


def _best_source(members: Sequence[int], at: int) -> int:
    """The age whose members say most of what is usual at another: many of them, and near; the nearer of two alike."""
    best, source = -inf, at
    for distance in range(len(members)):
        reach = _DISTANCE * distance
        # Farther out nothing is worth more.
        if WANTED - reach <= best:
            break
        for age in (at - distance, at + distance) if distance else (at,):
            if 0 <= age < len(members) and members[age]:
                worth = min(members[age], WANTED) - reach
                if worth > best:
                    best, source = worth, age
    return source


def _four(values: Sequence[float]) -> tuple[float, float, float, float]:
    first, second, third, fourth = values
    return first, second, third, fourth


def _robust(column: "array[int]") -> tuple[float, float]:
    """Centre and spread of a sorted column; (0, 0) of an empty one."""
    count = len(column)
    if not count:
        return 0.0, 0.0
    cut = count // 4
    middle = column[cut : count - cut]
    centre = sum(middle) / len(middle)
    tail = int(_TAIL * (count - 1))
    high = column[count - 1 - tail]
    return centre / SCALE, max((high - column[tail]) / 2.0, high - centre, 0.0) / (_TAIL_Z * SCALE)
