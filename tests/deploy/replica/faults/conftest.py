"""The control port of a running replica, as a drill uses it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.replica.server import Ports, Replica

Running = tuple[Replica, Ports]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each of these asks a running replica over TLS, most of them many times: they are run once, not in three zones."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.stack)


class Controls:
    """Asks the control port."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._base = f"http://127.0.0.1:{port}"

    async def get(self, path: str, **query: Any) -> Any:
        async with self._session.get(self._base + path, params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def add(self, kind: str, name: str = "", match: dict[str, Any] | None = None, **settings: Any) -> Any:
        """Add one fault."""
        return await self.post({"kind": kind, "name": name or kind, "match": match or {}, **settings})

    async def post(self, document: Any) -> Any:
        status, answer = await self.try_post(document)
        assert status == 200, answer
        return answer

    async def try_post(self, document: Any) -> tuple[int, Any]:
        async with self._session.post(f"{self._base}/faults", json=document) as answer:
            return answer.status, await answer.json()

    async def post_toml(self, text: str) -> tuple[int, Any]:
        headers = {"Content-Type": "application/toml"}
        async with self._session.post(f"{self._base}/faults", data=text.encode(), headers=headers) as answer:
            return answer.status, await answer.json()

    async def clear(self, **query: str) -> Any:
        async with self._session.delete(f"{self._base}/faults", params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def journal(self, **query: Any) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = (await self.get("/faults/journal", **query))["entries"]
        return entries

    async def applied(self) -> dict[str, int]:
        state = await self.get("/faults/journal")
        return {row["kind"]: row["applied"] for row in state["counts"]}


@pytest.fixture
async def controls(running: Running) -> AsyncIterator[Controls]:
    async with aiohttp.ClientSession() as session:
        yield Controls(session, running[1].control)
