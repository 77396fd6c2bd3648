"""When an empty answer is the end: two sessions have to agree, and the list must be one that may be empty."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.classify import Verdict
from crawler.empty_lists import Doubt, Step, agreed, next_step
from crawler.endpoints import Endpoint, TimelineCursor, hotflow_url, timeline_url
from crawler.signals import ResponseClass

FIRST = timeline_url("1743951792")
FURTHER = timeline_url("1743951792", TimelineCursor(since_id="4059"))
THREAD = hotflow_url("4059000000000001")


def doubt(endpoint: Endpoint, url: str, posts: int | None = 500, before: tuple[str, ...] = ()) -> Doubt:
    return Doubt(endpoint, url, "guest:2" if before else "guest:1", before, posts)


@pytest.mark.parametrize("endpoint", Endpoint)
def test_one_session_never_ends_a_list(endpoint: Endpoint) -> None:
    for url, posts in itertools.product((FIRST, FURTHER, THREAD), (None, 0, 7)):
        one = doubt(endpoint, url, posts)
        assert next_step(one, ["guest:2"]) is Step.ASK_ELSEWHERE
        assert next_step(one, []) is Step.STAYS
        assert next_step(one, ["guest:1"]) is Step.STAYS


def test_the_same_session_twice_is_one_witness() -> None:
    same = Doubt(Endpoint.HOTFLOW, THREAD, "guest:1", ("guest:1",))
    assert next_step(same, []) is Step.STAYS
    assert next_step(same, ["other:1"]) is Step.ASK_ELSEWHERE


@pytest.mark.parametrize(
    ("endpoint", "url", "posts", "step"),
    [
        (Endpoint.HOTFLOW, THREAD, 500, Step.END_OF_LIST),
        (Endpoint.HOTFLOW_CHILD, THREAD, None, Step.END_OF_LIST),
        (Endpoint.COMMENTS_SHOW, THREAD, None, Step.END_OF_LIST),
        (Endpoint.REPOSTS, THREAD, None, Step.END_OF_LIST),
        (Endpoint.TIMELINE, FURTHER, 500, Step.END_OF_LIST),
        (Endpoint.TIMELINE, FIRST, 500, Step.STAYS),
        (Endpoint.TIMELINE, FIRST, None, Step.STAYS),
        (Endpoint.TIMELINE, FIRST, 0, Step.END_OF_LIST),
        (Endpoint.PROFILE, FIRST, 0, Step.STAYS),
        (Endpoint.EXTEND, THREAD, None, Step.STAYS),
        (Endpoint.STATUS, THREAD, None, Step.STAYS),
    ],
)
def test_two_that_agree_end_what_may_be_empty(endpoint: Endpoint, url: str, posts: int | None, step: Step) -> None:
    assert next_step(doubt(endpoint, url, posts, ("guest:1",)), ["guest:3", "other:1"]) is step


@given(st.lists(st.text(max_size=3), max_size=4), st.text(max_size=3), st.lists(st.text(max_size=3)))
def test_the_end_needs_two_different_witnesses(before: list[str], by: str, available: list[str]) -> None:
    step = next_step(Doubt(Endpoint.HOTFLOW, THREAD, by, tuple(before)), available)
    assert (step is Step.END_OF_LIST) == (len({*before, by}) > 1)


def test_an_agreed_verdict_says_who_said_what() -> None:
    empty = Verdict(ResponseClass.SUSPICIOUSLY_EMPTY, "ok 0 without a word", None, "no_comments")
    verdict = agreed(empty, ("guest:1", "guest:2"))
    assert verdict.response_class is ResponseClass.END_OF_LIST
    assert verdict.data is None
    assert verdict.reason == "2 sessions say that there is nothing here (no_comments: ok 0 without a word)"
