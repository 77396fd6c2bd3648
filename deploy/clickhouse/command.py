"""The command line of the database process: arguments, start, stop."""

import argparse
import asyncio
import errno
import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
from aiohttp import web

from deploy.clickhouse.engine import Engine, Limits
from deploy.clickhouse.errors import StartError
from deploy.clickhouse.server import MAX_URL, Server

_DRAIN_SECONDS = 30.0


def arguments(argv: Sequence[str], memory: int, cores: int) -> argparse.Namespace:
    """Read the command line; `memory` (bytes) and `cores` of the machine give the defaults."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.clickhouse",
        description="Serve a folder as a ClickHouse database over ClickHouse's HTTP protocol (engine: chDB).",
    )
    parser.add_argument("--path", type=Path, required=True, help="folder of the database; made when it is missing")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8123, help="0 takes a free one (default: %(default)s)")
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="allow a --host beyond this machine: there are no passwords, everybody who reaches it may do anything",
    )
    parser.add_argument(
        "--max-memory", type=int, default=memory // 2, help="bytes in all (default: half of the memory)"
    )
    parser.add_argument("--max-query-memory", type=int, help="bytes for one query (default: half of --max-memory)")
    parser.add_argument(
        "--threads", type=int, default=max(1, cores - 1), help="for each query (default: %(default)s, cores less one)"
    )
    parser.add_argument(
        "--fsync",
        action="store_true",
        help="write every insert through to the disk before it is acknowledged: survives a power failure, costs time",
    )
    parser.add_argument("--port-file", type=Path, help="file to write the port into when ready")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    options = arguments(argv, psutil.virtual_memory().total, os.cpu_count() or 1)
    try:
        with _listen(options.host, options.port, allow_remote=options.allow_remote) as listener:
            limits = Limits(
                memory=options.max_memory,
                query_memory=options.max_query_memory or options.max_memory // 2,
                threads=options.threads,
                fsync=options.fsync,
            )
            server = Server(Engine(options.path, limits))
            asyncio.run(_serve(server, listener, options.port_file))
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _listen(host: str, port: int, *, allow_remote: bool) -> socket.socket:
    """A bound socket; raises `StartError` when the address is not ours to take."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise StartError(f"--host {host} is no address of this machine: {error.strerror}") from error
    if not ipaddress.ip_address(address[0]).is_loopback and not allow_remote:
        raise StartError(
            f"--host {host} can be reached from other machines and this database asks for no password: "
            "listen on 127.0.0.1, or say --allow-remote"
        )
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} on {host} is taken: stop the process that has it, or choose another with --port"
            ) from error
        raise StartError(f"Can't listen on {host}:{port}: {error.strerror}") from error
    return listener


async def _serve(server: Server, listener: socket.socket, port_file: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(
        server.application(),
        access_log=None,  # addresses carry passwords and SQL
        handler_cancellation=True,
        auto_decompress=False,
        max_line_size=MAX_URL,
        shutdown_timeout=5.0,
    )
    await runner.setup()
    site = web.SockSite(runner, listener)
    await site.start()
    host, port = listener.getsockname()[:2]
    if port_file is not None:
        fresh = port_file.with_suffix(".new")
        fresh.write_text(f"{port}\n")
        fresh.replace(port_file)
    if not server.engine.replaced_default:
        logging.getLogger(__name__).warning("database default has tables: it stays an overlay over the file system")
    sys.stdout.write(f"ClickHouse {server.engine.version} serves {server.engine.path} on http://{host}:{port}\n")
    sys.stdout.flush()
    await stop.wait()
    await site.stop()
    await server.drain(_DRAIN_SECONDS)
    await runner.cleanup()
    server.close()
