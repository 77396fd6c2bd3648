"""What a detector says: something about somebody at a moment, beside what was to be expected.

Detectors are pure: events in, findings out, and a small state that can be written down and taken up again. Whether
anybody is told of a finding is decided by the rules and the episodes, not here. All moments are event time, UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from schemas.alerts import BasisKind, Kind

SubjectKind = Literal["post", "account", "country", "all", "lane"]
FindingKind = Kind
Doubt = Literal["below_floor", "warming_up", "first_sight", "after_gap", "capped", "held", "out_of_order", "too_old"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it is about: a post, an account, the accounts of a country, all accounts, or a lane of the crawler."""

    kind: SubjectKind
    #: The post's id, the account's id, the country's ISO code, `all`, or `worker:lane`.
    id: str
    #: The account that it belongs to, where it is a post or an account.
    account_id: str | None = None

    @property
    def key(self) -> str:
        """Unique among all subjects."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Basis:
    """What an expectation rests on: from how many posts, or buckets of a series, and of which time (UTC)."""

    kind: BasisKind
    members: int
    #: With fewer it is provisional: "warming up: 9 of 20".
    wanted: int
    since: datetime | None = None
    until: datetime | None = None

    @property
    def provisional(self) -> bool:
        """Whether too few members stand behind it to be sure."""
        return self.members < self.wanted


class CurvePoint(NamedTuple):
    """A post's counter at an age in seconds, None where it was not seen, beside what posts usually have at it; or what
    came within a bucket of a series, at its end, which is so many seconds before the observation (0 or less).
    """

    age_s: float
    value: float | None
    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One judgement of a detector.

    `score` is comparable between kinds and subjects: 1 is where the default rule would tell somebody, 0 is nothing out
    of the ordinary, 2 is twice as far (detectors say how they measure it).
    """

    kind: FindingKind
    subject: Subject
    #: The event time of the observation that it rests on.
    at: datetime
    score: float
    #: The counter or series that decided: reposts, comments, likes, interactions, followers; None for a mere fact.
    metric: str | None = None
    value: float | None = None
    #: The counter is capped: the value is at least that.
    at_least: bool = False
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    #: Of a post: seconds from its publication to the observation.
    age_s: float | None = None
    #: How fast the metric grows now, per hour.
    per_hour: float | None = None
    #: Seconds from the observation before to this one.
    gap_s: float | None = None
    basis: Basis | None = None
    #: Data were late, or a lane was down, so that this may look different once all is there.
    incomplete: bool = False
    #: Why it is not told, although the figures are far from what was expected; empty: nothing speaks against it.
    doubts: tuple[Doubt, ...] = ()
    #: What a fact says besides, such as the kind of a removal or the fields that were edited.
    detail: str | None = None
    #: Of an account's wave: the posts that gained most of it, the one with the most first.
    posts: tuple[str, ...] = ()
    #: Of a post's rise or a wave: the metric up to now beside what is usual.
    curve: tuple[CurvePoint, ...] = ()
