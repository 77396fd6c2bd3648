"""An hour of the replica's time at speed in one crawl: neither crawler nor browser grows without bound, no page leaks.

One run visits all accounts of the replica with everything under their posts, until the hour is over; then it is stopped
as a supervisor would. The start is the second tenth of the time (the browser is open, the first visits are under way),
the end is the last tenth; each is a median.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from rich.progress import Progress as Bar

from crawler.run import Order, Progress
from schemas.clock import FileClock
from tests.faults.crawl_stage import NOW, Run, machinery, staged
from tests.kafka_process import KafkaProcess

EVERYTHING = {
    "accounts": "all", "pages": "5", "comment_posts": "50", "comment_orders": "hot,time",
    "comment_pages": "all", "reply_pages": "all", "repost_pages": "all",
}  # fmt: skip
STEP_S = 1.0
MOST_GROWTH, SPARE_BYTES = 1.25, 48 << 20
"""What is allowed at the end: so many times the start, and so much more."""
SPARE_PAGES = 2
"""A browser keeps a process or two ready for pages to come."""
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """A look at a run: bytes of crawler and browser, processes of pages."""

    at: float
    crawler: int
    browser: int
    pages: int


@dataclass(frozen=True, slots=True)
class Soaked:
    """Start and end of a soak, each as a median of its samples."""

    start: Sample
    end: Sample

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> "Soaked":
        """From all samples of a run, whose times are parts of its length."""
        begin, end = samples[0].at, samples[-1].at

        def between(low: float, high: float) -> Sample:
            some = [one for one in samples if low <= (one.at - begin) / max(end - begin, 1e-9) <= high]
            figures = [[getattr(one, name) for one in some] for name in ("crawler", "browser", "pages")]
            return Sample(some[0].at, *(round(median(figure)) for figure in figures))

        return cls(between(0.1, 0.2), between(0.9, 1.0))

    def problems(self, open_pages: int) -> list[str]:
        """What has grown beyond the bound. `open_pages` is how many pages the crawl may have open."""
        found = []
        for name in ("crawler", "browser"):
            begin, end = getattr(self.start, name), getattr(self.end, name)
            bound = begin * MOST_GROWTH + SPARE_BYTES
            if end > bound:
                found.append(f"the {name} has {end // MIB} MiB in the end, {int(bound) // MIB} are allowed")
        if self.end.pages > open_pages + SPARE_PAGES:
            found.append(f"{self.end.pages} pages are there in the end, {open_pages + SPARE_PAGES} are allowed")
        if not self.end.crawler:
            found.append("the crawler was gone before the end")
        return found


@dataclass(frozen=True, slots=True)
class Result:
    """What a soak found."""

    soaked: Soaked
    progress: Progress | None
    lasted: timedelta
    machine_s: float
    wrong: list[str]

    def line(self) -> str:
        start, end = self.soaked.start, self.soaked.end
        visits, events = (len(self.progress.receipts), self.progress.events) if self.progress else (0, 0)
        answers = sum(receipt.fetched for receipt in self.progress.receipts) if self.progress else 0
        done = f"{visits} visits, {answers:,} answers, {events:,} events"
        memory = ", ".join(
            f"{name} {getattr(start, name) // MIB} MiB at the start, {getattr(end, name) // MIB} at the end"
            for name in ("crawler", "browser")
        )
        minutes, verdict = self.lasted / timedelta(minutes=1), "; ".join(self.wrong) or "within bounds"
        return (
            f"soak: {minutes:.0f} min of the replica's time in {self.machine_s:.0f} s: {done}; {memory}, processes of "
            f"pages {start.pages} and {end.pages}: {verdict}"
        )


def soak(folder: Path, kafka: KafkaProcess, browser: Path, minutes: float, speed: float) -> Result:
    """Crawl so many minutes of the replica's time, and watch."""
    with staged(folder / "stage", kafka, browser) as stage:
        clock = FileClock(stage.replica.clock_file)
        stage.replica.jump(NOW, speed)
        began, until = time.monotonic(), NOW + timedelta(minutes=minutes)
        run = stage.start(Order("embassy", EVERYTHING))
        samples = _watch(run, clock, until, minutes)
        lasted, machine_s = clock.now() - NOW, time.monotonic() - began
        wrong = [] if not run.has_ended else ["the crawl had nothing more to do before the time was over"]
        if not run.has_ended:
            run.process.terminate()
        progress = run.end()
        open_pages = stage.settings.crawl.concurrent_pages
    soaked = Soaked.of(samples)
    wrong += soaked.problems(open_pages)
    if progress is None:
        wrong.append("the stopped crawl left no receipts")
    return Result(soaked, progress, lasted, machine_s, wrong)


def _watch(run: Run, clock: FileClock, until: datetime, minutes: float) -> list[Sample]:
    samples = []
    run.wait_for_browser(60)
    with Bar(disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("soaking", total=minutes)
        while (now := clock.now()) < until and not run.has_ended:
            crawler, browser = run.memory()
            samples.append(Sample(now.timestamp(), crawler, browser, len(run.pages())))
            bar.update(task, completed=(now - NOW) / timedelta(minutes=1))
            time.sleep(STEP_S)
    return samples


def main() -> int:
    """Soak with a broker of its own; one line, and 0 where everything stays within the bounds."""
    parser = argparse.ArgumentParser(prog="weiplomacy drill soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="of the replica's time")
    parser.add_argument("--speed", type=float, default=20, help="of the replica's clock")
    options = parser.parse_args()
    with machinery("soak") as (folder, kafka, browser):
        result = soak(folder, kafka, browser, options.minutes, options.speed)
    print(result.line())
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
