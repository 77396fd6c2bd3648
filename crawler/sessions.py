"""A session: the cookies that Weibo gave a browser, as plain requests send them along.

Weibo gives a guest session to any browser that runs the script of its visitor page. We let the browser do exactly
that, and reuse its cookies for plain requests. Values are never made up here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

SITE = "m.weibo.cn"
IDENTITY = "SUB"
"""The cookie that is the session; the others change from page to page."""


class Session:
    """One session. `generation` counts its renewals, so that a request knows whether its cookies are outdated."""

    def __init__(self) -> None:
        self.generation = 0
        self._cookies: dict[str, str] = {}

    @property
    def is_open(self) -> bool:
        """Whether the browser has brought a session."""
        return IDENTITY in self._cookies

    @property
    def is_signed_in(self) -> bool:
        """Whether it is that of somebody who signed in; the identity alone proves nothing."""
        return self._cookies.get("MLOGIN") == "1" or bool({"ALF", "SSOLoginState"} & self._cookies.keys())

    def take(self, cookies: Iterable[Mapping[str, Any]]) -> None:
        """Take over the cookies that the browser holds for the site."""
        held = {
            str(cookie["name"]): str(cookie["value"])
            for cookie in cookies
            if (domain := str(cookie["domain"]).lstrip(".")) == SITE or SITE.endswith("." + domain)
        }
        if held.get(IDENTITY) != self._cookies.get(IDENTITY):
            self.generation += 1
        self._cookies = held

    def headers(self) -> dict[str, str]:
        """The headers of a plain request that belong to the session."""
        if not self._cookies:
            return {}
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if token := self._cookies.get("XSRF-TOKEN"):
            headers["X-XSRF-TOKEN"] = token
        return headers
