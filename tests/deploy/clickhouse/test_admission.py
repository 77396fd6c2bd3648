"""Lanes: places, queue, and ids of what runs."""

import asyncio

import pytest

from deploy.clickhouse.admission import (
    CONTROL_PLACES,
    LOOK_PLACES,
    WRITE_PLACES,
    Lane,
    Lanes,
    Running,
    RunningQueries,
)
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
    lanes = Lanes(read_places=3)
    assert lanes.of(Kind.SELECT) is lanes.reads
    assert lanes.of(Kind.SHOW) is lanes.looks  # an insert of clickhouse-connect begins with a DESCRIBE
    assert lanes.of(Kind.INSERT_DATA) is lanes.of(Kind.WRITE) is lanes.of(Kind.SESSION) is lanes.writes
    assert lanes.of(Kind.KILL) is lanes.control
    assert lanes.places == 3 + LOOK_PLACES + WRITE_PLACES + CONTROL_PLACES


async def test_an_id_runs_once_at_a_time() -> None:
    running = RunningQueries()
    reading, writing = Running("key", Kind.SELECT, "me", "SELECT 1"), Running("b", Kind.WRITE, "me", "INSERT")
    async with running.running("a", reading), running.running("b", writing):
        assert running.reads() == ["key"]
        assert running.of("a") is reading and running.runs(reading)
        with pytest.raises(QueryError) as caught:
            async with running.running("a", reading):
                pass
    assert caught.value.code == Code.QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING
    assert len(running) == 0
    assert running.of("a") is None and not running.runs(reading)
