"""The demo's arithmetic: its moments, when it is complete, and how it is printed."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from rich.console import Console

from crawler.run import DeliveredReceipt
from deploy import demo as the_demo
from deploy.cli.demo import receipts, show
from deploy.demo import DAYS, PASSES, CatchUpError, Demo, catch_up, moments
from deploy.stack import topics

NOW = datetime(2017, 1, 1, 4, 59, 59, 999_000, tzinfo=UTC)


def receipt(account: str = "us-embassy", **fields: object) -> DeliveredReceipt:
    values = {
        "account_id": account, "observed_at": NOW, "cycle": "c", "spider": "embassy", "lane": "guest", "software": "w",
        "started_at": NOW, "planned": 8, "fetched": 7, "published": {"post.seen": 3, "engagement.sample": 4},
        "acknowledged": {"post.seen": 3, "engagement.sample": 4}, "responses": {"ok": 5, "end_of_list": 2},
        "stop_reason": "page_limit", "complete": True, "problems": (), "posts_reported": None,
        "posts_captured": 1_000, "comments_reported": None, "comments_captured": 20, "delivered": True,
    }  # fmt: skip
    return DeliveredReceipt.model_validate(values | fields)


@pytest.fixture
def demo() -> Demo:
    passes = [receipt(account) for _ in range(PASSES) for account in ("us-embassy", "fr-embassy")]
    return Demo(NOW, NOW + timedelta(days=DAYS), 2, receipts=passes, timings={"stack": 12.345, "pass 1": 3.0})


def test_the_passes_begin_at_the_next_full_hour_and_end_seven_days_later() -> None:
    first, *_, last = found = moments(NOW)
    assert len(found) == PASSES
    assert first == datetime(2017, 1, 1, 5, tzinfo=UTC)
    assert last - first == timedelta(days=DAYS)
    assert len({later - one for one, later in pairwise(found)}) == 1
    # At a full hour too: what is seen lies after what was set.
    assert moments(first)[0] == first + timedelta(hours=1)


@pytest.mark.parametrize("missing", [{"complete": False}, {"delivered": False}])
def test_it_is_complete_when_every_visit_of_every_pass_is(demo: Demo, missing: dict[str, bool]) -> None:
    assert demo.complete
    assert not replace(demo, receipts=[*demo.receipts[1:], receipt(**missing)]).complete
    assert not replace(demo, receipts=demo.receipts[1:]).complete
    assert not replace(demo, receipts=[]).complete


def test_the_document_says_that_the_content_is_generated(demo: Demo) -> None:
    document = demo.as_json()
    assert document["origin"] == "replica: generated content"
    assert document["complete"] is True
    assert (document["begin"], document["timings"]) == ("2017-01-01T04:59:59.999Z", {"stack": 12.35, "pass 1": 3.0})
    assert len(document["receipts"]) == 2 * PASSES
    assert document["receipts"][0]["delivered"] is True


def test_the_receipts_are_summed_up_pass_by_pass(demo: Demo) -> None:
    demo.receipts[0] = receipt(complete=False)
    console = Console(file=io.StringIO(), width=140)
    console.print(receipts(demo))
    lines = [line.split() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    passes = [line for line in lines if line and line[0].isdigit()]
    assert [line[:3] for line in passes] == [["1", "2", "1"], ["2", "2", "2"], ["3", "2", "2"]]
    assert passes[1][3:] == ["14", "2,000", "40", "14", "end_of_list", "4,", "ok", "10"]


@pytest.mark.parametrize(("stopped", "words"), [(True, "first: weiplomacy up"), (False, "try next:")])
def test_what_is_printed_says_what_it_is_and_what_to_try(demo: Demo, stopped: bool, words: str) -> None:
    console = Console(file=io.StringIO(), width=100)
    show(demo, console, stopped)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.startswith("replica: generated content\n")
    assert words in shown
    assert shown.count("weiplomacy ") >= 3


def test_a_loader_that_does_not_catch_up_is_told_with_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Admin:
        closed = False

        def close(self) -> None:
            self.closed = True

    admin, left = Admin(), iter([7, 5, 0])
    monkeypatch.setattr(the_demo, "POLL_S", 0)
    monkeypatch.setattr(topics, "wait_for_broker", lambda *_: admin)
    monkeypatch.setattr(topics, "lag", lambda *_: next(left))
    catch_up(["k:1"])
    assert admin.closed
    monkeypatch.setattr(the_demo, "CATCH_UP_S", -1)
    monkeypatch.setattr(topics, "lag", lambda *_: 7)
    with pytest.raises(CatchUpError, match="still lacks 7 messages"):
        catch_up(["k:1"])
