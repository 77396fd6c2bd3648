"""`weiplomacy crawl plan`: the next hour and why, what the limits mean, and what the budget can't keep."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crawler.memory.coverage import ID_EPOCH
from crawler.memory.records import AccountMemory, PostMemory, SampleMemory
from crawler.memory.topic import Restored
from deploy.cli import crawl, crawl_plan
from schemas.clock import write_clock
from schemas.errors import SettingsError

NOW = datetime(2016, 6, 1, 4, tzinfo=UTC)
ACCOUNTS = """
[[account]]
id = "us-embassy"
uid = "1743951792"
tier = "first"
[[account]]
id = "fr-embassy"
uid = "1655886300"
[[account]]
id = "nameless"
screen_name = "某大使馆"
"""


def remembered() -> Restored:
    created = NOW - timedelta(hours=2)
    post = PostMemory(
        post_id=str((int(created.timestamp()) - ID_EPOCH) << 22),
        created_at=created,
        last_seen_at=NOW - timedelta(minutes=29),
        version="0" * 16,
        samples=(SampleMemory(at=NOW - timedelta(minutes=29), reposts=200, comments=0, likes=0),),
    )
    account = AccountMemory(
        account_id="us-embassy", posts=(post,), visited_at=NOW - timedelta(minutes=29), rendered_at=NOW
    )
    return Restored({"us-embassy": account}, {"fr-embassy": "a record of fr-embassy can't be read"})


@pytest.fixture(autouse=True)
def crawler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "accounts.toml").write_text(ACCOUNTS, encoding="utf-8")
    write_clock(tmp_path / "clock.json", NOW, 0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WEIPLOMACY_CLOCK_FILE", str(tmp_path / "clock.json"))
    monkeypatch.setenv("WEIPLOMACY_CRAWL__ACCOUNTS_FILE", str(tmp_path / "accounts.toml"))
    monkeypatch.setattr(crawl_plan, "restore", lambda _: remembered())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(crawl.app, ["plan", *arguments], env={"COLUMNS": "160"})


def test_the_hour_is_shown_with_its_reasons() -> None:
    done = run()
    assert done.exit_code == 0, done.output
    for words in (
        "2016-06-01 04:00 UTC",
        "guest 192",
        "us-embassy",
        "fr-embassy",
        "had 200 29 min ago",
        "never yet",
        "≤ 30 min",
    ):
        assert words in done.stdout
    assert "≤ 30 min" in done.stdout
    assert "a record of fr-embassy can't be read" in done.stdout
    assert "1 accounts have no uid and can't be visited (nameless)" in done.stdout
    assert "every promise is kept" in done.stdout


def test_as_a_document_it_has_all_of_it() -> None:
    document = json.loads(run("--json").stdout)
    assert (document["from"], document["until"]) == ("2016-06-01T04:00:00.000Z", "2016-06-01T05:00:00.000Z")
    assert [tier["tier"] for tier in document["tiers"]] == ["first", "normal"]
    assert document["tiers"][0]["promised_visits"] == 2.0
    assert document["tiers"][0]["planned_visits"] >= 2.0
    assert document["requests"]["planned"] == sum(visit["cost"] for visit in document["visits"])
    assert {visit["account_id"] for visit in document["visits"]} == {"us-embassy", "fr-embassy"}
    assert (document["broken"], document["shortages"], document["unresolved"]) == ([], [], ["nameless"])
    assert [one["account_id"] for one in json.loads(run("--json", "--accounts", "fr-embassy").stdout)["visits"]]


def test_a_promise_that_the_budget_cant_keep_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_CRAWL__DELAY_S", "80")
    monkeypatch.setenv("WEIPLOMACY_CRAWL__VISIT_EVERY_NORMAL_MIN", "10")
    monkeypatch.setenv("WEIPLOMACY_CRAWL__RENDER_COST", "1")
    monkeypatch.setenv("WEIPLOMACY_CRAWL__VISIT_EVERY_FIRST_MIN", "6")
    done = run()
    assert "tier normal: the promises to 1 accounts can't be kept in the long run" in done.stdout
    assert "every promise is kept" not in done.stdout
    assert json.loads(run("--json").stdout)["shortages"]


def test_settings_that_contradict_themselves_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_CRAWL__DELAY_S", "7200")
    assert isinstance(run().exception, SettingsError)
