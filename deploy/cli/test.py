"""`weiplomacy test`: everything that has to be green, or pytest with one's own arguments; from a checkout."""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

import typer

from deploy.stack import browser, kafka
from deploy.stack.errors import BrowserError
from schemas.errors import WeiplomacyError
from schemas.settings import PREFIX, load

ROOT = Path(__file__).resolve().parent.parent.parent

#: The tests of these folders take about as long as all others of the stack.
CRAWLING = ("tests/crawler", "tests/faults", "tests/benchmarks", "tests/deploy/stack")

#: What a test says that skips because the recorded answers are absent: see tests/conftest.py.
ABSENT = "recorded responses are not here"


class NotACheckoutError(WeiplomacyError):
    """Tests are part of the source tree, and it is not here."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to run: its name, its command, the time zone, whether it is pytest, and whether it repeats another.

    Steps that follow each other with the same `beside` run at the same time, those of one `lane` of it one after the
    other; what they print is shown at their end.
    """

    name: str
    command: tuple[str, ...]
    zone: str = "UTC"
    counts: bool = False
    beside: str = ""
    repeats: bool = False
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended: exit code, seconds, pytest's closing line, tests by result, and why tests were skipped."""

    step: Step
    code: int
    seconds: float
    closing: str
    counts: Counter[str]
    skipped: Counter[str]


def steps() -> tuple[Step, ...]:
    """What has to be green, the quick things first: the fast tests in two time zones, the others once, in UTC."""
    python = (sys.executable, "-m")
    # Where all want the processor, a browser that is waited for comes first, and what waits for nothing last.
    fast = ("nice", "-n", "15", *python, "pytest", "-q", "-m", "not stack")
    stack = (*python, "pytest", "-q", "-m", "stack")
    ignored = (f"--ignore={folder}" for folder in CRAWLING)
    return (
        Step("ruff: lint", (*python, "ruff", "check")),
        Step("ruff: format", (*python, "ruff", "format", "--check")),
        Step("mypy: types", (*python, "mypy")),
        Step("fast tests, Asia/Shanghai", fast, "Asia/Shanghai", True, "all", lane="fast"),
        Step("fast tests, America/New_York", fast, "America/New_York", True, "all", repeats=True, lane="fast"),
        Step("the stack's tests of the crawl, UTC", (*stack, *CRAWLING), "UTC", True, "all", lane="crawl"),
        Step("the stack's other tests, UTC", ("nice", "-n", "10", *stack, *ignored), "UTC", True, "all", lane="others"),
    )


def set_up() -> None:
    """Fetch what the tests with the real stack need beside Python packages: Kafka's jars, a browser.

    Without a browser the tests that need one skip, with the same sentence. Raises JarsError or SettingsError.
    """
    kafka.class_path(kafka.cache_folder())
    try:
        found = browser.find(load().crawl.browser, lambda what: typer.echo(f"   {what}"))
    except BrowserError as error:
        typer.echo(f"   {error}")
    else:
        typer.echo(f"   {found.version}, {found.path}")


def run_all(steps: Sequence[Step]) -> list[Outcome]:
    """Run the steps in their order; those that may run beside each other do, where they follow each other."""
    outcomes: list[Outcome] = []
    for beside, group in groupby(steps, key=lambda step: step.beside):
        members = tuple(group)
        lanes: dict[str, list[Step]] = {}
        for number, step in enumerate(members):
            lanes.setdefault(step.lane or str(number), []).append(step)
        with ThreadPoolExecutor(len(lanes) if beside else 1) as pool:
            done = [outcome for ended in pool.map(_in_turn, lanes.values()) for outcome in ended]
        outcomes += sorted(done, key=lambda outcome: members.index(outcome.step))
    return outcomes


def _in_turn(steps: Sequence[Step]) -> list[Outcome]:
    return [run(step) for step in steps]


