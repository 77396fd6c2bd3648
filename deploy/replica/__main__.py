"""`python -m deploy.replica`: the replica as a process of its own."""

import argparse
import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import cast

from deploy.replica.effects import PER_WEEK, Span
from deploy.replica.errors import EffectsError, ReplicaError, ScenarioError
from deploy.replica.server import DEEPEST_PAGE, EMBASSIES, SEED, Options, Ports, Replica, run_until
from deploy.replica.shown import Era


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code: 0, or 1 or 2 (scenario, effects) with a sentence why."""
    try:
        asyncio.run(_run(_options(arguments)))
    except ReplicaError as error:
        sys.stderr.write(f"replica: {error}\n")
        return 2 if isinstance(error, (ScenarioError, EffectsError)) else 1
    return 0


async def _run(options: Options) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    replica = Replica(options)

    def ready(ports: Ports) -> None:
        proxy, control = (f"http://{options.host}:{port}" for port in (ports.proxy, ports.control))
        sys.stdout.write(f"replica: generated content, proxy {proxy}, control {control}, trust {replica.ca_file}\n")
        sys.stdout.flush()

    await run_until(replica, stopped, ready)


def _options(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m deploy.replica", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder of the certificate authority and the ports")
    parser.add_argument("--proxy-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--control-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed is another Weibo")
    parser.add_argument("--clock-file", type=Path, help="the clock that the crawler reads too; default: machine time")
    parser.add_argument("--era", choices=("2026", "2019"), default="2026", help="the shapes of the answers")
    parser.add_argument("--embassies", type=Path, default=EMBASSIES, help="the list of accounts of December 2016")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen")
    parser.add_argument("--deepest-page", type=int, default=DEEPEST_PAGE, help="pages that need no login")
    parser.add_argument("--scenario", default="", help="faults: a TOML file, or the name of a ready one (everything)")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="what every answer waits for, in machine time")
    parser.add_argument(
        "--effects", nargs=2, metavar=("SINCE", "UNTIL"), help="show labelled effects that begin between two moments"
    )
    parser.add_argument("--effects-per-week", type=float, default=PER_WEEK, help="how many per account and week")
    found = parser.parse_args(arguments)
    return Options(
        state=found.state,
        proxy_port=found.proxy_port,
        control_port=found.control_port,
        seed=found.seed,
        clock_file=found.clock_file,
        era=cast(Era, found.era),
        embassies=found.embassies,
        host=found.host,
        deepest_page=found.deepest_page,
        scenario=found.scenario,
        latency_ms=found.latency_ms,
        effects=_span(found.effects, found.effects_per_week) if found.effects else None,
    )


def _span(moments: list[str], per_week: float) -> Span:
    since, until = map(_moment, moments)
    return Span(since, until, per_week)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise EffectsError(f"{text[:60]!r} is not a moment in ISO 8601, such as 2016-09-30T00:00:00Z") from error


if __name__ == "__main__":
    sys.exit(main())
