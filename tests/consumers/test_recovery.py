import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.structs import TopicPartition

from consumers.batches import Range
from consumers.errors import ExpiredRangesError, OffsetsResetError, OverlappingBatchesError
from consumers.recovery import MOST_RANGES, NEWEST_RANGES, pieces, plan

PARTITION = TopicPartition("weibo.posts", 0)


def test_nothing_in_the_tables_means_the_committed_offset():
    result = plan(PARTITION, {"a": [], "b": []}, committed=42, beginning=0)
    assert (result.start, result.whole) == (42, ())


def test_one_table_has_the_batch_the_other_not():
    result = plan(PARTITION, {"a": [Range(10, 20)], "b": []}, committed=10, beginning=0)
    assert (result.start, result.whole) == (10, (Range(10, 20),))
    assert result.tables == {"a": (Range(10, 20),), "b": ()}


def test_a_batch_that_was_split_in_one_table_is_repeated_as_a_whole():
    result = plan(PARTITION, {"a": [Range(10, 20)], "b": [Range(10, 14), Range(15, 17)]}, committed=10, beginning=0)
    assert result.whole == (Range(10, 20),)


def test_a_range_that_begins_before_the_committed_offset_is_read_from_its_beginning():
    assert plan(PARTITION, {"a": [Range(10, 20)]}, committed=15, beginning=0).start == 10


def test_offsets_far_behind_the_tables_are_refused_by_name():
    many = [Range(n, n) for n in range(MOST_RANGES + 1)]
    with pytest.raises(OffsetsResetError, match=r"weibo\.posts partition 0.*committed offset 0"):
        plan(PARTITION, {"a": many}, committed=0, beginning=0)


def test_two_writers_of_the_same_offsets_are_named():
    with pytest.raises(OverlappingBatchesError, match="10-20, 15-30"):
        plan(PARTITION, {"a": [Range(10, 20), Range(15, 30)]}, committed=10, beginning=0)


def test_a_first_start_that_died_begins_at_the_beginning():
    result = plan(PARTITION, {"a": [Range(3, 9)]}, committed=None, beginning=2)
    assert (result.start, result.whole) == (2, (Range(3, 9),))


def test_forgotten_offsets_are_found_in_the_tables():
    newest = [Range(n * 10, n * 10 + 9) for n in range(1_000, 1_000 + NEWEST_RANGES)]
    result = plan(PARTITION, {"a": newest, "b": [Range(9_990, 9_999)]}, committed=None, beginning=0)
    assert result.start == 10_000
    assert result.tables["b"] == ()
    assert len(result.whole) == NEWEST_RANGES


def test_without_a_committed_offset_what_expired_lies_before_what_did_not():
    result = plan(PARTITION, {"a": [Range(30, 39)]}, committed=None, beginning=0, expired=29)
    assert (result.start, result.whole) == (30, (Range(30, 39),))


@pytest.mark.parametrize("committed", [None, 0, 29])
def test_rows_that_were_never_committed_and_do_not_say_their_batch_are_refused_by_name(committed):
    with pytest.raises(ExpiredRangesError, match=r"weibo\.posts partition 0 .* and 29 "):
        plan(PARTITION, {"a": []}, committed=committed, beginning=0, expired=29)


@given(st.data())
def test_pieces_cover_the_batch_once_and_repeat_what_is_known(data):
    batch = Range(data.draw(st.integers(0, 50)), 100)
    ends = sorted(data.draw(st.sets(st.integers(batch.first, batch.last), max_size=10)))
    known = [Range(first, last) for first, last in zip(ends[::2], ends[1::2], strict=False)]
    result = pieces(batch, known)
    assert [o for one in result for o in range(one.first, one.last + 1)] == list(range(batch.first, batch.last + 1))
    assert set(known) <= set(result)


def test_known_ranges_of_other_batches_do_not_matter():
    assert pieces(Range(10, 20), [Range(1, 9), Range(21, 30)]) == [Range(10, 20)]
