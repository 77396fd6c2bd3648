"""Every question of the pack, asked of rows that are known: the answers stand beside, checked by hand.

`answers/NAME.txt`: its first line is what stands behind `weiplomacy ask NAME`, each further one a row as JSON.
"""

import json
import re
import shlex
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from deploy.cli.ask import words
from schemas import accounts_table, migrate, registry
from schemas.calendar_table import load_calendar
from schemas.clickhouse import connect
from schemas.question_values import filled, values_of
from schemas.questions import declared
from schemas.settings import Calendar
from tests.migrated import emptied
from tests.schemas.derived_rows import DERIVED_ROWS, MOURNING
from tests.schemas.question_rows import EVENTS, at
from tests.schemas.test_views import fill

ANSWERS = Path(__file__).parent / "answers"
QUESTIONS = {question.name: question for question in declared()}
TODAY = date(2016, 12, 31)


def names_of(question):
    """The names of its parameters."""
    return {one.name for one in question.parameters}


@pytest.fixture(scope="module")
def known(clickhouse, tmp_path_factory):
    """A client and the registry, of a database that holds the known rows."""
    home = tmp_path_factory.mktemp("home")
    calendar = home / "calendar.toml"
    calendar.write_text(MOURNING, encoding="utf-8")
    settings = emptied(clickhouse, home).model_copy(update={"calendar": Calendar(file=calendar)})
    client = connect(settings)
    migrate.apply(client, settings)
    accounts = registry.load(settings)
    accounts_table.load_registry(client, settings, accounts, at("12-31 12:00"))
    load_calendar(client, settings, at("12-31 12:00"))
    fill(client, EVENTS)
    derive(client)
    yield client, accounts
    client.command("DROP DATABASE weibo_written SYNC")
    client.close()


def derive(client):
    """Put the known derived rows in the place of the views': what is derived of the events is not at stake here."""
    client.command("CREATE DATABASE weibo_written ENGINE = Atomic")
    for view, rows in DERIVED_ROWS.items():
        table = f"weibo_written.{view}"
        client.command(
            f"CREATE TABLE {table} ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM weibo.{view} LIMIT 0"
        )
        columns = {name for name, *_ in client.query(f"DESCRIBE TABLE {table}").result_rows}
        for row in rows:
            assert row.keys() <= columns | {"derived_at"}, row.keys() - columns
            held = {name: value for name, value in row.items() if name in columns}
            client.insert(table, [list(held.values())], column_names=list(held))
        client.command(f"CREATE OR REPLACE VIEW weibo.{view} AS SELECT * FROM {table}")


def answer(client, sql, parameters=None):
    lines = client.raw_query(sql, parameters=parameters, fmt="JSONEachRow").decode().splitlines()
    return [json.loads(line) for line in lines]


def ask(known, name, **given):
    client, accounts = known
    return answer(client, QUESTIONS[name].sql, values_of(QUESTIONS[name], given, accounts, TODAY))


def test_every_question_has_its_answer():
    assert {file.stem for file in ANSWERS.glob("*.txt")} == set(QUESTIONS)


