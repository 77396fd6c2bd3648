"""Replies on their way through the socket: whole as a rule, and damaged where a fault says so."""

import asyncio
import contextlib
import socket
import struct
from typing import Final

from aiohttp import web

from deploy.replica.exchange import Reply, Visit
from deploy.replica.faults.sending import HANG_S, Sending

_LOOK_S: Final = 0.2
"""How often a hanging answer looks whether somebody still waits for it."""
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: on, 0 seconds. So a socket ends with a reset."""


def response_of(reply: Reply, visit: Visit) -> web.Response:
    """The whole answer."""
    response = web.Response(status=reply.status, body=reply.body)
    _write_head(response, reply, visit)
    if len(reply.body) > 1_000 and "gzip" in visit.headers.get("accept-encoding", ""):
        response.enable_compression(web.ContentCoding.gzip)
    return response


async def send(request: web.BaseRequest, reply: Reply, visit: Visit, sending: Sending) -> web.StreamResponse:
    """Answer as `sending` says; returns what aiohttp ends the request with."""
    if sending.delay_s:
        await asyncio.sleep(sending.delay_s)
    if sending.form == "whole":
        return response_of(reply, visit)
    response = web.StreamResponse(status=reply.status)
    _write_head(response, reply, visit)
    response.content_length = len(reply.body)
    response.force_close()
    with contextlib.suppress(ConnectionError):
        if sending.form in ("cut", "hang"):
            await response.prepare(request)
            await response.write(reply.body[: int(len(reply.body) * sending.part)])
        if sending.form in ("hang", "silent"):
            await _hang(request)
        _end(request, reset=sending.form == "reset")
    return response


def _write_head(response: web.StreamResponse, reply: Reply, visit: Visit) -> None:
    response.headers["Content-Type"] = reply.content_type
    response.headers["X-Replica-Time"] = visit.at.isoformat(timespec="milliseconds")
    for name, value in reply.headers:
        response.headers.add(name, value)


async def _hang(request: web.BaseRequest) -> None:
    """Wait until the visitor has gone, or for ten minutes."""
    for _ in range(int(HANG_S / _LOOK_S)):
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(_LOOK_S)


def _end(request: web.BaseRequest, *, reset: bool) -> None:
    """End the connection, after what was written or with a reset."""
    transport = request.transport
    if transport is None:
        return
    if reset:
        end_with_reset(transport)
    else:
        transport.close()


def end_with_reset(transport: asyncio.BaseTransport) -> None:
    """Reset a connection: who reads from it gets an error rather than an end."""
    connection = transport.get_extra_info("socket")
    if connection is not None and isinstance(transport, asyncio.WriteTransport):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
