"""Runs a spider in a process of its own, as `scrapy crawl` would, and follows how far it is."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from crawler.items import NameResult
from crawler.lanes.egress import refuse_dead_ways
from crawler.lanes.plans import goes_live, plans_of
from crawler.lanes.workers import at_work
from schemas.errors import WeiplomacyError, first_reason
from schemas.events import CrawlReceipt
from schemas.origin import clock_file_of, recorded
from schemas.registry import Account
from schemas.settings import PREFIX, Section, Settings

POLL_S = 0.2
GRACE_S = 150.0
"""After a request to stop: what one rendering, one page's deadline and the receipts may take at most."""
LOG = Path("logs") / "crawl.log"
HURRIED: Mapping[str, float] = {
    "delay_s": 0.0,
    "government_factor": 1.0,
    # More than can be asked for, at any speed of the clock.
    "requests_per_minute": 10**9,
    "requests_per_day": 10**12,
    "concurrent_requests": 8,
    "concurrent_pages": 2,
}
"""What takes the place of the careful defaults on the replica."""


class CrawlError(WeiplomacyError):
    """A run could not be made, or broke off."""


class DeliveredReceipt(CrawlReceipt):
    """A receipt, and whether Kafka has taken it."""

    delivered: bool


class Progress(BaseModel):
    """How far a run is, as crawler.extensions.progress writes it down."""

    model_config = ConfigDict(frozen=True)

    accounts: int = 0
    receipts: tuple[DeliveredReceipt, ...] = ()
    visits: int = 0
    whole: int = 0
    says: tuple[str, ...] = ()
    events: int = 0
    refused: str | None = None
    ended: bool = False

    @property
    def complete(self) -> bool:
        """Whether every planned visit has a receipt that is complete and delivered."""
        whole = sum(receipt.complete and receipt.delivered for receipt in self.receipts)
        return self.ended and self.refused is None and whole == self.accounts


