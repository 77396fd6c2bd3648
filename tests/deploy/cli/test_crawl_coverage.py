"""What the receipts say is missing: the newest word of each spider counts, what a setting left out is no hole."""

import json
from datetime import timedelta

import pytest
import typer
from clickhouse_connect.driver.client import Client
from typer.testing import CliRunner

from deploy.cli.crawl_coverage import SinceError, coverage
from schemas.events import CrawlReceipt, Missing
from schemas.settings import Settings
from tests.schemas.examples import MOMENT, RECEIPT
from tests.schemas.test_views import fill

app = typer.Typer()
app.command()(coverage)


def receipt(account: str, hours: int, *missing: Missing) -> CrawlReceipt:
    holes = [one for one in missing if one.reason != "cap"]
    return RECEIPT.model_copy(
        update={
            "account_id": account,
            "cycle": f"c{hours}",
            "observed_at": MOMENT + timedelta(hours=hours),
            "missing": missing,
            "complete": not holes,
            "lists": (),
        }
    )


def lack(what: str, reason: str = "blocked") -> Missing:
    return Missing(kind="long_text", what=what, reason=reason, remedy="next_visit")


def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("WEIPLOMACY_HOME", str(settings.home))
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse_url)
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.stack
def test_what_a_later_visit_found_is_missing_no_more(
    migrated: tuple[Client, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, settings = migrated
    assert "no visit in this period" in run(settings, monkeypatch)[1]
    # A canary is no visit of its account; that it can't be read is said all the same.
    canary = receipt("a2", 3, lack("the canary's figures")).model_copy(update={"spider": "canary"})
    visits = [receipt("a1", 1, lack("11"), lack("12")), receipt("a1", 2, lack("12")), receipt("a2", 2)]
    fill(client, [*visits, canary])
    code, said = run(settings, monkeypatch)
    assert code == 1
    assert "a1: long_text 12: blocked; the next visit asks again" in said
    assert "long_text 11" not in said
    assert "1 of 3 visits complete; missing now: 2 things, and 0 by setting" in said
    document = json.loads(run(settings, monkeypatch, "--json")[1])
    assert [(one["account_id"], one["visits"], one["complete"]) for one in document["accounts"]] == [
        ("a1", 2, 0),
        ("a2", 1, 1),
    ]
    assert [one["what"] for one in document["missing"]] == ["12", "the canary's figures"]
    assert run(settings, monkeypatch, "--since", "2030-01-01T00:00:00Z")[0] == 0


@pytest.mark.stack
def test_what_a_setting_left_out_is_said_and_no_hole(
    migrated: tuple[Client, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, settings = migrated
    fill(client, [receipt("a1", 1, lack("comments of 5", "cap"))])
    code, said = run(settings, monkeypatch)
    assert code == 0
    assert "left out by a setting; another setting reads more" in said
    assert "missing now: 0 things, and 1 by setting" in said


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-24T12:00:00"])
def test_a_period_needs_a_moment_with_its_zone(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SinceError, match=moment):
        run(Settings(), monkeypatch, "--since", moment)
