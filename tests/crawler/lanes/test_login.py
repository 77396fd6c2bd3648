"""Signing in by hand, as far as it goes without a display."""

from pathlib import Path

import pytest

from crawler.lanes.login import LoginError, make_folder, refuse_without_display, sign_in
from schemas.errors import SettingsError
from schemas.settings import Crawl, Lane, Settings


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
