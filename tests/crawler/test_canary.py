"""The canary: what it says of Weibo, and of us."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.canary import canary_account, conclusion
from crawler.run import Order, run
from schemas.errors import SettingsError
from schemas.registry import UnknownAccountError, load
from schemas.settings import Settings
from tests.crawler.little_weibo import UID, LittleWeibo

Make = Callable[..., Settings]


@pytest.mark.parametrize(
    ("responses", "words"),
    [
        ({"schema_drift": 1}, "Weibo has changed"),
        ({"ok": 1, "not_found": 1}, "Weibo has changed"),
        ({"suspiciously_empty": 1}, "Weibo has changed"),
        ({"blocked": 1, "schema_drift": 1}, "whether Weibo has changed is not known"),
        ({"visitor_gate": 2}, "the canary was refused"),
        ({"network_error": 2}, "is the site reachable"),
        ({}, "is the site reachable"),
    ],
)
def test_an_unreadable_canary_is_weibos_doing_or_ours(responses: dict[str, int], words: str) -> None:
    assert words in conclusion(responses, "guest")


def receipts(settings: Settings, feed: Path) -> tuple[bool, dict[str, dict[str, Any]]]:
    progress = run(settings, Order("comments", {"accounts": "us-embassy", "comment_posts": "1"}, feed=feed))
    events = [json.loads(line) for line in feed.read_text().splitlines()]
    return progress.complete, {event["spider"]: event for event in events if event["type"].endswith("receipt.v1")}


@pytest.mark.stack
def test_a_canary_that_is_well_has_a_receipt_of_its_own(settings_for: Make, tmp_path: Path) -> None:
    complete, found = receipts(settings_for(canary_account="us-embassy"), tmp_path / "feed")
    assert complete
    assert set(found) == {"canary", "comments"}
    assert found["canary"]["account_id"] == "us-embassy"
    assert found["canary"]["stop_reason"] == "caught_up"
    assert found["canary"]["responses"] == {"ok": 1}


@pytest.mark.stack
def test_a_canary_that_can_not_be_read_says_that_weibo_changed(
    settings_for: Make, weibo: LittleWeibo, tmp_path: Path
) -> None:
    weibo.faults = {"profile"}
    complete, found = receipts(settings_for(canary_account=UID, canary_post="5000000000000000"), tmp_path / "feed")
    assert not complete
    assert found["comments"]["complete"], "nothing else of this run shows it"
    canary = found["canary"]
    assert not canary["complete"]
    assert "Weibo has changed" in canary["problems"][0]
    assert {missing["what"] for missing in canary["missing"]} == {
        "the canary's figures",
        "the canary's post 5000000000000000",
    }


def test_an_unknown_canary_is_one_sentence(tmp_path: Path) -> None:
    registry = load(Settings(home=tmp_path))
    assert canary_account(registry, UID).id == "us-embassy"
    with pytest.raises(UnknownAccountError, match="'atlantis' is not in the registry"):
        canary_account(registry, "atlantis")
    nameless = next(account for account in registry.accounts if account.uid is None)
    with pytest.raises(SettingsError, match=rf"crawl\.canary_account: no uid is known of {nameless.id}"):
        canary_account(registry, nameless.id)
