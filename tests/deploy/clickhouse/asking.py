"""Asking a port over plain HTTP."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    """What came back; `code` is ClickHouse's, 0 where there is none."""

    status: int
    code: int
    text: str
    headers: Mapping[str, str]


def ask(
    port: int, sql: str | bytes, headers: Mapping[str, str] | None = None, method: str = "POST", **url: str
) -> Answer:
    """Send a statement and read the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = sql.encode() if isinstance(sql, str) else sql
        connection.request(method, "/?" + urlencode(url), body if method == "POST" else None, dict(headers or {}))
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        code = int(response.headers.get("X-ClickHouse-Exception-Code") or 0)
        return Answer(response.status, code, text, dict(response.headers.items()))
    finally:
        connection.close()
