"""What a visit to an account makes of what its page did not load, and whom it asks for what its list misses."""

from datetime import UTC, datetime

import pytest
from scrapy.http import Request

from crawler.classify import ResponseClass
from crawler.memory.records import AccountMemory, PostMemory
from crawler.memory.walk import Walk
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


async def test_a_post_owes_its_lists_while_they_are_read() -> None:
    visit = Visit("us-embassy", "embassy", "1", "guest", datetime(2026, 11, 24, tzinfo=UTC))
    posts = [PostMemory(post_id=name, last_seen_at=visit.started_at, version="0" * 16) for name in ("1", "2", "3")]
    walk = Walk.of(AccountMemory(account_id="us-embassy", posts=tuple(posts)), 1, 1)
    visit.owed_lists |= {"1": True, "2": False}
    owing = [EmbassySpider()._owing(visit, walk, post).owes_lists for post in posts]
    assert owing == [True, False, False]
    assert [walk.known[post.post_id].owes_lists for post in posts] == owing
