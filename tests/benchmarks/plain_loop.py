"""A plain loop of requests over the same timelines, as one writes it in an evening: no promise is kept by it.

So many workers take addresses from one list; a page adds the next page and the whole texts of its long posts. What
comes is written down as it is. The session is given to it, and nothing of an answer is looked at twice.
"""

import asyncio
import json
import os
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from crawler.endpoints import TimelineCursor, extend_url, timeline_url
from tests.benchmarks.processes import waited
from tests.benchmarks.stage import Stage
from tests.deploy.replica.guest import Guest, posts_of


@dataclass(frozen=True, slots=True)
class Loop:
    """What the loop did: answers, ids of posts, and from its first answer to its last: seconds, CPU seconds, and those
    for which it waited for a core.
    """

    answers: int
    posts: frozenset[str]
    seconds: float
    cpu: float
    waited: float


def loop(stage: Stage, uids: list[str], pages: int, workers: int, file: Path) -> Loop:
    """Read so many timeline pages of each account, with so many requests in flight."""
    return asyncio.run(_loop(stage, uids, pages, workers, file))


async def _loop(stage: Stage, uids: list[str], pages: int, workers: int, file: Path) -> Loop:
    async with Guest(urlsplit(stage.weibo.proxy).port or 0, stage.weibo.ca_file) as guest:
        await guest.pass_gate()
        cookies = guest.cookies()
    context = ssl.create_default_context(cafile=str(stage.weibo.ca_file))
    todo: asyncio.Queue[tuple[str, str, int]] = asyncio.Queue()
    for uid in uids:
        todo.put_nowait((timeline_url(uid), uid, pages))
    ids: set[str] = set()
    answers = 0
    began: tuple[float, float, float] | None = None

    async def work(session: aiohttp.ClientSession) -> None:
        nonlocal answers, began
        while True:
            url, uid, left = await todo.get()
            async with session.get(url, proxy=stage.weibo.proxy, ssl=context) as response:
                answer: Any = json.loads(await response.read())
            if began is None:
                began = _now()
            else:
                answers += 1
            if uid:
                for post in posts_of(answer):
                    ids.add(str(post["id"]))
                    out.write(json.dumps(post, ensure_ascii=False) + "\n")
                    if post["isLongText"]:
                        todo.put_nowait((extend_url(post["id"]), "", 0))
                cursor = answer["data"]["cardlistInfo"].get("since_id")
                if cursor and left > 1:
                    todo.put_nowait((timeline_url(uid, TimelineCursor(str(cursor))), uid, left - 1))
            else:
                out.write(json.dumps(answer, ensure_ascii=False) + "\n")
            todo.task_done()

    with file.open("w", encoding="utf-8") as out:
        async with aiohttp.ClientSession(cookies=cookies) as session:
            tasks = [asyncio.create_task(work(session)) for _ in range(workers)]
            done = asyncio.create_task(todo.join())
            await asyncio.wait([done, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
                task.cancel()
    assert began is not None
    return Loop(answers, frozenset(ids), *(now - then for now, then in zip(_now(), began, strict=True)))


def _now() -> tuple[float, float, float]:
    return time.monotonic(), time.process_time(), waited(os.getpid())
