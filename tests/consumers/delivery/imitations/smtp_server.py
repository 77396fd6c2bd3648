"""A mail server, from RFC 5321 (SMTP), 3207 (STARTTLS), 4954 (AUTH), 1870 (SIZE); replies with RFC 3463's codes.

`say` gives the reply to a verb (EHLO, AUTH, MAIL, RCPT, DATA, or `.` for the end of a mail) in place of its own; a
reply of None cuts the connection.
"""

import base64
import socketserver
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Taken:
    sender: str
    recipients: tuple[str, ...]
    mail: bytes
    encrypted: bool
    user: str


class SmtpServer:
    def __init__(
        self,
        context: ssl.SSLContext | None = None,
        *,
        starttls: bool = True,
        at_once: bool = False,
        users: dict[str, str] | None = None,
        size: int = 0,
    ) -> None:
        """`context`: its certificate; `at_once`: TLS from the first byte on; `size`: of the largest mail, 0: any."""
        self.context, self.starttls, self.at_once = context, starttls and context is not None, at_once
        self.users, self.size = users or {}, size
        self.taken: list[Taken] = []
        self.refused: list[str] = []
        self.say: dict[str, list[str | None]] = {}

    def __enter__(self) -> Self:
        outer = self

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, ValueError):
                    Session(outer, self.request).run()

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_address[1]


class Session:
    def __init__(self, server: SmtpServer, connection) -> None:
        self.server = server
        self.encrypted = False
        self.user = ""
        self._use(connection)
        if server.at_once:
            self._encrypt()

    def _use(self, connection) -> None:
        self.connection = connection
        self.file = connection.makefile("rb")

    def _encrypt(self) -> None:
        self._use(self.server.context.wrap_socket(self.connection, server_side=True))
        self.encrypted = True

    def _reply(self, text: str) -> None:
        if text[:1] in "45":
            self.server.refused.append(text)
        self.connection.sendall(text.encode() + b"\r\n")

    def _said(self, verb: str, own: str) -> bool:
        """Reply, as told or in its own words; whether it was a yes. Cuts the connection where it is told to."""
        told = self.server.say.get(verb)
        text = told.pop(0) if told else own
        if text is None:
            self.connection.close()
            raise ValueError("cut")
        self._reply(text)
        return text[0] in "23"

    def run(self) -> None:  # noqa: PLR0912 (one branch per verb)
        self._reply("220 mail.example.org ESMTP")
        sender, recipients = "", []
        while line := self.file.readline(4096).decode("ascii").rstrip("\r\n"):
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                self._ehlo()
            elif verb == "STARTTLS" and self.server.starttls and not self.encrypted:
                self._reply("220 2.0.0 Ready to start TLS")
                self._encrypt()
            elif verb == "AUTH":
                self._auth(rest)
            elif verb == "MAIL":
                if self.server.users and not self.user:
                    self._reply("530 5.7.0 Authentication required")
                elif self.server.size and int(rest.upper().partition("SIZE=")[2].split(" ")[0] or 0) > self.server.size:
                    self._reply("552 5.3.4 Message size exceeds fixed maximum message size")
                elif self._said("MAIL", "250 2.1.0 Ok"):
                    sender, recipients = rest[5:].partition(">")[0].lstrip("<"), []
            elif verb == "RCPT":
                if self._said("RCPT", "250 2.1.5 Ok"):
                    recipients.append(rest[3:].partition(">")[0].lstrip("<"))
            elif verb == "DATA":
                if self._said("DATA", "354 End data with <CR><LF>.<CR><LF>"):
                    self._take(sender, recipients)
            elif verb == "RSET":
                self._reply("250 2.0.0 Ok")
            elif verb == "QUIT":
                self._reply("221 2.0.0 Bye")
                return
            else:
                self._reply("502 5.5.2 Command not implemented")

    def _ehlo(self) -> None:
        lines = ["mail.example.org", "8BITMIME"]
        if self.server.starttls and not self.encrypted:
            lines.append("STARTTLS")
        if self.server.users and self.encrypted:
            lines.append("AUTH PLAIN")
        if self.server.size:
            lines.append(f"SIZE {self.server.size}")
        for line in lines[:-1]:
            self._reply(f"250-{line}")
        self._reply(f"250 {lines[-1]}")

    def _auth(self, rest: str) -> None:
        kind, _, initial = rest.partition(" ")
        if kind.upper() != "PLAIN" or not self.encrypted:
            self._reply("504 5.5.4 Unrecognized authentication type")
            return
        _, user, password = base64.b64decode(initial).decode().split("\0")
        right = self.server.users.get(user) == password
        if (
            self._said("AUTH", "235 2.7.0 Authentication successful" if right else "535 5.7.8 Bad credentials")
            and right
        ):
            self.user = user

    def _take(self, sender: str, recipients: list[str]) -> None:
        data = b""
        while (line := self.file.readline()) not in (b".\r\n", b""):
            data += line[1:] if line.startswith(b"..") else line
        if self._said(".", "250 2.0.0 Ok: queued"):
            self.server.taken.append(Taken(sender, tuple(recipients), data, self.encrypted, self.user))
