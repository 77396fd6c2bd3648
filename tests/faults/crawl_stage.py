"""The stage of the crawl's drills: a replica, the settings that lead to it, and runs that may be struck down."""

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from crawler.run import Order, Progress, environment, toward
from deploy.stack.browser import find
from schemas.clock import FileClock
from schemas.settings import Crawl, Kafka, Settings
from tests.kafka_process import KafkaProcess
from tests.replica_process import ReplicaProcess

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
"""When every drill of the crawl begins, by the replica's clock."""
ROOT = Path(__file__).resolve().parents[2]
END_S = 600.0
"""A run that takes longer, in seconds of machine time, does not end."""
STEP_S = 0.05


@dataclass
class Stage:
    """A replica, and a crawl that is led to it. Their states and the log are in `folder`."""

    folder: Path
    replica: ReplicaProcess
    settings: Settings
    run: "Run | None" = None
    """The run that was started last."""

    @property
    def log(self) -> Path:
        """What the runs said."""
        return self.folder / "crawl.log"

    def jump(self, moment: datetime, speed: float = 0) -> None:
        """Set the replica's clock, but never back: to a moment that has passed, it goes on from now."""
        self.replica.jump(max(moment, FileClock(self.replica.clock_file).now()), speed)

    def start(self, order: Order) -> "Run":
        """Start a run, and go on at once."""
        progress = self.folder / "progress.json"
        progress.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                order.command(progress), cwd=ROOT, env=environment(self.settings), stdout=log, stderr=log
            )
        self.run = Run(process, progress)
        return self.run


@dataclass
class Run:
    """A run under way, or at its end."""

    process: subprocess.Popen[bytes]
    progress: Path

    @property
    def has_ended(self) -> bool:
        """Whether it is over, in whatever way."""
        return self.process.poll() is not None

    def end(self, within_s: float = END_S) -> Progress | None:
        """Wait for its end; how it went, None where it broke off or had to be killed."""
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        with suppress(FileNotFoundError):
            progress = Progress.model_validate_json(self.progress.read_bytes())
            return progress if progress.ended and progress.refused is None else None
        return None

    def lives(self, seconds: float) -> bool:
        """Let it live so long, machine time; whether it is still there then."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return not self.has_ended

    def kill(self) -> None:
        """`kill -9`. Its browser goes when its pipe does."""
        self.process.kill()
        self.process.wait()

    def browser(self) -> psutil.Process | None:
        """The browser's first process, None where there is none (yet, or any more)."""
        return next((one for one in self.processes() if _is_browser(one) and not _type_of(one)), None)

    def pages(self) -> list[psutil.Process]:
        """The browser's processes for pages, spare ones included."""
        return [one for one in self.processes() if _is_browser(one) and _type_of(one) == "renderer"]

    def memory(self) -> tuple[int, int]:
        """Resident bytes of the crawler, and of all processes of its browser, with their share of shared pages."""
        own, browser = 0, 0
        with suppress(psutil.NoSuchProcess):
            own = psutil.Process(self.process.pid).memory_info().rss
        for one in self.processes():
            with suppress(psutil.NoSuchProcess):
                browser += one.memory_full_info().pss if _is_browser(one) else 0
        return own, browser

    def processes(self) -> list[psutil.Process]:
        """What it has started and still runs."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    def wait_for_browser(self, seconds: float) -> psutil.Process | None:
        """The browser as soon as there is one; None where none came in time."""
        deadline = time.monotonic() + seconds
        while (found := self.browser()) is None and not self.has_ended and time.monotonic() < deadline:
            time.sleep(STEP_S)
        return found


@contextmanager
def staged(folder: Path, kafka: KafkaProcess, browser: Path, *replica: str, **crawl: object) -> Iterator[Stage]:
    """A stage with a replica of its own (`replica`: its options); `crawl` are settings of the section of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    running = ReplicaProcess(folder, NOW, *replica)
    try:
        settings = Settings(
            home=folder / "home",
            origin="replica",
            clock_file=running.clock_file,
            kafka=Kafka(bootstrap_servers=",".join(kafka.servers)),
            crawl=Crawl.model_validate(
                {"browser": browser, "egress_proxy": running.proxy, "egress_ca_file": running.ca_file, **crawl}
            ),
        )
        stage = Stage(folder, running, toward(settings))
        try:
            yield stage
        finally:
            if stage.run is not None and not stage.run.has_ended:
                stage.run.kill()
    finally:
        running.stop()


@contextmanager
def machinery(name: str, keep: Path | None = None) -> Iterator[tuple[Path, KafkaProcess, Path]]:
    """What a drill from the command line needs: a folder, a broker of its own, and a browser of this machine.

    With `keep`, the folder is made there and stays. SIGTERM ends a drill as Ctrl-C does: with all that it has started.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix=f"weiplomacy-{name}-") as temporary:
        folder = keep / name if keep else Path(temporary)
        kafka = KafkaProcess(folder / "kafka")
        try:
            kafka.start()
            yield folder, kafka, find(None, lambda _: None).path
        finally:
            kafka.stop()


def _is_browser(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return "chrom" in process.name().lower() or "headless_shell" in process.name()
    return False


def _type_of(process: psutil.Process) -> str:
    """What a process of the browser is for; its first one says nothing."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        line = process.cmdline()
        return next((part.removeprefix("--type=") for part in line if part.startswith("--type=")), "")
    return "gone"
