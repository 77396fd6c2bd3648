"""The proxy leads to Weibo's names and nowhere else; TLS holds for these names only."""

import asyncio
import json
import ssl
import stat
from pathlib import Path

import pytest

from deploy.replica.server import Ports, Replica
from tests.deploy.replica.guest import API, Guest

Running = tuple[Replica, Ports]


async def _raw(port: int, request: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    answer = await reader.read(4096)
    writer.close()
    return answer.decode()


@pytest.mark.parametrize(
    "goal",
    ["example.com:443", "m.weibo.cn:80", "m.weibo.cn.example.com:443", "xm.weibo.cn:443", "127.0.0.1:443", ":443", "m"],
)
async def test_every_other_goal_is_refused_with_a_sentence(running: Running, goal: str) -> None:
    answer = await _raw(running[1].proxy, f"CONNECT {goal} HTTP/1.1\r\nHost: {goal}\r\n\r\n".encode())
    assert answer.startswith("HTTP/1.1 403 ")
    assert f"does not know {goal}" in answer


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET http://m.weibo.cn/ HTTP/1.1", "405"),
        ("GET /healthz HTTP/1.1", "405"),
        ("nonsense", "400"),
        ("CONNECT m.weibo.cn:443 SPDY/3", "400"),
    ],
)
async def test_what_is_no_tunnel_is_refused(running: Running, request_line: str, status: str) -> None:
    answer = await _raw(running[1].proxy, f"{request_line}\r\nHost: m.weibo.cn\r\n\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status} ")


async def test_an_endless_head_ends_the_connection(running: Running) -> None:
    assert await _raw(running[1].proxy, b"CONNECT m.weibo.cn:443 HTTP/1.1\r\nX: " + b"a" * 40_000) == ""


async def test_without_its_authority_nobody_trusts_it(running: Running) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(f"{API}/", proxy=f"http://127.0.0.1:{running[1].proxy}")


async def test_the_presented_chain_ends_with_the_authority(running: Running) -> None:
    replica, ports = running
    context = ssl.create_default_context(cafile=str(replica.ca_file))
    reader, writer = await asyncio.open_connection("127.0.0.1", ports.proxy)
    writer.write(b"CONNECT m.weibo.cn:443 HTTP/1.1\r\n\r\n")
    assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    await writer.start_tls(context, server_hostname="m.weibo.cn")
    chain = writer.get_extra_info("ssl_object")._sslobj.get_unverified_chain()
    own = ssl.PEM_cert_to_DER_cert(replica.ca_file.read_text())
    assert [item.public_bytes(ssl._ssl.ENCODING_DER) for item in chain][-1] == own  # type: ignore[attr-defined]
    writer.close()


async def test_every_answer_tells_its_moment(guest: Guest) -> None:
    for url in (f"{API}/", f"{API}/api/config", "https://weibo.com/", "https://h5.sinaimg.cn/x", "https://weibo.cn/x"):
        answer = await guest.get(url)
        assert answer.headers["X-Replica-Time"] == "2017-01-05T06:30:00.000+00:00"


async def test_what_the_state_folder_holds(running: Running) -> None:
    replica, ports = running
    folder: Path = replica.options.state
    for secret in ("ca.key", "server.pem", "session.key"):
        assert stat.S_IMODE((folder / secret).stat().st_mode) == 0o600
    written = json.loads((folder / "ports.json").read_text())
    assert written == {"proxy": ports.proxy, "control": ports.control, "ca": str(replica.ca_file)}
