"""The deriver: follows what the loader writes, and keeps the derived tables fresh: `python -m consumers.deriver`."""

import logging
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from clickhouse_connect.driver.client import Client

from consumers import deriving, peers
from consumers.deriving import Seen
from consumers.insert_errors import Blame, blame
from consumers.part_status import StatusFile
from consumers.peers import Pace
from consumers.process import serve
from consumers.retrying import RetryPolicy
from consumers.starting import database, patiently
from schemas.clickhouse import paragraph
from schemas.clock import machine_time
from schemas.errors import WeiplomacyError
from schemas.settings import Settings

log = logging.getLogger("weiplomacy.deriver")

PART = "deriver"
#: A whole rebuild has statements of minutes.
ANSWER_TIMEOUT_S = 1_800


class Deriver:
    """One turn after the other: what changed, computed. `clock` is one of seconds that goes on evenly."""

    def __init__(
        self, client: Client, status: StatusFile, now: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._status = status
        self._now = now
        self._clock = clock
        self._seen: Seen | None = None
        self._pace: Pace | None = None

    def turn(self) -> int:
        """Bring the tables up to date; returns how many accounts had changed.

        Raises DerivationError for what no waiting heals, else what the client raises: then the turn may be repeated.
        """
        if self._pace is None:
            self._seen = deriving.begin(self._client)
            self._pace = Pace(peers.begin(self._client), partial(peers.refresh, self._client), self._clock)
        started_at, began = self._now(), self._clock()
        scopes, seen = deriving.changed(self._client, self._seen)
        if scopes:
            statements = sum(1 for _ in deriving.chunks(scopes))

            def each(done: int) -> None:
                self._status.doing(f"computing {len(scopes)} accounts, {done} of {statements} statements")

            deriving.derive(self._client, scopes, each)
            deriving.record(self._client, seen, started_at, len(scopes), self._pace.since)
            log.info("%d accounts in %.1f s", len(scopes), self._clock() - began)
        self._seen = seen
        began = self._clock()
        if self._pace.turn():
            log.info("expectations from peers in %.1f s", self._clock() - began)
        self._status.doing(f"fresh up to {started_at:%H:%M:%S} UTC, {len(scopes)} accounts had changed")
        return len(scopes)


def run(settings: Settings, stop: threading.Event) -> None:
    """Keep the derived tables fresh until asked to stop.

    Raises the named errors of consumers.errors, schemas.clickhouse and schemas.migrate.
    """
    status = StatusFile(settings.home, PART, machine_time)
    retry = RetryPolicy()
    client = patiently(lambda: database(settings, ANSWER_TIMEOUT_S), status.trouble, stop.is_set)
    deriver = Deriver(client, status, machine_time, time.monotonic)
    attempt = 0
    try:
        while not stop.is_set():
            try:
                deriver.turn()
            except WeiplomacyError:
                raise
            except Exception as error:
                if blame(error) is not Blame.TRANSIENT:
                    raise
                attempt += 1
                status.trouble(f"ClickHouse: {paragraph(error)[:300]}")
                stop.wait(retry.wait_s(attempt))
            else:
                attempt = 0
                stop.wait(settings.deriver.every_s)
    finally:
        client.close()


def main() -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    return serve(run)


if __name__ == "__main__":
    sys.exit(main())