@dataclass(frozen=True, slots=True)
class Order:
    """Which spider is run, with which arguments (`-a`) and Scrapy settings (`-s`).

    Its events go to Kafka, or, where `feed` names a file, into that file instead: never nowhere.
    """

    spider: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    scrapy_settings: Mapping[str, str] = field(default_factory=dict)
    feed: Path | None = None

    def command(self, progress: Path) -> list[str]:
        """The command line."""
        command = [sys.executable, "-m", "scrapy", "crawl", self.spider, "-s", f"PROGRESS_FILE={progress}"]
        command += ["-s", f"KAFKA_ENABLED={self.feed is None}"]
        for name, value in self.scrapy_settings.items():
            command += ["-s", f"{name}={value}"]
        for name, value in self.arguments.items():
            command += ["-a", f"{name}={value}"]
        return command + (["-O", f"{self.feed}:jsonl"] if self.feed else [])


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which a process reads exactly these settings."""
    values = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    values["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
    if file := os.environ.get("WEIPLOMACY_SETTINGS"):
        values["WEIPLOMACY_SETTINGS"] = file
    root = str(Path(__file__).resolve().parent.parent)
    values["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    for name, value in settings:
        members = list(value) if isinstance(value, Section) else []
        for member, inner in members:
            _put(values, f"{PREFIX}{name}__{member}".upper(), inner)
        if not members:
            _put(values, f"{PREFIX}{name}".upper(), value)
    return values


def toward(settings: Settings) -> Settings:
    """The settings with the way to the replica filled in, where the state folder's origin is the replica.

    What is set to something stays. On the replica nobody is spared by going slowly, so the careful defaults give way
    too. Raises OriginError.
    """
    if (settings.origin or recorded(settings.home)) != "replica":
        return settings
    crawl = settings.crawl
    filled: dict[str, Any] = {}
    if crawl.egress_proxy is None:
        filled["egress_proxy"] = f"http://127.0.0.1:{settings.stack.replica_proxy_port}"
        filled["egress_ca_file"] = crawl.egress_ca_file or settings.home / "replica" / "ca.pem"
    for name, value in HURRIED.items():
        if getattr(crawl, name) == type(crawl).model_fields[name].default:
            filled[name] = value
    return settings.model_copy(
        update={
            "origin": "replica",
            "crawl": crawl.model_copy(update=filled),
            "clock_file": clock_file_of(settings),
        }
    )


def run(settings: Settings, order: Order, follow: Callable[[Progress], None] = lambda _: None) -> Progress:
    """Run a spider to its end and return how it went; `follow` hears of every step.

    It goes to where the state folder's data come from: the live site, or this machine's replica (see `toward`).
    A SIGTERM or Ctrl-C is passed on, and the spider ends its visits with receipts. Raises SettingsError where the
    settings of the lanes contradict themselves, WorkersError where they contradict those of another run that goes on,
    EgressError where no lane has a way out, and CrawlError where the run was refused or broke off, or where its file or
    its log, `logs/crawl.log` in the state folder, can't be written.
    """
    settings = toward(settings)
    plans = plans_of(settings)
    refuse_dead_ways(plans)
    log = settings.home / LOG
    for written in filter(None, (log, order.feed)):
        _require_writable(written)
    crawl = settings.crawl
    # On the replica nobody is spared by taking turns.
    alone = at_work(settings.home, crawl.instance, crawl.share, plans) if goes_live(settings) else nullcontext()
    with alone, tempfile.TemporaryDirectory(prefix="weiplomacy-") as folder:
        file = Path(folder) / "progress.json"
        with log.open("ab") as out:
            begin = out.tell()
            process = subprocess.Popen(
                [*order.command(file), "-s", f"STARTED_BY={os.getpid()}"],
                env=environment(settings),
                stdout=out,
                stderr=out,
                # Ctrl-C in a terminal goes to the whole group: the spider shall hear it once, from us.
                start_new_session=True,
            )
            with _passing_on(process) as stopped:
                progress = _follow(process, file, follow)
        if progress.refused is not None:
            raise CrawlError(progress.refused)
        if not progress.ended and stopped:
            raise CrawlError("the crawl was stopped before its first visit")
        if not progress.ended:
            raise CrawlError(
                f"the crawl broke off (exit code {process.returncode}): {_last_line(log, begin)} — see {log}"
            )
        if order.feed:
            _require_whole(order.feed, progress, log)
        return progress


def resolve_names(settings: Settings, accounts: Sequence[Account]) -> list[NameResult]:
    """Ask the site which uid the name of each account leads to. Raises CrawlError."""
    with tempfile.TemporaryDirectory(prefix="weiplomacy-") as folder:
        feed = Path(folder) / "names.jsonl"
        run(settings, Order("names", {"accounts": ",".join(account.id for account in accounts)}, feed=feed))
        return list(_results(feed))


def _require_writable(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab"):
            pass
    except OSError as error:
        raise CrawlError(f"{file} can't be written ({first_reason(error)}), nothing was crawled") from error


def _require_whole(feed: Path, progress: Progress, log: Path) -> None:
    """Scrapy only logs what it could not write, so the lines are counted."""
    with feed.open("rb") as lines:
        held = sum(line.endswith(b"\n") for line in lines)
    if held < progress.events:
        raise CrawlError(f"{feed} holds {held} of {progress.events} events, the rest could not be written: see {log}")


def _results(feed: Path) -> Iterator[NameResult]:
    for line in feed.read_text(encoding="utf-8").splitlines():
        try:
            yield NameResult.model_validate_json(line)
        except ValidationError:
            continue  # the receipts stand in the same feed


def _follow(process: subprocess.Popen[bytes], file: Path, follow: Callable[[Progress], None]) -> Progress:
    seen = Progress()
    while True:
        ended = process.poll() is not None
        current = _read(file)
        if current is not None and current != seen:
            seen = current
            follow(seen)
        if ended:
            return seen
        time.sleep(POLL_S)


def _read(file: Path) -> Progress | None:
    try:
        return Progress.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None


@contextmanager
def _passing_on(process: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    """Pass SIGTERM and Ctrl-C on to the process, which is killed when it does not end in time.

    Yields the list of the signals that came.
    """
    stopped: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        # Scrapy takes a second signal as an order to drop everything at once.
        if not stopped:
            process.terminate()
        stopped.append(number)

    before: dict[int, Any] = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _last_line(log: Path, begin: int) -> str:
    with log.open("rb") as out:
        out.seek(begin)
        lines = out.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _put(values: dict[str, str], name: str, value: object) -> None:
    if isinstance(value, SecretStr):
        values[name] = value.get_secret_value()
    elif isinstance(value, Path):
        values[name] = str(value.absolute())
    elif isinstance(value, tuple):
        values[name] = json.dumps([_plain(item) if isinstance(item, Section) else item for item in value])
    elif value is not None:
        values[name] = str(value)


def _plain(section: Section) -> dict[str, object]:
    """A section as JSON takes it; what says nothing is left out."""
    return {
        name: str(value.absolute()) if isinstance(value, Path) else value
        for name, value in section
        if value is not None
    }
