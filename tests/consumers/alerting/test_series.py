"""Bursts in series: what is one, how often, what gaps and repeats do to it, and the state written down."""

import itertools
import json
import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.alerting.series import Score, SeriesDetector, SeriesSettings

BEGIN = datetime(2016, 9, 1, tzinfo=UTC)
HOURLY = SeriesSettings(timedelta(hours=1))
MINUTES = timedelta(minutes=30)
HALF_HOURS = SeriesSettings(MINUTES)


def ordinary(seed: int, days: int, middle: float = 20.0, spread: float = 0.5) -> list[float]:
    """Half-hourly counts of a day that rises and falls, with bursts of any size now and then."""
    chance = random.Random(seed)
    found, heat = [], 0.0
    for place in range(48 * days):
        daily = middle * (1 + 0.8 * math.sin(2 * math.pi * place / 48))
        heat *= 0.6
        if chance.random() < 0.05:
            heat += middle * 0.3 * chance.paretovariate(1.8)
        found.append(float(round((daily + heat) * math.exp(chance.gauss(0, spread)))))
    return found


def run(
    detector: SeriesDetector, values: Sequence[float | None], begin: int = 0, step: timedelta = MINUTES
) -> list[Score]:
    return [detector.update(BEGIN + (begin + place) * step, value) for place, value in enumerate(values)]


def news(scores: Sequence[Score]) -> list[int]:
    return [place for place, score in enumerate(scores) if score.news]


def test_a_spike_and_a_slow_wave_are_news_within_their_first_hours() -> None:
    values = ordinary(1, 40)
    values[30 * 48 + 20] += 2_000
    for place in range(35 * 48, 35 * 48 + 16):
        values[place] += 120
    found = news(run(SeriesDetector(HALF_HOURS), values))
    assert 30 * 48 + 20 in found
    assert any(35 * 48 <= place < 35 * 48 + 8 for place in found)


@pytest.mark.parametrize(("middle", "spread"), [(2.0, 0.3), (20.0, 0.5), (3_000.0, 0.8)])
def test_news_comes_about_as_often_as_the_rarity_says_whatever_the_series(middle: float, spread: float) -> None:
    days = 160
    began = sum(
        sum(1 for place in news(run(SeriesDetector(HALF_HOURS), ordinary(seed, days, middle, spread))) if place > 96)
        for seed in range(3)
    )
    assert 0.3 < began / (3 * days / HALF_HOURS.rare_days) < 1.7


def test_a_fall_is_no_burst_and_silence_neither() -> None:
    chance = random.Random(2)
    values = [float(round(chance.gauss(100, 5))) for _ in range(30 * 48)]
    for place in range(20 * 48, 21 * 48):
        values[place] = 0.0
    scores = run(SeriesDetector(HALF_HOURS), values)
    assert not any(score.news for score in scores[20 * 48 : 21 * 48])


def test_a_burst_is_told_once_and_again_only_when_twice_as_rare() -> None:
    detector = SeriesDetector(HALF_HOURS)
    run(detector, ordinary(3, 30, spread=0.2))
    scores = run(detector, [400.0, 400.0, 400.0, 380.0, 5_000.0, 300.0], 30 * 48)
    levels = [score.score for score in scores if score.news]
    assert scores[0].news and scores[4].news
    assert all(after >= before + HALF_HOURS.step for before, after in itertools.pairwise(levels))
    assert [score.told for score in scores if not score.news] == [0.0] * (len(scores) - len(levels))


def test_after_quiet_hours_the_next_burst_is_news_again() -> None:
    detector = SeriesDetector(HALF_HOURS)
    run(detector, ordinary(4, 30, spread=0.2))
    quiet = ordinary(4, 31, spread=0.2)[30 * 48 + 1 :]
    scores = run(detector, [900.0, *quiet[:40], 900.0], 30 * 48)
    assert scores[0].news and scores[-1].news


def test_the_first_days_judge_nothing_and_say_how_many_are_known() -> None:
    scores = run(SeriesDetector(HALF_HOURS), [*ordinary(5, 1), 5_000.0])
    assert {score.score for score in scores[:48]} == {0.0}
    assert scores[47].days == 0 and scores[48].days == 1
    detector = SeriesDetector(HALF_HOURS)
    run(detector, ordinary(5, 14))
    assert not detector.warm
    run(detector, [20.0], 14 * 48)
    assert detector.warm and detector.days == HALF_HOURS.warm_days


def test_what_is_expected_follows_the_hour_and_the_range_holds_most_values() -> None:
    values = ordinary(6, 60, spread=0.3)
    scores = run(SeriesDetector(HALF_HOURS), values)[20 * 48 :]
    by_hour = {hour: [s.expected.value for s in scores if s.expected and s.at.hour == hour] for hour in (6, 18)}
    assert min(by_hour[6]) > 3 * max(by_hour[18])
    inside = [s.expected.low <= s.value <= s.expected.high for s in scores if s.expected and s.value is not None]
    assert 0.85 < sum(inside) / len(inside) <= 1


def test_the_bucket_after_a_gap_is_held_and_the_gap_is_no_fall() -> None:
    values = ordinary(7, 30)
    straight, gapped = SeriesDetector(HALF_HOURS), SeriesDetector(HALF_HOURS)
    run(straight, values)
    run(gapped, values)
    # Seven hours are missing; all that came in them stands in the bucket that follows.
    [held] = run(gapped, [5_000.0], 30 * 48 + 14)
    assert (held.state, held.score, held.news, held.told) == ("held", 0.0, False, 0.0)
    assert gapped.gaps == 1
    after = run(gapped, ordinary(7, 31)[30 * 48 + 15 :], 30 * 48 + 15)
    assert all(score.state == "scored" and not score.news for score in after)


