"""A visit and its answer as plain values: everything between the socket and the content is a function of these two."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

JSON: Final = "application/json; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. `headers` have lower-case names; `at` is the replica's time, aware, UTC, in whole milliseconds.

    `address` is where the visitor's connection to the proxy comes from.
    """

    method: str
    host: str
    path: str
    query_string: str
    at: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    address: str = ""

    @property
    def url(self) -> str:
        """The address as the visitor wrote it."""
        return f"https://{self.host}{self.path}" + (f"?{self.query_string}" if self.query_string else "")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `headers` may repeat a name (Set-Cookie)."""

    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


def json_reply(document: Any, status: int = 200) -> Reply:
    """An answer in JSON, as m.weibo.cn writes it: UTF-8, no blanks."""
    return Reply(status, json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), JSON)


def html_reply(text: str, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A page."""
    return Reply(status, text.encode(), HTML, headers)


def redirect(location: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """An answer that sends the visitor elsewhere."""
    return Reply(302, b"", HTML, (("Location", location), *headers))
