"""Who may run now: lanes with a number of places each and a bounded queue before them.

Inserts and other writes have places of their own, so that no number of long queries can keep them waiting.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.statement import Kind

READ_PLACES = 16
WRITE_PLACES = 8
CONTROL_PLACES = 2


@dataclass
class Lane:
    """`places` requests run, at most `queue` wait."""

    name: str
    places: int
    queue: int
    waiting: int = 0
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.places)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place and hold it. Raises `QueryError` when the queue is full."""
        if self.waiting >= self.queue:
            raise QueryError.named(
                Code.TOO_MANY_SIMULTANEOUS_QUERIES,
                f"Too many simultaneous queries: {self.places} {self.name} run and {self.queue} wait; try again later",
            )
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._free.release()


class Lanes:
    """The lanes of one server."""

    def __init__(self) -> None:
        self.reads = Lane("queries", READ_PLACES, queue=128)
        self.writes = Lane("writes", WRITE_PLACES, queue=128)
        self.control = Lane("KILL statements", CONTROL_PLACES, queue=32)

    def of(self, kind: Kind) -> Lane:
        """The lane of a kind of statement."""
        if kind is Kind.KILL:
            return self.control
        return self.reads if kind.reads else self.writes


class RunningQueries:
    """The ids of what runs: an id is also the means to cancel, so no two may be the same."""

    def __init__(self) -> None:
        self._ids: dict[str, Kind] = {}

    @asynccontextmanager
    async def running(self, query_id: str, kind: Kind) -> AsyncIterator[None]:
        """Register for as long as the query runs. Raises `QueryError` when the id is taken."""
        if query_id in self._ids:
            raise QueryError.named(
                Code.QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, f"Query with id = {query_id} is already running"
            )
        self._ids[query_id] = kind
        try:
            yield
        finally:
            del self._ids[query_id]

    def reads(self) -> list[str]:
        """Ids of the queries that only read."""
        return [query_id for query_id, kind in self._ids.items() if kind.reads]

    def __len__(self) -> int:
        return len(self._ids)
