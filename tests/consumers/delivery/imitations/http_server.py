"""A local HTTP server for imitations of providers: it keeps what it took and refused, and can be made to fail."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answered:
    """What goes back. `hang_s`: seconds before it does; `drop`: the connection is cut instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_s: float = 0.0
    drop: bool = False


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answered:
    return Answered(
        status,
        json.dumps(value, ensure_ascii=False).encode(),
        {"Content-Type": "application/json; charset=utf-8", **(headers or {})},
    )


class Imitation:
    """A provider. `now` is its clock, seconds of the Unix clock; `next` are answers that come before its own."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.taken: list[Any] = []
        self.refused: list[Any] = []
        self.asked: list[Asked] = []
        self.next: list[Answered] = []

    def answer(self, asked: Asked) -> Answered:
        raise NotImplementedError

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                parts = urlsplit(self.path)
                asked = Asked(
                    self.command,
                    parts.path,
                    {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(int(self.headers.get("Content-Length", "0"))),
                )
                outer.asked.append(asked)
                answered = outer.next.pop(0) if outer.next else outer.answer(asked)
                if answered.hang_s:
                    time.sleep(answered.hang_s)
                if answered.drop:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(answered.status)
                for name, value in answered.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answered.body)))
                self.end_headers()
                self.wfile.write(answered.body)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"
