from itertools import pairwise
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from kafka.structs import TopicPartition

from consumers.batches import Batch, FlushPolicy, Gathered, Range, cut
from consumers.recovery import merged

PARTITION = TopicPartition("weibo.posts", 3)

offset_lists = st.sets(st.integers(0, 200), max_size=60).map(sorted)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[Range, ...]:
    """Disjoint ranges, ascending, as the tables of a topic leave them."""
    ends = sorted(draw(st.sets(st.integers(0, 200), max_size=12)))
    return tuple(Range(first, last) for first, last in zip(ends[::2], ends[1::2], strict=False))


def record(offset: int, value: bytes = b"x") -> SimpleNamespace:
    return SimpleNamespace(offset=offset, value=value, key=b"k")


@given(offset_lists, ranges(), st.integers(1, 20))
def test_ranges_cover_what_they_say_in_order_and_without_gaps(offsets, known, rows):
    result, count = cut(offsets, known, rows)
    covered = [offset for one in result for offset in offsets if one.holds(offset)]
    assert covered == offsets[:count]
    assert all(one.last < other.first for one, other in pairwise(result))


@given(offset_lists, ranges(), st.integers(1, 20))
def test_a_known_range_is_repeated_exactly_or_waits(offsets, known, rows):
    result, count = cut(offsets, known, rows)
    for one in known:
        touching = [part for part in result if part.first <= one.last and one.first <= part.last]
        assert touching in ([], [one])
        held = [offset for offset in offsets if one.holds(offset)]
        if held and not touching:
            assert offsets[-1] < one.last, "it was here in full and was not repeated"
            assert offsets.index(held[0]) >= count


@given(offset_lists, ranges(), st.integers(1, 20))
def test_new_ranges_are_bounded_and_nothing_waits_without_reason(offsets, known, rows):
    result, count = cut(offsets, known, rows)
    for one in result:
        if one not in known:
            assert sum(one.holds(offset) for offset in offsets) <= rows
    if count < len(offsets):
        assert any(one.holds(offsets[count]) and offsets[-1] < one.last for one in known)


def test_a_batch_is_due_by_age_rows_or_bytes():
    policy = FlushPolicy(after_s=0.5, rows=100, bytes=1_000)
    assert not policy.due(0.4, 10, 10, 10, 10)
    assert policy.due(0.5, 10, 10, 10, 10)
    assert policy.due(0.0, 100, 10, 100, 10)
    assert policy.due(0.0, 10, 1_000, 10, 1_000)
    assert policy.due(0.0, 10, 10, 100, 10), "all partitions together bound the memory"
    assert policy.due(0.0, 10, 10, 10, 1_000)
    assert not policy.due(9.9, 0, 0, 100, 1_000), "a partition without messages is never due"


def test_taking_leaves_what_belongs_to_an_incomplete_known_range():
    gathered = Gathered(position=5, known=(Range(7, 9),))
    gathered.add([record(5), record(6), record(7), record(8)], now=1.0)
    assert gathered.take(PARTITION, 100) == [Batch(PARTITION, Range(5, 6), [record(5), record(6)])]
    assert (gathered.position, [one.offset for one in gathered.records]) == (7, [7, 8])
    gathered.add([record(9), record(10)], now=2.0)
    assert [one.range for one in gathered.take(PARTITION, 100)] == [Range(7, 9), Range(10, 10)]
    assert (gathered.position, gathered.records, gathered.size, gathered.known) == (11, [], 0, ())


def test_the_age_is_that_of_the_oldest_message():
    gathered = Gathered(position=0)
    gathered.add([record(0)], now=1.0)
    gathered.add([record(1)], now=2.0)
    assert gathered.since == 1.0
    assert gathered.size == 4


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)).map(lambda one: Range(one[0], one[0] + one[1]))))
def test_merged_ranges_hold_the_same_offsets_and_are_disjoint(some):
    result = merged(some)
    assert {o for one in result for o in range(one.first, one.last + 1)} == {
        o for one in some for o in range(one.first, one.last + 1)
    }
    assert all(one.last < other.first for one, other in pairwise(result))
