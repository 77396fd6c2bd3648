"""The pack over the schema itself: where nothing is known, and what growth is."""

from datetime import date, timedelta

import pytest

from deploy.ranking import read_ranking
from schemas import registry
from schemas.question_values import values_of
from schemas.questions import declared
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
