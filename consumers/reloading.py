"""The derived tables computed anew, whole, beside whatever else writes them; then what nothing gives any more goes.

Every row is written again, so one whose `derived_at` is older than the beginning is one that the raw rows did not give;
a deriver that runs beside writes later ones. Interrupted, the tables hold new rows and old ones, and lack none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from consumers.deriving import Scope, derive, failure, reach
from consumers.horizon import EPOCH, text_of
from consumers.peers import refresh

#: Rows of one deletion: their keys stand in the statement.
KEYS_AT_ONCE = 500

KEYS = {
    "account_hours": ("account_id", "hour"),
    "account_days": ("account_id", "day"),
    "post_ages": ("account_id", "post_id", "age_s"),
    "post_measures": ("account_id", "post_id"),
}
#: Of a post that the newest counters know, they say when it was seen first; of another its own row does.
OF_POSTS = """(
    (account_id, post_id) IN
    (
        SELECT account_id, post_id
        FROM weibo_store.post_latest
        GROUP BY account_id, post_id
        HAVING min(first_observed_at) >= {posts:DateTime64(3, 'UTC')}
    )
    OR ifNull(OWN >= {posts:DateTime64(3, 'UTC')}, true)
    AND (account_id, post_id) NOT IN (SELECT account_id, post_id FROM weibo_store.post_latest)
)"""
#: Which rows the raw rows still reach back to, by the moments of consumers.horizon.
HELD = {
    "account_hours": "hour >= {hours:DateTime64(3, 'UTC')}",
    "account_days": "toDateTime64(day, 3, 'Asia/Shanghai') >= {days:DateTime64(3, 'UTC')}",
    "post_ages": OF_POSTS.replace("OWN", "created_at"),
    "post_measures": OF_POSTS.replace("OWN", "first_observed_at"),
}
OLDER = "derived_at < {began:DateTime64(3, 'UTC')}"
AMONG = "({whole:Bool} OR account_id IN {accounts:Array(String)})"
POSTS = f"SELECT uniqExact(account_id, post_id) FROM weibo_store.post_measures WHERE NOT {OLDER} AND {AMONG}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What was computed: accounts, posts with measures, and rows that went since nothing gives them any more."""

    accounts: int
    posts: int
    removed: int


def reload(
    client: Client, scopes: Sequence[Scope], *, whole: bool, each: Callable[[int], None] = lambda done: None
) -> Reloaded:
    """Compute everything that the scopes call for anew, then remove what nothing gives any more; then follow what is
    to be expected by peers, which is of all accounts.

    `whole` says that the scopes are of all accounts: then rows of others go too. `each` hears how many statements are
    done. Raises DerivationError for what no waiting heals, else what the client raises.
    """
    try:
        ((began,),) = client.query("SELECT now64(3, 'UTC')").result_rows
        derive(client, scopes, each, anew=True)
        among = {"whole": int(whole), "accounts": [scope.account_id for scope in scopes] if not whole else []}
        removed = sum(_remove(client, table, among, began) for table in KEYS)
        refresh(client, EPOCH)
        ((posts,),) = client.query(POSTS, parameters={**among, "began": text_of(began)}).result_rows
    except (ClickHouseError, HTTPError, OSError) as error:
        raise failure(error, "the derived tables can't be computed anew") from error
    return Reloaded(len(scopes), posts, removed)


def _remove(client: Client, table: str, among: dict[str, object], began: datetime) -> int:
    """Remove the rows that were there before and were not given again; returns how many."""
    held = reach(client)
    key = ", ".join(f"toString({name})" for name in KEYS[table])
    rows = client.query(
        f"SELECT {key} FROM weibo_store.{table} FINAL WHERE {OLDER} AND {AMONG} AND {HELD[table]}",  # noqa: S608
        parameters={
            **among,
            "began": text_of(began),
            "posts": text_of(held.posts),
            "hours": text_of(held.hours),
            "days": text_of(held.days),
        },
    ).result_rows
    for first in range(0, len(rows), KEYS_AT_ONCE):
        # Keys and a moment, no sub-query: the same rows go on every replica.
        some = rows[first : first + KEYS_AT_ONCE]
        columns = {f"k{place}": list(column) for place, column in enumerate(zip(*some, strict=True))}
        keys = ", ".join(f"{{{name}:Array(String)}}" for name in columns)
        client.command(
            f"ALTER TABLE weibo_store.{table} DELETE WHERE {OLDER} AND ({key}) IN arrayZip({keys})",
            parameters={**columns, "began": text_of(began)},
            settings={"mutations_sync": 1},
        )
    return len(rows)
