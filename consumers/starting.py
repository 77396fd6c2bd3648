"""Waiting at the start: the parts of a stack start side by side, and a consumer needs what it reads and writes."""

import time
from collections.abc import Callable
from typing import TypeVar

from clickhouse_connect.driver.client import Client

from consumers.errors import TopicMissingError
from schemas.clickhouse import ANSWER_TIMEOUT_S, connect
from schemas.errors import UnreachableError, WeiplomacyError
from schemas.migrate import NotMigratedError, require
from schemas.settings import Settings

#: So long, in seconds, a consumer waits for the others.
PATIENCE_S = 60.0

T = TypeVar("T")


def database(settings: Settings, answer_timeout_s: int = ANSWER_TIMEOUT_S) -> Client:
    """A client of a database that is up to date. Raises what schemas.clickhouse.connect and migrate.require raise."""
    client = connect(settings, answer_timeout_s)
    try:
        require(client, settings)
    except WeiplomacyError:
        client.close()
        raise
    return client


def patiently(attempt: Callable[[], T], trouble: Callable[[str], None], stopping: Callable[[], bool]) -> T:
    """Wait for the other parts, within bounds; `trouble` hears what is missing. Raises what the last attempt raised."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return attempt()
        except (UnreachableError, TopicMissingError, NotMigratedError) as error:
            trouble(str(error))
            if time.monotonic() > until or stopping():
                raise
            time.sleep(1.0)
