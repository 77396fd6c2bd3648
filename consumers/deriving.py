"""The derived tables, brought up to date: which accounts changed, from when on, and the statements that follow.

A statement computes all rows of some accounts from a moment on, out of the raw rows, and replaces them: it may be
repeated, be interrupted, or run twice beside itself, and the result is the same. So nothing here needs a lock. What the
raw rows no longer hold whole (consumers.horizon) is not computed again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from consumers import horizon
from consumers.errors import DerivationError
from consumers.horizon import EPOCH, text_of
from consumers.insert_errors import Blame, blame
from schemas.clickhouse import paragraph

#: Of the statements. One more where they give other rows than before: then everything is computed again.
REVISION = 3
#: Rows become visible some time after the moment that they carry: so far back it is looked again.
OVERLAP = timedelta(seconds=60)
#: `weibo_store.changes` keeps 30 days: after a longer pause everything is computed again.
CHANGES_KEPT = timedelta(days=29)
#: Accounts of one statement: bounds its memory, where each has some hundred thousand samples.
ACCOUNTS_AT_ONCE = 16

#: In this order: days are sums of hours.
BY_HOURS = ("account_hours", "account_days")
#: In this order: measures hold the score, which comes from the ages.
BY_POSTS = ("post_ages", "post_measures")
DERIVED = (*BY_HOURS, *BY_POSTS)

NOW = "SELECT now64(3, 'UTC')"
DERIVED_UNTIL = """
SELECT maxIf(changes_until, revision = {revision:UInt16}), now64(3, 'UTC') FROM weibo_store.derivations
"""
CHANGED = """
SELECT
    account_id,
    min(hours_from),
    min(posts_from),
    sum(cityHash64(toString((changed_at, source, hours_from, posts_from)))),
    sumIf(cityHash64(toString((changed_at, source, hours_from, posts_from))), changed_at > {until:DateTime64(3, 'UTC')})
FROM weibo_store.changes
WHERE changed_at > {since:DateTime64(3, 'UTC')}
GROUP BY account_id
"""
ACCOUNTS = """
SELECT DISTINCT account_id FROM weibo_store.account_snapshots
UNION DISTINCT SELECT DISTINCT account_id FROM weibo_store.post_versions
UNION DISTINCT SELECT DISTINCT account_id FROM weibo_store.engagement_samples
UNION DISTINCT SELECT DISTINCT account_id FROM weibo_store.receipts
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an account may differ: its hours and days from a moment on, its posts published from a moment on.

    Moments are UTC; None: nothing of the kind.
    """

    account_id: str
    hours_from: datetime | None
    posts_from: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was looked at so far: changes up to `until` (machine time of ClickHouse, UTC), and fingerprints per account
    of those that lie so close to it that more may still become visible.
    """

    until: datetime
    fingerprints: dict[str, int]


def everything(client: Client) -> list[Scope]:
    """The scopes of all accounts, whole. Raises DerivationError or what the client raises."""
    rows = _query(client, ACCOUNTS, {})
    return [Scope(account_id, EPOCH, EPOCH) for (account_id,) in rows]


def begin(client: Client) -> Seen | None:
    """What an earlier run of this revision looked at; None where there was none, or changes are forgotten since."""
    ((until, now),) = _query(client, DERIVED_UNTIL, {"revision": REVISION})
    if until <= EPOCH or now - until > CHANGES_KEPT:
        return None
    return Seen(until, {})


def changed(client: Client, seen: Seen | None) -> tuple[list[Scope], Seen]:
    """What changed since, and what is looked at with that; without `seen`, everything."""
    ((now,),) = _query(client, NOW, {})
    until = now - OVERLAP
    since = seen.until if seen else until
    rows = _query(client, CHANGED, {"since": text_of(since), "until": text_of(until)})
    fingerprints = {account_id: kept for account_id, _, _, _, kept in rows}
    if seen is None:
        return everything(client), Seen(until, fingerprints)
    scopes = [
        Scope(account_id, hours_from, posts_from)
        for account_id, hours_from, posts_from, found, _ in rows
        if found != seen.fingerprints.get(account_id, 0)
    ]
    return scopes, Seen(until, fingerprints)


