from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing.counts import LARGEST, read_count, read_views
from schemas.counts import Count, Precision, contains, interval_of, value_of


def shown_cut(truth: int, digits: int) -> str:
    """A count as a page shows that cuts off what it does not show."""
    return _shown(truth, digits, lambda number: number.__floor__())


def shown_rounded(truth: int, digits: int) -> str:
    """A count as a page shows that rounds half up."""
    return _shown(truth, digits, lambda number: (number + Fraction(1, 2)).__floor__())


def _shown(truth: int, digits: int, whole) -> str:
    if truth < 10_000:
        return str(truth)
    unit, word = (10**8, "亿") if truth >= 10**8 else (10**4, "万")
    steps = whole(Fraction(truth, unit) * 10**digits)
    before, after = divmod(steps, 10**digits)
    return f"{before}.{after:0{digits}d}{word}" if after else f"{before}{word}"


def drop_zeros(text: str) -> str:
    """ "105.0万" is also shown as "105万", whose interval is wider."""
    return text.replace(".0", "")


@given(st.integers(0, LARGEST), st.integers(1, 2), st.sampled_from([shown_cut, shown_rounded]))
def test_the_interval_contains_the_count_that_was_shown(truth, digits, shown):
    reading = read_count(shown(truth, digits))
    assert reading.problem is None
    assert contains(reading.counter, truth)


@given(st.integers(10_000, 99_999_999), st.integers(1, 2))
def test_the_interval_is_no_wider_than_both_readings_need(truth, digits):
    text = shown_cut(truth, digits)
    low, high = interval_of(read_count(text).counter)
    step = 10 ** (4 - (len(text.partition(".")[2]) - 1 if "." in text else 0))
    assert high - low < step * 3 // 2


def test_a_number_of_thousands_of_digits_is_drift():
    assert read_count(10**5000).problem


@given(st.integers(0, LARGEST))
def test_plain_numbers_are_exact(number):
    for shown in (number, str(number), f"{number:,}", float(number), f" {number} "):
        assert read_count(shown).counter == number


@given(st.text() | st.binary() | st.floats() | st.integers() | st.lists(st.integers()) | st.booleans())
def test_anything_unreadable_is_none_with_a_reason_and_never_zero(value):
    reading = read_count(value)
    assert reading.counter is None or reading.problem is None
    if value_of(reading.counter) == 0:
        assert value == 0 or (isinstance(value, str) and set(value.strip()) <= set("0,.万亿+")) or value in WORDS


WORDS = ("转发", "评论", "赞")


def test_the_cap_is_a_lower_bound():
    assert read_count("100万+").counter == Count(
        value=1_000_000, low=1_000_000, high=None, precision=Precision.LOWER_BOUND, raw="100万+"
    )


@pytest.mark.parametrize(
    ("shown", "low", "value", "high"),
    [
        ("105.9万", 1_058_500, 1_059_000, 1_059_999),
        ("1.2亿", 115_000_000, 120_000_000, 129_999_999),
        ("903万", 9_025_000, 9_030_000, 9_039_999),
    ],
)
def test_rounded_counts_have_an_interval(shown, low, value, high):
    counter = read_count(shown).counter
    assert (counter.low, counter.value, counter.high) == (low, value, high)
    assert (counter.precision, counter.raw) == (Precision.ROUNDED, shown)


@pytest.mark.parametrize(("shown", "truth"), [("903万次观看", 9_035_434), ("1136万次观看", 11_365_033)])
def test_recorded_pairs_of_text_and_number_agree(shown, truth):
    assert contains(read_views(shown).counter, truth)


@pytest.mark.parametrize("word", WORDS)
def test_the_word_on_the_button_is_zero(word):
    assert read_count(word).counter == 0


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_shown_is_null_and_no_drift(nothing):
    assert (read_count(nothing).counter, read_count(nothing).problem) == (None, None)


@pytest.mark.parametrize(
    "odd", ["many", "-1", -1, "12.5", "1,02", "1万万", True, False, 10**13, 1.5, [], {}, "１２", "9" * 99]
)
def test_odd_values_are_drift(odd):
    assert read_count(odd).counter is None
    assert read_count(odd).problem
