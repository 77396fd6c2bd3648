"""Ports: a taken one is named together with the setting that moves it."""

import socket
from collections.abc import Iterable

from deploy.stack.errors import PortTakenError
from deploy.stack.parts import Part


def free(number: int) -> bool:
    """Whether a program could listen on this port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True


def require_free(parts: Iterable[Part]) -> None:
    """Raise PortTakenError where another program listens on a port of a part."""
    for part in parts:
        for port in part.ports:
            if not free(port.number):
                raise PortTakenError(
                    f"port {port.number} on 127.0.0.1, for {part.name}, is taken by another program: end that program, "
                    f"or choose another port with the setting {port.setting} ({port.variable} in the environment)"
                )