def test_the_newest_buckets_can_be_shown_with_what_was_expected_of_each() -> None:
    detector = SeriesDetector(HALF_HOURS)
    scores = run(detector, ordinary(7, 20))
    last = scores[-1].at
    shown = detector.newest(last)
    assert [(one.at, one.value) for one in shown] == [(one.at, one.value) for one in scores[-48:]]
    for one, score in zip(shown, scores[-48:], strict=True):
        assert score.expected is not None
        assert one.expected.value == pytest.approx(score.expected.value, rel=0.01, abs=0.05)
        assert one.expected.low < one.expected.value < one.expected.high
    assert detector.newest(scores[-3].at) == shown[:-2]
    # Fourteen buckets are missing, and the one after them is held: neither is shown.
    run(detector, [5_000.0, *ordinary(7, 1)[:10]], 20 * 48 + 14)
    places = [(one.at - BEGIN) / timedelta(minutes=30) for one in detector.newest(last + timedelta(days=3))]
    assert places == [*range(20 * 48 - 23, 20 * 48), *range(20 * 48 + 15, 20 * 48 + 25)]
    assert SeriesDetector(HALF_HOURS).newest(last) == []


def test_over_a_gap_the_excess_before_it_fades() -> None:
    chance = random.Random(11)
    values = [float(round(chance.gauss(100, 5))) for _ in range(20 * 48)]
    scores = []
    for gap in (1, 20):
        detector = SeriesDetector(HALF_HOURS)
        run(detector, [*values, 300.0, 300.0, 300.0])
        held, judged = run(detector, [100.0, 110.0], 20 * 48 + 3 + gap)
        assert (held.state, judged.state) == ("held", "scored")
        scores.append(judged.score)
    assert scores[0] > 1 + scores[1]


def test_what_has_no_value_may_still_come() -> None:
    detector = SeriesDetector(HOURLY)
    run(detector, [1.0, 2.0], step=timedelta(hours=1))
    at = BEGIN + timedelta(hours=2)
    for nothing in (None, math.nan, math.inf):
        assert detector.update(at, nothing).state == "missing"
    assert detector.missing == 3
    assert detector.update(at, 3.0).state == "scored"
    assert detector.update(at + timedelta(hours=2), 3.0).state == "held"


def test_days_of_which_little_was_seen_say_nothing_of_peaks() -> None:
    detector = SeriesDetector(HOURLY)
    for day in range(10):
        run(detector, [5.0] * (24 if day % 2 else 11), 24 * day, timedelta(hours=1))
    run(detector, [5.0], 240, timedelta(hours=1))
    assert detector.days == 5


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 119), st.one_of(st.none(), st.integers(0, 500))), max_size=80),
    st.integers(0, 60),
)
def test_repeated_and_late_buckets_change_nothing(extra: list[tuple[int, int | None]], every: int) -> None:
    values = ordinary(8, 3)[:120]
    plain = run(SeriesDetector(HOURLY), values, step=timedelta(hours=1))
    detector = SeriesDetector(HOURLY)
    scores, ignored = [], 0
    waiting = list(extra)
    for place, value in enumerate(values):
        scores.append(detector.update(BEGIN + timedelta(hours=place), value))
        if waiting and place % (every + 1) == 0:
            earlier, again = waiting.pop()
            late = detector.update(BEGIN + timedelta(hours=min(earlier, place)), again)
            assert late.state == ("repeated" if again is not None else "missing")
            ignored += again is not None
    assert scores == plain
    assert detector.repeated == ignored


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(0, 30 * 24), st.sampled_from([0.0, 0.1, 0.5]))
def test_written_down_and_taken_up_anywhere_the_scores_are_the_same(seed: int, place: int, absent: float) -> None:
    chance = random.Random(seed)
    values = [None if chance.random() < absent else float(round(chance.paretovariate(0.7))) for _ in range(30 * 24)]
    straight = SeriesDetector(HOURLY)
    whole = run(straight, values, step=timedelta(hours=1))
    first = SeriesDetector(HOURLY)
    before = run(first, values[:place], step=timedelta(hours=1))
    second = SeriesDetector.load(HOURLY, json.loads(json.dumps(first.dump())))
    after = run(second, values[place:], place, timedelta(hours=1))
    assert before + after == whole
    assert second.dump() == straight.dump()


def test_the_state_stays_small_however_long_the_series() -> None:
    detector = SeriesDetector(SeriesSettings(timedelta(minutes=5)))
    chance = random.Random(9)
    for place in range(288 * 30):
        detector.update(BEGIN + place * timedelta(minutes=5), float(chance.randrange(10_000)))
    assert len(json.dumps(detector.dump(), separators=(",", ":"))) < 1_400


def test_a_series_may_fall_below_zero() -> None:
    chance = random.Random(10)
    values = [float(round(chance.gauss(-3, 4))) for _ in range(30 * 48)]
    scores = run(SeriesDetector(HALF_HOURS), [*values, 200.0])
    assert scores[-1].news
    assert scores[-1].expected is not None and scores[-1].expected.value < 0


def test_buckets_that_do_not_divide_a_day_are_refused() -> None:
    with pytest.raises(ValueError, match="don't divide a day"):
        SeriesSettings(timedelta(minutes=7))
    with pytest.raises(ValueError, match="don't divide a day"):
        SeriesSettings(timedelta(0))
    assert SeriesSettings(timedelta(minutes=5)).durations == (1, 2, 4, 8, 16, 32, 64)
    assert HALF_HOURS.durations == (1, 2, 4, 8)
    assert HOURLY.durations == (1, 2, 4)
