"""Questions that hold a day against what is usual: over derived days that were written by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas import questions

pytestmark = pytest.mark.stack

DAY = date(2026, 3, 1)


def days(client: Any, account: str, column: str, figures: list[int], samples: list[int], **more: Any) -> None:
    """Derived days of an account, one after the other from DAY on."""
    names = ["account_id", "day", column, "samples", *more]
    rows = [
        [account, DAY + timedelta(days=number), figure, samples[number], *(one[number] for one in more.values())]
        for number, figure in enumerate(figures)
    ]
    client.insert("weibo_store.account_days", rows, column_names=names)


def ask(client: Any, name: str, **values: Any) -> list[dict[str, Any]]:
    sql = questions.find(questions.declared(), name).sql
    return list(client.query(sql, parameters={"country": "", **values}).named_results())


def test_a_wave_has_the_events_of_its_day_and_the_day_before_and_days_with_samples_are_usual(migrated) -> None:
    client, _ = migrated
    # The middle of the six days that have samples is 2; of all twelve it were less than 1.
    days(client, "a1", "comments_gained", [0] * 6 + [1, 2, 2, 2, 3, 100], [0] * 6 + [1] * 6)
    wave = DAY + timedelta(days=11)
    events = [("on", 0, ""), ("before", -1, ""), ("earlier", -2, ""), ("later", 1, ""), ("abroad", 0, "FR")]
    client.insert(
        "weibo_store.calendar",
        [
            [datetime(2026, 1, 1, tzinfo=UTC), *[wave + timedelta(days=shift)] * 2, name, "x", code or None]
            for name, shift, code in events
        ],
        column_names=["loaded_at", "day_from", "day_to", "name_en", "name_zh", "country_code"],
    )
    (row,) = ask(client, "waves", until=wave, days=12, least=50, times=5)
    assert (row["comments_gained"], row["median_comments"], row["days_known"]) == (100, 2, 6)
    assert sorted(row["calendar_events"]) == ["before x", "on x"]


def test_a_jump_is_held_against_the_days_of_the_same_account(migrated) -> None:
    client, _ = migrated
    for account, start, step in (("a1", 1_000, 10), ("a2", 90_000, 900)):
        figures = [start + step * number for number in range(9)]
        figures[8] += 1_000
        at = [datetime(2026, 3, 1 + number, 4, tzinfo=UTC) for number in range(9)]
        zeros = [0] * 9
        days(
            client, account, "followers", figures, zeros, followers_at=at, followers_below=zeros, followers_above=zeros
        )
    rows = ask(client, "follower-jumps", until=DAY + timedelta(days=8), days=9, least=100, times=3, before=3)
    assert [(row["account_id"], row["gain"], row["median_gain"]) for row in rows] == [("a1", 1_010, 10)]
