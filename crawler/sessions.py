"""Lanes: a guest session with its cookies, the way that it goes out, and how often it may be renewed.

Weibo gives a guest session to any browser that runs the script of its visitor page. We let the browser do exactly
that, and reuse its cookies for plain requests. Values are never made up here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from schemas.clock import Clock

GUEST = "guest"
"""The name of the one lane that there is so far."""

COOL_DOWN = timedelta(minutes=2)
"""Between two renewals of one lane, by the crawl's clock."""
MOST_RENEWALS = 5
"""In one run. A lane that loses its session more often is ill, and asking on would be pestering."""

SITE = "m.weibo.cn"


class Lane:
    """One session. `generation` counts its renewals, so that a request knows whether its cookies are outdated."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.generation = 0
        self._clock = clock
        self._cookies: dict[str, str] = {}
        self._renewed_at: datetime | None = None
        self._asked = 0

    @property
    def is_open(self) -> bool:
        """Whether the browser has brought a session."""
        return bool(self._cookies)

    def may_renew(self) -> bool:
        """Whether a new session may be asked for now: bounded in number, and not within the cool-down."""
        if self._asked >= MOST_RENEWALS:
            return False
        return self._renewed_at is None or self._clock.now() - self._renewed_at >= COOL_DOWN

    def renewing(self) -> None:
        """A new session is being asked for."""
        self._asked += 1
        self._renewed_at = self._clock.now()

    def take(self, cookies: Iterable[Mapping[str, Any]]) -> None:
        """Take over the cookies that the browser holds for the site."""
        held = {
            str(cookie["name"]): str(cookie["value"])
            for cookie in cookies
            if (domain := str(cookie["domain"]).lstrip(".")) == SITE or SITE.endswith("." + domain)
        }
        if held != self._cookies:
            self._cookies = held
            self.generation += 1

    def headers(self) -> dict[str, str]:
        """The headers of a plain request that belong to the session."""
        if not self._cookies:
            return {}
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if token := self._cookies.get("XSRF-TOKEN"):
            headers["X-XSRF-TOKEN"] = token
        return headers
