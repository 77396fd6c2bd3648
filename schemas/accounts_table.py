"""The registry as a table, so that SQL can name accounts."""

from datetime import UTC, date, datetime
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from schemas.accounts import Account
from schemas.clickhouse import named
from schemas.registry import Registry
from schemas.settings import Settings

COLUMNS = [
    "account_id",
    "country_code",
    "country_en",
    "country_zh",
    "name_en",
    "name_zh",
    "bloc",
    "mission",
    "screen_name",
    "printed_screen_name",
    "uid",
    "uid_source",
    "uid_confirmed_at",
    "related",
    "valid_from",
    "valid_to",
    "tier",
]


def load_registry(client: Client, settings: Settings, registry: Registry, moment: datetime) -> bool:
    """Bring weibo_store.accounts up to date with the registry; whether anything was to be done.

    `moment` is when, UTC; it decides which load is the newest. Raises what schemas.clickhouse.named names.
    """
    rows = sorted(_row(account) for account in registry.accounts)
    try:
        held = client.query(
            f"SELECT {', '.join(COLUMNS)} FROM weibo_store.accounts "  # noqa: S608 (names of ours)
            "WHERE loaded_at = (SELECT max(loaded_at) FROM weibo_store.accounts)"
        ).result_rows
        if sorted(_plain(row) for row in held) == rows:
            return False
        client.insert(
            "weibo_store.accounts",
            [(moment, *row) for row in rows],
            column_names=["loaded_at", *COLUMNS],
            settings={"async_insert": 0},
        )
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error
    return True


def _row(account: Account) -> tuple[Any, ...]:
    return (
        account.id,
        account.country_code,
        account.country_en,
        account.country_zh,
        account.name_en,
        account.name_zh,
        list(account.bloc),
        account.mission.value,
        account.screen_name,
        account.printed_screen_name,
        int(account.uid) if account.uid else None,
        account.uid_source,
        account.uid_confirmed_at.astimezone(UTC) if account.uid_confirmed_at else None,
        [f"{related.relation}: {related.screen_name or related.uid or ''}" for related in account.related],
        account.valid_from,
        account.valid_to,
        account.tier,
    )


def _plain(row: Any) -> tuple[Any, ...]:
    """A row as it was written: moments in UTC, days as days."""
    return tuple(
        value.astimezone(UTC)
        if isinstance(value, datetime)
        else date(value.year, value.month, value.day)
        if isinstance(value, date)
        else value
        for value in row
    )
