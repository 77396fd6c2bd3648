"""What follows from each class: complete, in step with the documentation, and never a harder knock."""

import typing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.consequences import (
    CONSEQUENCES,
    LONGEST_PAUSE,
    PAUSES,
    Remedy,
    Retry,
    as_markdown,
    first_pause,
    retry_after,
    told_pause,
)
from crawler.receipts import BLOCKS, PEACEFUL, Visit, Wanted
from crawler.signals import BESIDE_THE_TABLE, SIGNALS, ResponseClass
from crawler.spiders.visiting import READABLE

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "crawling.md"


def test_every_class_of_the_design_has_its_row() -> None:
    of_the_design = """
        ok, end of list, suspiciously empty, login required, visitor gate, challenge, blocked, not found, removed,
        account gone, wrong account, robots, schema drift, network error
    """
    names = {name.strip().replace(" ", "_") for name in of_the_design.split(",")}
    assert {response_class.value for response_class in ResponseClass} == names
    assert set(CONSEQUENCES) == set(ResponseClass)


def test_every_class_is_decided_by_something_and_every_signal_leads_to_a_row() -> None:
    assert {signal.response_class for signal in SIGNALS} | set(BESIDE_THE_TABLE) == set(ResponseClass)
    assert all(signal.response_class in CONSEQUENCES for signal in SIGNALS)
    assert set(PAUSES) <= {signal.name for signal in SIGNALS}


def test_the_documentation_has_the_table_as_it_is() -> None:
    written = DOCS.read_text(encoding="utf-8")
    assert as_markdown() in written, (
        "docs/crawling.md is out of step: paste what crawler.consequences.as_markdown() says"
    )
    for signal in SIGNALS:
        assert f"`{signal.name}`" in written


@pytest.mark.parametrize("response_class", ResponseClass)
def test_a_row_does_not_contradict_itself(response_class: ResponseClass) -> None:
    row = CONSEQUENCES[response_class]
    assert row.is_read == (response_class in READABLE)
    assert row.is_read == (row.remedy == "none")
    assert (row.retry is Retry.NO) == (row.tries == 1)
    assert row.tries <= 3
    assert row.remedy in typing.get_args(Remedy)
    assert row.ends_list <= row.is_read
    assert row.quarantine == (response_class is ResponseClass.SCHEMA_DRIFT)
    assert row.says.endswith(".")
    if row.remedy == "operator":
        assert row.tells_operator


def test_what_refuses_us_is_not_asked_again_by_the_same_session() -> None:
    assert all(CONSEQUENCES[name].retry is not Retry.HERE for name in BLOCKS)
    for name in (ResponseClass.CHALLENGE, ResponseClass.BLOCKED):
        assert CONSEQUENCES[name].retry is Retry.LATER
        assert first_pause(name, "shape")


@pytest.mark.parametrize("response_class", [name for name in ResponseClass if name not in READABLE])
async def test_nothing_but_what_is_read_ends_a_crawl_as_a_success(response_class: ResponseClass) -> None:
    visit = Visit("us-embassy", "embassy", "c1", "guest", NOW)
    visit.stop("end_of_list")
    visit.fail(response_class, "no", Wanted("timeline", "page 2"))
    receipt = visit.receipt(NOW)
    assert not receipt.complete
    assert receipt.stop_reason not in PEACEFUL
    assert receipt.missing[0].reason == response_class.value
    assert receipt.missing[0].remedy == CONSEQUENCES[response_class].remedy


def test_a_pause_is_what_retry_after_says() -> None:
    def pause(value: str, **headers: str) -> timedelta | None:
        return told_pause(ResponseClass.BLOCKED, {"retry-after": value, **headers}, NOW)

    assert pause("7") == timedelta(seconds=7)
    assert pause(" 0 ") == timedelta()
    assert pause("Tue, 24 Nov 2026 12:00:30 GMT") == timedelta(seconds=30)
    assert pause("Tue, 24 Nov 2026 11:00:00 GMT") == timedelta()
    assert pause("999999999") == LONGEST_PAUSE
    for nothing in ("", "soon", "-1", "1.5", "9" * 30):
        assert pause(nothing) is None
    # A clock that goes wrong, theirs or ours, does not matter where they say what time it is for them.
    assert pause("Fri, 02 Jan 2026 00:02:00 GMT", date="Fri, 02 Jan 2026 00:00:30 GMT") == timedelta(seconds=90)


def test_a_pause_that_nobody_dictates_is_that_of_the_signal_or_of_its_class() -> None:
    assert first_pause(ResponseClass.BLOCKED, "status_429") == PAUSES["status_429"]
    assert first_pause(ResponseClass.BLOCKED, "status_418") == CONSEQUENCES[ResponseClass.BLOCKED].pause
    assert first_pause(ResponseClass.CHALLENGE, "captcha_panel") == timedelta(minutes=30)
    assert first_pause(ResponseClass.NETWORK_ERROR, "server_error") is None


def test_only_a_refusal_by_rate_obeys_retry_after() -> None:
    headers = {"retry-after": "1"}
    assert told_pause(ResponseClass.CHALLENGE, headers, NOW) is None
    assert told_pause(ResponseClass.NETWORK_ERROR, headers, NOW) is None


@given(st.text())
def test_no_retry_after_is_too_odd(text: str) -> None:
    found = retry_after({"retry-after": text}, NOW)
    assert found is None or found >= timedelta()
