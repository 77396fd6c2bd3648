"""The pack over the schema itself: where nothing is known, and over the list of December 2016."""

from datetime import date, timedelta

import pytest

from consumers import deriving
from deploy.ranking import read_ranking
from schemas import accounts_table, reference_2016, registry
from schemas.calendar_table import load_calendar
from schemas.question_values import values_of
from schemas.questions import declared
from tests.schemas.question_rows import at
from tests.schemas.test_views import DAY, fill, rounded, snapshot

pytestmark = pytest.mark.stack

QUESTIONS = {question.name: question for question in declared()}
TODAY = date(2016, 12, 31)
#: For the questions that need one.
GIVEN = {"account": "US", "post": "101"}


def ask(there, name, **given):
    client, accounts = there
    values = values_of(QUESTIONS[name], given, accounts, TODAY)
    return list(client.query(QUESTIONS[name].sql, parameters=values).named_results())


def test_every_question_is_answered_where_nothing_is_known(migrated):
    client, settings = migrated
    accounts = registry.load(settings)
    for name, question in QUESTIONS.items():
        needed = {one.name: GIVEN[one.name] for one in question.parameters if one.default is None}
        assert ask((client, accounts), name, **needed) == [], name


def test_the_facts_of_december_2016_can_be_asked(migrated):
    client, settings = migrated
    accounts = registry.load(settings)
    accounts_table.load_registry(client, settings, accounts, at("12-31 12:00"))
    load_calendar(client, settings, at("12-31 12:00"))
    fill(client, reference_2016.snapshots())
    deriving.derive(client, deriving.everything(client))
    there = client, accounts

    ranking = ask(there, "ranking", at="2016-12-31")
    assert [(row["rank"], row["printed_rank"], row["country_code"]) for row in ranking[:3]] == [
        (1, 1, "IL"),
        (2, 2, "CA"),
        (3, 3, "US"),
    ]
    assert (ranking[0]["followers"], ranking[0]["posts"]) == (1_913_384, 3_590)
    assert len(ranking) == 48
    unverified = [row["account_id"] for row in ask(there, "verification") if not row["verified"]]
    assert unverified == ["ee-embassy", "eg-embassy", "id-embassy", "ir-embassy"]
    begun = ask(there, "new-accounts")
    assert [(row["account_id"], row["posts_in_all"]) for row in begun] == [("mc-embassy", 75)]
    missions = {row["account_id"]: row for row in ask(there, "missions")}
    assert missions["tr-tourism-office"]["mission"] == "tourism_office"
    assert missions["cn-embassy-in-zimbabwe"]["mission"] == "chinese_mission"
    assert any("28,392" in related or "tourism" in related for related in missions["eg-embassy"]["related"])
    assert ask(there, "growth", since="2016-12-30", at="2016-12-31", country="IL")[0]["growth"] is None


def test_growth_is_null_when_it_is_lost_in_the_rounding(migrated):
    client, settings = migrated
    week = DAY - timedelta(days=7)
    fill(
        client,
        [
            snapshot("exact", week, 100), snapshot("exact", DAY, 90),
            snapshot("same", week, rounded(1_059_000, 1_058_500, 1_059_499)),
            snapshot("same", DAY, rounded(1_059_000, 1_058_500, 1_059_499)),
            snapshot("more", week, rounded(1_059_000, 1_058_500, 1_059_499)), snapshot("more", DAY, 1_070_000),
            snapshot("new", DAY, 5),
        ],
    )  # fmt: skip
    rows = ask((client, registry.load(settings)), "growth", since="2016-12-24", at="2016-12-31")
    assert {row["account_id"]: (row["growth"], row["growth_low"], row["growth_high"]) for row in rows} == {
        "exact": (-10, -10, -10),
        "same": (None, -999, 999),
        "more": (11_000, 10_501, 11_500),
        "new": (None, None, None),
    }
    assert {row["account_id"]: row["rank_before"] for row in rows}["new"] is None
    # The ranking that people look at says the same.
    shown = read_ranking(settings, ["exact", "same", "more", "new"], week, DAY)
    assert {row.account_id: row.growth for row in shown} == {"exact": -10, "same": None, "more": 11_000, "new": None}
