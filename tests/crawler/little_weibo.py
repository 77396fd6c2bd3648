"""A very little Weibo for tests: one account, a few posts, and blocks on demand, over TLS behind a CONNECT proxy.

It stands in where the replica is too peaceful, or too much. `LittleWeibo.faults` changes what is answered; `when` does
something once, when an address with that part is asked for.
"""

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import trustme

UID = "1743951792"
NAME = "美国驻华大使馆"
HOSTS = ("m.weibo.cn", "visitor.passport.weibo.cn")
PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>微博</title></head><body>
<div class="profile-cover"></div><div id="app"></div>
<script>
async function main() {
  const uid = location.pathname.split('/').pop();
  const get = async u => (await fetch(u, {headers: {'X-Requested-With': 'XMLHttpRequest', 'MWeibo-Pwa': '1'}})).json();
  const profile = await get('/api/container/getIndex?type=uid&value=' + uid);
  const user = profile.data.userInfo;
  document.getElementById('app').innerHTML =
    '<div class="mod-fil-name m-txt-cut"><div class="mod-fil-n"><span class="txt-shadow">' + user.screen_name +
    '</span></div></div><div class="mod-fil-fans"><div class="txt-shadow">关注<span>' + user.follow_count +
    '</span></div><div class="txt-shadow">粉丝<span>' + user.followers_count + '</span></div></div>';
  const posts = await get('/api/container/getIndex?type=uid&value=' + uid + '&containerid=107603' + uid);
  for (const card of posts.data.cards) {
    const div = document.createElement('div');
    div.innerHTML = '<article class="weibo-main"><div class="weibo-og"><div class="weibo-text"></div></div></article>';
    div.querySelector('.weibo-text').innerHTML = card.mblog.text;
    document.getElementById('app').append(div);
  }
}
main();
</script></body></html>"""
SLOW_S = 7.0
"""What `slow_at` delays: longer than a page is waited for that seems to have loaded all."""
GATE = """<!doctype html><html><head><title>Sina Visitor System</title></head><body><script>
fetch('/visitor/genvisitor2', {method: 'POST'}).then(() => {
  location.href = new URLSearchParams(location.search).get('url');
});
</script></body></html>"""


class LittleWeibo:
    """Starts and stops the site; counts what was asked for in `asked`."""

    def __init__(self, folder: Path) -> None:
        self.ca_file = folder / "ca.pem"
        self.asked: list[str] = []
        self.faults: set[str] = set()
        self.sessions = 0
        self.posts = 25
        self.lose_session_at = ""
        self.half_at = ""
        self.slow_at = ""
        self.when: dict[str, Callable[[], None]] = {}
        self.proxy = ""
        authority = trustme.CA()
        self.ca_file.write_bytes(authority.cert_pem.bytes())
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = authority.issue_cert(*HOSTS)
        chain = folder / "chain.pem"
        chain.write_bytes(
            certificate.private_key_pem.bytes()
            + b"".join(pem.bytes() for pem in certificate.cert_chain_pems)
            + authority.cert_pem.bytes()
        )
        self._tls.load_cert_chain(chain)

    async def start(self) -> str:
        """The address of the proxy."""
        self._site = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self._proxy = await asyncio.start_server(self._tunnel, "127.0.0.1", 0)
        self._site_port = self._site.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{self._proxy.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self._proxy.close()
        self._site.close()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).split()
        except asyncio.IncompleteReadError:  # somebody only looked whether the proxy is there
            writer.close()
            return
        if head[0] != b"CONNECT" or head[1].decode() not in {f"{host}:443" for host in HOSTS}:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()
            return
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self._site_port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(_pump(reader, other_writer), _pump(other_reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
                await reader.readexactly(int(headers.get("content-length", 0)))
                target = lines[0].split()[1]
                if self.slow_at and self.slow_at in target:
                    self.slow_at = ""
                    await asyncio.sleep(SLOW_S)
                status, extra, body = self._answer(target, headers)
                if self.half_at and self.half_at in target:
                    self.half_at, body = "", body[: len(body) // 2]
                kind = "text/html" if body.startswith("<") else "application/json"
                head = [f"HTTP/1.1 {status} -", f"Content-Type: {kind}; charset=utf-8", *extra]
                data = body.encode()
                writer.write("\r\n".join([*head, f"Content-Length: {len(data)}", "", ""]).encode() + data)
                await writer.drain()

    def _answer(self, target: str, headers: dict[str, str]) -> tuple[int, list[str], str]:
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.asked.append(target)
        for part in [part for part in self.when if part in target]:
            self.when.pop(part)()
        if url.path == "/robots.txt":
            return (200, [], "User-agent: *\nDisallow: /\n") if "robots" in self.faults else (404, [], "")
        if headers["host"] == HOSTS[1]:
            if url.path == "/visitor/visitor":
                return 200, [], GATE
            self.sessions += 1
            given = [f"SUB=visitor{self.sessions}", *(["MLOGIN=1"] if "login" in self.faults else [])]
            return 200, [f"Set-Cookie: {cookie}; Domain=.weibo.cn; Path=/; Secure" for cookie in given], "{}"
        session = f"SUB=visitor{self.sessions}"
        if self.lose_session_at and self.lose_session_at in target:
            self.lose_session_at = ""
            self.sessions += 1
            session = "SUB=nobody"
        if not self.sessions or session not in headers.get("cookie", ""):
            if url.path.startswith(("/api", "/comments", "/statuses")):
                return 432, [], "<html></html>"
            gate = f"https://{HOSTS[1]}/visitor/visitor?entry=sinawap&a=enter&url=https://{HOSTS[0]}{url.path}"
            return 302, [f"Location: {gate}"], ""
        return self._open(url.path, query)

    def _open(self, path: str, query: dict[str, str]) -> tuple[int, list[str], str]:
        token = ["Set-Cookie: XSRF-TOKEN=abc; Domain=.weibo.cn; Path=/; Secure"]
        if path.startswith("/u/"):
            if "banned" in self.faults:
                return 418, token, "<html><body>418</body></html>"
            return 200, token, PAGE
        if path.startswith("/n/"):
            return 302, [f"Location: /u/{UID}"], ""
        if path == "/api/container/getIndex":
            if "stranger" in self.faults:
                return 200, [], _json({"ok": 1, "data": {"userInfo": _user("1"), "tabsInfo": {"tabs": []}}})
            if "containerid" in query and ("no posts" in self.faults or ("since_id" in query and self._is_throttled())):
                return 200, [], _json({"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}})
            if "containerid" in query:
                return 200, [], _json(self._timeline(int(query.get("since_id", "0"))))
            if "profile" in self.faults:
                return 200, [], _json({"ok": 1, "data": {"userInfo": {"screen_name": NAME}}})
            return 200, [], _json({"ok": 1, "data": {"userInfo": _user(UID), "tabsInfo": {"tabs": []}}})
        if path == "/statuses/extend":
            if "extend" in self.faults:
                return 200, [], "<html>what?</html>"
            return 200, [], _json({"ok": 1, "data": {"ok": 1, "longTextContent": "whole text"}})
        if path in ("/comments/hotflow", "/api/comments/show") and (
            "no comments" in self.faults or self._is_throttled()
        ):
            return 200, [], _json({"ok": 0})
        if path == "/comments/hotflow":
            return 200, [], _json(_comments(query["mid"]))
        return 200, [], "<html><body></body></html>"

    def _is_throttled(self) -> bool:
        """The first session gets nothing, and is not told so."""
        return "throttled" in self.faults and self.sessions == 1

    def _timeline(self, start: int) -> dict[str, object]:
        cards = [{"card_type": 9, "mblog": _post(number)} for number in range(start, min(start + 10, self.posts))]
        info: dict[str, object] = {"total": self.posts}
        if start + 10 < self.posts:
            info["since_id"] = start + 10
        return {"ok": 1, "data": {"cards": cards, "cardlistInfo": info}}


def _user(uid: str) -> dict[str, object]:
    return {
        "id": int(uid),
        "screen_name": NAME,
        "statuses_count": 25,
        "verified": True,
        "verified_type": 1,
        "followers_count": "105.9万",
        "follow_count": 12,
    }


def post_id(number: int) -> str:
    return str(5_000_000_000_000_000 - number)


def _post(number: int) -> dict[str, object]:
    return {
        "id": post_id(number),
        "mid": post_id(number),
        "bid": "Abc",
        "created_at": "Sat Dec 31 12:00:00 +0800 2016",
        "text": f"post {number}",
        "isLongText": number == 3,
        "reposts_count": number,
        "comments_count": 2,
        "attitudes_count": 3,
        "user": _user(UID),
        "visible": {"type": 0, "list_id": 0},
    }


def _comments(mid: str) -> dict[str, object]:
    row = {
        "id": f"4{mid[1:]}",
        "mid": f"4{mid[1:]}",
        "rootid": f"4{mid[1:]}",
        "created_at": "Sat Dec 31 12:30:00 +0800 2016",
        "text": "hello",
        "like_count": 1,
        "total_number": 0,
        "comments": False,
        "user": {"id": 99, "screen_name": "路人甲", "verified": False, "verified_type": -1},
    }
    return {"ok": 1, "data": {"data": [row], "total_number": 1, "max_id": 0, "max": 1, "max_id_type": 0}}


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, ssl.SSLError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
