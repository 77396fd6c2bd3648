"""What a receipt accounts for: by name, by page, by counted range; and what it is silent about."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.accounting import Item, Kind, Lack, Statement, judge, settle

BEGAN = datetime(2017, 1, 2, 3, tzinfo=UTC)
ENDED = BEGAN + timedelta(minutes=1)
POST = 4_058_694_434_181_146


def item(kind: Kind = "post", identity: int = POST, post: int = POST) -> Item:
    return Item("fr-embassy", post, kind, identity)


def statement(*lacks: Lack, complete: bool = False, lists: frozenset[int] = frozenset({POST})) -> Statement:
    return Statement("fr-embassy", "1", BEGAN, ENDED, complete, "failed", lacks, lists)


@pytest.mark.parametrize(
    ("lack", "is_named"),
    [
        (Lack("visit", "the rendered page", None, "network_error"), True),
        (Lack("timeline", "the newest posts", None, "blocked"), True),
        (Lack("timeline", f"posts of page 2 (cursor {POST + 1})", None, "blocked"), True),
        (Lack("timeline", f"posts of page 2 (cursor {POST - 1})", None, "blocked"), False),
        (Lack("timeline", "posts of page 2 (cursor 2)", None, "blocked"), True),
        (Lack("timeline", f"posts from {POST + 5} down to {POST}", None, "budget"), True),
        (Lack("timeline", f"posts from {POST - 5} down to {POST - 9}", None, "budget"), False),
        (Lack("post", f"{POST}, and what stands under it", None, "blocked"), True),
        (Lack("long_text", str(POST), None, "blocked"), False),
        (Lack("profile", "the account's figures", None, "blocked"), False),
    ],
)
def test_a_post_is_named_by_itself_or_by_the_page_that_shows_it(lack: Lack, is_named: bool) -> None:
    found = judge(statement(lack), [item()], {})
    assert (list(found.named) == [item()]) is is_named
    assert (found.silent == [item()]) is not is_named


def test_of_posts_that_can_not_be_read_as_many_are_named_as_were_counted() -> None:
    posts = [item("post", POST - number, POST - number) for number in range(3)]
    found = judge(statement(Lack("timeline", "posts of page 1 that can't be read", 2, "schema_drift")), posts, {})
    assert (len(found.named), len(found.silent)) == (2, 1)


def test_a_counted_range_holds_as_many_as_it_says() -> None:
    comments = [item("comment", number) for number in range(3)]
    replies = [item("reply", number) for number in range(10, 12)]
    lacks = (
        Lack("comments", f"hot comments of {POST} after 2 pages", 2, "blocked"),
        Lack("replies", f"thread 10 of {POST}", 1, "blocked"),
    )
    found = judge(statement(*lacks), [*comments, *replies], {})
    assert (len(found.named), len(found.silent)) == (3, 2)
    assert len(judge(statement(*lacks), comments[:2], {}).silent) == 0
    unbounded = Lack("comments", f"hot comments of {POST} after 2 pages", None, "blocked")
    assert judge(statement(unbounded), [*comments, *replies], {}).silent == []
    another = Lack("comments", f"hot comments of {POST + 1} after 2 pages", None, "blocked")
    assert len(judge(statement(another), comments, {}).silent) == 3
    below = Lack("comments", f"comments of posts from {POST - 1} down to 7", 9, "cap")
    assert len(judge(statement(below), comments, {}).silent) == 3
    around = Lack("comments", f"comments of posts from {POST + 1} down to {POST - 1}", 2, "cap")
    assert len(judge(statement(around), comments, {}).silent) == 1


def test_a_page_that_was_not_read_stands_for_what_is_under_its_posts_only_where_no_list_was_begun() -> None:
    lack = Lack("timeline", "the newest posts", None, "blocked")
    assert judge(statement(lack, lists=frozenset()), [item("repost", 1)], {}).silent == []
    assert judge(statement(lack), [item("repost", 1)], {}).silent == [item("repost", 1)]


def test_what_was_first_seen_after_the_receipt_does_not_excuse_it() -> None:
    assert judge(statement(complete=True), [item()], {item(): ENDED}).is_false is False
    late = judge(statement(complete=True), [item()], {item(): ENDED + timedelta(hours=1)})
    assert (late.silent, late.is_false) == ([item()], True)


@pytest.mark.parametrize(("reason", "is_false"), [("cap", False), ("comments_closed", False), ("blocked", True)])
def test_a_receipt_is_false_where_it_calls_itself_complete_above_a_hole(reason: str, is_false: bool) -> None:
    lack = Lack("comments", f"hot comments of {POST} after 2 pages", 1, reason)
    assert judge(statement(lack, complete=True), [item("comment", 1)], {}).is_false is is_false


def test_every_thing_of_the_truth_is_held_or_named_or_unobservable_or_lost() -> None:
    held, named, between, lost = (item("comment", number) for number in range(4))
    lack = Lack("comments", f"hot comments of {POST} after 2 pages", 1, "blocked")
    found = settle([(statement(lack), frozenset({held, named}))], [held, named, between], {held: BEGAN})
    assert (found.captured.total(), dict(found.named), found.unobservable, found.silent) == (
        1,
        {"blocked": 1},
        [between],
        [],
    )
    assert found.total == 3
    silent = settle([(statement(), frozenset({lost}))], [lost], {})
    assert len(silent.lost) == 1
    assert silent.total == 1
