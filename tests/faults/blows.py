"""What strikes a run of the crawl from our own side: to itself, to its browser, to the browser's pages."""

from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.faults.crawl_stage import Run

BROWSER_S = 20.0
"""How long a blow waits for a browser to strike, machine time."""

Blow = Callable[[Run], None]


def killed(run: Run) -> None:
    """`kill -9` of the crawler."""
    run.kill()


def stopped(run: Run) -> None:
    """SIGTERM, whatever it is doing, renderings included."""
    with suppress(psutil.NoSuchProcess):
        run.process.terminate()


def browser_killed(run: Run) -> None:
    """`kill -9` of its browser."""
    if (found := run.wait_for_browser(BROWSER_S)) is not None:
        with suppress(psutil.NoSuchProcess):
            found.kill()


def pages_frozen(run: Run) -> None:
    """The pages that its browser has open never answer again, and leak."""
    run.wait_for_browser(BROWSER_S)
    for page in run.pages():
        with suppress(psutil.NoSuchProcess):
            page.suspend()


BLOWS: tuple[Blow, ...] = (killed, stopped, browser_killed, pages_frozen)
