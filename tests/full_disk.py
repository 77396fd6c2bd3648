"""A disk that is really full, for tests of what is said then and what is lost."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SIZE = 256 * 1024


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a small disk of its own without any room left; unlink `filling` in it to make some."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    try:
        mounted = os.getuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a small disk to fill can't be mounted here: that takes root and the right to mount")
    try:
        fill(folder)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Write until nothing more can be written."""
    with (folder / "filling").open("ab", buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            return
