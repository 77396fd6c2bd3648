import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
import trustme

from consumers.delivery.errors import UnavailableError
from consumers.delivery.posting import LONGEST_WAIT_S, MOST_REPLY_BYTES, Reply, post, retry_after_s
from tests.consumers.delivery.imitations.http_server import Answered, Imitation


class Server(Imitation):
    def answer(self, asked) -> Answered:
        return Answered(200, b"x" * 100_000)


@contextmanager
def speaking(*parts: bytes, pause_s: float = 0.0, context: ssl.SSLContext | None = None):
    """A server of bare bytes: it says these parts to whoever comes, with a pause between two."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listening.accept()
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            asked = b""
            while not asked.endswith(b"{}"):
                asked += connection.recv(65_536)
            for part in parts:
                connection.sendall(part)
                time.sleep(pause_s)
            connection.close()
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()
        thread.join(10)


def test_an_answer_is_read_up_to_a_size() -> None:
    with Server() as server:
        reply = post(f"http://{server.host}/", b"{}", {}, "x")
    assert (reply.status, len(reply.body)) == (200, MOST_REPLY_BYTES)


def test_a_server_that_says_nothing_is_left_after_a_while() -> None:
    with Server() as server:
        server.next.append(Answered(hang_s=1.0))
        began = time.monotonic()
        with pytest.raises(UnavailableError, match="timed out"):
            post(f"http://{server.host}/", b"{}", {}, "x", patience_s=0.2)
    assert time.monotonic() - began < 10


def test_a_server_that_never_comes_to_an_end_is_left_too() -> None:
    drops = [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *[b"x"] * 40]
    with speaking(*drops, pause_s=0.05) as host, pytest.raises(UnavailableError, match="timed out"):
        post(f"http://{host}/", b"{}", {}, "x", patience_s=0.3)


@pytest.mark.parametrize("said", [b"", b"\x00\x01\x02", b"SSH-2.0-OpenSSH\r\n"])
def test_what_is_no_answer_of_http_is_no_answer(said) -> None:
    with speaking(said) as host, pytest.raises(UnavailableError, match="x: no answer"):
        post(f"http://{host}/", b"{}", {}, "x")


def test_a_certificate_is_looked_at() -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    with speaking(answer, context=context) as host, pytest.raises(UnavailableError, match="certificate is not trusted"):
        post(f"https://{host}/", b"{}", {}, "x")
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    with speaking(answer, context=context) as host:
        assert post(f"https://{host}/", b"{}", {}, "x", trusted=trusted).status == 204


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "999999"}, LONGEST_WAIT_S),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 90.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0.0),
        ({"x-ogw-ratelimit-reset": "52"}, 52.0),
    ],
)
def test_how_long_to_wait_is_read_in_every_form(headers, wait) -> None:
    assert retry_after_s(Reply(429, headers, b""), now=10.0) == wait
