"""A consumer as a process: it runs until it is told to stop; what fails by name is one sentence and an exit code."""

import logging
import signal
import sys
import threading
from collections.abc import Callable

from schemas.errors import WeiplomacyError
from schemas.settings import Settings, load

log = logging.getLogger("weiplomacy")


def serve(run: Callable[[Settings, threading.Event], None]) -> int:
    """Run with the settings until the event is set; the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("kafka").setLevel(logging.ERROR)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        run(load(), stop)
    except WeiplomacyError as error:
        log.error("%s", error)
        return error.exit_code
    return 0
