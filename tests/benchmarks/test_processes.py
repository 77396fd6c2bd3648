import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.benchmarks.processes import children, own, tree, waited

BURN = "import time\nwhile time.process_time() < 0.4: pass"
PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-c", {burn!r}])
print("one has ended", flush=True)
subprocess.Popen([sys.executable, "-c", {burn!r} + "\\nprint('one still runs', flush=True)\\ninput()"])
input()
"""


@contextmanager
def parent() -> Iterator["subprocess.Popen[str]"]:
    """A process that works little itself: a child that has ended worked, and a child that still runs did too."""
    command = [sys.executable, "-c", PARENT.format(burn=BURN)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "one has ended\n"
    assert process.stdout.readline() == "one still runs\n"
    try:
        yield process
    finally:
        process.communicate("\n\n")


def test_what_has_ended_and_what_still_runs_is_counted_once() -> None:
    with parent() as process:
        # Each child worked 0.4 s, the parent next to nothing; the system counts in hundredths.
        assert own(process.pid) < 0.3
        assert 0.7 < tree(psutil.Process(process.pid)) < 1.1


def test_only_what_this_process_started_is_listed() -> None:
    with parent() as process:
        assert process.pid in [child.pid for child in children([])]
        assert process.pid not in [child.pid for child in children([process.pid])]


def test_what_was_waited_for_a_core_only_grows() -> None:
    with parent() as process:
        before = waited(process.pid)
        assert 0 <= before <= waited(process.pid)
    assert waited(-1) == 0
