from math import expm1, log, log1p

import pytest

from consumers.alerting.baselines import UNKNOWN, WANTED, Group, decode, encode, with_interactions
from consumers.alerting.daylight import DAY, HOUR, waking
from consumers.alerting.forecast_errors import ForecastErrors
from consumers.alerting.growth_curve import ADOPT_EVERY, AGES, LAST, GrowthCurve

CURVE = GrowthCurve()


def group(*counts: float, at: int = 5) -> Group:
    made = Group()
    for count in counts:
        made.add(at, [encode(count)] * 4)
    return made


def test_codes_are_fine_and_hold_what_weibo_shows() -> None:
    for count in (0, 1, 2, 100, 12_345, 4_000_000):
        assert decode(encode(count)) == pytest.approx(count, rel=3e-4)
    assert encode(10**12) < UNKNOWN
    assert decode(with_interactions([encode(3), encode(5), encode(7)])[3]) == pytest.approx(2 * 3 + 2 * 5 + 7, rel=1e-3)
    assert with_interactions([encode(3), UNKNOWN, encode(7)])[3] == UNKNOWN


def test_the_top_and_the_bottom_quarter_do_not_matter() -> None:
    """Of 20 posts the middle ten count: 10 each, whatever the five on either side are."""
    usual = group(*[0] * 5, *[10] * 10, *[5_000] * 5).usual(5, CURVE)
    assert usual is not None
    assert expm1(usual.centres[0]) == pytest.approx(10, rel=1e-3)


def test_the_spread_ignores_an_eighth_on_either_side() -> None:
    """20 posts: the third from below and the third from above, 2·1.175 standard deviations apart."""
    counts = [1, 1, *[20] * 1, *[40] * 14, *[80] * 1, 9_000, 9_000]
    usual = group(*counts).usual(5, CURVE)
    assert usual is not None
    centre = log1p(40)
    expected = max((log1p(80) - log1p(20)) / 2, log1p(80) - centre) / 1.175 * (1 + 6 / 20)
    assert usual.spreads[0] == pytest.approx(expected, rel=0.01)


def test_a_spread_is_never_below_a_quarter() -> None:
    usual = group(*[50] * 40).usual(5, CURVE)
    assert usual is not None and usual.spreads[0] == 0.25


def test_fewer_than_five_posts_expect_nothing() -> None:
    assert group(*[50] * 4).usual(5, CURVE) is None
    assert group(*[50] * 5).usual(5, CURVE) is not None


def test_an_age_without_posts_is_carried_by_the_curve_and_less_sure() -> None:
    made = group(*[100] * WANTED, at=LAST)
    usual = made.usual(4, CURVE)
    assert usual is not None
    assert expm1(usual.centres[0]) == pytest.approx(100 * CURVE.share(AGES[4]), rel=0.01)
    assert (usual.source, usual.members) == (LAST, WANTED)
    assert usual.spreads[0] == pytest.approx(-0.4 * log(CURVE.share(AGES[4])) * 1.3, rel=0.01)


def test_a_member_that_leaves_is_forgotten() -> None:
    made = group(*[50] * 10)
    before = made.usual(5, CURVE)
    made.add(5, [encode(7_000)] * 4)
    assert made.usual(5, CURVE) != before
    made.remove(5, [encode(7_000)] * 4)
    assert made.usual(5, CURVE) == before


def test_a_whole_day_has_a_day_of_waking_time_and_its_night_little() -> None:
    for begin in range(0, int(DAY), 7_000):
        assert waking(begin + DAY) - waking(begin) == pytest.approx(DAY)
    four = 20 * HOUR  # 4:00 in Beijing
    assert waking(four + HOUR) - waking(four) < 0.4 * HOUR
    assert waking(four + 17 * HOUR) - waking(four + 16 * HOUR) > 1.2 * HOUR


def test_the_general_curve_learns_from_posts_and_is_changed_every_six_hours() -> None:
    curve = GrowthCurve()
    first = curve.share(AGES[5])
    assert curve.share(AGES[LAST]) == 1.0 == curve.share(10 * AGES[LAST])
    for _ in range(300):
        curve.learn(5, 1.2)
    assert curve.share(AGES[5]) == first
    curve.tick(ADOPT_EVERY)
    assert curve.share(AGES[5]) < 0.6 * first
    assert curve.shares[6] - curve.shares[5] == pytest.approx(1.2, abs=0.05)
    again = GrowthCurve()
    again.load(curve.dump())
    assert again.shares == curve.shares


def test_one_wild_post_hardly_bends_the_curve() -> None:
    curve = GrowthCurve()
    before = curve.shares
    curve.learn(3, 50.0)
    curve.tick(ADOPT_EVERY)
    assert max(abs(new - old) for new, old in zip(curve.shares, before, strict=True)) < 0.08


def test_forecast_errors_come_to_hold_95_of_100() -> None:
    """Errors of 0.01 to 1.00 evenly: 0.95 is the upper 95 %."""
    errors = ForecastErrors()
    for turn in range(4_000):
        errors.learn(HOUR / 2, (turn * 37 % 100 + 1) / 100)
    assert errors.usual(HOUR / 2) == pytest.approx(0.95 / 1.645, rel=0.08)
    assert errors.usual(5 * DAY) == pytest.approx(1 / 1.645)
