"""The command line of the database process: arguments, start, stop."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil
from aiohttp import web

from deploy.clickhouse import listening
from deploy.clickhouse.analysts import AnalystLimits
from deploy.clickhouse.engine import Engine, Limits
from deploy.clickhouse.errors import StartError
from deploy.clickhouse.listening import Listener
from deploy.clickhouse.port import MAX_URL
from deploy.clickhouse.server import Server

_DRAIN_SECONDS = 30.0
_LAST_SECONDS = 15.0


def arguments(argv: Sequence[str], memory: int, cores: int) -> argparse.Namespace:
    """Read the command line; `memory` (bytes) and `cores` of the machine give the defaults."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.clickhouse",
        description="Serve a folder as a ClickHouse database over ClickHouse's HTTP protocol (engine: chDB).",
    )
    parser.add_argument("--path", type=Path, required=True, help="folder of the database; made when it is missing")
    _add_listening(parser, "", "", 8123)
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="allow a --host beyond this machine without a password: everybody who reaches it may do anything",
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
    analysts = parser.add_argument_group(
        "the port of analysts", "Reads only, within limits and a list of what may be named; not there without its port."
    )
    _add_listening(analysts, "analysts-", "analysts' ", None)
    analysts.add_argument("--analysts-port-file", type=Path, help="file to write that port into when ready")
    for name, default, what in (
        ("seconds", 120.0, "seconds of one query"),
        ("memory", 512 << 20, "bytes of memory of one query"),
        ("rows-read", 5_000_000_000, "rows that one query may read"),
        ("result-rows", 5_000_000, "rows of one answer"),
        ("result-bytes", 1 << 30, "bytes of one answer"),
        ("threads", max(1, cores - 1), "threads of one query"),
        ("places", 4, "queries at a time; others wait"),
        ("spill", 1 << 30, "bytes that one query may write to the disk while it sorts and groups"),
    ):
        analysts.add_argument(
            f"--analysts-{name}", type=type(default), default=default, help=f"{what} (default: %(default)s)"
        )
    return parser.parse_args(argv)


def _add_listening(group: "argparse._ActionsContainer", prefix: str, whose: str, port: int | None) -> None:
    group.add_argument(f"--{prefix}host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    group.add_argument(f"--{prefix}port", type=int, default=port, help="0 takes a free one (default: %(default)s)")
    group.add_argument(
        f"--{prefix}password-file", type=Path, help=f"file with the {whose}password; needed beyond this machine"
    )
    group.add_argument(
        f"--{prefix}certificate", type=Path, help="file with the certificate (PEM): HTTPS instead of HTTP"
    )
    group.add_argument(f"--{prefix}key", type=Path, help="file with the certificate's key (PEM)")


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    options = arguments(argv, psutil.virtual_memory().total, os.cpu_count() or 1)
    try:
        with ExitStack() as open_:
            listeners = [
                open_.enter_context(listener)
                for listener in (
                    listening.listener(options, "", without_password=options.allow_remote),
                    listening.listener(options, "analysts-") if options.analysts_port is not None else None,
                )
                if listener
            ]
            limits = Limits(
                memory=options.max_memory,
                query_memory=options.max_query_memory or options.max_memory // 2,
                threads=options.threads,
                fsync=options.fsync,
            )
            server = Server(
                Engine(options.path, limits),
                listeners[0].password,
                _analysts(options),
                listeners[-1].password,
            )
            asyncio.run(_serve(server, listeners, (options.port_file, options.analysts_port_file)))
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _analysts(options: argparse.Namespace) -> AnalystLimits | None:
    if options.analysts_port is None:
        return None
    return AnalystLimits(
        seconds=options.analysts_seconds,
        memory=options.analysts_memory,
        rows_read=options.analysts_rows_read,
        result_rows=options.analysts_result_rows,
        result_bytes=options.analysts_result_bytes,
        threads=options.analysts_threads,
        places=options.analysts_places,
        spill=options.analysts_spill,
    )


async def _serve(server: Server, listeners: Sequence[Listener], port_files: Sequence[Path | None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runners, sites, addresses = [], [], []
    ports = [port for port in (server.main, server.analysts) if port is not None]
    for port, listener, port_file in zip(ports, listeners, port_files, strict=False):
        runner = web.AppRunner(
            port.application(),
            access_log=None,  # addresses carry passwords and SQL
            handler_cancellation=True,
            auto_decompress=False,
            max_line_size=MAX_URL,
            shutdown_timeout=5.0,
        )
        await runner.setup()
        site = web.SockSite(runner, listener.socket, ssl_context=listener.tls)
        await site.start()
        runners.append(runner)
        sites.append(site)
        addresses.append(listener.address)
        if port_file is not None:
            fresh = port_file.with_suffix(".new")
            fresh.write_text(f"{listener.port}\n")
            fresh.replace(port_file)
    if not server.engine.replaced_default:
        logging.getLogger(__name__).warning("database default has tables: it stays an overlay over the file system")
    sys.stdout.write(f"ClickHouse {server.engine.version} serves {server.engine.path} on {addresses[0]}\n")
    sys.stdout.writelines(f"analysts read it on {address}\n" for address in addresses[1:])
    sys.stdout.flush()
    await stop.wait()
    last = threading.Timer(_DRAIN_SECONDS + _LAST_SECONDS, _leave)  # the loop itself waits for the threads at the end
    last.daemon = True
    last.start()
    for site in sites:
        await site.stop()
    await server.drain(_DRAIN_SECONDS)
    for runner in runners:
        await runner.cleanup()
    server.close()


def _leave() -> None:
    """Go without the queries that heed neither their time nor a KILL: inside one call of a function nothing is asked.

    What was acknowledged is on disk.
    """
    sys.stderr.write("a query could not be cancelled: ended without it\n")
    sys.stderr.flush()
    os._exit(0)
