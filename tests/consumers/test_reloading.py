"""The derived tables computed anew: equal to before whatever was done to them, readable whenever it was interrupted."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from consumers import deriving, horizon, reloading
from consumers.deriving import EPOCH, Scope
from consumers.horizon import Held
from schemas.events import AnyEvent
from tests.consumers.test_deriving import BEGIN, Store, sampled, seen
from tests.schemas.examples import RECEIPT

pytestmark = pytest.mark.stack

KEYS = {
    "account_hours": "account_id, hour",
    "account_days": "account_id, day",
    "post_ages": "account_id, post_id, age_s",
    "post_measures": "account_id, post_id",
}


@pytest.fixture
def store(migrated: tuple[Client, Any]) -> Store:
    return Store(migrated[0])


def events(account: str, begin: datetime = BEGIN, posts: int = 4, first: int = 0) -> list[AnyEvent]:
    """Posts a day apart, each sampled some times in its first two days."""
    found: list[AnyEvent] = []
    for number in range(first, first + posts):
        created = begin + timedelta(days=number - first)
        found.append(seen(account, number, created))
        found += [
            sampled(account, number, created + timedelta(hours=hours), created, (hours, 2 * hours, 9 * hours + number))
            for hours in (1, 5, 26, 48)
        ]
    return found


def tables(client: Client, *, and_when: bool = False) -> dict[str, list[Any]]:
    """All rows of the derived tables, with or without when they were computed."""
    when = ", derived_at" if and_when else ""
    return {
        table: list(
            client.query(
                f"SELECT * EXCEPT (derived_at){when} FROM weibo_store.{table} FINAL ORDER BY {key}"
            ).result_rows
        )
        for table, key in KEYS.items()
    }


def visits(client: Client) -> list[int]:
    """Visits of each day."""
    days = client.query("SELECT visits FROM weibo_store.account_days FINAL ORDER BY account_id, day").result_rows
    return [visits for (visits,) in days]


def damage(client: Client) -> None:
    """Newer rows with wrong figures for what there is, and rows of what there is not."""
    for table, wrong in (
        ("account_hours", "99 AS samples"),
        ("account_days", "99 AS samples"),
        ("post_ages", "99 AS likes"),
        ("post_measures", "99 AS samples"),
    ):
        stray = {
            "account_hours": "hour + INTERVAL 100 DAY AS hour",
            "account_days": "day + 100 AS day",
            "post_ages": "60 AS age_s",
            "post_measures": "post_id + 77 AS post_id",
        }[table]
        client.command(
            f"INSERT INTO weibo_store.{table} SELECT * REPLACE ({wrong}, now64(3, 'UTC') AS derived_at) "
            f"FROM weibo_store.{table} FINAL WHERE account_id != 'c'"
        )
        client.command(f"INSERT INTO weibo_store.{table} SELECT * REPLACE ({stray}) FROM weibo_store.{table} FINAL")
    client.command(
        "INSERT INTO weibo_store.account_hours SELECT * REPLACE ('nobody' AS account_id) FROM weibo_store.account_hours"
    )


@pytest.fixture
def filled(store: Store) -> Store:
    for account in ("a", "b", "c"):
        store.write(events(account))
    deriving.derive(store.client, deriving.everything(store.client))
    return store


def test_whatever_was_done_to_derived_rows_a_reload_makes_them_as_they_were(filled: Store) -> None:
    before = tables(filled.client)
    damage(filled.client)
    assert all(tables(filled.client)[table] != before[table] for table in KEYS)
    found = reloading.reload(filled.client, deriving.everything(filled.client), whole=True)
    assert tables(filled.client) == before
    assert (found.accounts, found.posts) == (3, 12)
    assert found.removed > 4
    again = reloading.reload(filled.client, deriving.everything(filled.client), whole=True)
    assert again.removed == 0
    assert tables(filled.client) == before


def test_a_reload_of_some_accounts_touches_no_other(filled: Store) -> None:
    before = tables(filled.client)
    damage(filled.client)
    damaged = tables(filled.client)
    reloading.reload(filled.client, [Scope("a", EPOCH, EPOCH)], whole=False)
    after = tables(filled.client)
    for table in KEYS:
        assert [row for row in after[table] if row[0] == "a"] == [row for row in before[table] if row[0] == "a"]
        assert [row for row in after[table] if row[0] != "a"] == [row for row in damaged[table] if row[0] != "a"]


@pytest.mark.parametrize("statements", [1, 2, 3])
def test_an_interrupted_reload_leaves_every_row_readable_and_the_next_one_finishes(
    filled: Store, statements: int
) -> None:
    before = tables(filled.client)
    damage(filled.client)
    damaged = tables(filled.client)

    def each(done: int) -> None:
        if done == statements:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reloading.reload(filled.client, deriving.everything(filled.client), whole=True, each=each)
    after = tables(filled.client)
    done = list(KEYS)[:statements]
    for table in KEYS:
        assert len(after[table]) == len(damaged[table])
        if table in done:
            assert all(row in after[table] for row in before[table])
        else:
            assert after[table] == damaged[table]
    reloading.reload(filled.client, deriving.everything(filled.client), whole=True)
    assert tables(filled.client) == before


def test_what_a_deriver_writes_meanwhile_stays(filled: Store) -> None:
    scopes = deriving.everything(filled.client)

    def each(done: int) -> None:
        if done == 4:
            filled.write(events("late"))
            deriving.derive(filled.client, [Scope("late", EPOCH, EPOCH)])

    reloading.reload(filled.client, scopes, whole=True, each=each)
    assert {row[0] for row in tables(filled.client)["post_measures"]} == {"a", "b", "c", "late"}


def forget(client: Client, before: datetime) -> None:
    """Take the samples away that were seen before a moment, as retention does."""
    client.command(
        "ALTER TABLE weibo_store.engagement_samples DELETE WHERE observed_at < {before:DateTime64(3, 'UTC')}",
        parameters={"before": horizon.text_of(before)},
        settings={"mutations_sync": 1},
    )


def test_what_was_derived_survives_the_raw_rows(store: Store) -> None:
    later = BEGIN + timedelta(days=70)
    store.write([*events("a"), *events("a", later, first=10)])
    everything = deriving.everything(store.client)
    deriving.derive(store.client, everything)
    before = tables(store.client, and_when=True)
    forget(store.client, BEGIN + timedelta(days=2))
    assert horizon.held(store.client).posts == BEGIN + timedelta(days=2)
    deriving.derive(store.client, everything)
    after = tables(store.client, and_when=True)
    assert after["post_ages"] == before["post_ages"]
    assert after["post_measures"] == before["post_measures"]
    for table in ("account_hours", "account_days"):
        # The end of the history is computed again, to the same figures.
        assert [row[:-1] for row in after[table]] == [row[:-1] for row in before[table]]
        assert after[table][:5] == before[table][:5], "nothing of the first days is written again"
    found = reloading.reload(store.client, everything, whole=True)
    assert found.removed == 0
    assert tables(store.client) == {table: [row[:-1] for row in rows] for table, rows in before.items()}
    assert found.posts == 6, "two posts lost samples, the others were computed again"


def test_old_posts_that_are_found_late_are_derived_beside_what_is_kept(store: Store) -> None:
    later = BEGIN + timedelta(days=70)
    store.write([*events("a"), *events("a", later, first=10)])
    deriving.derive(store.client, deriving.everything(store.client))
    forget(store.client, BEGIN + timedelta(days=10))
    old = BEGIN - timedelta(days=300)
    store.write([seen("a", 50, old), sampled("a", 50, later + timedelta(days=3), old, (1, 2, 3))])
    before = tables(store.client)
    deriving.derive(store.client, [Scope("a", old, old)])
    after = tables(store.client)
    assert [row[1] for row in after["post_measures"] if row not in before["post_measures"]] == [1050]
    added = [row for row in after["account_days"] if row not in before["account_days"]]
    assert {row[1] for row in added} == {old.date(), (later + timedelta(days=3)).date()}
    assert [row for row in before["account_days"] if row[1] < later.date() and row not in after["account_days"]] == []


def test_strays_that_the_raw_rows_no_longer_reach_stay(store: Store) -> None:
    store.write([*events("a"), *events("a", BEGIN + timedelta(days=70), first=10)])
    deriving.derive(store.client, deriving.everything(store.client))
    before = tables(store.client)
    forget(store.client, BEGIN + timedelta(days=10))
    store.client.command("ALTER TABLE weibo_store.engagement_samples DELETE WHERE 1", settings={"mutations_sync": 1})
    assert horizon.held(store.client).posts > BEGIN + timedelta(days=74)
    assert reloading.reload(store.client, deriving.everything(store.client), whole=True).removed == 0
    assert tables(store.client) == before


def receipts(account: str, days: range) -> list[AnyEvent]:
    """A visit at noon UTC of each day, and one in the evening, which is the next day in Beijing."""
    found: list[AnyEvent] = []
    for day in days:
        for hour in (1, 6):
            ended = BEGIN + timedelta(days=day, hours=hour)
            changes = {
                "account_id": account,
                "observed_at": ended,
                "started_at": ended - timedelta(minutes=1),
                "cycle": ended.isoformat(),
            }
            found.append(RECEIPT.model_copy(update=changes))
    return found


def test_days_keep_the_visits_whose_receipts_have_gone(store: Store) -> None:
    store.write([*events("a"), *receipts("a", range(6))])
    everything = deriving.everything(store.client)
    deriving.derive(store.client, everything)
    before = tables(store.client)
    assert visits(store.client) == [1, 2, 2, 2, 2, 2, 1]
    store.client.command(
        "ALTER TABLE weibo_store.receipts DELETE WHERE observed_at < {before:DateTime64(3, 'UTC')}",
        parameters={"before": horizon.text_of(BEGIN + timedelta(days=2, hours=3))},
        settings={"mutations_sync": 1},
    )
    assert horizon.held(store.client) == Held(days=BEGIN + timedelta(days=2, hours=6))
    deriving.derive(store.client, everything)
    assert tables(store.client) == before
    # What comes later is counted as ever.
    store.write(receipts("a", range(6, 7)))
    reloading.reload(store.client, everything, whole=True)
    assert visits(store.client) == [1, 2, 2, 2, 2, 2, 2, 1]
