"""Signing in by hand. The browser is a real one, and shows its window to nobody."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from crawler.lanes import login
from crawler.lanes.login import LoginError, make_folder, refuse_without_display, sign_in
from crawler.lanes.plans import plans_of
from crawler.sessions import Session
from schemas.errors import SettingsError
from schemas.settings import Crawl, Lane, Settings
from tests.crawler.little_weibo import LittleWeibo


def test_without_a_display_it_is_one_sentence_and_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(LoginError, match="there is no display"):
        sign_in(Settings(home=tmp_path), None, lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_either_kind_of_display_will_do() -> None:
    refuse_without_display({"DISPLAY": ":0"})
    refuse_without_display({"WAYLAND_DISPLAY": "wayland-0"})


def test_the_lane_must_be_one_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, crawl=Crawl(lanes=(Lane(name="a"), Lane(name="b"))))
    with pytest.raises(SettingsError, match="there is no lane 'c': the settings know a, b"):
        sign_in(settings, "c", lambda _: None)


def test_a_profile_is_for_this_user_alone_also_where_it_was_open(tmp_path: Path) -> None:
    folder = tmp_path / "profiles" / "guest"
    assert make_folder(folder) == folder
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    make_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_place_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LoginError, match="the folder of the profile can't be made"):
        make_folder(tmp_path / "file" / "profile")


def test_a_browser_that_does_not_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    settings = Settings(home=tmp_path, crawl=Crawl(browser=tmp_path / "no-browser"))
    with pytest.raises(LoginError, match="the browser for signing in does not start"):
        sign_in(settings, None, lambda _: None)


def close_window(folder: Path) -> None:
    """End the browser that has this profile."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            arguments = (process / "cmdline").read_bytes().decode().split("\0")
            if f"--user-data-dir={folder}" in arguments and not any(one.startswith("--type=") for one in arguments):
                os.kill(int(process.name), signal.SIGTERM)


@pytest.mark.stack
def test_a_window_that_is_closed_leaves_the_profile_of_who_signed_in(
    settings_for: Callable[..., Settings], weibo: LittleWeibo, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for()
    folder = (settings.home / "profiles" / "guest").absolute()
    hidden = login.launch_options(settings.crawl)
    hidden["args"].append("--headless=new")

    class Watched(Session):
        """The window is closed as soon as the site is open."""

        def take(self, cookies: Iterable[Mapping[str, Any]]) -> None:
            super().take(cookies)
            if self.is_open:
                close_window(folder)

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(login, "launch_options", lambda _: hidden)
    monkeypatch.setattr(login, "Session", Watched)
    with pytest.raises(LoginError, match=rf"nobody has signed in: the lane guest would go as a guest with .*{folder}"):
        sign_in(settings, None, lambda _: None)
    weibo.faults = {"login"}
    said: list[str] = []
    assert sign_in(settings, None, said.append) == folder
    assert said == [f"sign in to Weibo in the window that opens, then close it; the session stays in {folder}"]
    assert (folder / "Default").is_dir()
    # From now on it is the profile of the lane.
    assert plans_of(settings)[0].profile == folder
