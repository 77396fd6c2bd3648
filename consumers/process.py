"""A consumer as a process: it runs until it is told to stop; what fails by name is one sentence and an exit code."""

import gc
import logging
import signal
import sys
import threading
from collections.abc import Callable

from schemas.errors import WeiplomacyError
from schemas.settings import Settings, load

log = logging.getLogger("weiplomacy")

PILE = 1_000_000
"""Objects that pile up before Python looks for cycles among them. A full batch of the loader is half a million that
live for half a second, what the alerter remembers are millions that stay, and neither holds any: at Python's own pace
the search takes a third of their time."""


def serve(run: Callable[[Settings, threading.Event], None]) -> int:
    """Run with the settings until the event is set; the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("kafka").setLevel(logging.ERROR)
    gc.set_threshold(PILE, *gc.get_threshold()[1:])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        run(load(), stop)
    except WeiplomacyError as error:
        log.error("%s", error)
        return error.exit_code
    return 0
