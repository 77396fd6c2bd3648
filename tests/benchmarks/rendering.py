"""What a rendered embassy page costs beside a plain request for the same posts: pages per second and CPU seconds.

python -m tests.benchmarks.rendering --accounts 40 --pages 20 --rounds 2

Both ways are the Scrapy project against the replica, in turns, with its events in a file. The CPU is that of the crawl
with the browser and all of its processes, without the replica's. Starting Scrapy and the browser is not part of the
figures: each run is measured from the end of its first account to the end of its last but one or so.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from crawler.run import Order, Progress, run
from deploy.stack.browser import find
from schemas.clock import write_clock
from schemas.errors import WeiplomacyError
from schemas.settings import Crawl, Settings
from tests.benchmarks.processes import children, machine, tree

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
SPIDERS = {"SPIDER_MODULES": "tests.benchmarks.timelines"}


@dataclass(frozen=True, slots=True)
class Replica:
    """A running replica whose clock stands still."""

    process: subprocess.Popen[str]
    folder: Path
    clock_file: Path

    def port(self, name: str) -> int:
        ports = json.loads((self.folder / "ports.json").read_text(encoding="utf-8"))
        return int(ports[name])

    def uids(self) -> list[str]:
        """The accounts that it has, in its own order."""
        with urlopen(f"http://127.0.0.1:{self.port('control')}/truth") as answer:
            return [account["uid"] for account in json.load(answer)["accounts"]]


@contextmanager
def replica(folder: Path) -> Iterator[Replica]:
    """Start a replica on free ports; it ends with the block."""
    clock_file = folder / "clock.json"
    write_clock(clock_file, NOW, 0)
    command = [sys.executable, "-m", "deploy.replica", "--state", str(folder / "replica")]
    command += ["--proxy-port", "0", "--control-port", "0", "--clock-file", str(clock_file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert "generated content" in process.stdout.readline(), "the replica did not start"
        yield Replica(process, folder / "replica", clock_file)
    finally:
        process.terminate()
        process.wait(30)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a run was at a moment: answered pages, seconds of machine time, CPU seconds of the crawl."""

    pages: int
    at: float
    cpu: float


@dataclass(slots=True)
class Cost:
    """What pages of one kind cost, added up over runs."""

    pages: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def add(self, marks: list[Mark]) -> None:
        """Add what lies between the first and the last mark of a run."""
        if len(marks) < 2:
            self.wrong.append("a run ended before it could be measured: take more accounts or pages")
            return
        self.pages += marks[-1].pages - marks[0].pages
        self.seconds += marks[-1].at - marks[0].at
        self.cpu += marks[-1].cpu - marks[0].cpu

    @property
    def per_second(self) -> float:
        return self.pages / self.seconds if self.seconds else 0.0

    @property
    def cpu_per_page(self) -> float:
        return self.cpu / self.pages if self.pages else 0.0

    def document(self) -> dict[str, Any]:
        return {
            "pages": self.pages,
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu, 3),
            "pages_per_second": round(self.per_second, 3),
            "cpu_seconds_per_page": round(self.cpu_per_page, 6),
        }


def crawl(settings: Settings, order: Order, besides: int, answers_per_page: int, cost: Cost) -> None:
    """Run a spider, and add what its pages cost from the end of the first account on, while others are still open."""
    marks: list[Mark] = []

    def follow(progress: Progress) -> None:
        # When the last account has ended the browser ends, and what it used can't be asked for any more.
        if 0 < len(progress.receipts) < progress.accounts:
            pages = sum(receipt.fetched for receipt in progress.receipts) // answers_per_page
            cpu = sum(tree(child) for child in children([besides]))
            marks.append(Mark(pages, time.monotonic(), cpu))

    progress = run(settings, order, follow)
    cost.add(marks)
    if not progress.complete:
        problems = [problem for receipt in progress.receipts for problem in receipt.problems]
        cost.wrong.append(f"{order.spider}: {'; '.join(problems) or 'not every account ended well'}")


def measure(folder: Path, accounts: int, pages: int, rounds: int, in_flight: int) -> tuple[Cost, Cost]:
    """Crawl both ways in turns; what rendered pages cost, and what plain requests cost."""
    rendered, plain = Cost(), Cost()
    browser = find(None, lambda _: None)
    with replica(folder) as weibo:
        settings = Settings(
            home=folder / "home",
            origin="replica",
            clock_file=weibo.clock_file,
            crawl=Crawl(
                browser=browser.path,
                egress_proxy=f"http://127.0.0.1:{weibo.port('proxy')}",
                egress_ca_file=weibo.folder / "ca.pem",
                delay_s=0,
                concurrent_pages=in_flight,
                concurrent_requests=in_flight,
            ),
        )
        whom = {"accounts": ",".join(weibo.uids()[:accounts]), "comment_posts": "0"}
        for _ in range(rounds):
            # A rendered page loads two answers that are read: the account's profile and its posts.
            order = Order("rendered_timelines", {**whom, "pages": "1"}, SPIDERS, folder / "rendered.jsonl")
            crawl(settings, order, weibo.process.pid, 2, rendered)
            order = Order("plain_timelines", {**whom, "pages": str(pages)}, SPIDERS, folder / "plain.jsonl")
            crawl(settings, order, weibo.process.pid, 1, plain)
    return rendered, plain


def line(rendered: Cost, plain: Cost) -> str:
    """The result in a line."""
    return (
        f"rendered {rendered.per_second:.2f} pages/s at {rendered.cpu_per_page:.3f} CPU s a page, plain "
        f"{plain.per_second:.0f} requests/s at {plain.cpu_per_page * 1000:.2f} CPU ms: a render costs "
        f"{rendered.cpu_per_page / (plain.cpu_per_page or 1):.0f} × a plain request"
    )


def show(rendered: Cost, plain: Cost, in_flight: int) -> None:
    """Print the table."""
    on = machine()
    table = Table(
        title=f"{in_flight} in flight, {on['cores']} cores, load {on['load']}", title_justify="left", box=None
    )
    for column in ("", "pages", "seconds", "pages/s", "CPU s", "CPU ms a page"):
        table.add_column(column, justify="right" if column else "left")
    for name, cost in (("rendered", rendered), ("plain", plain)):
        figures = (f"{cost.seconds:.1f}", f"{cost.per_second:.2f}", f"{cost.cpu:.1f}", f"{cost.cpu_per_page * 1e3:.2f}")
        table.add_row(name, str(cost.pages), *figures)
    Console().print(table)


def main() -> int:
    """Measure and print; 0 where every account of every run ended well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=40, help="accounts a run")
    parser.add_argument("--pages", type=int, default=20, help="timeline pages per account, of the plain requests")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each kind, in turns")
    parser.add_argument("--in-flight", type=int, default=2, help="pages or requests at a time")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="weiplomacy-rendering-") as folder:
            rendered, plain = measure(
                Path(folder), options.accounts, options.pages, options.rounds, options.in_flight
            )  # fmt: skip
    except WeiplomacyError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    wrong = [*rendered.wrong, *plain.wrong]
    if options.json:
        ratio = round(rendered.cpu_per_page / plain.cpu_per_page, 1) if plain.cpu else None
        figures = {"rendered": rendered.document(), "plain": plain.document(), "render_by_plain": ratio}
        print(json.dumps({"benchmark": "rendering", **figures, "machine": machine(), "wrong": wrong}, indent=2))
    elif wrong:
        print("NOT MEASURED: " + "; ".join(wrong))
    else:
        show(rendered, plain, options.in_flight)
        print(line(rendered, plain))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
