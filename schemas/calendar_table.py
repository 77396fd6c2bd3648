"""The calendar as a table, so that SQL can lay it beside waves."""

from datetime import date, datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from schemas.calendar import Event, load
from schemas.clickhouse import named
from schemas.settings import Settings

#: Days are Beijing's; it has no summer time.
BEIJING = timedelta(hours=8)

COLUMNS = ["day_from", "day_to", "name_en", "name_zh", "country_code", "kind", "source"]


def load_calendar(client: Client, settings: Settings, moment: datetime) -> bool:
    """Bring weibo_store.calendar up to date with the calendar of the settings; whether anything was to be done.

    `moment` is when, UTC; it decides which load is the newest. Raises CalendarError, or what schemas.clickhouse.named
    names.
    """
    rows = sorted((_row(event) for event in load(settings, (moment + BEIJING).date())), key=repr)
    try:
        held = client.query(f"SELECT {', '.join(COLUMNS)} FROM weibo.calendar").result_rows  # noqa: S608 (names of ours)
        if sorted((_plain(row) for row in held), key=repr) == rows:
            return False
        client.insert(
            "weibo_store.calendar",
            [(moment, *row) for row in rows],
            column_names=["loaded_at", *COLUMNS],
            settings={"async_insert": 0},
        )
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error
    return True


def _row(event: Event) -> tuple[Any, ...]:
    return event.day, event.last_day, event.name_en, event.name_zh, event.country_code, event.kind, event.source


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(date(value.year, value.month, value.day) if isinstance(value, date) else value for value in row)
