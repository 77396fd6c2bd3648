"""The lists under a post, against generated ones: every comment once, always an end, and what is missing is counted."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.endpoints import CommentCursor
from crawler.lists import (
    CAP,
    CLOSED,
    CURATED,
    EMPTY,
    END,
    INTERRUPTED,
    LOOP,
    MOST_BARREN,
    Bounds,
    ReadPage,
    Step,
)
from crawler.post_lists import PostLists


def read_page(
    rows: Sequence[tuple[str, str | None, int | None]],
    cursor: CommentCursor | None,
    total: int | None,
    unreadable: int = 0,
) -> ReadPage:
    """A page from its rows: each an id, the thread that it stands under inline or None, and its replies if counted."""
    return ReadPage(
        ids=tuple(identity for identity, root, _ in rows if root is None),
        cursor=cursor,
        total=total,
        replies=tuple((root, identity) for identity, root, _ in rows if root is not None),
        threads=tuple((identity, replies) for identity, root, replies in rows if root is None and replies),
        unreadable=unreadable,
    )


ALL = 10**9
POST = "4059000000000001"
PAGE = 3
INLINE = 2


@dataclass(frozen=True)
class Site:
    """The comments of a post: how many replies stand under each; some are counted and shown to nobody."""

    threads: tuple[int, ...]
    hidden: int = 0
    reposts: int = 0

    @property
    def listed(self) -> set[str]:
        roots = {str(1000 * (number + 1)) for number in range(len(self.threads))}
        return roots | {reply for number in range(len(self.threads)) for reply in self.replies(number)}

    @property
    def counted(self) -> int:
        return len(self.listed) + self.hidden

    def replies(self, number: int) -> list[str]:
        return [str(1000 * (number + 1) + 1 + reply) for reply in range(self.threads[number])]

    def page(self, step: Step) -> ReadPage | None:
        """What the site answers; None: an empty answer, which says nothing."""
        start = (step.number - 1) * PAGE
        if step.kind == "repost":
            rows = [(str(9_000_000 + number), None, None) for number in range(start, min(start + PAGE, self.reposts))]
            cursor = CommentCursor(str(step.number + 1)) if start + PAGE < self.reposts else None
            return read_page(rows, cursor, self.reposts) if rows else None
        if step.kind == "reply":
            number = int(step.root_id or 0) // 1000 - 1
            found = self.replies(number)
            return self._cursored(step, [(reply, None, None) for reply in found], len(found))
        if step.kind == "time":
            newest = sorted(self.listed, key=int, reverse=True)[start : start + PAGE]
            cursor = CommentCursor(str(step.number + 1)) if start + PAGE < len(self.listed) else None
            return read_page([(one, None, None) for one in newest], cursor, len(self.listed)) if newest else None
        rows = []
        for number in range(start, min(start + PAGE, len(self.threads))):
            root = str(1000 * (number + 1))
            rows += [(root, None, self.threads[number])]
            rows += [(reply, root, None) for reply in self.replies(number)[:INLINE]]
        more = start + PAGE < len(self.threads)
        return read_page(rows, _cursor(step.number) if more else None, len(self.listed)) if rows else None

    def _cursored(self, step: Step, rows: list[tuple[str, None, None]], total: int) -> ReadPage | None:
        start = (step.number - 1) * PAGE
        cursor = _cursor(step.number) if start + PAGE < len(rows) else None
        return read_page(rows[start : start + PAGE], cursor, total) if rows[start:] else None


def _cursor(number: int) -> CommentCursor:
    return CommentCursor(str(700 + number), int(number > 2))


@dataclass
class Reading:
    """What came of reading a post."""

    lists: PostLists
    published: list[str]
    steps: list[Step]


def read(
    lists: PostLists,
    site: Site,
    dice: random.Random | None = None,
    fault: Callable[[Step], str | None] = lambda _: None,
    most: int = ALL,
) -> Reading:
    """Read a post as the spider does, the answers coming in any order."""
    waiting, published, steps = list(lists.begin()), list[str](), list[Step]()
    while waiting and len(steps) < most:
        step = waiting.pop(dice.randrange(len(waiting)) if dice else 0)
        steps.append(step)
        reason = fault(step)
        page = None if reason else site.page(step)
        if page is None:
            waiting += lists.lost(step, reason or EMPTY, f"{reason or EMPTY}: no page")
            continue
        ids = [*page.ids, *(reply for _, reply in page.replies)]
        published += sorted(lists.unseen(ids))
        waiting += lists.read(step, page)
    assert most < ALL or lists.finished
    return Reading(lists, published, steps)


def coverage(reading: Reading) -> dict[str, tuple[int | None, int, str]]:
    return {one.order: (one.reported, one.captured, one.ended_by) for one in reading.lists.coverage()}


def missing(reading: Reading) -> dict[tuple[str, str], int | None]:
    return {(one.kind, one.reason): one.count for one in reading.lists.missing()}


SITES = st.builds(
    Site,
    st.lists(st.integers(0, 9), min_size=1, max_size=14).map(tuple),
    hidden=st.integers(0, 4),
    reposts=st.integers(1, 11),
)
ORDERS = st.sampled_from([("hot",), ("hot", "time")])


@given(SITES, ORDERS, st.randoms(use_true_random=False))
def test_without_a_cap_everything_that_is_listed_is_read_once(site, orders, dice):
    lists = PostLists(POST, Bounds(orders, ALL, ALL, ALL), site.counted, site.reposts)
    reading = read(lists, site, dice)
    comments = [one for one in reading.published if int(one) < 9_000_000]
    assert sorted(comments) == sorted(site.listed)
    assert len(reading.published) == len(site.listed) + site.reposts
    covered = coverage(reading)
    assert covered["hot"] == (site.counted, len(site.listed), END)
    assert covered["repost"] == (site.reposts, site.reposts, END)
    assert ("time" in covered) == ("time" in orders)
    assert covered.get("time", covered["hot"]) == (site.counted, len(site.listed), END)
    assert {one.listed for one in lists.coverage() if one.order in ("hot", "time")} == {len(site.listed)}
    assert lists.missing() == ()
    assert lists.problems() == ()


@given(SITES, ORDERS, st.integers(1, 4), st.integers(0, 4), st.integers(1, 3), st.randoms(use_true_random=False))
def test_with_a_cap_what_is_missing_is_counted_exactly(site, orders, comments, replies, reposts, dice):
    lists = PostLists(POST, Bounds(orders, comments, replies, reposts), site.counted, site.reposts)
    reading = read(lists, site, dice)
    captured = {one for one in reading.published if int(one) < 9_000_000}
    assert len(captured) == len([one for one in reading.published if int(one) < 9_000_000])
    short = [one for one in lists.missing() if one.kind in ("comments", "replies")]
    assert sum(one.count or 0 for one in short) == len(site.listed - captured)
    assert sum(one.count or 0 for one in lists.missing() if one.kind == "reposts") == max(
        0, site.reposts - reposts * PAGE
    )
    assert {one.reason for one in lists.missing()} <= {CAP}
    assert all(one.remedy == "operator" for one in lists.missing())
    assert sum(step.kind == "reply" for step in reading.steps) <= replies
    assert sum(step.kind == "hot" for step in reading.steps) <= comments


@given(SITES, ORDERS, st.randoms(use_true_random=False), st.data())
def test_whatever_fails_it_ends_and_what_is_missing_is_counted(site, orders, dice, data):
    reasons = st.sampled_from([None, None, None, "blocked", "login_required", "schema_drift", "network_error", EMPTY])

    def fault(_):
        return data.draw(reasons)

    lists = PostLists(POST, Bounds(orders, ALL, ALL, ALL), site.counted, site.reposts)
    reading = read(lists, site, dice, fault)
    comments = {one for one in reading.published if int(one) < 9_000_000}
    assert len(reading.published) == len(set(reading.published))
    short = [one for one in lists.missing() if one.kind in ("comments", "replies")]
    left = len(site.listed - comments)
    # The lists' own total may never have come: then what nobody is shown is counted in.
    assert left <= sum(one.count or 0 for one in short) <= left + site.hidden or not left
    if left:
        assert short
        assert all(one.count is not None for one in short[:1])
    for one in lists.coverage():
        assert one.ended_by != INTERRUPTED


@given(SITES, st.integers(0, 6))
def test_a_reading_that_is_stopped_counts_what_was_to_come(site, steps):
    lists = PostLists(POST, Bounds(("hot", "time"), ALL, ALL, ALL), site.counted, site.reposts)
    reading = read(lists, site, most=steps)
    lists.interrupt()
    assert lists.finished
    comments = {one for one in reading.published if int(one) < 9_000_000}
    short = [one for one in lists.missing() if one.kind in ("comments", "replies")]
    left = len(site.listed - comments)
    assert left <= sum(one.count or 0 for one in short) <= left + site.hidden or not left


@given(st.lists(st.sampled_from([CommentCursor("1"), CommentCursor("1", 1), CommentCursor("2")]), min_size=10))
def test_cursors_that_turn_in_a_circle_end_with_a_name(cursors):
    lists = PostLists(POST, Bounds(("hot",), ALL), 100)
    (step,) = lists.begin()
    for number, cursor in enumerate(cursors):
        further = lists.read(step, read_page([(str(number + 1), None, 0)], cursor, 100))
        if not further:
            break
        (step,) = further
    (covered,) = lists.coverage()
    assert covered.ended_by == LOOP
    assert covered.captured == covered.pages <= 4
    (short,) = lists.missing()
    assert (short.count, short.reason, short.remedy) == (100 - covered.captured, LOOP, "next_visit")
    (problem,) = lists.problems()
    assert problem.reason == LOOP


def test_the_same_cursor_of_another_type_is_another_one():
    lists = PostLists(POST, Bounds(("hot",), ALL), 3)
    (step,) = lists.begin()
    for number, cursor in enumerate((CommentCursor("5"), CommentCursor("5", 1))):
        (step,) = lists.read(step, read_page([(str(number + 1), None, 0)], cursor, 3))
        assert step.cursor == cursor
    assert lists.read(step, read_page([("3", None, 0)], None, 3)) == ()
    assert lists.coverage()[0].ended_by == END


def test_pages_that_bring_nothing_new_end_although_their_cursors_do():
    lists = PostLists(POST, Bounds(("hot",), ALL), 5)
    (step,) = lists.begin()
    pages = 0
    while True:
        pages += 1
        further = lists.read(step, read_page([("1", None, 0)], CommentCursor(str(pages)), 5))
        if not further:
            break
        (step,) = further
    assert pages == 1 + MOST_BARREN
    assert lists.coverage()[0].ended_by == LOOP


def empty(step: Step) -> str | None:
    return EMPTY if step.kind in ("hot", "time") else None


@pytest.mark.parametrize("orders", [("hot",), ("hot", "time")])
def test_a_count_without_a_list_is_curated_once_both_lists_say_so(orders):
    reading = read(PostLists(POST, Bounds(orders, 5), 120), Site((1,)), fault=empty)
    assert [step.kind for step in reading.steps] == ["hot", "time"]
    assert coverage(reading)["hot"] == (120, 0, CURATED)
    assert missing(reading) == {("comments", CURATED): 120}
    assert reading.lists.problems() == ()


@pytest.mark.parametrize(("counted", "ended_by"), [(120, CURATED), (None, END)])
def test_an_empty_list_whose_end_is_certain_needs_no_witness(counted, ended_by):
    lists = PostLists(POST, Bounds(("hot",), 5), counted)
    (step,) = lists.begin()
    assert lists.read(step, ReadPage((), None)) == ()
    (covered,) = lists.coverage()
    assert (covered.captured, covered.ended_by) == (0, ended_by)
    assert sum(one.count or 0 for one in lists.missing()) == (counted or 0)


def test_a_certain_end_is_none_when_the_other_list_is_full():
    lists = PostLists(POST, Bounds(("hot", "time"), 5), 2)
    (step,) = lists.begin()
    (step,) = lists.read(step, ReadPage((), None))
    assert lists.read(step, ReadPage(("1", "2"), None, 2)) == ()
    assert [(one.order, one.captured, one.ended_by) for one in lists.coverage()] == [
        ("hot", 0, EMPTY),
        ("time", 2, END),
    ]
    assert [problem.reason for problem in lists.problems()] == [EMPTY]


def test_one_empty_list_beside_a_full_one_is_no_end():
    site = Site((0,) * 7)
    reading = read(PostLists(POST, Bounds(("hot",), 5), 7), site, fault=lambda s: EMPTY if s.kind == "hot" else None)
    assert coverage(reading) == {"hot": (7, 0, EMPTY), "time": (7, 3, CAP)}
    assert missing(reading) == {("comments", EMPTY): 4}
    assert len(reading.published) == 3
    assert [problem.reason for problem in reading.lists.problems()] == [EMPTY]


def test_an_empty_list_of_a_post_whose_count_is_unknown_says_nothing():
    reading = read(PostLists(POST, Bounds(("hot",), 5)), Site((1,)), fault=empty)
    assert coverage(reading)["hot"] == (None, 0, EMPTY)
    assert missing(reading) == {("comments", EMPTY): None}


def test_closed_comments_are_named_and_not_asked_for_again():
    reading = read(PostLists(POST, Bounds(("hot", "time"), 5), 9), Site((1,)), fault=lambda _: CLOSED)
    assert [step.kind for step in reading.steps] == ["hot"]
    assert coverage(reading) == {"hot": (9, 0, CLOSED), "time": (9, 0, CLOSED)}
    (short,) = reading.lists.missing()
    assert (short.count, short.reason, short.remedy) == (9, CLOSED, "never")


def test_a_login_wall_deep_in_the_hot_ones_leaves_the_other_order():
    site = Site((0,) * 9)
    wall = lambda s: "login_required" if s.kind == "hot" and s.number == 2 else None  # noqa: E731
    reading = read(PostLists(POST, Bounds(("hot", "time"), ALL), 9), site, fault=wall)
    assert coverage(reading) == {"hot": (9, 3, "login_required"), "time": (9, 9, END)}
    assert missing(reading) == {("comments", "login_required"): 0}


def test_after_a_block_nothing_more_is_asked_for():
    reading = read(PostLists(POST, Bounds(("hot", "time"), ALL), 9), Site((0,)), fault=lambda _: "blocked")
    assert [step.kind for step in reading.steps] == ["hot"]
    assert coverage(reading) == {"hot": (9, 0, "blocked"), "time": (9, 0, "blocked")}


def test_rows_that_cannot_be_read_are_counted():
    lists = PostLists(POST, Bounds(("hot",), 1), 10)
    (step,) = lists.begin()
    lists.read(step, read_page([("1", None, 0)], CommentCursor("5"), 10, unreadable=2))
    assert [(one.reason, one.count) for one in lists.missing()] == [("schema_drift", 2), (CAP, 7)]


def test_a_post_that_counts_nothing_is_not_asked_for():
    assert PostLists(POST, Bounds(("hot",), 5, 5, 5), 0, 0).begin() == ()
    assert PostLists(POST, Bounds(("hot", "time"), 0, 0, 0), 5, 5).begin() == ()
    assert [step.kind for step in PostLists(POST, Bounds(("hot",), 5, 5, 5)).begin()] == ["hot", "repost"]


def test_a_list_of_which_a_setting_reads_nothing_is_left_out_by_name():
    left_out = PostLists(POST, Bounds(("hot", "time"), 0, 0, 0), 5, 3)
    assert left_out.begin() == ()
    assert [(one.kind, one.count, one.reason, one.remedy) for one in left_out.missing()] == [
        ("comments", 5, CAP, "operator"),
        ("reposts", 3, CAP, "operator"),
    ]
    assert PostLists(POST, Bounds(("hot",), 0, 0, 0), 0, 0).missing() == ()


def test_what_is_written_while_lists_are_read_hides_nothing_that_is_missing():
    lists = PostLists(POST, Bounds(("hot",), 9, 9, 0), 10, 0)
    begin = datetime(2017, 1, 3, 4, 0, tzinfo=UTC)
    old, new = begin - timedelta(hours=1), begin + timedelta(minutes=5)
    (hot,) = lists.begin()
    first = ReadPage(
        ids=("1", "2", "3"), cursor=CommentCursor("7", "0"), total=10, replies=(("1", "11"),), threads=(("1", 2),),
        at=begin, written=dict.fromkeys(("1", "2", "3", "11"), old),
    )  # fmt: skip
    further = {step.kind: step for step in lists.read(hot, first)}
    thread = ReadPage(
        ids=("11", "12", "13"), cursor=None, total=3, at=begin + timedelta(minutes=9),
        written={"11": old, "12": old, "13": new},
    )  # fmt: skip
    assert lists.read(further["reply"], thread) == ()
    lists.lost(further["hot"], "blocked")
    assert [(missing.kind, missing.count) for missing in lists.missing()] == [("comments", 5)]
