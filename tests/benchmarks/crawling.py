"""The crawl of the replica: pages per CPU second beside renders, time beside a plain loop, a back-fill, the clock.

python -m tests.benchmarks.crawling --only pages,wall --pages 100 --rounds 3

Every crawl is the project's own spider, with a real broker and every promise: classified, accounted for, acknowledged,
remembered. Its CPU is that of its process and its browser, without the broker's and the replica's, which are the same
for all. The machine's load stands beside the figures: read seconds with care where it is high.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from schemas.errors import WeiplomacyError
from tests.benchmarks import backfills, clock_speeds, page_costs, wall_times
from tests.benchmarks.findings import Finding, exit_code, line
from tests.benchmarks.processes import machine
from tests.benchmarks.stage import staged
from tests.kafka_process import KafkaProcess

PARTS = ("pages", "wall", "backfill", "speed")


def measure(options: argparse.Namespace, folder: Path, kafka: KafkaProcess | None = None) -> Iterator[Finding]:
    """The parts that are asked for, one after the other."""
    if "pages" in options.only:
        with staged(_made(folder / "pages"), kafka=kafka) as stage:
            yield page_costs.measure(stage, options.pages, options.browser_pages or options.pages, 2)
    if "wall" in options.only:
        with staged(_made(folder / "wall"), "--latency-ms", str(options.latency_ms), kafka=kafka) as stage:
            yield wall_times.measure(
                stage, options.accounts, options.account_pages, options.in_flight, options.renders, options.rounds
            )
    if "backfill" in options.only:
        with staged(_made(folder / "backfill"), *backfills.REPLICA, kafka=kafka) as stage:
            yield backfills.measure(stage, options.scale, options.in_flight)
    if "speed" in options.only:
        with staged(_made(folder / "speed"), kafka=kafka) as stage:
            terms = clock_speeds.Terms(options.hours, options.in_flight, options.per_second)
            yield clock_speeds.measure(stage, options.fastest, options.steps, terms)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def arguments(texts: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--pages", type=int, default=100, help="pages: timeline pages of the account")
    parser.add_argument("--browser-pages", type=int, help="pages: how many of them by the browser; default: all")
    parser.add_argument("--accounts", type=int, default=8, help="wall: accounts")
    parser.add_argument("--account-pages", type=int, default=50, help="wall: timeline pages of each")
    parser.add_argument("--in-flight", type=int, default=8, help="wall, backfill, speed: requests at a time")
    parser.add_argument("--renders", type=int, default=2, help="wall: pages of the browser at a time")
    parser.add_argument("--latency-ms", type=int, default=200, help="wall: after which the replica answers")
    parser.add_argument("--rounds", type=int, default=3, help="wall: crawls and loops, in turns")
    parser.add_argument("--scale", type=float, default=0.05, help="backfill: 1 is 10,000 posts and 100,000 comments")
    parser.add_argument("--fastest", type=float, default=1600, help="speed: the first speed of the clock that is tried")
    parser.add_argument("--steps", type=int, default=2, help="speed: trials between the last two by halves")
    parser.add_argument("--hours", type=int, default=25, help="speed: of the replica's time, in each trial")
    parser.add_argument("--per-second", type=float, default=20, help="speed: requests a second of machine time at most")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(texts)
    options.only = tuple(options.only.split(","))
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"--only: {', '.join(sorted(unknown))} is not of {', '.join(PARTS)}")
    return options


def main(texts: Sequence[str] | None = None) -> int:
    """Measure and print; 0 where every crawl is complete and every target is reached."""
    options = arguments(texts)
    findings = []
    before = machine()
    try:
        with tempfile.TemporaryDirectory(prefix="weiplomacy-crawling-") as folder:
            for finding in measure(options, Path(folder)):
                findings.append(finding)
                if not options.json:
                    finding.show()
    except WeiplomacyError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    on = {**machine(), "load_before": before["load"]}
    if options.json:
        parts = {finding.name: finding.document() for finding in findings}
        print(json.dumps({"benchmark": "crawling", **parts, "machine": on}, indent=2))
    else:
        print(f"{on['cores']} cores, load {before['load']} before and {on['load']} after")
        print(line(findings))
    return exit_code(findings)


if __name__ == "__main__":
    sys.exit(main())
