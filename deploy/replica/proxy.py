"""The way to the replica: an HTTP proxy that opens tunnels (CONNECT) to the replica's names and to nothing else."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from deploy.replica.delivery import end_with_reset
from deploy.replica.hosts import is_known

LONGEST_HEAD: Final = 16_384
"""Bytes of a request's head."""
HEAD_S: Final = 30.0
"""How long a client may take to send it, by machine time."""
CHUNK: Final = 65_536

log = logging.getLogger(__name__)


class Proxy:
    """Tunnels known names to the TLS server at `target`, refuses all others with a sentence.

    Bytes are passed on as they are: the TLS server behind it has the names' certificate.
    """

    def __init__(self, target: Callable[[], tuple[str, int]], known: Callable[[str], bool] = is_known) -> None:
        self._target = target
        self._known = known
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._visitors: dict[int, str] = {}

    def visitor(self, port: int) -> str:
        """The address of the client whose tunnel leaves the proxy by a local port; "" where there is none."""
        return self._visitors.get(port, "")

    async def start(self, host: str, port: int) -> int:
        """Listen; port 0 takes a free one. Returns the port. Raises OSError where it is taken."""
        self._server = await asyncio.start_server(self._accepted, host, port, limit=LONGEST_HEAD)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, and end the tunnels."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
            refusal = self._refusal(head)
            if refusal is not None:
                writer.write(refusal)
                await writer.drain()
                return
            onward_reader, onward_writer = await asyncio.open_connection(*self._target())
            port = int(onward_writer.get_extra_info("sockname")[1])
            self._visitors[port] = str(writer.get_extra_info("peername")[0])
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            try:
                await _both_ways(reader, writer, onward_reader, onward_writer)
            finally:
                self._visitors.pop(port, None)
                onward_writer.close()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
            log.debug("a tunnel ended: %r", error)
        finally:
            writer.close()

    def _refusal(self, head: bytes) -> bytes | None:
        """The answer to a request that is no tunnel to a known name; None where it is one."""
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return _answer("400 Bad Request", "This is not a request that a proxy understands.")
        if words[0] != "CONNECT":
            return _answer("405 Method Not Allowed", "The replica's proxy opens tunnels (CONNECT) only: use https.")
        host, _, port = words[1].rpartition(":")
        if not self._known(host) or port != "443":
            sentence = f"The replica does not know {words[1][:200]}, and its proxy leads nowhere else."
            return _answer("403 Forbidden", sentence)
        return None


def _answer(status: str, sentence: str) -> bytes:
    body = (sentence + "\n").encode("utf-8")
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return head.encode("ascii") + b"Connection: close\r\n\r\n" + body


async def _both_ways(
    near_reader: asyncio.StreamReader,
    near_writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    """Pass bytes on until one side has ended."""
    directions = {
        asyncio.create_task(_pass_on(near_reader, far_writer)),
        asyncio.create_task(_pass_on(far_reader, near_writer, passes_resets=True)),
    }
    try:
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for direction in directions:
            direction.cancel()
        await asyncio.gather(*directions, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, passes_resets: bool = False) -> None:
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    except ConnectionResetError:
        if passes_resets:
            end_with_reset(writer.transport)
    except OSError as error:
        log.debug("a tunnel broke: %r", error)
