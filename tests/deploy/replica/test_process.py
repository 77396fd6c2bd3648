"""The replica as a process: its one line, its ports, its errors, its end; the same content in every process."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from deploy.replica.__main__ import main

ROOT = Path(__file__).resolve().parents[3]


def start(state: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.replica", "--state", str(state), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def ask(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return json.loads(answer.read())


def test_two_processes_tell_the_same(tmp_path: Path) -> None:
    told = []
    for zone in ("Asia/Shanghai", "America/New_York"):
        process = start(tmp_path / "state", TZ=zone)
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("replica: generated content, proxy http://127.0.0.1:")
            ports = json.loads((tmp_path / "state" / "ports.json").read_text())
            at = "at=2017-01-05T06:30:00Z"
            posts = ask(ports["control"], f"/truth/posts?uid=1743951792&limit=50&{at}")
            hottest = max(posts["posts"], key=lambda post: post["comments"])
            told.append(
                (
                    ask(ports["control"], f"/truth?{at}"),
                    posts,
                    ask(ports["control"], f"/truth/comments?mid={hottest['mid']}&{at}"),
                    ask(ports["control"], f"/truth/people?mid={hottest['mid']}&{at}"),
                    (tmp_path / "state" / "ca.pem").read_bytes(),
                )
            )
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    assert told[0] == told[1]
    assert len(told[0][1]["posts"]) == 50
    assert told[0][2]["comments"]


def test_questions_that_make_no_sense(tmp_path: Path) -> None:
    process = start(tmp_path)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        control = json.loads((tmp_path / "ports.json").read_text())["control"]
        assert ask(control, "/healthz")["ok"] is True
        assert ask(control, "/clock")["follows"] == "machine"
        for path in (
            "/truth?at=soon",
            "/truth?at=2017-01-01",
            "/truth/posts?uid=1",
            "/truth/post",
            "/truth/post?mid=x",
        ):
            with pytest.raises(urllib.error.HTTPError) as refused:
                ask(control, path)
            assert refused.value.code == 400
            assert json.loads(refused.value.read())["error"]
    finally:
        process.terminate()
        process.wait(60)


def test_a_taken_port_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for name in ("proxy", "control"):
            assert main(["--state", str(tmp_path), f"--{name}-port", str(port)]) == 1
            assert f"{name} port 127.0.0.1:{port} can't be used" in capsys.readouterr().err


def test_broken_input_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list.csv").write_text("a,b\n1,2\n")
    (tmp_path / "clock.json").write_text("{")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "ca.pem").write_text("nothing")
    (tmp_path / "damaged" / "ca.key").write_text("nothing")
    (tmp_path / "file").write_text("")
    state = ["--state", str(tmp_path / "state")]
    for arguments, words in (
        ([*state, "--embassies", str(tmp_path / "absent.csv")], "absent.csv"),
        ([*state, "--embassies", str(tmp_path / "list.csv")], "list.csv"),
        ([*state, "--clock-file", str(tmp_path / "clock.json")], "clock.json"),
        (["--state", str(tmp_path / "damaged")], "remove ca.pem and ca.key"),
        (["--state", str(tmp_path / "file" / "below")], "below"),
    ):
        assert main(arguments) == 1
        sentence = capsys.readouterr().err
        assert words in sentence
        assert sentence.count("\n") == 1
        assert "Traceback" not in sentence


def test_a_start_writes_no_post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from deploy.replica import posts, world
    from deploy.replica.server import Options, Replica

    written = []
    monkeypatch.setattr(world, "write_post", lambda *rest: written.append(rest) or posts.write_post(*rest))
    replica = Replica(Options(tmp_path))
    assert written == []
    replica.world.posts(replica.world.accounts[0], replica.clock.now(), None, 10)
    assert 10 <= len(written) <= 40
