"""Signing in by hand: a visible browser with the profile of a lane. No password passes through here."""

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from crawler.lanes.plans import lane_named, profile_folder
from crawler.rendering import launch_options
from crawler.sessions import SITE, Session
from schemas.errors import WeiplomacyError
from schemas.settings import Crawl, Lane, Settings

START: Final = f"https://{SITE}/"
LOOK_S: Final = 1.0


class LoginError(WeiplomacyError):
    """The browser for signing in can't be shown, or nobody signed in."""


def sign_in(settings: Settings, name: str | None, said: Callable[[str], None]) -> Path:
    """Show a browser with the profile of a lane until its window is closed; the folder of the profile.

    The folder is readable for this user alone. Raises SettingsError where there is no such lane, and LoginError where
    there is no display, the browser does not start, or the window was closed before anybody had signed in.
    """
    lane = lane_named(settings, name)
    refuse_without_display(os.environ)
    folder = make_folder(profile_folder(settings, lane))
    said(f"sign in to Weibo in the window that opens, then close it; the session stays in {folder}")
    try:
        with sync_playwright() as playwright:
            signed_in = _watch(_open(playwright, settings.crawl, lane, folder))
    except PlaywrightError as error:
        raise LoginError(f"the browser for signing in does not start: {str(error).splitlines()[0]}") from error
    if not signed_in:
        raise LoginError(f"nobody has signed in: the lane {lane.name} would go as a guest with the profile {folder}")
    return folder


def refuse_without_display(environment: Mapping[str, str]) -> None:
    """Raises LoginError where no window can be shown."""
    if sys.platform.startswith("linux") and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        raise LoginError(
            "there is no display for the browser to sign in with: run this on a machine with a screen, or with a "
            "forwarded one (ssh -X)"
        )


def make_folder(folder: Path) -> Path:
    """Make the folder of a profile, for this user alone. Raises LoginError where it can't be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise LoginError(f"the folder of the profile can't be made: {error}") from error
    return folder.absolute()


def _open(playwright: Playwright, crawl: Crawl, lane: Lane, folder: Path) -> BrowserContext:
    options: dict[str, Any] = {**launch_options(crawl), "headless": False, "no_viewport": True, "locale": "zh-CN"}
    if proxy := lane.egress_proxy or crawl.egress_proxy:
        options["proxy"] = {"server": proxy}
    context = playwright.chromium.launch_persistent_context(str(folder), **options)
    page = context.pages[0] if context.pages else context.new_page()
    page.goto(START, wait_until="commit")
    return context


def _watch(context: BrowserContext) -> bool:
    """Wait until the window is closed; whether somebody was signed in then."""
    session = Session()
    # The window may be closed in the middle of a look.
    with contextlib.suppress(PlaywrightError):
        while context.pages:
            session.take(context.cookies())
            context.pages[0].wait_for_timeout(LOOK_S * 1_000)
    return session.is_signed_in
