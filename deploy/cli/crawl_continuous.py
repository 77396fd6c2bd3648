"""`weiplomacy crawl run --continuous`: the crawl day and night, told visit by visit, until it is stopped."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import typer
from rich.console import Console
from rich.text import Text

from crawler import run as crawler_run
from crawler.run import DeliveredReceipt, Order, Progress
from deploy.cli.sql import harmless
from schemas.settings import Settings

NEWEST = 50
"""Receipts that are handed on at a time: more visits than end between two looks."""


@dataclass
class Telling:
    """What is printed while the crawl goes on: each sentence once, each visit that is not complete, with its reason.

    `count` is shown how many visits and events there are so far.
    """

    console: Console
    count: Callable[[str], None] = lambda _: None
    told: set[str] = field(default_factory=set)
    says: tuple[str, ...] = ()

    def follow(self, progress: Progress) -> None:
        """Print what is new."""
        if progress.visits:
            self.count(_so_far(progress))
        for sentence in progress.says:
            if sentence not in self.says:
                self._print(sentence, "yellow")
        self.says = progress.says
        newest = {f"{receipt.spider} {receipt.account_id} {receipt.cycle}": receipt for receipt in progress.receipts}
        for name, receipt in newest.items():
            if name not in self.told and not (receipt.complete and receipt.delivered):
                self._print(f"{receipt.observed_at:%Y-%m-%d %H:%M:%S} {receipt.account_id}: {_why(receipt)}", "red")
        self.told = set(newest)

    def _print(self, sentence: str, style: str) -> None:
        self.console.print(Text(harmless(sentence), style=style), soft_wrap=True)


def go_on(settings: Settings, arguments: Mapping[str, str], as_json: bool) -> None:
    """Crawl until SIGTERM or Ctrl-C, and say in the end how much it was. Raises WeiplomacyError."""
    console = Console(stderr=True)
    order = Order("resample", arguments, {"PROGRESS_RECEIPTS": str(NEWEST)})
    with console.status("until the first visit is due (`weiplomacy crawl plan`)") as status:
        progress = crawler_run.run(settings, order, Telling(console, status.update).follow)
    if as_json:
        counts = {"visits": progress.visits, "complete": progress.whole, "events": progress.events}
        typer.echo(json.dumps({**counts, "says": progress.says}, ensure_ascii=False))
    else:
        typer.echo(_so_far(progress))


def _so_far(progress: Progress) -> str:
    return f"{progress.whole} of {progress.visits} visits complete, {progress.events} events acknowledged"


def _why(receipt: DeliveredReceipt) -> str:
    if not receipt.delivered:
        return "Kafka did not take its receipt"
    return receipt.problems[0] if receipt.problems else receipt.stop_reason
