"""The replica as a whole: TLS server, proxy and control port, started and stopped together."""

import asyncio
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from aiohttp import web

from deploy.replica import routes
from deploy.replica.catalogue import Catalogue
from deploy.replica.clock import ReplicaClock
from deploy.replica.control import Control
from deploy.replica.delivery import response_of, send
from deploy.replica.effects import Effects, Span
from deploy.replica.errors import PortTakenError, ReplicaError, StateError
from deploy.replica.exchange import Visit
from deploy.replica.faults.control import FaultControl
from deploy.replica.faults.layer import Faults
from deploy.replica.faults.scenario import Scenario, find_scenario, read_scenario
from deploy.replica.hosts import KNOWN, is_known
from deploy.replica.proxy import Proxy
from deploy.replica.sessions import Sessions, sessions_of
from deploy.replica.shown import Era
from deploy.replica.tls import CERTIFICATE, own_authority, server_context
from deploy.replica.view import View

EMBASSIES: Final = Path(__file__).resolve().parents[2] / "schemas" / "reference_2016" / "embassies.csv"
SEED: Final = 2016
DEEPEST_PAGE: Final = 100
PORTS_FILE: Final = "ports.json"
STOP_S: Final = 2.0
"""How long answers under way may take when the replica stops."""

Runner = web.ServerRunner | web.AppRunner


@dataclass(frozen=True, slots=True)
class Options:
    """How a replica is set up. Port 0 takes a free one; `deepest_page` bounds paging without a login.

    `scenario` is a file or the name of a ready one, see deploy.replica.faults; `latency_ms` goes before its own.
    `effects` says when labelled effects are to be seen, see deploy.replica.effects; None: there are none.
    """

    state: Path
    proxy_port: int = 0
    control_port: int = 0
    seed: int = SEED
    clock_file: Path | None = None
    era: Era = "2026"
    embassies: Path = EMBASSIES
    host: str = "127.0.0.1"
    deepest_page: int = DEEPEST_PAGE
    scenario: str = ""
    latency_ms: float = 0.0
    effects: Span | None = None


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a started replica listens."""

    proxy: int
    control: int


class Replica:
    """A small Weibo. `start` and `stop` belong to one event loop."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = ReplicaClock(options.clock_file)
        effects = Effects(options.embassies, options.seed, options.effects) if options.effects else None
        self.world = Catalogue(options.seed, options.embassies, effects)
        self.faults = Faults(self.world)
        self._runners: list[Runner] = []
        self._proxy: Proxy | None = None

    @property
    def ca_file(self) -> Path:
        """The certificate that clients have to trust."""
        return self.options.state / CERTIFICATE

    async def start(self) -> Ports:
        """Listen. Raises a ReplicaError with a sentence: about a port, the state, the clock, the scenario."""
        options = self.options
        scenario = _scenario(options, self.clock.now())
        facts = self.world.effects.faults() if self.world.effects else ()
        self.faults.start(replace(scenario, faults=(*scenario.faults, *facts)))
        authority = own_authority(options.state)
        context = server_context(authority, KNOWN, options.state)
        sessions = sessions_of(options.state)
        try:
            weibo = web.Server(partial(self._answer, sessions), access_log=None)
            site = web.ServerRunner(weibo, shutdown_timeout=STOP_S)
            tls_port = await self._listen(site, 0, context)
            self._proxy = Proxy(lambda: (options.host, tls_port))
            proxy_port = await self._listen_proxy(self._proxy)
            control = web.AppRunner(
                Control(self.world, self.clock, FaultControl(self.world, self.clock, self.faults)).application(),
                access_log=None,
                shutdown_timeout=STOP_S,
            )
            ports = Ports(proxy_port, await self._listen(control, options.control_port))
            _write_ports(options.state / PORTS_FILE, ports, self.ca_file)
        except BaseException:
            await self.stop()
            raise
        return ports

    async def stop(self) -> None:
        """Stop listening and end what is under way. May be called twice."""
        if self._proxy is not None:
            await self._proxy.stop()
            self._proxy = None
        for runner in reversed(self._runners):
            await runner.cleanup()
        self._runners.clear()

    async def _listen(self, runner: Runner, port: int, context: ssl.SSLContext | None = None) -> int:
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, self.options.host, port, ssl_context=context)
        try:
            await site.start()
        except OSError as error:
            raise _taken(self.options.host, port, "control", error) from error
        return int(runner.addresses[0][1])

    async def _listen_proxy(self, proxy: Proxy) -> int:
        try:
            return await proxy.start(self.options.host, self.options.proxy_port)
        except OSError as error:
            raise _taken(self.options.host, self.options.proxy_port, "proxy", error) from error

    async def _answer(self, sessions: Sessions, request: web.BaseRequest) -> web.StreamResponse:
        host = request.host.partition(":")[0].lower()
        try:
            at = self.clock.now()
        except ReplicaError as error:
            return web.Response(status=503, text=f"{error}\n")
        if not is_known(host):
            return web.Response(status=421, text=f"The replica does not answer for {host[:200]}.\n")
        visit = await _visit(request, host, at, self._address_of(request))
        view = View(self.world, at, self.options.era, self.options.deepest_page)
        if self.faults.is_idle:
            return response_of(routes.answer(view, visit, sessions), visit)
        reply, sending = self.faults.answer(view, visit, lambda seen: routes.answer(seen, visit, sessions))
        return await send(request, reply, visit, sending)

    def _address_of(self, request: web.BaseRequest) -> str:
        """Where a visitor comes from: the address beyond the proxy."""
        peer = request.transport.get_extra_info("peername") if request.transport else None
        return self._proxy.visitor(peer[1]) if self._proxy and peer else ""


async def _visit(request: web.BaseRequest, host: str, at: datetime, address: str) -> Visit:
    form = {}
    if request.method == "POST" and request.content_type == "application/x-www-form-urlencoded":
        form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    return Visit(
        method=request.method,
        host=host,
        path=request.rel_url.raw_path,
        query_string=request.rel_url.raw_query_string,
        at=at,
        query=dict(request.query),
        form=form,
        headers={name.lower(): value for name, value in request.headers.items()},
        cookies=dict(request.cookies),
        address=address,
    )


def _scenario(options: Options, now: datetime) -> Scenario:
    found = read_scenario(find_scenario(options.scenario), now) if options.scenario else Scenario()
    return replace(found, latency_ms=options.latency_ms) if options.latency_ms else found


def _taken(host: str, port: int, name: str, error: OSError) -> PortTakenError:
    return PortTakenError(
        f"the replica's {name} port {host}:{port} can't be used ({error.strerror or error}): choose another one with "
        f"--{name}-port"
    )


def _write_ports(file: Path, ports: Ports, ca_file: Path) -> None:
    document = {"proxy": ports.proxy, "control": ports.control, "ca": str(ca_file)}
    beside = file.with_name(file.name + ".partial")
    try:
        beside.write_text(json.dumps(document) + "\n", encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise StateError(f"{file} can't be written ({error})") from error


async def run_until(replica: Replica, stopped: asyncio.Event, ready: Callable[[Ports], None]) -> None:
    """Start, tell the ports to `ready`, and stop when the event is set."""
    ports = await replica.start()
    try:
        ready(ports)
        await stopped.wait()
    finally:
        await replica.stop()
