"""A pipe in the place of a file: everything arrives, and a reader that stops ends it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.clickhouse.piped import CAPACITY, Piped

ROOT = Path(__file__).parents[3]
BROKEN = """
from collections.abc import Iterator
from deploy.clickhouse.piped import Piped

def pieces() -> Iterator[bytes]:
    yield b"the first half"
    raise OSError(5, "Input/output error")

with Piped(pieces()) as path:
    print(path.read_bytes(), "was taken for all")
"""


@pytest.mark.parametrize("sizes", [[], [0], [1], [CAPACITY], [1, 0, 3 * CAPACITY, 7], [4096] * 2_000])
def test_all_pieces_arrive_in_order(sizes: list[int]) -> None:
    pieces = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    with Piped(pieces) as path:
        assert path.read_bytes() == b"".join(pieces)


@pytest.mark.parametrize("read", [0, 10])
def test_who_reads_only_the_beginning_does_not_hang(read: int) -> None:
    fed = 0

    def endless() -> Iterator[bytes]:
        nonlocal fed
        while True:
            fed += 1
            yield bytes(CAPACITY)

    before = threading.active_count()
    with Piped(endless()) as path, path.open("rb") as reading:
        assert len(reading.read(read)) == read
    assert threading.active_count() == before
    assert fed < 10


def test_data_that_can_not_be_read_again_never_look_complete() -> None:
    done = subprocess.run([sys.executable, "-c", BROKEN], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "the data of an insert, all received, can't be read again: [Errno 5] Input/output error\n"