@pytest.mark.stack
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_the_known_one(known, name):
    client, accounts = known
    first, *rows = (ANSWERS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    _, given = words(shlex.split(first))
    expected = [json.loads(row) for row in rows]
    assert expected, "an answer without a row says nothing"
    assert ask(known, name, **given) == expected
    values = values_of(QUESTIONS[name], given, accounts, TODAY)
    assert answer(client, filled(QUESTIONS[name], values)) == expected, "the SQL with its values asks the same"


@pytest.mark.stack
def test_terms_are_never_shown_from_fewer_than_five_people(known):
    terms = {row["term"]: row["people"] for row in ask(known, "comment-terms", account="US", until="2016-12-20")}
    assert terms == {"哀悼": 5, "[蜡烛]": 5}
    assert "rip" not in terms, "one person wrote it"
    assert ask(known, "comment-terms", account="US", until="2016-12-19") == []


@pytest.mark.stack
def test_over_and_under_are_the_two_sides_of_what_is_expected(known):
    over, under = (ask(known, "overperforming", side=side, days="30") for side in ("over", "under"))
    assert [row["post_id"] for row in over] == [101, 301, 201]
    assert [row["score"] for row in over] == [3.5, 2, 1]
    assert [row["score"] for row in under] == [-2]


@pytest.mark.stack
def test_a_question_about_a_country_is_about_its_accounts(known):
    assert {row["account_id"] for row in ask(known, "top-posts", days="30", country="IL")} == {"il-embassy"}
    assert {row["account_id"] for row in ask(known, "interference", country="CU")} == {"cu-embassy"}
    assert {row["account_id"] for row in ask(known, "share-of-voice", bloc="G7")} == {
        "us-embassy",
        "fr-embassy",
        "ca-embassy",
    }


@pytest.mark.stack
@pytest.mark.parametrize("name", [name for name, one in QUESTIONS.items() if "country" in names_of(one)])
def test_of_a_country_only_its_own_accounts_are_told(known, name):
    first, *_ = (ANSWERS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    given = {key: value for key, value in words(shlex.split(first))[1].items() if key not in ("country", "bloc")}
    # Nothing is known of this one but that it is there.
    assert {row.get("account_id") for row in ask(known, name, **given, country="NZ")} <= {"nz-embassy"}


#: "So many days up to the last one" in the ways in which it may be compared.
PERIODS = {("BETWEEN", " + 1"), (">=", " + 1"), (">", ""), ("<=", "")}


@pytest.mark.parametrize("name", [name for name, one in QUESTIONS.items() if {"until", "days"} <= names_of(one)])
def test_every_period_has_so_many_days(name):
    found = re.findall(r"(\S+) \{until:Date\} - \{days:UInt16\}( [+-] \d+)?", QUESTIONS[name].sql)
    assert found
    assert set(found) <= PERIODS


@contextmanager
def days_of_autumn(client, columns, rows):
    """Further days of accounts, before December, for as long as it is open."""
    client.insert("weibo_written.account_days", rows, column_names=columns)
    try:
        yield
    finally:
        client.command("DELETE FROM weibo_written.account_days WHERE day < '2016-12-01'")


@pytest.mark.stack
def test_the_condolences_of_2016_are_found_beside_the_calendar(known):
    days = [
        (account, date(2016, month, number), 1, 2_000 if number == peak else 10)
        for account, month, peak in (("il-embassy", 9, 28), ("th-embassy", 10, 13))
        for number in range(peak - 7, peak + 2)
    ]
    with days_of_autumn(known[0], ["account_id", "day", "samples", "comments_gained"], days):
        waves = ask(known, "waves", until="2016-11-30", days="90")
    assert [(row["account_id"], row["day"], row["times_usual"]) for row in waves] == [
        ("il-embassy", "2016-09-28", 200),
        ("th-embassy", "2016-10-13", 200),
    ]
    assert [row["calendar_events"] for row in waves] == [
        ["Death of Shimon Peres 西蒙·佩雷斯逝世"],
        ["Death of King Bhumibol Adulyadej 泰国国王普密蓬·阿杜德逝世"],
    ]


@pytest.mark.stack
def test_days_that_nobody_looked_at_are_not_the_usual(known):
    # The account was published on for weeks, and is looked at from the last day on: that is no wave.
    days = [("de-embassy", date(2016, 11, number), number == 30, 700 * (number == 30)) for number in range(1, 31)]
    with days_of_autumn(known[0], ["account_id", "day", "samples", "comments_gained"], days):
        assert ask(known, "waves", until="2016-11-30", days="90") == []
        (week,) = (row for row in ask(known, "share-of-voice", until="2016-11-29", days="9"))
        assert week["interactions"] is None


@pytest.mark.stack
def test_a_lower_bound_is_no_growth(known):
    # "540+" and a week later 543: nobody knows whether it grew.
    columns = ["account_id", "day", "samples", "followers", "followers_low", "followers_high"]
    days = [("ee-embassy", date(2016, 11, 1), 1, 540, 540, None), ("ee-embassy", date(2016, 11, 8), 1, 543, 543, 543)]
    with days_of_autumn(known[0], columns, days):
        assert ask(known, "follower-quality", until="2016-11-30", days="30") == []
    days[0] = ("ee-embassy", date(2016, 11, 1), 1, 540, 540, 540)
    with days_of_autumn(known[0], columns, days):
        (row,) = ask(known, "follower-quality", until="2016-11-30", days="30")
    assert (row["growth_low"], row["growth_high"], row["growth_without_posts"]) == (3, 3, True)
