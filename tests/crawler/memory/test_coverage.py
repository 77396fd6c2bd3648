"""Coverage of a timeline: properties against the plain set of ids."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.memory.coverage import BEGINNING, Coverage, Interval, first_id_of, of_page, union, united

IDS = st.integers(min_value=0, max_value=40)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted((draw(IDS), draw(IDS)))
    return Interval(low, high)


def ids(coverage: Coverage) -> set[int]:
    return {number for interval in coverage.intervals for number in range(interval.oldest, interval.newest + 1)}


@given(st.lists(intervals(), max_size=8))
def test_a_union_is_the_union_of_the_ids_in_disjoint_stretches(parts: list[Interval]) -> None:
    coverage = union(parts)
    assert ids(coverage) == {number for part in parts for number in range(part.oldest, part.newest + 1)}
    for upper, lower in zip(coverage.intervals, coverage.intervals[1:], strict=False):
        assert upper.oldest > lower.newest + 1, "what touches is one"


@given(st.lists(intervals(), max_size=6), st.lists(intervals(), max_size=6))
def test_memories_are_united_in_any_order_and_any_number_of_times(one: list[Interval], other: list[Interval]) -> None:
    first, second = union(one), union(other)
    assert united([first, second]) == united([second, first, first])
    assert ids(united([first, second])) >= ids(first) | ids(second)


@given(st.lists(intervals(), min_size=1, max_size=8))
def test_the_watermark_stands_below_the_lowest_hole(parts: list[Interval]) -> None:
    coverage = union(parts)
    known = ids(coverage)
    watermark, floor = coverage.watermark, coverage.floor
    assert watermark is not None
    assert floor == min(known)
    assert all(number in known for number in range(floor, watermark + 1))
    assert watermark + 1 not in known
    missing = set(range(floor, max(known) + 1)) - known
    assert {number for hole in coverage.holes for number in range(hole.oldest, hole.newest + 1)} == missing


@given(st.lists(intervals(), max_size=8), st.integers(1, 41), IDS)
def test_reading_goes_on_at_the_first_id_that_is_missing(parts: list[Interval], post: int, target: int) -> None:
    coverage = union(parts)
    known = ids(coverage)
    wanted = [number for number in range(target, post) if number not in known]
    place = coverage.next_below(post, target)
    if not wanted:
        assert place is None
    else:
        assert place == max(wanted) + 1


@given(st.sets(st.integers(1, 200), max_size=30).map(lambda found: sorted(found, reverse=True)), st.integers(1, 7))
def test_pages_that_follow_each_other_cover_everything_between_them(posts: list[int], size: int) -> None:
    pages = [posts[start : start + size] for start in range(0, len(posts), size)] or [[]]
    coverage, before = Coverage(), None
    for number, page in enumerate(pages):
        covers = of_page(page, before, is_last=number == len(pages) - 1)
        if covers:
            coverage = coverage.with_interval(covers)
        before = min(page, default=before)
    assert len(coverage.intervals) <= 1
    if posts:
        assert ids(coverage) == set(range(max(posts) + 1))


def test_a_page_that_is_lost_leaves_a_hole_that_holds_the_watermark() -> None:
    first = of_page([30, 28, 25], None, is_last=False)
    third = of_page([14, 11], 15, is_last=False)
    assert first and third
    coverage = union([first, third])
    assert coverage.watermark == 14
    assert coverage.holes == (Interval(15, 24),)
    second = of_page([22, 15], 25, is_last=False)
    assert second
    assert coverage.with_interval(second).watermark == 30


def test_a_page_without_posts_covers_the_rest_only_where_it_ends_the_list() -> None:
    assert of_page([], None, is_last=True) is None
    assert of_page([], 15, is_last=False) is None
    assert of_page([], 15, is_last=True) == Interval(BEGINNING, 14)


def test_what_a_page_repeats_of_the_one_before_is_not_taken_for_its_own() -> None:
    assert of_page([15, 14, 11], 15, is_last=False) == Interval(11, 14)


@pytest.mark.parametrize(("mid", "moment"), [(4055833105430330, "2016-12-23T05:03:49+00:00")])
def test_the_first_id_of_a_moment_is_just_below_the_posts_of_that_second(mid: int, moment: str) -> None:
    second = datetime.fromisoformat(moment)
    assert first_id_of(second) <= mid < first_id_of(datetime.fromtimestamp(second.timestamp() + 1, UTC))
    assert first_id_of(datetime(1980, 1, 1, tzinfo=UTC)) == BEGINNING
