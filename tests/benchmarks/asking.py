"""Asks questions again and again, cold and warm, and keeps how long each took and how much it read."""

import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from schemas.clickhouse import paragraph
from schemas.questions import Question
from tests.benchmarks.drawing import Stock

RAW = Path(__file__).parent / "raw_questions"
"""The same questions on raw tables, where one can be asked so at all."""
RAW_EVERY = 4
CACHES = ("MARK CACHE", "UNCOMPRESSED CACHE", "QUERY CONDITION CACHE", "INDEX MARK CACHE", "INDEX UNCOMPRESSED CACHE")


@dataclass(frozen=True, slots=True)
class Run:
    """One answer: seconds until it was here whole, rows and bytes that were read for it."""

    seconds: float
    rows: int
    bytes: int


@dataclass(slots=True)
class Asked:
    """All answers to one question, cold and warm and from raw tables; and why it failed, where it did."""

    question: Question
    cold: list[Run] = field(default_factory=list)
    warm: list[Run] = field(default_factory=list)
    raw: list[Run] = field(default_factory=list)
    failure: str = ""


def ask(client: Client, sql: str, values: Mapping[str, Any]) -> Run:
    """Ask once. Raises what the client raises."""
    began = time.perf_counter()
    answer = client.query(sql, parameters=dict(values))
    seconds = time.perf_counter() - began
    return Run(seconds, int(answer.summary.get("read_rows", 0)), int(answer.summary.get("read_bytes", 0)))


def ask_all(
    client: Client,
    store: Path,
    questions: Sequence[Question],
    stock: Stock,
    *,
    warm: int,
    cold: int,
    seed: int,
    say: Callable[[str], None],
) -> list[Asked]:
    """Ask each question so often, cold and warm, every time with other values. What fails is not asked again.

    Raw tables are asked with the same values, right after a warm answer, in one round of RAW_EVERY: what else the
    machine does slows both down.
    """
    chance = random.Random(seed)
    found = [Asked(question) for question in questions]
    on_raw = {file.stem: file.read_text(encoding="utf-8") for file in RAW.glob("*.sql")}
    for kind, rounds in (("cold", cold), ("", 1), ("warm", warm)):
        for number in range(rounds):
            say(f"asking: {kind or 'once before the warm rounds'} {number + 1} of {rounds}")
            for asked in chance.sample(found, len(found)):
                if asked.failure:
                    continue
                if kind == "cold":
                    forget(client, store)
                values = stock.values(asked.question, chance)
                _keep(client, asked, kind, asked.question.sql, values)
                if kind == "warm" and number % RAW_EVERY == 0 and asked.question.name in on_raw:
                    _keep(client, asked, "raw", on_raw[asked.question.name], values)
    return found


def _keep(client: Client, asked: Asked, kind: str, sql: str, values: Mapping[str, Any]) -> None:
    try:
        run = ask(client, sql, values)
    except ClickHouseError as error:
        asked.failure = f"{paragraph(error)[:300]} (with {dict(values)})"
        return
    if kind:
        getattr(asked, kind).append(run)


def forget(client: Client, store: Path) -> None:
    """Drop the database's caches, and what the system holds of its files in memory."""
    for cache in CACHES:
        with suppress(ClickHouseError):  # not every version has all of them
            client.command(f"SYSTEM DROP {cache}")
    for folder, _, names in os.walk(store):
        for name in names:
            # Parts come and go while we look.
            with suppress(OSError):
                handle = os.open(Path(folder) / name, os.O_RDONLY)
                try:
                    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                finally:
                    os.close(handle)


def quantile(values: Sequence[float], share: float) -> float:
    """The least value that at least such a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else float("nan")
