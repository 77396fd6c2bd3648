"""The deriver: follows what the loader writes, and keeps the derived tables fresh: `python -m consumers.deriver`."""

import logging
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime

from clickhouse_connect.driver.client import Client

from consumers import deriving
from consumers.deriving import Seen
from consumers.insert_errors import Blame, blame
from consumers.part_status import StatusFile
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
    """One turn after the other: what changed, computed."""

    def __init__(self, client: Client, status: StatusFile, now: Callable[[], datetime]) -> None:
        self._client = client
        self._status = status
        self._now = now
        self._seen: Seen | None = None
        self._begun = False

    def turn(self) -> int:
        """Bring the tables up to date; returns how many accounts had changed.

        Raises DerivationError for what no waiting heals, else what the client raises: then the turn may be repeated.
        """
        if not self._begun:
            self._seen = deriving.begin(self._client)
            self._begun = True
        started_at, began = self._now(), time.monotonic()
        scopes, seen = deriving.changed(self._client, self._seen)
        if scopes:
            statements = sum(1 for _ in deriving.chunks(scopes))

            def each(done: int) -> None:
                self._status.doing(f"computing {len(scopes)} accounts, {done} of {statements} statements")

            deriving.derive(self._client, scopes, each)
            deriving.record(self._client, seen, started_at, len(scopes))
            log.info("%d accounts in %.1f s", len(scopes), time.monotonic() - began)
        self._seen = seen
        self._status.doing(f"fresh up to {started_at:%H:%M:%S} UTC, {len(scopes)} accounts had changed")
        return len(scopes)


def run(settings: Settings, stop: threading.Event) -> None:
    """Keep the derived tables fresh until asked to stop.

    Raises the named errors of consumers.errors, schemas.clickhouse and schemas.migrate.
    """
    status = StatusFile(settings.home, PART, machine_time)
    retry = RetryPolicy()
    client = patiently(lambda: database(settings, ANSWER_TIMEOUT_S), status.trouble, stop.is_set)
    deriver = Deriver(client, status, machine_time)
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
