"""The threads in which the engine works, and how a query ends when its client goes away."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from deploy.clickhouse import admission
from deploy.clickhouse.engine import Engine

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class Work:
    """One thread for each place of the lanes, and some to cancel with: admission is what limits, not the pool."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        places = admission.READ_PLACES + admission.WRITE_PLACES + admission.CONTROL_PLACES
        self._threads = ThreadPoolExecutor(places + 4, thread_name_prefix="clickhouse")

    async def run(self, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        """Call `work` in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def undisturbed(self, query_id: str, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        """Call `work` in a thread; when the client goes away meanwhile, cancel the query and wait for its end."""
        task = asyncio.ensure_future(self.run(work, *arguments))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await self.run(self._engine.cancel, query_id)
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # looked at, so that nobody logs it as forgotten
            raise

    def close(self) -> None:
        """Wait for the threads."""
        self._threads.shutdown(wait=True)
