"""How long raw rows are kept and when they move to a slower disk, as the settings say it: TTLs of their tables.

A row's time counts from `ingested_at`, which is machine time: the clock that drives what is observed may be another
one. TTLs of columns are the schema's own, and stay as they are. Tables that are not named here are kept for ever:
what posts say, what accounts show of themselves, removals, the newest counters and everything derived; and the table
of batches, since the loader's recovery rests on it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from schemas.clickhouse import named
from schemas.errors import SettingsError
from schemas.settings import Retention, Settings

#: Which setting says how long the rows of a table are kept.
DELETED = {
    "engagement_samples": "samples_days",
    "comment_versions": "comments_days",
    "repost_versions": "comments_days",
    "receipts": "receipts_days",
    "lane_changes": "receipts_days",
    "dead_letters": "dead_letters_days",
}
#: What is parted by month: a part moves as a whole, when its newest row is old enough.
MOVED = ("engagement_samples", "account_snapshots")
TABLES = tuple(dict.fromkeys((*DELETED, *MOVED)))

CLOCK = "toDateTime(ingested_at)"
#: The clause of the table itself in `engine_full`, which has those of columns nowhere.
CLAUSE = re.compile(r" TTL (.*?)(?= SETTINGS |$)")
DELETION = re.compile(rf"^{re.escape(CLOCK)} \+ toIntervalDay\((\d+)\)(?:,|$)")

FOUND = """
SELECT name, engine_full, storage_policy
FROM system.tables
WHERE database = 'weibo_store' AND name IN %(tables)s
"""


class NoVolumeError(SettingsError):
    """A table has no volume of the name that the settings give."""


@dataclass(frozen=True, slots=True)
class Change:
    """A table whose TTL differs from what the settings say. Clauses as ClickHouse writes them; empty: none."""

    table: str
    before: str
    after: str

    @property
    def sql(self) -> str:
        """The statement that makes it as wanted."""
        what = f"MODIFY TTL {self.after}" if self.after else "REMOVE TTL"
        return f"ALTER TABLE weibo_store.{self.table} {what}"

    @property
    def says(self) -> str:
        """What comes of it, in words."""
        days = days_kept(self.after)
        moved = ", moved to the cold volume before" if " TO VOLUME " in self.after else ""
        return f"kept for {f'{days} days' if days else 'ever'}{moved}"


def wanted(retention: Retention) -> dict[str, str]:
    """The TTL of each table of `TABLES`, as ClickHouse writes it; empty where it has none."""
    clauses: dict[str, list[str]] = {table: [] for table in TABLES}
    for table, setting in DELETED.items():
        if (days := getattr(retention, setting)) is not None:
            clauses[table].append(f"{CLOCK} + toIntervalDay({days})")
    for table in MOVED:
        if retention.cold_after_days is not None:
            move = f"TO VOLUME '{retention.cold_volume}'"
            clauses[table].append(f"{CLOCK} + toIntervalDay({retention.cold_after_days}) {move}")
    return {table: ", ".join(parts) for table, parts in clauses.items()}


def differences(wishes: Mapping[str, str], found: Mapping[str, str]) -> tuple[Change, ...]:
    """What is to be altered, in the order of the wishes. Tables that are not found are left out."""
    return tuple(
        Change(table, found[table], wish) for table, wish in wishes.items() if table in found and found[table] != wish
    )


def clause_of(engine_full: str) -> str:
    """The table's own TTL in what `system.tables` says of its engine; empty: none."""
    match = CLAUSE.search(engine_full)
    return match[1] if match else ""


def days_kept(clause: str) -> int | None:
    """After how many days a TTL of ours deletes; None: never."""
    match = DELETION.match(clause)
    return int(match[1]) if match else None


def pending(client: Client, settings: Settings) -> tuple[Change, ...]:
    """What `apply` would alter. Raises NoVolumeError, or what schemas.clickhouse.named names."""
    try:
        rows = client.query(FOUND, parameters={"tables": TABLES}).result_rows
        volumes = client.query("SELECT policy_name, volume_name FROM system.storage_policies").result_rows
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error
    if settings.retention.cold_volume is not None:
        require_volume(settings.retention.cold_volume, {name: policy for name, _, policy in rows}, volumes)
    return differences(wanted(settings.retention), {name: clause_of(engine) for name, engine, _ in rows})


def require_volume(volume: str, policies: Mapping[str, str], volumes: Sequence[Sequence[str]]) -> None:
    """Do nothing where each table of `MOVED` has the volume. `policies` are those of the tables, `volumes` their
    volumes as pairs. Raises NoVolumeError.
    """
    for table, policy in policies.items():
        there = [one for of, one in volumes if of == policy]
        if table in MOVED and volume not in there:
            raise NoVolumeError(
                f"the setting retention.cold_volume is {volume!r}, and weibo_store.{table} has the storage policy "
                f"{policy!r} with the volumes {', '.join(there)}: give the table a policy with such a volume, on a "
                "ClickHouse server of your own, or leave cold_volume and cold_after_days out"
            )


def apply(client: Client, settings: Settings) -> tuple[Change, ...]:
    """Give the tables the TTLs that the settings say; returns what was altered. A second time alters nothing.

    What has expired goes in the background, within hours. Raises NoVolumeError before anything is altered, or what
    schemas.clickhouse.named names.
    """
    changes = pending(client, settings)
    for change in changes:
        try:
            client.command(change.sql)
        except (ClickHouseError, HTTPError, OSError) as error:
            raise named(error, settings) from error
    return changes
