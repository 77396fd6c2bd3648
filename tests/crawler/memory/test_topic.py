"""The memory in a real topic: what was written comes back, broken records are told, workers' records are united."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.memory.coverage import BEGINNING, Interval, union
from crawler.memory.keeper import PAGES_BETWEEN, Keeper
from crawler.memory.records import AccountMemory, MemoryRecordError, PostMemory, merged, read_record
from crawler.memory.topic import Restored, outgoing_record, restore
from crawler.publishing import KafkaUnreachableError, Publisher
from schemas.topics import MEMORY
from tests.kafka_process import KafkaProcess, free_port

NOW = datetime(2017, 1, 2, tzinfo=UTC)


def memory(account: str, oldest: int, newest: int, **more: object) -> AccountMemory:
    return AccountMemory.model_validate({"account_id": account, "covered": [(oldest, newest)], **more})


def post(number: int, seen: datetime, version: str = "0" * 16) -> PostMemory:
    return PostMemory(post_id=str(number), last_seen_at=seen, version=version)


def test_two_records_of_an_account_are_united_and_no_coverage_is_lost() -> None:
    older = memory("a", 10, 20, generation=1, written_at=NOW + timedelta(hours=1), posts=[post(20, NOW)])
    later = NOW + timedelta(hours=2)
    newer = memory("a", 30, 40, generation=2, written_at=NOW, posts=[post(20, later, "1" * 16), post(40, later)])
    both = merged(newer, older)
    assert both == merged(older, newer)
    assert both.coverage == union([Interval(10, 20), Interval(30, 40)])
    assert both.generation == 2
    assert {one.post_id: one.version[0] for one in both.posts} == {"40": "0", "20": "1"}


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"account_id":"a","covered":[[5,1]]}', b'{"covered":[]}'])
def test_a_broken_record_is_a_sentence(value: bytes) -> None:
    with pytest.raises(MemoryRecordError, match=r"weibo.crawl-memory 3/42 can't be read .* loses none"):
        read_record(value, "weibo.crawl-memory 3/42")
    restored = Restored()
    restored.take(b"a", outgoing_record(memory("a", 1, 2)).message.value, "0/1")
    restored.take(b"a", value, "0/2")
    assert restored.accounts["a"].covered == ((1, 2),), "what came before it stands"
    assert "0/2" in restored.problems["a"]


def test_what_a_newer_worker_adds_is_no_obstacle() -> None:
    record = read_record(b'{"account_id":"a","covered":[[1,2]],"mood":"good"}', "x")
    assert record.covered == ((1, 2),)


async def test_a_keeper_writes_at_the_end_and_now_and_then_in_a_long_visit() -> None:
    written: list[AccountMemory] = []

    async def write(record: AccountMemory) -> str | None:
        written.append(record)
        return None

    keeper = Keeper(write=write, machine=lambda: NOW)
    for number in range(PAGES_BETWEEN + 1):
        keeper.learn("a", Interval(100 - number, 100 - number), [post(100 - number, NOW)], number)
        await keeper.write_soon("a")
    assert [len(record.posts) for record in written] == [PAGES_BETWEEN]
    keeper.visited("a", NOW, rendered=True)
    assert await keeper.write("a") is None
    assert written[-1].coverage.intervals == (Interval(100 - PAGES_BETWEEN, 100),)
    assert (written[-1].visited_at, written[-1].rendered_at, written[-1].written_at) == (NOW, NOW, NOW)
    keeper.visited("a", NOW + timedelta(hours=1), rendered=False)
    found = keeper.of("a")
    assert (found.visited_at, found.rendered_at, found.first_visited_at) == (NOW + timedelta(hours=1), NOW, NOW)


def test_of_two_records_the_latest_visits_count_whichever_was_written_later() -> None:
    one = memory("a", 1, 2, visited_at=NOW, rendered_at=NOW, first_visited_at=NOW, generation=7)
    later = NOW + timedelta(hours=1)
    two = memory("a", 1, 2, visited_at=later, first_visited_at=later, written_at=later)
    for both in (merged(one, two), merged(two, one)):
        assert (both.visited_at, both.rendered_at, both.first_visited_at) == (later, NOW, NOW)
    assert merged(memory("a", 1, 2), memory("a", 1, 2)).visited_at is None


def test_no_broker_is_named() -> None:
    with pytest.raises(KafkaUnreachableError, match=r"kafka\.bootstrap_servers"):
        restore([f"127.0.0.1:{free_port()}"], patience_ms=500)


@pytest.mark.stack
async def test_what_was_written_comes_back(kafka: KafkaProcess) -> None:
    publisher = Publisher(kafka.servers, "urn:weiplomacy:replica")
    first = memory("memory-test", 10, 20, posts=[post(20, NOW)], written_at=NOW)
    second = memory("memory-test", BEGINNING, 9, visited_at=NOW, written_at=NOW + timedelta(seconds=1))
    for record in (first, second, memory("memory-other", 1, 2)):
        assert (await publisher.deliver("memory", [outgoing_record(record)])).complete
    await publisher.close()
    restored = restore(kafka.servers)
    assert restored.problems == {}
    found = restored.accounts["memory-test"]
    assert found.coverage.intervals == (Interval(BEGINNING, 20),)
    assert found.visited_at == NOW
    assert [one.post_id for one in found.posts] == ["20"]
    parts = [set(restore(kafka.servers, [number]).accounts) for number in range(MEMORY.partitions)]
    assert sum("memory-test" in part for part in parts) == 1, "an account is in one partition"
