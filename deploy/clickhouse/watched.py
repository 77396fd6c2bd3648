"""A file that the engine writes, watched for its size: the engine's own limit counts columns, not what is written."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from deploy.clickhouse.errors import Code, QueryError

_EVERY = 0.05  # seconds


class Watched:
    """While the block runs: more than `most` bytes in the file call `stop`, and the block's failure is named by it."""

    def __init__(self, path: Path, most: int, stop: Callable[[], None]) -> None:
        self._path = path
        self._most = most
        self._stop = stop
        self._over = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="answer-size", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the watch. Raises `QueryError` when the file has become too large."""
        self._ended.set()
        self._thread.join()
        if self._over or self._size() > self._most:
            raise QueryError.named(
                Code.TOO_MANY_ROWS_OR_BYTES, f"Limit for result exceeded, max bytes: {self._most}"
            ) from error

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY):
            if self._size() > self._most:
                self._over = True
                self._stop()
                return

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0
