"""How far the raw rows reach back, judged by what the tables say of themselves."""

from datetime import UTC, datetime, timedelta

from consumers.horizon import EPOCH, Held, Rows, judged, safe_from
from schemas.retention import wanted
from schemas.settings import Retention

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NONE = Rows(None, None, EPOCH, None)


def rows(days: int, derived_days: float | None = None, safe: datetime = EPOCH) -> Rows:
    """Rows of the last days, and what was derived until so many days ago."""
    return Rows(NOW - days * DAY, NOW, safe, None if derived_days is None else NOW - derived_days * DAY)


def engine(days: int | None) -> str:
    clause = wanted(Retention(samples_days=days))["engagement_samples"]
    return f"MergeTree ORDER BY a{f' TTL {clause}' if clause else ''} SETTINGS index_granularity = 8192"


def test_where_all_rows_are_there_everything_may_be_derived() -> None:
    assert judged(rows(900), rows(900)) == Held()
    assert judged(NONE, NONE) == Held()


def test_the_oldest_sample_says_how_far_what_was_lost_reaches() -> None:
    begin = NOW - 100 * DAY
    assert judged(rows(100, 100.5), NONE) == Held(begin, begin + 30 * DAY, begin + 30 * DAY)


def test_after_a_rest_the_oldest_sample_is_whole_with_its_hour() -> None:
    begin = NOW - 400 * DAY
    assert judged(rows(10, 400), NONE) == Held(begin, begin + 30 * DAY, begin + 30 * DAY)


def test_where_no_sample_is_left_what_comes_later_is_derived() -> None:
    begin = NOW - 70 * DAY
    assert judged(Rows(None, None, EPOCH, begin), NONE) == Held(begin, begin + 30 * DAY, begin + 30 * DAY)


def test_days_need_their_receipts_too() -> None:
    assert judged(rows(900), rows(90, 90.5)) == Held(days=NOW - 90 * DAY)


def test_rows_that_may_expire_any_hour_count_as_gone() -> None:
    safe = safe_from(engine(100), NOW - 900 * DAY, NOW)
    assert safe == NOW - 99 * DAY
    assert judged(rows(101, safe=safe), NONE).posts == safe


def test_without_a_ttl_or_before_it_can_have_struck_nothing_expires() -> None:
    assert safe_from(engine(None), NOW - 900 * DAY, NOW) == EPOCH
    assert safe_from(engine(100), NOW - 98 * DAY, NOW) == EPOCH


def test_rows_of_another_clock_are_judged_by_what_is_there() -> None:
    safe = safe_from(engine(100), NOW - 900 * DAY, NOW)
    assert judged(Rows(datetime(2017, 1, 1, tzinfo=UTC), datetime(2017, 2, 1, tzinfo=UTC), safe, None), NONE) == Held()
