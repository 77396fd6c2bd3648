"""Starting: one line when ready, one sentence when not."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clickhouse_process import ROOT, ClickHouseProcess

pytestmark = pytest.mark.stack


def fails(*arguments: str, **environment: str) -> str:
    """What a start that must fail says."""
    ended = subprocess.run(
        [sys.executable, "-m", "deploy.clickhouse", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    return ended.stderr


def test_a_folder_has_one_owner(clickhouse: ClickHouseProcess) -> None:
    message = fails("--path", str(clickhouse.path), "--port", "0")
    assert clickhouse.process is not None
    assert f"in use by another process of this server (number {clickhouse.process.pid}): stop that one" in message
    assert len(message.splitlines()) == 1


def test_a_folder_that_chdb_itself_has_open(tmp_path: Path) -> None:
    program = f"import chdb; owner = chdb.connect({str(tmp_path)!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        message = fails("--path", str(tmp_path), "--port", "0")
        other.communicate(b"\n")
    assert "in use by another process (a notebook with chDB?)" in message
    assert len(message.splitlines()) == 1


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        message = fails("--path", str(tmp_path / "x"), "--port", str(taken.getsockname()[1]))
    assert "is taken: stop the process that has it, or choose another with --port" in message
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_other_machines_are_kept_out(tmp_path: Path, host: str) -> None:
    assert "say --allow-remote" in fails("--path", str(tmp_path / "x"), "--port", "0", "--host", host)


def test_a_path_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "can't be used: File exists" in fails("--path", str(tmp_path / "file"), "--port", "0")
    assert "characters ? & %" in fails("--path", str(tmp_path / "a?b"), "--port", "0")


def test_a_broken_database(tmp_path: Path) -> None:
    metadata = tmp_path / "data" / "metadata"
    metadata.mkdir(parents=True)
    (metadata / "broken.sql").write_text("ATTACH DATABASE nonsense ENGINE = = ")
    message = fails("--path", str(tmp_path / "data"), "--port", "0")
    assert "can't be opened as a ClickHouse database (Syntax error (in file metadata/broken.sql)" in message
    assert len(message.splitlines()) == 1


def test_the_port_file_and_the_time_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    port_file = tmp_path / "port"
    with ClickHouseProcess(tmp_path / "data", "--port-file", str(port_file)) as server, server.client() as client:
        assert int(port_file.read_text()) == server.port
        assert client.command("SELECT timezone()") == "UTC"


def test_fsync_is_an_argument(clickhouse: ClickHouseProcess, data_path: Path) -> None:
    names = "('fsync_after_insert', 'fsync_part_directory')"
    sql = f"SELECT groupArray(value) FROM system.merge_tree_settings WHERE name IN {names}"
    with clickhouse.client() as client:
        assert client.query(sql).first_row == (["0", "0"],)
    with ClickHouseProcess(data_path, "--fsync") as server, server.client() as client:
        assert client.query(sql).first_row == (["1", "1"],)


def test_tables_in_default_are_kept(data_path: Path) -> None:
    server = ClickHouseProcess(data_path)
    for count in (1, 2):
        with server, server.client() as client:
            client.command("CREATE TABLE IF NOT EXISTS default.mine (a Int8) ENGINE = MergeTree ORDER BY a")
            client.command("INSERT INTO default.mine VALUES (1)")
            assert client.command("SELECT count() FROM default.mine") == count
