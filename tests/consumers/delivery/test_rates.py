from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from consumers.delivery.rates import MARGIN, Rate, Throttle

rates = st.lists(st.builds(Rate, st.integers(1, 20), st.sampled_from([1.0, 5.0, 60.0])), min_size=1, max_size=3).map(
    tuple
)


@given(rates, st.lists(st.floats(0, 30), max_size=150))
def test_no_span_ever_has_more_than_its_rate(limits, pauses):
    throttle, now, left = Throttle(limits), 1e9, []
    for pause in pauses:
        now = throttle.free_at(now + pause)
        assert throttle.room(now) >= 1, "when it says that the next may leave, there is room"
        throttle.take(now)
        left.append(now)
    for rate in limits:
        for first, over in zip(left, left[rate.most :], strict=False):
            assert over - first >= rate.within_s


@given(rates, st.integers(0, 60))
def test_a_burst_leaves_at_once_as_far_as_it_may(limits, wanted):
    throttle = Throttle(limits)
    sent = 0
    while sent < wanted and throttle.room(0.0):
        throttle.take(0.0)
        sent += 1
    assert sent == min(wanted, *(rate.most for rate in limits))


def test_room_can_be_asked_of_long_spans_alone():
    throttle = Throttle((Rate(5, 1.0), Rate(100, 60.0)))
    for _ in range(5):
        throttle.take(0.0)
    assert (throttle.room(0.0), throttle.room(0.0, spans_from_s=30)) == (0, 95)
    assert throttle.free_at(0.0) == MARGIN
    assert throttle.room(0.0, spans_from_s=3_600) is None


def test_the_second_half_of_a_long_span_can_be_left_to_others():
    throttle = Throttle((Rate(2, 1.0), Rate(6, 60.0)))
    said = []
    for second in range(5):
        said.append(throttle.half_free(2.0 * second, spans_from_s=15))
        throttle.take(2.0 * second)
    assert said == [True, True, True, False, False]
    throttle = Throttle((Rate(1, 1.0),))
    throttle.take(0.0)
    assert [throttle.half_free(now, spans_from_s=15) for now in (0.5, 1.1)] == [False, True], "a short one is used up"
    assert Throttle().half_free(0.0, spans_from_s=15)


def test_no_rate_means_any_number():
    throttle = Throttle()
    for _ in range(1_000):
        throttle.take(0.0)
    assert (throttle.room(0.0), throttle.free_at(7.0), throttle.times) == (None, 7.0, [])


def test_a_clock_that_is_set_back_closes_it_for_a_span_at_most():
    throttle = Throttle((Rate(1, 60.0),), [5_000.0])
    assert throttle.free_at(100.0) <= 100.0 + 60.0 * MARGIN


def test_it_keeps_no_more_than_its_longest_span():
    throttle = Throttle((Rate(2, 10.0),))
    moments = [now * 6.0 for now in range(1_000)]
    for now in moments:
        throttle.take(now)
    assert len(throttle.times) <= 3
    assert all(one <= other for one, other in pairwise(throttle.times))
