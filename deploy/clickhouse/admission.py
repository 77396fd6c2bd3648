"""Who may run now: lanes with a number of places each and a bounded queue before them.

Inserts and other writes have places of their own, so that no number of long queries can keep them waiting; so have the
short looks (DESCRIBE, SHOW), by which clients prepare an insert. Each port has its lanes: the loader and ops never wait
behind analysts.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.statement import Kind

READ_PLACES = 16
LOOK_PLACES = 4
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
    """The lanes of one port."""

    def __init__(self, read_places: int = READ_PLACES) -> None:
        self.reads = Lane("queries", read_places, queue=128)
        self.looks = Lane("SHOW and DESCRIBE statements", LOOK_PLACES, queue=128)
        self.writes = Lane("writes", WRITE_PLACES, queue=128)
        self.control = Lane("KILL statements", CONTROL_PLACES, queue=32)

    @property
    def places(self) -> int:
        """How many requests run at most."""
        return sum(lane.places for lane in (self.reads, self.looks, self.writes, self.control))

    def of(self, kind: Kind) -> Lane:
        """The lane of a kind of statement."""
        match kind:
            case Kind.SELECT:
                return self.reads
            case Kind.SHOW:
                return self.looks
            case Kind.KILL:
                return self.control
            case _:
                return self.writes


@dataclass(frozen=True)
class Running:
    """What runs: `key` is by what the engine knows it, `user` and `sql` are what the client said."""

    key: str
    kind: Kind
    user: str
    sql: str


class RunningQueries:
    """What runs on one port, by the ids that clients give: an id is also the means to cancel, so each runs once."""

    def __init__(self) -> None:
        self._queries: dict[str, Running] = {}

    @asynccontextmanager
    async def running(self, query_id: str, query: Running) -> AsyncIterator[None]:
        """Register for as long as the query runs. Raises `QueryError` when the id is taken."""
        if query_id in self._queries:
            raise QueryError.named(
                Code.QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, f"Query with id = {query_id} is already running"
            )
        self._queries[query_id] = query
        try:
            yield
        finally:
            del self._queries[query_id]

    def of(self, query_id: str) -> Running | None:
        """The query of this id, while it runs."""
        return self._queries.get(query_id)

    def runs(self, query: Running) -> bool:
        """Whether it has not ended yet."""
        return any(running is query for running in self._queries.values())

    def reads(self) -> list[str]:
        """Keys of the queries that only read."""
        return [query.key for query in self._queries.values() if query.kind.reads]

    def __len__(self) -> int:
        return len(self._queries)
