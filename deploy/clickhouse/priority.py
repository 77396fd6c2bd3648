"""Queries behind inserts: the engine can run a query's threads at a low priority of the operating system.

It must be able to raise them again afterwards, which takes root, CAP_SYS_NICE or RLIMIT_NICE. Without that right the
engine ends the whole process (seen with chDB 26.9), so then the setting is neither used nor let through.
"""

import os
import threading
from collections.abc import Mapping

from deploy.clickhouse.errors import Code, QueryError

_PREFIX = "os_threads_nice_value"
LOW_PRIORITY = {f"{_PREFIX}_query": "8"}
"""A sixth of what others weigh. Inserts stay within twice their idle time (tests/benchmarks/analysts_port.py), and a
question is not starved by a browser that fills the cores: at 15 it waited ten times as long as at 5."""


def can_be_restored() -> bool:
    """Whether this process may raise a priority that it has lowered; tried on a thread that ends with the trial."""
    allowed = []

    def trial() -> None:
        usual = os.getpriority(os.PRIO_PROCESS, 0)  # on Linux: of this thread alone
        os.setpriority(os.PRIO_PROCESS, 0, usual + 1)
        try:
            os.setpriority(os.PRIO_PROCESS, 0, usual)
        except PermissionError:
            return
        allowed.append(True)

    thread = threading.Thread(target=trial)
    thread.start()
    thread.join()
    return bool(allowed)


def refuse(sql: str, settings: Mapping[str, str]) -> None:
    """Raise `QueryError` when a request would set a priority by itself."""
    if _PREFIX in sql.lower() or any(_PREFIX in name.lower() for name in settings):
        raise QueryError.named(
            Code.NOT_IMPLEMENTED,
            f"Settings {_PREFIX}_* are not served here: this process may not raise priorities again",
        )
