"""What is to be expected of posts of accounts with too few of their own: what accounts with as many followers had.

Unlike the rest of what is derived, a row of `peer_expectations` rests on many accounts. So it follows now and then, for
all at once, out of the counters at the ages of the grid; then the rows that rest on it follow. A refresh may be
repeated, be interrupted, or run twice beside itself: the next one finds the days again that changed since the last
whole one.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from consumers import deriving
from consumers.horizon import EPOCH, text_of

#: In this order: measures hold the score, which comes from the ages, whose expectation may come from peers.
STATEMENTS = ("peer_expectations", "peers_of_ages", "peers_of_measures")
#: The table whose rows each of them writes.
WRITTEN = dict(zip(STATEMENTS, ("peer_expectations", "post_ages", "post_measures"), strict=True))
#: Days of one statement: bounds its memory, where the thirty days before are read with them.
DAYS_AT_ONCE = 30
LEAST_PAUSE_S = 60.0
#: So many times as long as a refresh took, none follows: they take 2 % of the time.
PAUSES_OF_A_REFRESH = 50

UNTIL = "SELECT maxIf(peers_until, revision = {revision:UInt16}) FROM weibo_store.derivations"
#: Now; on which day in Beijing the first post was published whose counters were computed since; which days may have
#: rows.
DAYS = """
SELECT
    now64(3, 'UTC'),
    (
        SELECT toDate32(minOrNull(created_at), 'Asia/Shanghai')
        FROM weibo_store.post_ages
        WHERE derived_at >= {since:DateTime64(3, 'UTC')}
    ) AS changed,
    (SELECT minOrNull(day) FROM weibo_store.peer_expectations) AS first,
    (SELECT maxOrNull(day) FROM weibo_store.peer_expectations) AS last,
    (SELECT toDate32(maxOrNull(created_at), 'Asia/Shanghai') + 30 FROM weibo_store.post_ages) AS behind
"""


def begin(client: Client) -> datetime:
    """Until when what was derived is in the expectations, UTC; EPOCH where nothing is.

    Raises DerivationError or what the client raises.
    """
    until: datetime
    ((until,),) = _query(client, UNTIL, {"revision": deriving.REVISION})
    return until


def refresh(client: Client, since: datetime) -> datetime:
    """Bring the expectations up to date with all counters that were computed since a moment, and with them the rows
    that rest on them; with `EPOCH`, everything. Returns until when they are, UTC, machine time of ClickHouse.

    Raises DerivationError for what no waiting heals, else what the client raises.
    """
    now: datetime
    ((now, changed, *known),) = _query(client, DAYS, {"since": text_of(since)})
    days = [day for day in known if day is not None]
    if since == EPOCH:
        # Rows that no post gives are looked at too.
        changed = min((day for day in (changed, *days) if day is not None), default=None)
    if changed is not None:
        for first, behind in pieces(changed, max(days) + timedelta(days=1)):
            for name in STATEMENTS:
                _command(client, name, {"days_from": first.isoformat(), "days_until": behind.isoformat()})
    return now


def pieces(first: date, behind: date) -> Iterator[tuple[date, date]]:
    """The days from the first until before the last, so many at a time."""
    while first < behind:
        following = min(first + timedelta(days=DAYS_AT_ONCE), behind)
        yield first, following
        first = following


@dataclass(slots=True)
class Pace:
    """Refreshes now and then: not more than once a minute, and for no more than 2 % of the time.

    `since` is until when the expectations are up to date; `refresh` makes them newer and returns the moment; `clock`
    is one of seconds that goes on evenly.
    """

    since: datetime
    refresh: Callable[[datetime], datetime]
    clock: Callable[[], float]
    _due: float = -math.inf

    def turn(self) -> bool:
        """Refresh if it is time; whether it was. Raises what the refresh raises: then it is still time."""
        began = self.clock()
        if began < self._due:
            return False
        self.since = self.refresh(self.since)
        ended = self.clock()
        self._due = ended + max(LEAST_PAUSE_S, PAUSES_OF_A_REFRESH * (ended - began))
        return True


def _query(client: Client, sql: str, parameters: dict[str, Any]) -> Any:
    try:
        return client.query(sql, parameters=parameters).result_rows
    except (ClickHouseError, HTTPError, OSError) as error:
        raise deriving.failure(error, "it can't be read which expectations are due") from error


def _command(client: Client, name: str, parameters: dict[str, Any]) -> None:
    try:
        client.command(deriving.statement(name), parameters=parameters)
    except (ClickHouseError, HTTPError, OSError) as error:
        days = f"the days from {parameters['days_from']} until before {parameters['days_until']}"
        raise deriving.failure(error, f"weibo_store.{WRITTEN[name]} can't be given its peers for {days}") from error
