"""What processes cost: CPU seconds of a process with all that it started, and the load beside which it was measured."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil


def own(pid: int) -> float:
    """CPU seconds, user and system, of one process with all its threads."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def tree(process: psutil.Process) -> float:
    """CPU seconds of a process and of all that descend from it, those that have ended included.

    A process that ended is in the account of the parent that waited for it, so nothing is lost when a browser ends
    one of its own; the processes are asked again where one goes away in between. Raises psutil.NoSuchProcess where
    the first one is gone.
    """
    while True:
        members = [process, *process.children(recursive=True)]
        try:
            times = [member.cpu_times() for member in members]
        except psutil.NoSuchProcess:
            if not process.is_running():
                raise
            continue
        return float(sum(t.user + t.system + t.children_user + t.children_system for t in times))


def waited(pid: int) -> float:
    """Seconds for which the main thread of a process had work and no core to do it on; 0 where the system keeps none.

    A time that was measured on a busy machine would be shorter by up to so much on an idle one.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def children(besides: Sequence[int]) -> list[psutil.Process]:
    """The processes that this one started and that still run, without those of the given ids."""
    return [
        child
        for child in psutil.Process().children()
        if child.pid not in besides and child.status() != psutil.STATUS_ZOMBIE
    ]


def machine() -> dict[str, Any]:
    """What a figure is to be read beside: cores, and how many processes wanted one in the last minute."""
    return {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}
