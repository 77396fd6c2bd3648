"""NAB's rules for scoring a detector of anomalies in series, and two figures beside them that it does not have.

Restated from the rules in the README beside the data (Lavin and Ahmad 2015, as numenta/NAB's sweeper has them): rows
of the first part of a series are never scored; of a window only the earliest alert counts, by a sigmoid of where it
stands; each alert outside windows costs, little just past one; one threshold for all series, the best per profile.
"""

import bisect
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PROBATION_SHARE, PROBATION_OF_AT_MOST = 0.15, 5_000
FAR_PAST = 3.0
"""Widths of the window before, from which on an alert costs all that it may."""
MERGED = timedelta(hours=6)
"""Alerts with no more time than this between them are one incident."""
NEAR = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a false alert costs and what a missed window; an alert at the begin of a window is worth 1."""

    name: str
    false_alert: float
    missed: float


PROFILES = (Profile("standard", 0.11, 1.0), Profile("low_fp", 0.22, 1.0), Profile("low_fn", 0.11, 2.0))


@dataclass(frozen=True, slots=True)
class LabelledSeries:
    """A series with its hand labels and windows, all moments UTC; rows in order of time.

    `windows` are first and last row, inclusive, in order, and don't overlap.
    """

    name: str
    moments: Sequence[datetime]
    values: Sequence[float]
    labels: Sequence[datetime]
    windows: Sequence[tuple[int, int]]

    @property
    def probation(self) -> int:
        """How many rows at the begin are never scored."""
        return min(math.floor(PROBATION_SHARE * len(self.moments)), math.floor(PROBATION_SHARE * PROBATION_OF_AT_MOST))


@dataclass(frozen=True, slots=True)
class Best:
    """The best that one threshold for all series reaches in a profile: 100 is perfect, 0 is never an alert."""

    score: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Incidents:
    """At one threshold: windows hit, hand labels with an alert within two hours, and false incidents.

    A false incident is a run of alerts outside windows, with no more than six hours between one and the next. Labels
    of rows that are never scored don't count.
    """

    threshold: float
    windows: int
    windows_hit: int
    labels: int
    labels_hit: int
    false: int

    @property
    def label_recall(self) -> float:
        """Share of hand labels with an alert within two hours, before or after."""
        return self.labels_hit / self.labels if self.labels else math.nan


@dataclass(frozen=True, slots=True)
class _Row:
    score: float
    worth: float
    window: int | None


def sigmoid(position: float) -> float:
    """What an alert is worth at a position: -1 the begin of its window, 0 its end, 1 a width past it."""
    return -1.0 if position >= FAR_PAST else 2 / (1 + math.exp(5 * position)) - 1


def worths(one: LabelledSeries) -> list[tuple[float, int | None]]:
    """Of every row: what an alert is worth there, before a false one is weighed, and the number of its window."""
    found: list[tuple[float, int | None]] = []
    coming = 0
    before: tuple[int, int] | None = None
    for row in range(len(one.moments)):
        if coming < len(one.windows) and row > one.windows[coming][1]:
            before = one.windows[coming]
            coming += 1
        if coming < len(one.windows) and row >= one.windows[coming][0]:
            first, last = one.windows[coming]
            found.append((sigmoid(-(last - row + 1) / (last - first + 1)) / sigmoid(-1), coming))
        elif before is None:
            found.append((-1.0, None))
        else:
            first, last = before
            found.append((sigmoid((row - last) / max(last - first, 1)), None))
    return found


@dataclass(slots=True)
class Sheet:
    """The rows of all series that are scored, by one detector's scores, to ask for any profile and threshold."""

    windows: int = 0
    rows: list[_Row] = field(default_factory=list)

    def add(self, one: LabelledSeries, scores: Sequence[float]) -> None:
        """Add a series; a score is of the row of the same number, and a high one says alert."""
        start = one.probation
        for row, (worth, window) in enumerate(worths(one)):
            if row >= start:
                self.rows.append(_Row(scores[row], worth, None if window is None else self.windows + window))
        # A window that ends before scoring begins could never be hit.
        self.windows += len(one.windows)

    def best(self, profile: Profile) -> Best:
        """The best over every distinct score as the threshold, and over no alert at all."""
        best = Best(0.0, math.inf)
        raw = -profile.missed * self.windows
        hit: dict[int, float] = {}
        rows = sorted(self.rows, key=lambda row: -row.score)
        for number, row in enumerate(rows):
            raw += self._gain(row, profile, hit)
            last_of_score = number + 1 == len(rows) or rows[number + 1].score != row.score
            if last_of_score and (score := self._normalised(raw, profile)) > best.score:
                best = Best(score, row.score)
        return best

    def at(self, threshold: float, profile: Profile) -> float:
        """The score at a threshold that is given."""
        hit: dict[int, float] = {}
        gains = sum(self._gain(row, profile, hit) for row in self.rows if row.score >= threshold)
        return self._normalised(gains - profile.missed * self.windows, profile)

    def _gain(self, row: _Row, profile: Profile, hit: dict[int, float]) -> float:
        if row.window is None:
            return profile.false_alert * row.worth
        before = hit.get(row.window)
        if before is not None and before >= row.worth:
            return 0.0
        hit[row.window] = row.worth
        return row.worth - (-profile.missed if before is None else before)

    def _normalised(self, raw: float, profile: Profile) -> float:
        return 100 * (raw + profile.missed * self.windows) / ((1 + profile.missed) * self.windows)


def incidents(scored: Iterable[tuple[LabelledSeries, Sequence[float]]], threshold: float) -> Incidents:
    """What is hit and what is false at a threshold, over all series."""
    windows = windows_hit = labels = labels_hit = false = 0
    for one, scores in scored:
        start = one.probation
        alerts = [row for row in range(start, len(one.moments)) if scores[row] >= threshold]
        moments = [one.moments[row] for row in alerts]
        window_of = [window for _, window in worths(one)]
        windows += len(one.windows)
        windows_hit += len({window_of[row] for row in alerts} - {None})
        scorable = [label for label in one.labels if start < len(one.moments) and label >= one.moments[start]]
        labels += len(scorable)
        labels_hit += sum(_near(label, moments) for label in scorable)
        false += len(_merged([row for row in alerts if window_of[row] is None], one.moments))
    return Incidents(threshold, windows, windows_hit, labels, labels_hit, false)


def _near(label: datetime, moments: Sequence[datetime]) -> bool:
    following = bisect.bisect_left(moments, label - NEAR)
    return following < len(moments) and moments[following] <= label + NEAR


def _merged(alerts: Sequence[int], moments: Sequence[datetime]) -> list[list[int]]:
    groups: list[list[int]] = []
    for row in alerts:
        if groups and moments[row] - moments[groups[-1][-1]] <= MERGED:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups
