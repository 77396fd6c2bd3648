"""Lanes: places, queue, and ids of what runs."""

import asyncio

import pytest

from deploy.clickhouse.admission import Lane, Lanes, RunningQueries
from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.statement import Kind


async def test_a_lane_has_places_and_a_bounded_queue() -> None:
    lane = Lane("queries", places=2, queue=1)
    release = asyncio.Event()
    begun = 0

    async def hold() -> None:
        nonlocal begun
        async with lane.place():
            begun += 1
            await release.wait()

    tasks = [asyncio.create_task(hold()) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert begun == 2
    with pytest.raises(QueryError, match="2 queries run and 1 wait") as caught:
        await hold()
    assert caught.value.code == Code.TOO_MANY_SIMULTANEOUS_QUERIES
    release.set()
    await asyncio.gather(*tasks)
    assert begun == 3


async def test_one_who_stops_waiting_leaves_the_queue() -> None:
    lane = Lane("queries", places=1, queue=1)
    async with lane.place():
        waiter = asyncio.create_task(lane.place().__aenter__())
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
        assert lane.waiting == 0
    async with lane.place():
        pass


def test_writes_never_stand_behind_reads() -> None:
    lanes = Lanes()
    assert lanes.of(Kind.SELECT) is lanes.of(Kind.SHOW) is lanes.reads
    assert lanes.of(Kind.INSERT_DATA) is lanes.of(Kind.WRITE) is lanes.of(Kind.SESSION) is lanes.writes
    assert lanes.of(Kind.KILL) is lanes.control


async def test_an_id_runs_once_at_a_time() -> None:
    running = RunningQueries()
    async with running.running("a", Kind.SELECT), running.running("b", Kind.WRITE):
        assert running.reads() == ["a"]
        with pytest.raises(QueryError) as caught:
            async with running.running("a", Kind.SELECT):
                pass
    assert caught.value.code == Code.QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING
    assert len(running) == 0
