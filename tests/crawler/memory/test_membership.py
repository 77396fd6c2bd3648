"""Crawl workers as a consumer group: they share the accounts, and a killed one's go on elsewhere."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable

import pytest
from kafka.structs import TopicPartition

from crawler.memory.membership import Broken, Change, Gained, Gone, Listener, Membership, Ownership, partition_of
from crawler.memory.records import AccountMemory
from crawler.memory.topic import Restored, outgoing_record, restore
from crawler.publishing import KafkaUnreachableError, Publisher
from schemas.topics import MEMORY
from tests.kafka_process import KafkaProcess, free_port

ACCOUNTS = [f"account-{number}" for number in range(40)]
ALL = frozenset(range(MEMORY.partitions))


class Worker:
    """A member in this process, with what it was told."""

    def __init__(self, kafka: KafkaProcess, name: str) -> None:
        self.owned = Ownership()
        self.told: list[Change] = []
        self._membership = Membership(kafka.servers, name, self._changed)

    def _changed(self, change: Change) -> None:
        self.told.append(change)
        assert not isinstance(change, Broken), change
        self.owned.take(change)

    async def __aenter__(self) -> "Worker":
        self._membership.join()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._membership.leave()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 (what is waited for happens in other threads and processes)
            await asyncio.sleep(0.1)


def member_for_ever(servers: list[str]) -> None:
    """A worker in a process of its own."""

    async def run() -> None:
        Membership(servers, "doomed", lambda _: None).join()
        await asyncio.sleep(600)

    asyncio.run(run())


def test_ownership_follows_the_group() -> None:
    owned = Ownership()
    owned.take(Gained(frozenset({0, 1, 2}), 3, Restored()))
    owned.take(Gone(frozenset({1})))
    assert (owned.partitions, owned.generation) == ({0, 2}, 3)
    assert {account for account in ACCOUNTS if owned.owns(account)} == {
        account for account in ACCOUNTS if partition_of(account) in (0, 2)
    }


def test_what_is_gone_is_told_at_once_and_not_gained_afterwards() -> None:
    told: list[Change] = []
    listener = Listener(told.append)
    listener.on_partitions_assigned([TopicPartition(MEMORY.name, number) for number in (0, 1)])
    listener.on_partitions_revoked([TopicPartition(MEMORY.name, 1)])
    assert told == [Gone(frozenset({1}))], "before its memory was read, and before anybody else has it"
    listener.pass_on(Gained(listener.gained.get_nowait(), 3, Restored()))
    assert told[1:] == [Gained(frozenset({0}), 3, Restored())]
    listener.on_partitions_lost([TopicPartition(MEMORY.name, 0)])
    listener.pass_on(Gained(frozenset({0}), 3, Restored()))
    assert told[2:] == [Gone(frozenset({0}))]


async def test_no_broker_breaks_the_membership_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.memory.membership.PATIENCE_MS", 500)
    told: list[Change] = []
    membership = Membership([f"127.0.0.1:{free_port()}"], "1", told.append)
    membership.join()
    await until(lambda: bool(told))
    assert isinstance(told[0], Broken)
    assert isinstance(told[0].error, KafkaUnreachableError)


@pytest.mark.stack
async def test_an_account_is_where_its_partition_says(kafka: KafkaProcess) -> None:
    publisher = Publisher(kafka.servers, "urn:weiplomacy:replica")
    records = [AccountMemory(account_id=account) for account in ACCOUNTS]
    assert (await publisher.deliver("memory", [outgoing_record(record) for record in records])).complete
    await publisher.close()
    for number in ALL:
        here = set(restore(kafka.servers, [number]).accounts) & set(ACCOUNTS)
        assert here == {account for account in ACCOUNTS if partition_of(account) == number}


@pytest.mark.stack
async def test_two_workers_share_the_accounts_and_one_alone_has_all(kafka: KafkaProcess) -> None:
    async with Worker(kafka, "one") as one:
        await until(lambda: one.owned.partitions == ALL)
        async with Worker(kafka, "two") as two:
            await until(lambda: len(two.owned.partitions) == MEMORY.partitions // 2)
            await until(lambda: one.owned.partitions | two.owned.partitions == ALL)
            assert not one.owned.partitions & two.owned.partitions
            assert two.owned.generation > min(c.generation for c in one.told if isinstance(c, Gained))
        await until(lambda: one.owned.partitions == ALL)


@pytest.mark.stack
async def test_the_accounts_of_a_killed_worker_go_on_elsewhere(kafka: KafkaProcess) -> None:
    async with Worker(kafka, "one") as one:
        await until(lambda: one.owned.partitions == ALL)
        doomed = multiprocessing.get_context("spawn").Process(target=member_for_ever, args=(kafka.servers,))
        doomed.start()
        await until(lambda: len(one.owned.partitions) == MEMORY.partitions // 2)
        assert doomed.pid
        os.kill(doomed.pid, signal.SIGKILL)
        doomed.join()
        await until(lambda: one.owned.partitions == ALL)
