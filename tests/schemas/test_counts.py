import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.counts import MAX_COUNT, MAX_WIDTH, Count, Counter, Precision, contains, interval_of, value_of

NUMBERS = st.integers(min_value=0, max_value=MAX_COUNT)
ADAPTER: TypeAdapter[int | Count] = TypeAdapter(Counter)


@st.composite
def counts(draw: st.DrawFn) -> Count:
    value = draw(NUMBERS)
    low = draw(st.integers(min_value=max(0, value - MAX_WIDTH), max_value=value))
    high = draw(st.none() | st.integers(min_value=value, max_value=min(MAX_COUNT, value + MAX_WIDTH)))
    precision = Precision.LOWER_BOUND if high is None else Precision.EXACT if low == high else Precision.ROUNDED
    return Count(value=value, low=low, high=high, precision=precision, raw="as shown")


@given(NUMBERS | counts())
def test_a_counter_survives_json_and_contains_the_number_that_it_names(counter: Counter) -> None:
    assert ADAPTER.validate_json(ADAPTER.dump_json(counter)) == counter
    value = value_of(counter)
    assert value is not None
    assert contains(counter, value)


@given(counts(), NUMBERS)
def test_contains_is_the_interval(count: Count, truth: int) -> None:
    low, high = interval_of(count)
    assert contains(count, truth) is (truth >= low and (high is None or truth <= high))


@given(NUMBERS, NUMBERS)
def test_an_integer_contains_itself_alone(shown: int, truth: int) -> None:
    assert contains(shown, truth) is (shown == truth)
    assert interval_of(shown) == (shown, shown)


def test_a_lower_bound_has_no_end_and_nothing_shown_has_no_value() -> None:
    bound = Count(value=1_000_000, low=1_000_000, high=None, precision=Precision.LOWER_BOUND, raw="100万+")
    assert contains(bound, MAX_COUNT)
    assert not contains(bound, 999_999)
    assert value_of(None) is None
    assert value_of(0) == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"high": None}, "is lower_bound, not rounded"),
        ({"low": 10, "high": 10}, "is exact, not rounded"),
        ({"precision": "exact"}, "is rounded, not exact"),
        ({"value": 4}, "4 lies outside 5 to 15"),
        ({"value": 16}, "16 lies outside 5 to 15"),
        ({"low": -1}, "greater than or equal to 0"),
        ({"value": 2**53, "high": 2**53}, "less than or equal to"),
        ({"high": 10 + 2**32}, "wider than"),
        ({"raw": "x" * 65}, "at most 64 characters"),
    ],
)
def test_a_count_that_contradicts_itself_is_refused(fields: dict[str, object], reason: str) -> None:
    sound: dict[str, object] = {"value": 10, "low": 5, "high": 15, "precision": "rounded", "raw": "10?"}
    Count.model_validate(sound)
    with pytest.raises(ValidationError, match=reason):
        Count.model_validate(sound | fields)


@pytest.mark.parametrize("wrong", ["-1", "9007199254740992", '"100万+"', "1.5", "null"])
def test_what_is_no_count_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_json(wrong)
