"""The demo: seven days of the replica's time, crawled three times, and the ranking that comes of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crawler import run as crawler_run
from crawler.run import DeliveredReceipt, Order
from deploy.cli.data_import import find, publish
from deploy.cli.registry import resolve_all
from deploy.ranking import RankingRow, read_ranking
from deploy.stack import bring_up, topics
from deploy.stack.bring_up import Stack
from deploy.stack.browser import with_browser
from schemas import registry
from schemas.accounts import Account
from schemas.clock import FileClock, write_clock
from schemas.errors import WeiplomacyError
from schemas.event_fields import iso_milliseconds
from schemas.settings import Settings

DAYS = 7
PASSES = 3
#: What one visit may take, so that the demo ends in minutes; the live crawl has settings of its own.
BOUNDS = {"pages": "3", "comment_posts": "2", "comment_pages": "1"}
CATCH_UP_S = 120.0
POLL_S = 0.3
LOADER_GROUP = "weiplomacy-loader"

Report = Callable[[str], None]


class CatchUpError(WeiplomacyError):
    """The loader did not write everything in time."""


class DemoIncompleteError(WeiplomacyError):
    """A visit of the demo is not complete."""


@dataclass
class Demo:
    """What the demo did. `receipts` are those of all passes; `timings` are seconds of machine time by step."""

    begin: datetime
    end: datetime
    accounts: int
    confirmed: int = 0
    receipts: list[DeliveredReceipt] = field(default_factory=list)
    ranking: list[RankingRow] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every visit of every pass read and delivered all that it planned."""
        whole = [receipt for receipt in self.receipts if receipt.complete and receipt.delivered]
        return len(whole) == len(self.receipts) == self.accounts * PASSES

    def as_json(self) -> dict[str, Any]:
        """The demo as one JSON document."""
        return {
            "origin": "replica: generated content",
            "begin": iso_milliseconds(self.begin),
            "end": iso_milliseconds(self.end),
            "complete": self.complete,
            "ranking": [row.as_json() for row in self.ranking],
            "receipts": [receipt.model_dump(mode="json") for receipt in self.receipts],
            "timings": {name: round(seconds, 2) for name, seconds in self.timings.items()},
        }


def moments(now: datetime) -> list[datetime]:
    """When the passes are: from the next full hour of the replica's clock on, over seven days. UTC."""
    begin = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return [begin + timedelta(days=DAYS) * place / (PASSES - 1) for place in range(PASSES)]


def run(settings: Settings, count: int | None, report: Report) -> Demo:
    """Bring the stack up on the replica, crawl, wait for the loader, and rank. Raises WeiplomacyError.

    The replica's clock stands still during a pass, so that every row can be compared with the truth of its moment,
    jumps in between, and runs at real speed afterwards.
    """
    began = time.monotonic()
    report("a browser that can be launched")
    # A canary is no account of the demo.
    no_canary = settings.crawl.model_copy(update={"canary_account": None, "canary_post": None})
    settings = with_browser(settings.model_copy(update={"crawl": no_canary}), report)
    stack = bring_up.up(settings, "replica", report)
    clock_file = stack.layout.clock
    passes = moments(FileClock(clock_file).now())
    chosen = registry.load(settings).accounts[:count]
    demo = Demo(passes[0], passes[-1], len(chosen))
    demo.timings["stack"] = time.monotonic() - began
    try:
        write_clock(clock_file, passes[0], 0.0)
        _prepare(stack, demo, chosen, report)
        names = ",".join(account.id for account in chosen)
        for number, moment in enumerate(passes, 1):
            write_clock(clock_file, moment, 0.0)
            said = f"pass {number} of {PASSES}, {moment:%Y-%m-%d %H:%M} UTC of the replica's time"
            _crawl(settings, demo, names, f"pass {number}", said, report)
    finally:
        write_clock(clock_file, passes[-1], 1.0)
    with _timed(demo, "catch up"):
        report("the loader catches up")
        catch_up(settings.kafka_servers)
    demo.ranking = read_ranking(settings, [account.id for account in chosen], passes[0], passes[-1])
    demo.timings["total"] = time.monotonic() - began
    return demo


def _prepare(stack: Stack, demo: Demo, chosen: Sequence[Account], report: Report) -> None:
    with _timed(demo, "import"):
        report("the list of December 2016")
        publish(stack.settings.kafka_servers, find("2016"))
    open_names = [account for account in chosen if account.id not in registry.confirmations(stack.settings.home)]
    with _timed(demo, "names"):
        if open_names:
            report(f"{len(open_names)} names, to confirm their uids")
            resolve_all(stack.settings, open_names)
    demo.confirmed = len(registry.confirmations(stack.settings.home))


def _crawl(settings: Settings, demo: Demo, names: str, step: str, said: str, report: Report) -> None:
    def follow(progress: crawler_run.Progress) -> None:
        report(f"{said}: {len(progress.receipts)} of {demo.accounts} accounts, {progress.events:,} events acknowledged")

    with _timed(demo, step):
        report(said)
        order = Order("embassy", {"accounts": names, **BOUNDS})
        demo.receipts += crawler_run.run(settings, order, follow).receipts


@contextmanager
def _timed(demo: Demo, step: str) -> Iterator[None]:
    """Note how long a step took, seconds of machine time."""
    began = time.monotonic()
    yield
    demo.timings[step] = time.monotonic() - began


def catch_up(servers: list[str]) -> None:
    """Wait until the loader has committed every message. Raises CatchUpError."""
    admin = topics.wait_for_broker(servers, CATCH_UP_S)
    try:
        began = time.monotonic()
        while left := topics.lag(admin, LOADER_GROUP):
            if time.monotonic() - began > CATCH_UP_S:
                raise CatchUpError(
                    f"the loader still lacks {left} messages after {CATCH_UP_S:.0f} s: see `weiplomacy status` and "
                    "`weiplomacy logs loader`"
                )
            time.sleep(POLL_S)
    finally:
        admin.close()
