"""Bursts in a series of counts: how rare what is seen now is for this series, in one pass and with a small state.

1. Excess: a value minus what this hour of the day has shown so far (consumers.alerting.seasonality).
2. Fading means of the excess over durations from one bucket to six hours, each twice the one before, and the mean of
   their logarithms: neither a spike nor a slow wave needs a setting of its own.
3. Its rarity: how many days pass until this series has such a peak once (consumers.alerting.daily_peaks).

The score is the logarithm of these days over that of `rare_days`: 1 is rarer than once in eight days, 2 than once in
sixty-four, 0 comes daily. Nothing is known of a series but its past: not its least, its greatest, nor its length.

A burst lasts until no score reached 1 for some hours; within it only a score is news that means twice as rare.
"""

import math
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Literal, NamedTuple

from consumers.alerting.daily_peaks import DailyPeaks
from consumers.alerting.seasonality import Expected, Seasonality

DAY = timedelta(days=1)
#: Finer than anything that is drawn: a level is a logarithm.
SHOWN_GRAIN = 0.01

State = Literal["scored", "held", "missing", "repeated"]


@dataclass(frozen=True, slots=True)
class SeriesSettings:
    """How a series is judged. Where the values come from, and what others do: tests/benchmarks/nab.py.

    `bucket` must divide a day. Half-lives are of event time that was seen. Raises ValueError.
    """

    bucket: timedelta
    slots: int = 48
    longest: timedelta = timedelta(hours=6)
    level_half_life_days: float = 7.0
    peaks_half_life_days: float = 14.0
    usual_spread: float = 0.6
    usual_days: float = 7.0
    rare_days: float = 8.0
    quiet: timedelta = timedelta(hours=6)
    warm_days: int = 14
    #: So many of the newest buckets are kept to be shown.
    shown: int = 48

    def __post_init__(self) -> None:
        if self.bucket <= timedelta(0) or DAY % self.bucket or self.per_day % self.slots_of_day:
            raise ValueError(f"buckets of {self.bucket} in {self.slots} slots don't divide a day")

    @property
    def per_day(self) -> int:
        """Buckets of a day."""
        return DAY // self.bucket

    @property
    def slots_of_day(self) -> int:
        """Slots of a day: no more than there are buckets."""
        return min(self.slots, self.per_day)

    @property
    def durations(self) -> tuple[int, ...]:
        """Over how many buckets the excess is averaged."""
        most = max(1, self.longest // self.bucket)
        return tuple(2**power for power in range(most.bit_length()))

    @property
    def step(self) -> float:
        """By how much a score must rise to mean twice as rare."""
        return math.log(2) / math.log(self.rare_days)


@dataclass(frozen=True, slots=True)
class Score:
    """What a value means. `days` is how many days are known, of which `warm_days` are wanted.

    `state` says why there is no judgement: the bucket is `held`, since it follows a gap and may hold what came in it;
    `missing`, without a value; or `repeated`, no later than one that was seen.
    """

    at: datetime
    state: State
    value: float | None
    score: float = 0.0
    #: A burst begins, or is twice as rare as what was news of it before.
    news: bool = False
    #: The score where it is news or no burst is on, else 0.
    told: float = 0.0
    expected: Expected | None = None
    days: int = 0
    #: How much more came than expected, over the duration for which it is most.
    excess: float = 0.0
    #: How many times what is expected (one at least), over the duration for which it is most.
    times: float = 1.0


class Shown(NamedTuple):
    """A bucket that was judged: its begin, its value, and what was expected of it then."""

    at: datetime
    value: float
    expected: Expected


class SeriesDetector:
    """The state of one series. Not safe to share between threads."""

    __slots__ = (
        "_day_began", "_index", "_level", "_means", "_newest", "_origin", "_peaks", "_seasonality", "_seen_today",
        "_settings", "_since_rare", "gaps", "missing", "repeated",
    )  # fmt: skip

    def __init__(self, settings: SeriesSettings) -> None:
        self._settings = settings
        self._seasonality = Seasonality(
            settings.slots_of_day, settings.per_day // settings.slots_of_day, _share(settings.level_half_life_days)
        )
        self._peaks = DailyPeaks(1 - _share(settings.peaks_half_life_days), settings.usual_spread, settings.usual_days)
        self._means = [0.0] * len(settings.durations)
        #: The first bucket; buckets are counted from there.
        self._origin: datetime | None = None
        self._index = -1
        self._day_began = 0
        self._seen_today = 0
        #: The score that was last news of the burst that is on; None: no burst.
        self._level: float | None = None
        self._since_rare = 0
        #: Value and expected level, in parts of `SHOWN_GRAIN`, of the newest buckets up to the last; None: not judged.
        self._newest: deque[tuple[float, int] | None] = deque(maxlen=settings.shown)
        self.gaps = 0
        self.missing = 0
        self.repeated = 0

    @property
    def days(self) -> int:
        """How many days the judgement rests on."""
        return self._peaks.days

    @property
    def buckets(self) -> int:
        """How many buckets the expectation rests on."""
        return self._seasonality.count

    @property
    def since(self) -> datetime | None:
        """The first bucket; None: there was none."""
        return self._origin

    def expected_at(self, at: datetime) -> float:
        """What would be expected of a bucket now; 0 where nothing is known."""
        return self._seasonality.expected(self._seasonality.level(self._slot(at))).value

    def newest(self, until: datetime) -> list[Shown]:
        """The newest buckets up to the one that begins at a moment; how wide a range is, is what is known of it now."""
        origin = self._origin
        if origin is None:
            return []
        first = self._index + 1 - len(self._newest)
        found = (
            Shown(origin + index * self._settings.bucket, one[0], self._seasonality.expected(SHOWN_GRAIN * one[1]))
            for index, one in enumerate(self._newest, first)
            if one is not None
        )
        return [one for one in found if one.at <= until]

    @property
    def warm(self) -> bool:
        """Whether enough days are known."""
        return self.days >= self._settings.warm_days

    def update(self, at: datetime, value: float | None) -> Score:
        """Judge the bucket that begins at a moment (offset-aware), and learn from it.

        Buckets come in order of time. A bucket that is not later than one before is ignored and counted. None, or what
        is no finite number, is no value: nothing is learned, and the bucket may still come. The first bucket after one
        without a value is held: neither judged nor learned from.
        """
        if value is None or not math.isfinite(value):
            self.missing += 1
            return Score(at, "missing", None, days=self.days)
        if self._origin is None:
            self._origin = at
        # Rounded, so that moments that shake by less than half a bucket keep their places.
        index = round((at - self._origin) / self._settings.bucket)
        if index <= self._index:
            self.repeated += 1
            return Score(at, "repeated", value, days=self.days)
        passed = index - self._index - 1
        self._index = index
        self._end_days(index)
        self._end_burst(index)
        if passed:
            self.gaps += 1
            for place, duration in enumerate(self._settings.durations):
                self._means[place] *= (1 - 1 / duration) ** (passed + 1)
            self._newest.extend([None] * min(passed + 1, self._settings.shown))
            return Score(at, "held", value, days=self.days)
        return self._judge(at, value, index)

    def _judge(self, at: datetime, value: float, index: int) -> Score:
        slot = self._slot(at)
        level = self._seasonality.level(slot) if self._seasonality.count else math.log1p(abs(value))
        expected = self._seasonality.expected(level)
        size, excess = self._size(value - expected.value)
        times = 1 + max(0.0, *self._means) / max(1.0, expected.value)
        score = self._peaks.log_days(size) / math.log(self._settings.rare_days)
        self._peaks.see(size)
        self._seen_today += 1
        self._seasonality.learn(slot, value, level)
        self._newest.append((round(value, 1), round(level / SHOWN_GRAIN)))
        news, told = self._news(score, index)
        return Score(at, "scored", value, score, news, told, expected, self.days, excess, times)

    def _size(self, excess: float) -> tuple[float, float]:
        """The mean over all durations of the logarithm of the excess, and the greatest excess; a fall is none."""
        total = most = 0.0
        for place, duration in enumerate(self._settings.durations):
            mean = self._means[place] = self._means[place] + (excess - self._means[place]) / duration
            if mean > 0:
                total += math.log1p(mean)
                most = max(most, mean * duration)
        return total / len(self._means), most

    def _news(self, score: float, index: int) -> tuple[bool, float]:
        if score < 1:
            return False, score if self._level is None else 0.0
        self._since_rare = index
        if self._level is not None and score < self._level + self._settings.step:
            return False, 0.0
        self._level = score
        return True, score

    def _end_burst(self, index: int) -> None:
        if self._level is not None and index - self._since_rare > self._settings.quiet // self._settings.bucket:
            self._level = None

    def _end_days(self, index: int) -> None:
        per_day = self._settings.per_day
        while index - self._day_began >= per_day:
            self._peaks.end_day(2 * self._seen_today >= per_day)
            self._seen_today = 0
            # A day of which nothing was seen ends like others, at once with all that follow it.
            self._day_began += max(1, (index - self._day_began) // per_day) * per_day

    def _slot(self, at: datetime) -> int:
        utc = at.astimezone(UTC)
        seconds = utc.hour * 3600 + utc.minute * 60 + utc.second
        return seconds * self._settings.slots_of_day // 86_400

    def dump(self) -> list[Any]:
        """The state as JSON has it, without `newest`: scores after `load` are the same as without."""
        origin = self._origin.isoformat() if self._origin else None
        return [
            *(origin, self._index, self._day_began, self._seen_today, self._level, self._since_rare),
            *(self.gaps, self.missing, self.repeated),
            list(self._means), self._seasonality.dump(), self._peaks.dump(),
        ]  # fmt: skip

    @classmethod
    def load(cls, settings: SeriesSettings, state: list[Any]) -> "SeriesDetector":
        """The detector of a state that `dump` wrote under the same settings."""
        one = cls(settings)
        origin, one._index, one._day_began, one._seen_today, one._level, one._since_rare, *rest = state
        one.gaps, one.missing, one.repeated, one._means, seasonality, peaks = rest
        one._origin = datetime.fromisoformat(origin) if origin else None
        one._seasonality.restore(seasonality)
        one._peaks.restore(peaks)
        return one

    def dump_newest(self) -> list[Any]:
        """What `newest` tells, as JSON has it: apart, since it changes with each bucket only, and is large."""
        return list(chain.from_iterable(one or (None, None) for one in self._newest))

    def load_newest(self, state: list[Any]) -> None:
        """Take up what `dump_newest` gave."""
        pairs = zip(state[::2], state[1::2], strict=True)
        self._newest.clear()
        self._newest.extend(None if value is None else (value, level) for value, level in pairs)


def _share(half_life_days: float) -> float:
    """The share of a day's news in what fades with a half-life."""
    return 1 - 2 ** (-1 / half_life_days)
