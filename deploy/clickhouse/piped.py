"""Bytes that the engine reads like a file while they come: a pipe, fed by a thread, in constant memory."""

import fcntl
import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

CAPACITY = 1 << 20  # bytes in the pipe; the kernel may give less


class Piped:
    """Hands over pieces of bytes; as a context, the path that they are read from. Linux only, as all of this server."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._reading, self._writing = os.pipe()
        with suppress(OSError):
            fcntl.fcntl(self._writing, fcntl.F_SETPIPE_SZ, CAPACITY)
        self._feeder = threading.Thread(target=self._feed, name="insert-data", daemon=True)

    def __enter__(self) -> Path:
        self._feeder.start()
        return Path(f"/proc/self/fd/{self._reading}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the feeding, also when not everything was read."""
        os.close(self._reading)
        self._feeder.join()

    def _feed(self) -> None:
        try:
            for piece in self._pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[os.write(self._writing, rest) :]
        except BrokenPipeError:
            pass  # the engine has seen enough
        except BaseException as error:
            # The end of the pipe would look like the end of the data, and a part of them would be written as if it
            # were all. Only the end of the process keeps the engine from that; the supervisor starts it again.
            sys.stderr.write(f"the data of an insert, all received, can't be read again: {error}\n")
            sys.stderr.flush()
            os._exit(1)
        os.close(self._writing)
