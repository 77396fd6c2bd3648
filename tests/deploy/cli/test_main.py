"""The command as a whole: whatever is wrong is one sentence on stderr and an exit code, and nothing is lost."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest

from crawler import publishing
from deploy.cli import main as command
from deploy.cli.main import main
from tests.kafka_process import free_port

Said = tuple[int, str, str]
Run = Callable[..., Said]
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A state folder of the test's own, ports of which nobody listens on, no settings of the machine."""
    for name in list(os.environ):
        if name.startswith("WEIPLOMACY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "home"))
    for port in ("KAFKA", "KAFKA_CONTROLLER", "CLICKHOUSE", "ANALYSTS", "REPLICA_PROXY", "REPLICA_CONTROL"):
        monkeypatch.setenv(f"WEIPLOMACY_STACK__{port}_PORT", str(free_port()))
    # Ten seconds of patience are tested nowhere.
    monkeypatch.setattr(publishing, "connect", partial(publishing.connect, connect_ms=200))
    return tmp_path / "home"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command as its script does; returns exit code, stdout and stderr."""

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["weiplomacy", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def one_sentence(said: Said, code: int) -> str:
    """What a failure says on stderr, of which only one line may be there."""
    ended, _, err = said
    assert err.count("\n") == 1, err
    assert ended == code
    return err.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["status", "--bogus"],
        ["crawl", "run", "--pages", "many"],
        ["crawl", "run", "--pages", "0"],
        ["crawl", "probe", "us-embassy,fr-embassy"],
        ["data", "migrate", "--statu"],
    ],
)
def test_wrong_usage_is_told_by_typer(run: Run, arguments: list[str]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "Usage: weiplomacy" in err


@pytest.mark.parametrize(
    "arguments", [["status"], ["sql", "SELECT 1"], ["data", "import"], ["up"], ["crawl", "run"], ["registry", "list"]]
)
def test_a_wrong_setting_is_told_by_every_command(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], home: Path
) -> None:
    monkeypatch.setenv("WEIPLOMACY_CRAWL__PAGES", "many")
    assert "the setting crawl.pages is wrong: Input should be a valid integer" in one_sentence(run(*arguments), 2)
    monkeypatch.delenv("WEIPLOMACY_CRAWL__PAGES")
    monkeypatch.setenv("WEIPLOMACY_KRAWL__PAGES", "3")
    assert one_sentence(run(*arguments), 2).startswith("WEIPLOMACY_KRAWL__PAGES in the environment is not a setting")
    monkeypatch.delenv("WEIPLOMACY_KRAWL__PAGES")
    Path("weiplomacy.toml").write_text("[crawl]\npagse = 3\n")
    assert "the setting crawl.pagse is not a setting (in weiplomacy.toml" in one_sentence(run(*arguments), 2)
    assert not home.exists()


def test_an_unknown_account_is_told_before_anything_is_started(run: Run, home: Path) -> None:
    for arguments in (["run", "--accounts", "us-embasy"], ["probe", "us-embasy"]):
        assert "did you mean us-embassy" in one_sentence(run("crawl", *arguments), 2)
    assert "which accounts?" in one_sentence(run("crawl", "run", "--accounts", ","), 2)
    assert not home.exists()


def test_an_unreadable_list_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WEIPLOMACY_CRAWL__ACCOUNTS_FILE", str(tmp_path / "mine.toml"))
    for arguments in (["crawl", "run"], ["registry", "list"], ["registry", "resolve"]):
        said = one_sentence(run(*arguments), 2)
        assert (
            said
            == f"the list of accounts {tmp_path / 'mine.toml'} is wrong: it can't be read (No such file or directory)"
        )
    (tmp_path / "mine.toml").write_text('[[account]]\nuid = "x"\n')
    assert "mine.toml is wrong: line 1: uid: " in one_sentence(run("crawl", "run"), 2)


def test_who_does_not_answer_is_told_with_where_when_and_what_to_try(run: Run) -> None:
    for arguments in (["sql", "SELECT 1"], ["data", "migrate"], ["data", "migrate", "--status"]):
        said = one_sentence(run(*arguments), 3)
        assert (
            f"ClickHouse does not answer at http://127.0.0.1:{os.environ['WEIPLOMACY_STACK__CLICKHOUSE_PORT']} (tried"
            in said
        )
        assert " UTC): `weiplomacy status` tells whether it runs, `weiplomacy up` starts it" in said
    said = one_sentence(run("data", "import"), 3)
    assert f"Kafka does not answer at 127.0.0.1:{os.environ['WEIPLOMACY_STACK__KAFKA_PORT']} (" in said
    assert " UTC): `weiplomacy status` tells whether it runs, `weiplomacy up` starts it" in said


@pytest.mark.parametrize(
    ("name", "content", "commands", "words"),
    [
        ("origin", "mars\n", ["up", "status"], "home/origin says 'mars', neither live nor replica"),
        ("origin", None, ["up", "status"], "home/origin: Is a directory"),
        ("registry.json", "{", ["registry list", "crawl run"], "registry.json can't be read (Invalid JSON"),
        ("registry.json", None, ["registry list", "crawl run"], "registry.json can't be read (Is a directory)"),
        ("kafka", "", ["up"], "can't be used: File exists: "),
        ("logs", "", ["up"], "can't be used: File exists: "),
    ],
)
def test_a_broken_state_folder_is_told_and_left_as_it_is(
    run: Run, home: Path, name: str, content: str | None, commands: list[str], words: str
) -> None:
    home.mkdir()
    broken = home / name
    broken.mkdir() if content is None else broken.write_text(content)
    for arguments in commands:
        code, _, err = run(*arguments.split())
        assert code in (1, 2)
        assert words in err
        assert err.count("\n") == 1
    assert broken.is_dir() if content is None else broken.read_text() == content


def test_a_file_in_the_place_of_the_state_folder_is_told(run: Run, home: Path) -> None:
    home.write_text("somebody's file")
    for arguments in (["up"], ["status"], ["registry", "list"], ["crawl", "run"]):
        code, _, err = run(*arguments)
        assert code in (1, 2)
        assert str(home) in err
        assert err.count("\n") == 1
    assert home.read_text() == "somebody's file"


def test_a_full_disk_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, full_disk: Path) -> None:
    monkeypatch.setenv("WEIPLOMACY_HOME", str(full_disk / "home"))
    said = one_sentence(run("up"), 1)
    assert said.startswith(f"the state folder {full_disk / 'home'} can't be used: No space left on device")


def test_a_full_disk_somewhere_is_told_and_any_other_fault_is_not_hidden(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raising(number: int) -> Callable[..., None]:
        def app(**_: str) -> None:
            raise OSError(number, os.strerror(number), "/x/y")

        return app

    monkeypatch.setattr(command, "app", raising(errno.ENOSPC))
    assert one_sentence(run(), 1).startswith("No space left on device: /x/y; make room")
    monkeypatch.setattr(command, "app", raising(errno.EBADF))
    with pytest.raises(OSError, match="Bad file descriptor"):
        main()


def test_the_script_says_its_version_and_a_sentence() -> None:
    script = Path(sys.executable).with_name("weiplomacy")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"weiplomacy {version('weiplomacy')}\n")
    done = subprocess.run([script, "logs", "nosuch"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "there is no log of nosuch in" in done.stderr
