"""A visitor of the replica: goes through proxy, TLS and gate as any client would, and knows nothing of its code."""

import asyncio
import re
import ssl
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp
import pytest
from yarl import URL

API = "https://m.weibo.cn"
IDENTITIES = "https://visitor.passport.weibo.cn/visitor/genvisitor2"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    text: str
    url: str
    json: Any


class Guest:
    """One session with its cookies; `address` is where its connections come from, `patience_s` how long it waits."""

    def __init__(self, proxy_port: int, ca_file: Path, address: str = "127.0.0.1", patience_s: float = 30) -> None:
        self._address = address
        self._timeout = aiohttp.ClientTimeout(patience_s)
        self._proxy = f"http://127.0.0.1:{proxy_port}"
        self._context = ssl.create_default_context(cafile=str(ca_file))
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Guest":
        connector = aiohttp.TCPConnector(local_addr=(self._address, 0))
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def get(self, url: str, *, follow: bool = False, **headers: str) -> Answer:
        return await self._ask("GET", url, follow=follow, headers=headers)

    async def post(self, url: str, form: dict[str, str]) -> Answer:
        return await self._ask("POST", url, follow=False, headers={}, data=form)

    async def index(self, **query: object) -> Any:
        """The JSON of a getIndex."""
        answer = await self.get(f"{API}/api/container/getIndex?" + "&".join(f"{k}={v}" for k, v in query.items()))
        assert answer.status == 200, answer
        return answer.json

    async def timeline(self, uid: object, **query: object) -> Any:
        return await self.index(type="uid", value=uid, containerid=f"107603{uid}", **query)

    async def pass_gate(self) -> None:
        """What the gate's page does in a browser."""
        page = await self.get(f"{API}/u/1743951792", follow=True)
        ticket = re.search(r'"request_id": "([^"]+)"', page.text)
        assert ticket, page.text
        answer = await self.post(IDENTITIES, {"request_id": ticket[1]})
        assert '"retcode":20000000' in answer.text

    async def try_gate(self) -> str:
        """What the gate says to who asks for another identity."""
        page = await self.get("https://visitor.passport.weibo.cn/visitor/visitor")
        ticket = re.search(r'"request_id": "([^"]+)"', page.text)
        assert ticket, page.text
        return (await self.post(IDENTITIES, {"request_id": ticket[1]})).text

    async def raw(self, url: str) -> tuple[int, str]:
        """Status and text of an answer whose JSON is not read."""
        assert self._session is not None
        async with self._session.get(url, proxy=self._proxy, ssl=self._context) as response:
            return response.status, await response.text()

    async def head_then_nothing(self, url: str, wait_s: float) -> tuple[Any, str]:
        """Head of an answer, and the beginning of its body; fails where all of it comes within the time."""
        assert self._session is not None
        async with self._session.get(url, proxy=self._proxy, ssl=self._context) as response:
            begun = await response.content.readany()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(wait_s):
                    begun += await response.content.read()
            return response.headers, begun.decode(errors="replace")

    def cookies(self) -> dict[str, str]:
        assert self._session is not None
        return {cookie.key: cookie.value for cookie in self._session.cookie_jar}

    def forget(self) -> None:
        """Forget all cookies, as a new visitor has none."""
        assert self._session is not None
        self._session.cookie_jar.clear()

    def set_cookie(self, name: str, value: str) -> None:
        assert self._session is not None
        cookie = SimpleCookie({name: value})
        cookie[name].update({"domain": "weibo.cn", "path": "/"})
        self._session.cookie_jar.update_cookies(cookie, URL(API))

    async def _ask(self, method: str, url: str, *, follow: bool, **options: Any) -> Answer:
        assert self._session is not None
        async with self._session.request(
            method, url, proxy=self._proxy, ssl=self._context, allow_redirects=follow, **options
        ) as response:
            text = await response.text(errors="replace")
            document = await response.json() if response.content_type == "application/json" else None
            return Answer(response.status, response.headers, text, str(response.url), document)


def posts_of(answer: Any) -> list[dict[str, Any]]:
    """The posts of a timeline's answer, in their order, also those in groups."""
    found: list[dict[str, Any]] = []
    for card in answer["data"]["cards"]:
        for inner in card.get("card_group", [card]):
            if "mblog" in inner:
                found.append(inner["mblog"])
    return found
