"""`status`, `logs`, `down`: what is printed, and with which exit code it ends."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner, Result

from deploy.cli import stack as command
from deploy.stack.errors import PartError
from deploy.stack.status import PartStatus

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
UP = PartStatus("kafka", True, "up", "127.0.0.1:9092", NOW, "7 messages in 6 topics")
LONG = "ERROR a sentence that is far too long for a narrow column of a table: " + "word " * 20 + "[bold]\x1b[2J"
DOWN = PartStatus("loader", False, "exited", "", NOW, LONG)

app = typer.Typer()
for function in (command.status, command.logs, command.down):
    app.command()(function)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "home"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def stands(monkeypatch: pytest.MonkeyPatch, *parts: PartStatus) -> None:
    monkeypatch.setattr(command, "status_of", lambda _: list(parts))


def test_the_exit_code_says_whether_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    stands(monkeypatch, UP)
    assert run("status").exit_code == 0
    stands(monkeypatch, UP, DOWN)
    assert run("status").exit_code == run("status", "--json").exit_code == 1


def test_json_has_every_part_and_its_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    stands(monkeypatch, UP, DOWN)
    kafka, loader = json.loads(run("status", "--json").output)
    assert (kafka["name"], kafka["up"], kafka["since"]) == ("kafka", True, "2024-01-02T03:04:05.000Z")
    assert loader["doing"] == LONG


def test_a_trouble_stands_in_full_below_the_table_and_can_not_command_the_terminal() -> None:
    console = Console(file=io.StringIO(), width=80)
    console.print(command.picture_of([UP, DOWN]))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    head, *rest = shown.splitlines()
    assert head.split() == ["part", "state", "address", "since", "doing"]
    assert "see below" in shown
    assert " ".join(LONG.replace("\x1b", "\\x1b").split()) in " ".join(shown.split())
    assert all(len(line) <= 80 for line in rest)


def test_logs_show_the_end_of_each_part(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / "logs").mkdir(parents=True)
    for name in ("kafka", "crawl"):
        (home / "logs" / f"{name}.log").write_text("".join(f"{name} {n}\n" for n in range(300)))
    assert run("logs", "kafka").exit_code == 0
    shown = capfd.readouterr().out.splitlines()
    assert (shown[0], shown[-1], len(shown)) == ("kafka 100", "kafka 299", 200)
    assert run("logs").exit_code == 0
    assert {"kafka 299", "crawl 299"} <= set(capfd.readouterr().out.splitlines())


@pytest.mark.parametrize("name", ["nosuch", "../../etc/x", ""])
def test_a_log_that_is_not_there_is_told_with_those_that_are(home: Path, name: str) -> None:
    assert "there are: none yet" in str(run("logs", name).exception)
    (home / "logs").mkdir(parents=True)
    (home / "logs" / "loader.log").write_text("")
    if name:
        done = run("logs", name)
        assert isinstance(done.exception, PartError)
        assert f"there is no log of {name} in {home / 'logs'}; there are: loader" in str(done.exception)


def test_down_where_nothing_runs_is_no_error() -> None:
    done = run("down")
    assert done.exit_code == 0
    assert "nothing was running" in done.output
