"""What a run remembers does not hang on the order in which Kafka acknowledges."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from crawler.memory.coverage import Interval
from crawler.memory.keeper import BETWEEN, PAGES_BETWEEN, Keeper
from crawler.memory.records import MOST_POSTS, AccountMemory, PostMemory

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SEEN = PostMemory(post_id="7", last_seen_at=NOW, version="0" * 16, owes_long_text=True)
MISSING = SEEN.model_copy(update={"first_missing_at": NOW})
CONFIRMED = MISSING.model_copy(update={"confirmed_at": NOW, "owes_long_text": False})
PAGES = ((1, SEEN), (2, MISSING), (3, CONFIRMED))


@pytest.mark.parametrize("order", list(permutations(PAGES)))
def test_the_latest_page_of_a_visit_stands(order: tuple[tuple[int, PostMemory], ...]) -> None:
    keeper = Keeper()
    for number, post in order:
        keeper.learn("a", Interval(number, number), [post], number)
    assert keeper.of("a").posts == (CONFIRMED,)
    covered = keeper.of("a").coverage.intervals
    assert all(any(interval.holds(number) for interval in covered) for number, _ in PAGES)


def test_the_next_visit_counts_anew() -> None:
    keeper = Keeper()
    keeper.learn("a", None, [CONFIRMED], 3)
    keeper.ended("a", {})
    keeper.learn("a", None, [SEEN], 1)
    assert keeper.of("a").posts == (SEEN,)


def test_lists_are_owed_until_they_were_read() -> None:
    keeper = Keeper()
    keeper.learn("a", None, [SEEN], 1)
    keeper.ended("a", {"7": True, "8": True})
    (post,) = keeper.of("a").posts
    assert post.owes_lists
    keeper.ended("a", {"7": False})
    assert keeper.of("a").posts == (SEEN,)


async def test_a_fast_visit_is_written_down_once_a_second_and_a_slow_one_after_its_pages() -> None:
    now = [NOW]
    written: list[AccountMemory] = []

    async def write(record: AccountMemory) -> None:
        written.append(record)

    keeper = Keeper(write=write, machine=lambda: now[-1])

    async def learn(pages: int, seconds: float) -> None:
        for _ in range(pages):
            now.append(now[-1] + timedelta(seconds=seconds))
            keeper.learn("a", None, [SEEN], 1)
            await keeper.write_soon("a")

    await learn(3 * PAGES_BETWEEN, 5)
    assert len(written) == 3
    await learn(40, BETWEEN.total_seconds() / 20)
    assert len(written) == 3 + 2


def test_of_many_posts_the_newest_are_kept() -> None:
    keeper = Keeper()
    count = 3 * MOST_POSTS
    for number in range(count):
        post = CONFIRMED.model_copy(update={"post_id": str(1_000 + number)})
        keeper.learn("a", Interval(1_000 + number, 1_000 + number), [post], number)
    assert [post.number for post in keeper.of("a").posts] == [1_000 + count - 1 - place for place in range(MOST_POSTS)]
    assert keeper.of("a").coverage.intervals == (Interval(1_000, 1_000 + count - 1),)
