"""What a visit to an account's page makes of what the page did not load."""

from datetime import UTC, datetime

import pytest

from crawler.classify import ResponseClass
from crawler.receipts import Visit
from crawler.spiders.embassy import last_refusal


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
