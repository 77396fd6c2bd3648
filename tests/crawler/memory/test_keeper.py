"""What a run remembers does not hang on the order of acknowledgements; a worker of a group keeps its own only."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from crawler.memory.coverage import Interval
from crawler.memory.keeper import BETWEEN, PAGES_BETWEEN, Keeper
from crawler.memory.membership import Gained, Gone, Ownership, partition_of
from crawler.memory.records import MOST_POSTS, AccountMemory, PostMemory
from crawler.memory.topic import Restored
from schemas.topics import MEMORY

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SEEN = PostMemory(post_id="7", last_seen_at=NOW, version="0" * 16, owes_long_text=True)
MISSING = SEEN.model_copy(update={"first_missing_at": NOW})
CONFIRMED = MISSING.model_copy(update={"confirmed_at": NOW, "owes_long_text": False})
PAGES = ((1, SEEN), (2, MISSING), (3, CONFIRMED))
HERE = "us-embassy"
ELSEWHERE = next(name for name in (f"a{n}" for n in range(99)) if partition_of(name) != partition_of(HERE))
ALL = frozenset(range(MEMORY.partitions))


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


class Written:
    """In place of the topic."""

    def __init__(self) -> None:
        self.records: list[AccountMemory] = []

    async def __call__(self, record: AccountMemory) -> str | None:
        self.records.append(record)
        return None


def gained(generation: int, *records: AccountMemory, partitions: frozenset[int] = ALL) -> Gained:
    return Gained(partitions, generation, Restored({record.account_id: record for record in records}))


def test_alone_everything_is_ours() -> None:
    keeper = Keeper()
    assert keeper.owns(HERE)
    keeper.follow(Gone(ALL))
    assert keeper.owns(HERE)


async def test_before_the_group_has_spoken_nothing_is_ours() -> None:
    written = Written()
    keeper = Keeper(write=written, machine=lambda: NOW, owned=Ownership())
    keeper.learn(HERE, Interval(1, 2), [], 1)
    keeper.visited(HERE, NOW, rendered=True)
    assert keeper.of(HERE) == AccountMemory(account_id=HERE)
    assert await keeper.write(HERE) == f"{HERE} went on to another worker"
    assert written.records == []


async def test_what_is_gained_counts_and_what_is_lost_is_let_go() -> None:
    written = Written()
    keeper = Keeper(write=written, machine=lambda: NOW, owned=Ownership())
    keeper.follow(gained(3, AccountMemory(account_id=HERE, covered=((1, 9),)), AccountMemory(account_id=ELSEWHERE)))
    keeper.learn(HERE, Interval(10, 20), [], 1)
    assert await keeper.write(HERE) is None
    assert (written.records[0].covered, written.records[0].generation) == (((1, 20),), 3)

    keeper.follow(Gone(frozenset({partition_of(HERE)})))
    assert not keeper.owns(HERE)
    assert keeper.owns(ELSEWHERE)
    assert await keeper.write(HERE)
    assert len(written.records) == 1

    # Another worker has read on in the meantime: what it wrote counts, not what was known here.
    there = AccountMemory(account_id=HERE, covered=((1, 99),), generation=4)
    keeper.follow(gained(5, there, partitions=frozenset({partition_of(HERE)})))
    assert keeper.of(HERE) == there
    assert await keeper.write(HERE) is None
    assert written.records[1].generation == 5


async def test_a_group_that_was_made_anew_does_not_outdate_what_it_writes() -> None:
    written = Written()
    keeper = Keeper(write=written, machine=lambda: NOW, owned=Ownership())
    keeper.follow(gained(1, AccountMemory(account_id=HERE, generation=40)))
    await keeper.write(HERE)
    assert written.records[0].generation == 40
