"""The state folder: where things are, and what stands in the way."""

import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from deploy.stack.errors import StateFolderError
from deploy.stack.layout import LEAST_FREE, LONGEST_SOCKET, layout_of, make

Usage = namedtuple("Usage", "total used free")


def test_everything_is_in_the_state_folder(tmp_path: Path) -> None:
    layout = layout_of(tmp_path / "s")
    make(layout)
    make(layout)
    inside = [layout.kafka, layout.clickhouse, layout.replica, layout.clock, layout.logs, layout.run]
    assert all(layout.home in place.parents for place in inside)
    assert sorted(path.name for path in layout.home.iterdir()) == ["kafka", "logs", "run"]


def test_a_relative_folder_is_absolute_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert layout_of(Path("state")).home == tmp_path / "state"


def test_a_short_path_keeps_its_socket() -> None:
    layout = layout_of(Path("/srv/weiplomacy"))
    assert layout.socket == Path("/srv/weiplomacy/run/supervisor.sock")


def test_a_long_path_has_its_socket_in_a_short_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/x")
    homes = [tmp_path / ("é" * 60) / name for name in ("one", "two")]
    sockets = [layout_of(home).socket for home in homes]
    assert all(len(os.fsencode(socket)) <= LONGEST_SOCKET for socket in sockets)
    assert all(Path("/run/x") in socket.parents for socket in sockets)
    assert sockets[0] != sockets[1]
    assert sockets[0] == layout_of(homes[0]).socket


def test_the_short_folder_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    layout = layout_of(tmp_path / ("x" * 100))
    make(layout)
    assert layout.socket.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateFolderError, match=r"state folder .*/state can't be used.*WEIPLOMACY_HOME"):
        make(layout_of(tmp_path / "state"))


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_ours_to_write_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StateFolderError, match="can't be used"):
        make(layout_of(tmp_path / "state"))


def test_a_full_disk_is_named_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of a disk that is nearly full; the next one is full.
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, LEAST_FREE - 1))
    with pytest.raises(StateFolderError, match=r"has 511 MiB left and needs 512: make room"):
        make(layout_of(tmp_path))


def test_a_disk_without_any_room_is_named(full_disk: Path) -> None:
    with pytest.raises(StateFolderError, match=r"/home can't be used: No space left on device.*WEIPLOMACY_HOME"):
        make(layout_of(full_disk / "home"))


@pytest.mark.parametrize("name", ["kafka", "logs", "run"])
def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(StateFolderError, match=f"File exists: {tmp_path / name}"):
        make(layout_of(tmp_path))
