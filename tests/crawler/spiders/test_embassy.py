"""What a visit to an account makes of what its page did not load, and whom it asks for what its list misses."""

from datetime import UTC, datetime

import pytest
from scrapy.http import Request

from crawler.classify import ResponseClass
from crawler.receipts import Visit
from crawler.spiders.embassy import EmbassySpider, last_refusal
from schemas.events import MissingKind


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ((), ResponseClass.NETWORK_ERROR),
        ((ResponseClass.OK,), ResponseClass.NETWORK_ERROR),
        ((ResponseClass.BLOCKED, ResponseClass.OK), ResponseClass.BLOCKED),
        ((ResponseClass.VISITOR_GATE, ResponseClass.CHALLENGE), ResponseClass.CHALLENGE),
    ],
)
async def test_nothing_is_missing_because_an_answer_was_good(
    answers: tuple[ResponseClass, ...], reason: ResponseClass
) -> None:
    visit = Visit("us-embassy", "embassy", "1", "guest", datetime(2026, 11, 24, tzinfo=UTC))
    for answer in answers:
        visit.answered(answer)
    assert last_refusal(visit) is reason


@pytest.mark.parametrize(("kind", "elsewhere"), [("confirmation", True), ("long_text", False)])
async def test_a_confirmation_had_better_come_from_another_session(kind: MissingKind, elsewhere: bool) -> None:
    visit = Visit("us-embassy", "embassy", "1", "guest", datetime(2026, 11, 24, tzinfo=UTC))
    request = EmbassySpider()._single(visit, "4058868600000000", kind)
    assert isinstance(request, Request)
    assert request.meta["elsewhere"] is elsewhere
    assert [(one.kind, one.what) for one in visit.open] == [(kind, "4058868600000000")]
