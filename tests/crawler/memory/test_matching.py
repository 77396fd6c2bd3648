"""Posts without ids: told by text, time and counters, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.memory.matching import match, sample_of
from crawler.memory.records import PostMemory, SampleMemory
from crawler.parsing.context import Context, no_institutions
from crawler.parsing.dom import ShownPost
from crawler.parsing.times import read_time
from crawler.people import Pseudonymiser
from schemas.event_ids import content_version

SEEN = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONTEXT = Context("us-embassy", "1", "x", SEEN, Pseudonymiser(b"k" * 32), no_institutions)


def known(post_id: str, text: str, created_at: datetime | None, *counters: int) -> PostMemory:
    samples = (SampleMemory(at=SEEN, reposts=counters[0], comments=counters[1], likes=counters[2]),) if counters else ()
    return PostMemory(
        post_id=post_id,
        created_at=created_at,
        last_seen_at=SEEN,
        version="0" * 16,
        shown_text=content_version(text),
        samples=samples,
    )


def shown(text: str, time: str, *counters: int) -> ShownPost:
    return ShownPost(text, read_time(time, SEEN), *(counters or (1, 2, 3)), pinned=False)


def matched(posts: list[ShownPost], memory: list[PostMemory]) -> list[str]:
    return [found.post_id for _, found in match(posts, memory).known]


def test_text_and_time_must_both_fit() -> None:
    memory = [known("10", "hello", SEEN - timedelta(minutes=5)), known("11", "hello", SEEN - timedelta(days=1))]
    assert matched([shown("hello", "5分钟前")], memory) == ["10"]
    assert matched([shown("hello", "昨天 20:00")], memory) == ["11"]
    assert match([shown("hello", "3小时前"), shown("bye", "5分钟前"), shown("hello", "soon")], memory).known == ()


def test_a_page_was_painted_a_little_before_it_was_read() -> None:
    memory = [known("10", "hello", SEEN - timedelta(minutes=6, seconds=50))]
    assert matched([shown("hello", "5分钟前")], memory) == ["10"]
    assert matched([shown("hello", "6分钟前")], memory) == ["10"]
    assert matched([shown("hello", "7分钟前")], memory) == []


def test_the_text_may_be_whole_or_cut_as_lists_show_it() -> None:
    post = known("10", "the whole", SEEN).model_copy(
        update={"shown_text": content_version("the"), "parts": {"text": content_version("the whole")}}
    )
    assert matched([shown("the", "刚刚")], [post]) == ["10"]
    assert matched([shown("the whole", "刚刚")], [post]) == ["10"]


def test_counters_tell_posts_of_the_same_day_and_words_apart() -> None:
    memory = [known("10", "转发微博", SEEN, 5, 9, 100), known("11", "转发微博", SEEN, 5, 9, 7)]
    posts = [shown("转发微博", "11-24", 5, 10, 8), shown("转发微博", "11-24", 6, 9, 101)]
    assert matched(posts, memory) == ["11", "10"]
    same = [known("10", "转发微博", SEEN, 5, 9, 7), known("11", "转发微博", SEEN, 5, 9, 7)]
    assert match(posts, same).unknown == tuple(posts)
    assert match(posts[:1], same).known == ()


def test_two_that_would_be_one_post_are_unknown_and_one_shown_twice_is_one() -> None:
    memory = [known("10", "转发微博", SEEN, 5, 9, 7)]
    twice = [shown("转发微博", "11-24", 5, 9, 7)] * 2
    assert matched(twice, memory) == ["10"]
    assert match([*twice, shown("转发微博", "11-24", 1, 1, 1)], memory).known == ()


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.integers(0, 50)), unique=True, max_size=8))
def test_no_post_gets_the_counters_of_another(posts: list[tuple[str, int, int]]) -> None:
    """What the page shows is what the memory knows, in any mixture of the same words, days and counters."""
    memory = [
        known(str(number), text, SEEN - timedelta(days=days), 1, 1, likes)
        for number, (text, days, likes) in enumerate(posts)
    ]
    page = [shown(text, f"11-{24 - days}", 1, 1, likes) for text, days, likes in posts]
    found = match(page, memory)
    assert all(page[int(post.post_id)] == seen for seen, post in found.known)
    assert len(found.known) == len(posts)
    assert found.unknown == ()


def test_a_button_without_a_number_tells_nothing_of_a_post_that_had_one() -> None:
    post = known("10", "hello", SEEN, 0, 9, 7)
    sample = sample_of(replace(shown("hello", "刚刚"), reposts=0, comments=0, likes=8), post, CONTEXT)
    assert (sample.reposts, sample.comments, sample.likes, sample.via) == (0, None, 8, "dom")
    assert (sample.post_id, sample.created_at, sample.observed_at) == ("10", SEEN, SEEN)
    fresh = sample_of(replace(shown("hello", "刚刚"), likes=0), known("10", "hello", SEEN), CONTEXT)
    assert fresh.likes == 0
