"""What a visit counts up, and the receipt that comes of it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from crawler.classify import ResponseClass
from crawler.publishing import Outcome
from crawler.receipts import BY_SETTING, MOST_MISSING, MOST_PROBLEMS, Visit, Wanted
from schemas.events import AccountSnapshot

NOW = datetime(2017, 1, 2, tzinfo=UTC)


async def visit() -> Visit:
    return Visit("us-embassy", "embassy", "c1", "guest", NOW)


def snapshot() -> AccountSnapshot:
    return AccountSnapshot(account_id="us-embassy", observed_at=NOW, via="profile")


def acknowledged() -> Outcome:
    return Outcome(Counter({"account.snapshot": 1}), Counter({"account.snapshot": 1}))


async def test_a_visit_is_complete_when_it_ended_in_peace_and_all_is_acknowledged() -> None:
    one = await visit()
    one.request_planned(Wanted("visit", "the rendered page"), answers=2)
    one.answered(ResponseClass.OK)
    one.answered(ResponseClass.END_OF_LIST)
    one.page("profile", [snapshot()], lane="guest")
    one.page_settled(acknowledged())
    one.stop("end_of_list")
    receipt = one.receipt(NOW)
    assert receipt.complete
    assert (receipt.planned, receipt.fetched) == (2, 2)
    assert receipt.responses == {"ok": 1, "end_of_list": 1}
    assert receipt.acknowledged == receipt.published == {"account.snapshot": 1}
    assert receipt.event_id == "receipt:us-embassy:embassy:c1"


async def test_what_kafka_did_not_acknowledge_makes_it_incomplete_by_name() -> None:
    one = await visit()
    one.stop("end_of_list")
    one.page("profile", [snapshot()], lane="guest")
    one.page_settled(Outcome(Counter({"account.snapshot": 1}), Counter(), ["profile of us-embassy: frozen"]))
    receipt = one.receipt(NOW)
    assert not receipt.complete
    assert receipt.stop_reason == "failed"
    assert receipt.problems == ("profile of us-embassy: frozen",)
    assert receipt.acknowledged == {}


async def test_a_peaceful_end_never_covers_up_a_block() -> None:
    one = await visit()
    one.fail(ResponseClass.BLOCKED, "blocked: status 418")
    one.stop("end_of_list")
    assert one.receipt(NOW).stop_reason == "blocked"
    assert not one.receipt(NOW).complete


async def test_a_failure_takes_the_place_of_a_peaceful_end() -> None:
    one = await visit()
    one.stop("page_limit")
    one.fail(ResponseClass.SCHEMA_DRIFT, "long text: what?")
    assert one.receipt(NOW).stop_reason == "failed"


async def test_a_stranger_is_a_reason_of_its_own() -> None:
    one = await visit()
    one.fail(ResponseClass.WRONG_ACCOUNT, "someone else")
    assert one.receipt(NOW).stop_reason == "wrong_account"


async def test_requests_without_an_answer_are_not_fetched() -> None:
    one = await visit()
    one.request_planned(Wanted("long_text", "1"))
    one.unanswered(ResponseClass.NETWORK_ERROR)
    assert one.receipt(NOW).fetched == 0
    assert one.receipt(NOW).responses == {"network_error": 1}


async def test_a_visit_waits_until_its_last_page_is_settled() -> None:
    one = await visit()
    await one.pages_settled()
    one.page("profile", [snapshot()], lane="guest")
    waiting = asyncio.create_task(one.pages_settled())
    await asyncio.sleep(0)
    assert not waiting.done()
    one.page_settled(acknowledged())
    await waiting


async def test_a_visit_without_a_reason_was_interrupted() -> None:
    assert (await visit()).receipt(NOW).stop_reason == "interrupted"


async def test_many_problems_are_bounded_and_counted() -> None:
    one = await visit()
    for number in range(100):
        one.fail(ResponseClass.SCHEMA_DRIFT, f"problem {number}\nwith a second line")
    problems = one.receipt(NOW).problems
    assert len(problems) == MOST_PROBLEMS
    assert problems[0] == "problem 0 with a second line"
    assert problems[-1] == "and 81 more"


async def test_what_is_missing_is_named_with_its_reason_and_makes_a_hole() -> None:
    one = await visit()
    one.stop("end_of_list")
    one.fail(ResponseClass.BLOCKED, "blocked: status 418", Wanted("long_text", "4059000000000001"))
    (missing,) = one.receipt(NOW).missing
    assert (missing.kind, missing.what, missing.reason, missing.remedy) == (
        "long_text",
        "4059000000000001",
        "blocked",
        "next_visit",
    )


async def test_what_a_setting_leaves_out_is_named_and_no_hole() -> None:
    one = await visit()
    one.stop("page_limit")
    one.miss(Wanted("comments", "hot comments of 1"), BY_SETTING, count=40)
    receipt = one.receipt(NOW)
    assert receipt.complete
    assert receipt.missing[0].count == 40
    one.miss(Wanted("replies", "thread 2 of 1"), "budget")
    assert not one.receipt(NOW).complete


async def test_what_is_open_when_the_run_stops_is_missing_by_name() -> None:
    one = await visit()
    one.request_planned(Wanted("timeline", "page 2"))
    one.request_planned(Wanted("long_text", "7"))
    one.request_ended(Wanted("timeline", "page 2"))
    one.interrupt("stopped")
    assert [(missing.what, missing.reason) for missing in one.receipt(NOW).missing] == [("7", "interrupted")]


async def test_very_much_that_is_missing_is_counted_and_not_dropped() -> None:
    one = await visit()
    for number in range(MOST_MISSING + 70):
        one.miss(Wanted("long_text", str(number)), "blocked")
    missing = one.receipt(NOW).missing
    assert len(missing) == MOST_MISSING + 1
    assert sum(entry.count or 1 for entry in missing) == MOST_MISSING + 70
