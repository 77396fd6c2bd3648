"""A browser that can really be launched: looked for, tried, and remembered until it changes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.browsers import on_path
from deploy.stack.errors import BrowserError
from deploy.stack.kafka import cache_folder
from schemas.settings import Settings

LAUNCH_S = 60
INSTALL_S = 600

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that was launched, and what it says of itself."""

    path: Path
    version: str


def find(named: Path | None, report: Report, cache: Path | None = None) -> Browser:
    """The first browser that launches: the one named in the settings, one on the PATH, Playwright's, Debian's.

    Playwright's is downloaded and Debian's installed (as root) where nothing is there. Raises BrowserError, which says
    what to install.
    """
    memory = (cache or cache_folder()) / "browser.json"
    known = _remembered(memory, named)
    if known:
        return known
    tried: list[str] = []
    for path in _candidates(named, report):
        try:
            browser = launch(path)
        except BrowserError as error:
            tried.append(str(error))
            continue
        _remember(memory, browser)
        return browser
    what = "; ".join(tried) or "none was found on the PATH, and neither Playwright's nor Debian's could be had"
    if named:
        raise BrowserError(f"the browser of the setting crawl.browser can't be launched: {what}")
    raise BrowserError(
        f"no browser can be launched: {what}. Install Chromium (Debian: apt-get install chromium) or name one with the "
        "setting crawl.browser; what needs no browser works without"
    )


def with_browser(settings: Settings, report: Report = lambda _: None) -> Settings:
    """The settings with a browser that launches. Raises BrowserError."""
    found = find(settings.crawl.browser, report)
    return settings.model_copy(update={"crawl": settings.crawl.model_copy(update={"browser": found.path})})


def launch(path: Path) -> Browser:
    """Start it without a window, let it open an empty page, and end it. Raises BrowserError."""
    with tempfile.TemporaryDirectory(prefix="weiplomacy-browser-") as profile:
        command = [
            *(str(path), "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
            # Chromium's own sandbox stays on; only as root it can't be had.
            *(["--no-sandbox"] if os.getuid() == 0 else []),
            *(f"--user-data-dir={profile}", "--dump-dom", "data:text/html,<title>weiplomacy</title>"),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LAUNCH_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BrowserError(f"{path}: {error}") from error
        if "weiplomacy" not in done.stdout:
            said = " ".join(done.stderr.split())[-300:] or f"exit code {done.returncode}"
            raise BrowserError(f"{path} does not render a page: {said}")
    version = subprocess.run([str(path), "--version"], capture_output=True, text=True, timeout=LAUNCH_S, check=False)
    return Browser(path, version.stdout.strip() or "unknown version")


def _candidates(named: Path | None, report: Report) -> Iterator[Path]:
    if named:
        yield named
        return
    yield from on_path()
    playwright = _playwright_path()
    if playwright and not playwright.exists():
        report("Playwright's Chromium, to download it")
        _run(["playwright", "install", "chromium"])
    if playwright and playwright.exists():
        yield playwright
    if os.getuid() == 0 and shutil.which("apt-get"):
        report("Debian's Chromium, to install it")
        _run(["apt-get", "update"])
        _run(["apt-get", "install", "-y", "--no-install-recommends", "chromium"])
        yield from on_path()


def _run(command: list[str]) -> None:
    """Run an installer; whether it helped shows in whether a browser launches afterwards."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, capture_output=True, timeout=INSTALL_S, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return


def _playwright_path() -> Path | None:
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 (half a second that most calls save)

    try:
        with sync_playwright() as playwright:
            return Path(playwright.chromium.executable_path)
    except Error:
        return None


def _remembered(memory: Path, named: Path | None) -> Browser | None:
    try:
        noted = json.loads(memory.read_text(encoding="utf-8"))
        browser = Browser(Path(noted["path"]), str(noted["version"]))
        same = noted["stamp"] == _stamp(browser.path)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return browser if same and named in (None, browser.path) else None


def _remember(memory: Path, browser: Browser) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    noted = {"path": str(browser.path), "version": browser.version, "stamp": _stamp(browser.path)}
    partial = memory.with_suffix(".partial")
    partial.write_text(json.dumps(noted), encoding="utf-8")
    partial.replace(memory)


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_mtime_ns, status.st_size]
