"""Bytes of unknown length: in memory while they are few, in a file of the state folder when they are many."""

import errno
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

from deploy.clickhouse.errors import Code, QueryError

IN_MEMORY = 8 << 20  # bytes of one request or answer that stay in memory
PIECE = 1 << 20


class Spool:
    """A body that is written once, then read as often as needed. The file has no name and vanishes with it."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Spill into `folder`; more than `limit` bytes are refused."""
        self._folder = folder
        self._limit = limit
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder))  # noqa: SIM115 (closed by close)
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append; raises `QueryError` when the limit is passed or the disk is full."""
        self.size += len(data)
        if self.size > self._limit:
            raise QueryError.named(Code.TOO_MANY_BYTES, f"The request is larger than {self._limit} bytes")
        try:
            self._file.write(data)
        except OSError as error:
            raise disk_error(error, self._folder) from error

    def head(self, size: int) -> bytes:
        """The first `size` bytes."""
        self._file.seek(0)
        return self._file.read(size)

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """Everything from the offset `start`, a megabyte at a time."""
        self._file.seek(start)
        while piece := self._file.read(PIECE):
            yield piece

    def close(self) -> None:
        """Free memory and file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def disk_error(error: OSError, folder: Path) -> QueryError:
    """What a failed write means to the client."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return QueryError.named(
            Code.NOT_ENOUGH_SPACE, f"The disk of the state folder {folder} is full: free some space and try again"
        )
    return QueryError.named(Code.STD_EXCEPTION, f"Cannot write into the state folder {folder}: {error.strerror}")
