"""Where a port listens, with which certificate and password: nothing beyond this machine without a password."""

import argparse
import errno
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.clickhouse.credentials import Password, password_from
from deploy.clickhouse.errors import StartError


@dataclass(frozen=True)
class Listener:
    """A bound socket; `tls` is None for plain HTTP. As a context, it is closed at the end."""

    socket: socket.socket
    tls: ssl.SSLContext | None
    password: Password | None

    @property
    def port(self) -> int:
        """The number that it got."""
        return int(self.socket.getsockname()[1])

    @property
    def address(self) -> str:
        """Its address for a client on this machine."""
        host = str(self.socket.getsockname()[0])
        return f"http{'s' if self.tls else ''}://{f'[{host}]' if ':' in host else host}:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()


def listener(options: argparse.Namespace, prefix: str, *, without_password: bool = False) -> Listener:
    """Listen as the options of this prefix say. Raises `StartError`, with the option that is wrong.

    `without_password` lets it listen beyond this machine without one.
    """
    host, port, password_file, certificate, key = (
        getattr(options, f"{prefix}{name}".replace("-", "_"))
        for name in ("host", "port", "password_file", "certificate", "key")
    )
    password = password_from(password_file) if password_file else None
    if not (password or without_password or _is_loopback(host, prefix)):
        otherwise = ", or say --allow-remote" if not prefix else ""
        raise StartError(
            f"--{prefix}host {host} can be reached from other machines and no password is asked: listen on 127.0.0.1, "
            f"or name a --{prefix}password-file{otherwise}"
        )
    return Listener(_bound(host, port, prefix), _tls(certificate, key, prefix), password)


def _address(host: str, port: int, prefix: str) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise StartError(f"--{prefix}host {host} is no address of this machine: {error.strerror}") from error
    return family, address  # type: ignore[return-value]  # IPv6 has two more, which are not looked at


def _is_loopback(host: str, prefix: str) -> bool:
    return ipaddress.ip_address(_address(host, 0, prefix)[1][0]).is_loopback


def _bound(host: str, port: int, prefix: str) -> socket.socket:
    family, address = _address(host, port, prefix)
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen(128)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} on {host} is taken: stop the process that has it, or choose another with --{prefix}port"
            ) from error
        raise StartError(f"Can't listen on {host}:{port}: {error.strerror}") from error
    return bound


def _tls(certificate: Path | None, key: Path | None, prefix: str) -> ssl.SSLContext | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise StartError(f"--{prefix}certificate and --{prefix}key belong together: name both files, or none")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ssl.SSLError) as error:
        raise StartError(
            f"The certificate {certificate} with the key {key} can't be used: {error.strerror or error} "
            "(both are PEM files, and the key has no password)"
        ) from error
    return context
