"""The threads in which the engine works, and how a query ends when its client goes away."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, TypeVarTuple

from deploy.clickhouse.engine import Engine

AGAIN_SECONDS = 0.5

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class Work:
    """One thread for each place of the lanes, and some to cancel with: admission is what limits, not the pool."""

    def __init__(self, engine: Engine, places: int) -> None:
        self._engine = engine
        self._tasks: set[asyncio.Task[Any]] = set()
        self.stopping = False
        self._threads = ThreadPoolExecutor(places + 4, thread_name_prefix="clickhouse")

    async def run(self, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        """Call `work` in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def undisturbed(self, key: str, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        """Call `work` in a thread; when the client goes away meanwhile, cancel the query of `key` and wait."""
        task = asyncio.ensure_future(self.run(work, *arguments))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # Again and again: a query that is only about to start does not hear the first call.
            while not task.done():
                await self.run(self._engine.cancel, key)
                await asyncio.wait({task}, timeout=AGAIN_SECONDS)
            if not task.cancelled():
                task.exception()  # looked at, so that nobody logs it as forgotten
            raise

    async def to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry `work` out whether or not its client still waits."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task})
            raise

    async def drained(self, seconds: float) -> None:
        """Wait for what is carried out to its end, for at most `seconds`."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    def close(self) -> None:
        """Wait for the threads."""
        self._threads.shutdown(wait=True)
