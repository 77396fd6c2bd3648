"""Finding a browser: with programs that behave like browsers of several kinds, on a PATH of the test's own."""

import json
from pathlib import Path

import pytest

from deploy.stack import browser
from deploy.stack.browser import Browser, find, launch, with_browser
from deploy.stack.errors import BrowserError
from schemas.settings import Crawl, Settings

GOOD = """#!/bin/sh
echo "$@" >> "$0.calls"
case "$*" in *--version*) echo "Chromium 1.2";; *) echo "<html><title>weiplomacy</title></html>";; esac
"""
BROKEN = """#!/bin/sh
echo "error while loading shared libraries: libnss3.so" >&2
exit 127
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH but for the shell; nothing can be downloaded or installed from there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(browser, "_playwright_path", lambda: None)
    return folder


def program(file: Path, text: str) -> Path:
    file.write_text(text)
    file.chmod(0o755)
    return file


def launches(path: Path) -> int:
    calls = path.with_name(path.name + ".calls")
    return calls.read_text().count("--dump-dom") if calls.exists() else 0


def silent(_: str) -> None: ...


def test_the_first_that_launches_is_taken_and_remembered(programs: Path) -> None:
    program(programs / "chromium", BROKEN)
    chrome = program(programs / "google-chrome", GOOD)
    assert find(None, silent) == find(None, silent) == Browser(chrome, "Chromium 1.2")
    assert launches(chrome) == 1


def test_what_is_remembered_holds_until_it_changes(programs: Path) -> None:
    chromium = program(programs / "chromium", GOOD)
    find(None, silent)
    program(chromium, GOOD.replace("1.2", "1.2.1"))
    assert find(None, silent).version == "Chromium 1.2.1"
    assert launches(chromium) == 2
    chromium.unlink()
    with pytest.raises(BrowserError):
        find(None, silent)


@pytest.mark.parametrize("memory", ["", "[]", '{"path": 1}', "\x00"])
def test_a_broken_memory_is_none(programs: Path, tmp_path: Path, memory: str) -> None:
    chromium = program(programs / "chromium", GOOD)
    file = tmp_path / "cache" / "weiplomacy" / "browser.json"
    file.parent.mkdir(parents=True)
    file.write_text(memory)
    assert find(None, silent).path == chromium
    assert json.loads(file.read_text())["path"] == str(chromium)


def test_the_one_of_the_settings_is_the_only_one(programs: Path) -> None:
    program(programs / "chromium", GOOD)
    find(None, silent)
    own = program(programs / "own", GOOD)
    assert find(own, silent).path == own
    program(own, BROKEN)
    with pytest.raises(BrowserError, match=r"setting crawl\.browser can't be launched: .*/own .*libnss3\.so"):
        find(own, silent)
    with pytest.raises(BrowserError, match=r"crawl\.browser can't be launched: .*/nowhere"):
        find(programs / "nowhere", silent)


def test_without_any_browser_the_sentence_says_what_to_install(programs: Path) -> None:
    with pytest.raises(BrowserError, match=r"none was found on the PATH.*apt-get install chromium.*crawl\.browser"):
        find(None, silent)
    program(programs / "chromium", BROKEN)
    with pytest.raises(BrowserError, match=r"/chromium does not render a page: .*libnss3\.so"):
        find(None, silent)


def test_a_program_that_says_nothing_is_told_by_its_exit_code(programs: Path) -> None:
    with pytest.raises(BrowserError, match="does not render a page: exit code 3"):
        launch(program(programs / "chromium", "#!/bin/sh\nexit 3\n"))


def test_a_program_that_hangs_is_given_up(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "LAUNCH_S", 0.2)
    with pytest.raises(BrowserError, match=r"/chromium: .*timed out"):
        launch(program(programs / "chromium", "#!/bin/sh\nexec /bin/sleep 60\n"))


@pytest.mark.parametrize(("user", "sandboxed"), [(0, False), (1000, True)])
def test_the_sandbox_stays_on_but_for_root(
    programs: Path, monkeypatch: pytest.MonkeyPatch, user: int, sandboxed: bool
) -> None:
    chromium = program(programs / "chromium", GOOD)
    monkeypatch.setattr("os.getuid", lambda: user)
    launch(chromium)
    assert ("--no-sandbox" in (programs / "chromium.calls").read_text()) is not sandboxed


def test_what_can_be_had_is_asked_for_once_it_is_needed(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    downloaded = programs.parent / "playwright" / "chrome"
    monkeypatch.setattr(browser, "_playwright_path", lambda: downloaded)

    def install(command: list[str]) -> None:
        downloaded.parent.mkdir()
        program(downloaded, GOOD)
        heard.append(" ".join(command))

    # Nothing is downloaded in a test.
    monkeypatch.setattr(browser, "_run", install)
    assert find(None, heard.append).path == downloaded
    assert heard == ["Playwright's Chromium, to download it", "playwright install chromium"]


def test_settings_with_a_browser_keep_the_rest(programs: Path) -> None:
    chromium = program(programs / "chromium", GOOD)
    settings = Settings(crawl=Crawl(pages=7))
    assert with_browser(settings).crawl == Crawl(pages=7, browser=chromium)


@pytest.mark.stack
def test_a_real_browser_says_its_version(browser: Path) -> None:
    found = launch(browser)
    assert found.path == browser
    assert any(character.isdigit() for character in found.version)