def chunks(scopes: Sequence[Scope], size: int = ACCOUNTS_AT_ONCE) -> Iterator[tuple[str, list[str], datetime]]:
    """The statements to run: table, accounts, and the moment from which on.

    Accounts with moments close to each other stand together, since a statement has one moment for all of its accounts.
    """
    for tables, moment in ((BY_HOURS, _hours_from), (BY_POSTS, _posts_from)):
        some = sorted(
            ((begin, scope.account_id) for scope in scopes if (begin := moment(scope)) is not None),
        )
        for first in range(0, len(some), size):
            part = some[first : first + size]
            for table in tables:
                yield table, [account_id for _, account_id in part], part[0][0]


def derive(
    client: Client, scopes: Sequence[Scope], each: Callable[[int], None] = lambda done: None, *, anew: bool = False
) -> None:
    """Compute what the scopes call for, as far as the raw rows hold it; `each` hears how many statements are done.

    Posts' rows that come out as they are stand as they were; with `anew` they are written too. Raises DerivationError
    for what no waiting heals, else what the client raises.
    """
    held = reach(client)
    ((began,),) = _query(client, NOW, {})
    for number, (table, accounts, moment) in enumerate(chunks(scopes), 1):
        parameters = {
            "accounts": accounts,
            "hours_from": text_of(moment),
            "posts_from": text_of(moment),
            "whole_from": text_of(held.posts),
            "hours_replaced_from": text_of(held.hours),
            "days_replaced_from": text_of(held.days),
            "began": text_of(began),
            "anew": int(anew),
        }
        try:
            client.command(statement(table), parameters=parameters)
        except (ClickHouseError, HTTPError, OSError) as error:
            raise failure(error, f"weibo_store.{table} can't be computed for {_some(accounts)}") from error
        each(number)


def reach(client: Client) -> horizon.Held:
    """How far the raw rows reach back. Raises DerivationError or what the client raises."""
    try:
        return horizon.held(client)
    except (ClickHouseError, HTTPError, OSError) as error:
        raise failure(error, "it can't be read how far the raw rows reach back") from error


def statement(table: str) -> str:
    """The statement that computes rows of a derived table."""
    return (files("consumers") / "derivations" / f"{table}.sql").read_text(encoding="utf-8")


def record(client: Client, seen: Seen, started_at: datetime, accounts: int, peers_until: datetime) -> None:
    """Note that the tables hold all changes up to `seen`, and peers (consumers.peers) what was derived before
    `peers_until`. Raises DerivationError or what the client raises.
    """
    try:
        client.insert(
            "weibo_store.derivations",
            [[seen.until, started_at, accounts, REVISION, peers_until, version("weiplomacy")]],
            column_names=["changes_until", "started_at", "accounts", "revision", "peers_until", "software"],
        )
    except (ClickHouseError, HTTPError, OSError) as error:
        raise failure(error, "weibo_store.derivations can't be written") from error


def _hours_from(scope: Scope) -> datetime | None:
    return scope.hours_from


def _posts_from(scope: Scope) -> datetime | None:
    return scope.posts_from


def _query(client: Client, sql: str, parameters: dict[str, Any]) -> Sequence[Sequence[Any]]:
    try:
        return client.query(sql, parameters=parameters).result_rows
    except (ClickHouseError, HTTPError, OSError) as error:
        raise failure(error, "weibo_store.changes can't be read") from error


def failure(error: Exception, what: str) -> Exception:
    """The error itself where waiting may heal it, else a DerivationError that says what can't be done."""
    if blame(error) is Blame.TRANSIENT:
        return error
    return DerivationError(f"{what}: {paragraph(error)[:500]}")


def _some(accounts: Sequence[str]) -> str:
    return accounts[0] if len(accounts) == 1 else f"{accounts[0]} and {len(accounts) - 1} other accounts"
