"""What goes on while questions are asked: visits bring samples, and the derived tables follow."""

import math
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from clickhouse_connect.driver.client import Client

from consumers import deriving, peers
from schemas.clock import machine_time
from tests.benchmarks.population import POSTS_PER_VISIT, VISIT_S, Scale, statement

EVERY_S = 0.5
"""As often as the loader writes."""


def accounts_at_once(scale: Scale) -> int:
    """How many accounts are visited in between: each as often as in the rows that are there, and at least one."""
    return math.ceil(scale.accounts * EVERY_S / VISIT_S)


class Life:
    """Writes the visits after the last one, and lets the deriver follow, until it is stopped; both on own threads."""

    def __init__(
        self, connect: Callable[[], Client], scale: Scale, some: dict[str, Any], derive_every_s: float
    ) -> None:
        self._scale = scale
        self._parameters = some
        self._derive_every_s = derive_every_s
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(work, connect()), daemon=True)
            for work in (self._write, self._derive)
        ]
        self.inserts: list[float] = []
        self.derivations: list[float] = []
        self.failure: BaseException | None = None

    def __enter__(self) -> "Life":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self.failure:
            raise self.failure

    def _run(self, work: Callable[[Client], None], client: Client) -> None:
        try:
            work(client)
        except BaseException as error:
            self.failure = error
        finally:
            client.close()

    def _write(self, client: Client) -> None:
        sql = statement("samples")
        at_once = accounts_at_once(self._scale)
        turns = -(-self._scale.accounts // at_once)
        there = client.query("SELECT count() FROM weibo_store.engagement_samples").result_rows[0][0]
        # Behind the visits of an earlier run.
        number = turns * -(-(there - self._scale.samples) // (self._scale.accounts * POSTS_PER_VISIT))
        while not self._stop.wait(EVERY_S):
            visit, turn = divmod(number, turns)
            first = turn * at_once
            count = min(at_once, self._scale.accounts - first)
            which = {"a0": first, "an": count, "v0": self._scale.visits + visit, "vn": 1}
            began = time.perf_counter()
            client.command(sql, parameters={**self._parameters, **which}, settings={"max_threads": 1})
            self.inserts.append(time.perf_counter() - began)
            number += 1

    def _derive(self, client: Client) -> None:
        seen = deriving.Seen(machine_time(), {})
        pace = peers.Pace(seen.until, partial(peers.refresh, client), time.perf_counter)
        while not self._stop.wait(self._derive_every_s):
            began = time.perf_counter()
            scopes, seen = deriving.changed(client, seen)
            deriving.derive(client, scopes)
            pace.turn()
            self.derivations.append(time.perf_counter() - began)