def run(step: Step, root: Path = ROOT) -> Outcome:
    """Run a step, showing what it prints."""
    began = time.monotonic()
    # Settings of the operator are not those of the tests.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    if shared := os.environ.get("WEIPLOMACY_SHARED"):
        kept["WEIPLOMACY_SHARED"] = shared
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [*step.command, f"--junitxml={report}"] if step.counts else list(step.command)
        closing, printed = "", []
        head = f"== {step.name}\n"
        if not step.beside:
            sys.stdout.write(head)
        with subprocess.Popen(
            command, cwd=root, env={**kept, "TZ": step.zone}, stdout=subprocess.PIPE, text=True, errors="replace"
        ) as process:
            for line in process.stdout or ():
                if step.beside:
                    printed.append(line)
                else:
                    sys.stdout.write(line)
                    sys.stdout.flush()
                closing = line.strip() or closing
        if step.beside:
            sys.stdout.write("".join([head, *printed]))
            sys.stdout.flush()
        told = report.exists()
        counts = results(report) if told else Counter[str]()
        skipped = skips(report) if told else Counter[str]()
    seconds = time.monotonic() - began
    return Outcome(step, process.returncode, seconds, closing if step.counts else "", counts, skipped)


def skips(report: Path) -> Counter[str]:
    """Why tests were skipped, with how many, from pytest's own report in JUnit's format."""
    # The file was written by our own pytest a moment ago.
    found = ElementTree.parse(report).iter("skipped")  # noqa: S314
    return Counter(element.get("message", "") for element in found)


def results(report: Path) -> Counter[str]:
    """How many tests passed, failed and were skipped; a test that failed and broke at its end too counts once."""
    counts = Counter[str]()
    # The file was written by our own pytest a moment ago.
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
        ends = {element.tag for element in case}
        word = "failed" if ends & {"failure", "error"} else "skipped" if "skipped" in ends else "passed"
        counts[word] += 1
    return counts


def total(outcomes: Sequence[Outcome]) -> str:
    """The last line: tests passed and skipped, each counted once, and failures anywhere."""
    whole = sum((outcome.counts for outcome in counted_once(outcomes)), Counter[str]())
    failed = sum(outcome.counts["failed"] for outcome in outcomes)
    return f"{whole['passed']} passed, {failed} failed, {whole['skipped']} skipped"


def counted_once(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those in which each test is once."""
    return [outcome for outcome in outcomes if not outcome.step.repeats]


def verdict(outcomes: Sequence[Outcome], shared_is_here: bool) -> list[str]:
    """What is wrong, a sentence each; nothing when all is green."""
    wrong = [f"{outcome.step.name}: failed (exit code {outcome.code})" for outcome in outcomes if outcome.code]
    for outcome in outcomes:
        absent = sum(number for reason, number in outcome.skipped.items() if ABSENT in reason)
        if absent and shared_is_here:
            wrong.append(f"{outcome.step.name}: {absent} tests did not find the recorded answers, which are here")
    return wrong


def test(context: typer.Context) -> None:
    """Run everything that has to be green: lint, types, fast tests in two time zones, tests with the real stack.

    Arguments go to pytest, which then runs alone: `weiplomacy test -k counts`.
    """
    if not (ROOT / "tests").is_dir():
        raise NotACheckoutError("the tests are not here: `weiplomacy test` runs from a checkout of the project")
    typer.echo("== set up")
    set_up()
    if context.args:
        own = Step("pytest", (sys.executable, "-m", "pytest", *context.args), os.environ.get("TZ", "UTC"), counts=True)
        raise typer.Exit(run(own).code)
    outcomes = run_all(steps())
    typer.echo("")
    for outcome in outcomes:
        state = "failed" if outcome.code else "ok"
        closing = f": {outcome.closing}" if outcome.closing else ""
        typer.echo(f"{state:7}{outcome.seconds:6.0f} s  {outcome.step.name}{closing}")
    skipped = sum((outcome.skipped for outcome in counted_once(outcomes)), Counter[str]())
    for reason, number in skipped.most_common():
        typer.echo(f"skipped {number}: {reason}")
    typer.echo(f"{skipped.total()} tests skipped")
    shared = Path(os.environ.get("WEIPLOMACY_SHARED", ROOT.parent / "shared"))
    wrong = verdict(outcomes, (shared / "weibo").is_dir())
    for sentence in wrong:
        typer.echo(sentence, err=True)
    typer.echo(total(outcomes))
    raise typer.Exit(1 if wrong else 0)
