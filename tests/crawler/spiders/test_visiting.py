"""What a visit does with an answer: read it, ask again, fail by name, keep its body."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.http import Request

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict, classify
from crawler.endpoints import Endpoint, timeline_url
from crawler.field_coverage import FieldHistory
from crawler.items import Page
from crawler.memory.keeper import Keeper
from crawler.parsing.context import Context, no_institutions
from crawler.parsing.errors import DriftError
from crawler.parsing.timeline import parse_timeline
from crawler.people import Pseudonymiser
from crawler.receipts import Visit, Wanted
from crawler.spiders.threads import ThreadReading
from crawler.spiders.visiting import MOST_QUARANTINED, Output, VisitingSpider
from schemas.accounts import Account
from schemas.events import QuarantinedBody
from tests.crawler.test_classify import POST

SEEN = datetime(2026, 11, 24, tzinfo=UTC)
UID = "1743951792"
NEWEST = Wanted("timeline", "the newest posts")
GOOD = {"ok": 1, "data": {"cards": [POST], "cardlistInfo": {"since_id": 5}}}


class Reading(VisitingSpider):
    name = "reading"


@pytest.fixture
async def visit() -> Visit:
    return Visit("us-embassy", "reading", "c1", "guest", SEEN)


@pytest.fixture
def spider() -> Reading:
    """A spider without a crawl: only what reading an answer needs."""
    made = Reading()
    counted: Counter[str] = Counter()
    stats = SimpleNamespace(inc_value=lambda name, count=1: counted.update({name: count}), counted=counted)
    made.crawler = SimpleNamespace(stats=stats)  # type: ignore[assignment]
    account = Account(id="us-embassy", uid=UID, screen_name="美国驻华大使馆")
    made.registry = SimpleNamespace(by_id={"us-embassy": account}, by_uid={UID: account})  # type: ignore[assignment]
    made.people = Pseudonymiser(b"k" * 32)
    made.fields = FieldHistory()
    made.memory = Keeper()
    return made


def answer(body: Any, status: int = 200) -> tuple[Answer, Verdict]:
    found = Answer(timeline_url(UID), status, {}, json.dumps(body).encode(), SEEN)
    return found, classify(found, Endpoint.TIMELINE)


def read_nothing(visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
    return iter(())


def read_badly(visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
    raise DriftError("$.data", "is nothing that we know")


def read_partly(visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
    visit.fail(ResponseClass.SCHEMA_DRIFT, "timeline page 1: $.data.cards[3]: there is no author")
    yield from ()


def read_with_a_mistake(visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
    raise ZeroDivisionError("a mistake of ours")


def kept(outputs: list[Output]) -> list[QuarantinedBody]:
    events = [event for output in outputs if isinstance(output, Page) for event in output.events]
    return [event for event in events if isinstance(event, QuarantinedBody)]


async def test_a_good_answer_is_counted_field_by_field(spider: Reading, visit: Visit) -> None:
    assert list(spider.read(visit, *answer(GOOD), read_nothing, NEWEST)) == []
    stats: Any = spider.crawler.stats
    assert stats.counted["fields/timeline/attitudes_count/present"] == 1
    assert stats.counted["fields/timeline/source/absent"] == 1
    assert visit.responses == {"ok": 1}


async def test_an_account_that_was_read_before_is_known_to_parsing(spider: Reading, visit: Visit) -> None:
    found, _ = answer(GOOD)
    assert not spider.context(visit, found).known
    spider.memory.visited("us-embassy", SEEN, rendered=True)
    assert spider.context(visit, found).known


async def test_drift_is_kept_and_named(spider: Reading, visit: Visit) -> None:
    (event,) = kept(list(spider.read(visit, *answer({"ok": 7}), read_nothing, NEWEST)))
    assert (event.endpoint, event.account_id, event.reason) == ("timeline", "us-embassy", "ok is 7")
    (missing,) = visit.receipt(SEEN).missing
    assert (missing.what, missing.reason, missing.remedy) == ("the newest posts", "schema_drift", "operator")


async def test_a_page_says_the_lane_of_its_answer_and_not_the_one_that_the_visit_is_in_by_then(
    spider: Reading, visit: Visit
) -> None:
    found, verdict = answer({"ok": 7})
    (page,) = spider.read(visit, replace(found, lane="guest-2"), verdict, read_nothing, NEWEST)
    assert isinstance(page, Page)
    assert (visit.lane, page.lane) == ("guest", "guest-2")


@pytest.mark.parametrize("read", [read_badly, read_partly])
async def test_what_parsing_finds_is_kept_too(spider: Reading, visit: Visit, read: Any) -> None:
    assert len(kept(list(spider.read(visit, *answer(GOOD), read, NEWEST)))) == 1
    assert not visit.receipt(SEEN).complete


async def test_a_mistake_of_ours_keeps_the_body_and_is_not_hidden(spider: Reading, visit: Visit) -> None:
    outputs = spider.read(visit, *answer(GOOD), read_with_a_mistake, NEWEST)
    assert len(kept([next(outputs)])) == 1
    with pytest.raises(ZeroDivisionError):
        next(outputs)


async def test_a_visit_keeps_so_many_bodies_and_no_more(spider: Reading, visit: Visit) -> None:
    for _ in range(MOST_QUARANTINED + 3):
        for output in spider.read(visit, *answer({"ok": 7}), read_nothing, NEWEST):
            assert kept([output])
    assert visit.published["body.quarantined"] == MOST_QUARANTINED


@pytest.mark.parametrize(
    ("body", "status", "asks"),
    [
        ({"ok": 0, "msg": "这里还没有内容"}, 200, True),
        ({}, 432, True),
        ({"ok": -100}, 200, True),
        ({}, 502, True),
        ({}, 418, False),
        ({"ok": 0, "url": "https://m.weibo.cn/security"}, 200, False),
        ({"ok": 7}, 200, False),
    ],
)
async def test_what_the_browser_did_not_get_is_asked_for_plainly_once(
    spider: Reading, visit: Visit, body: Any, status: int, asks: bool
) -> None:
    outputs = list(spider.read(visit, *answer(body, status), read_nothing, NEWEST))
    assert [output.url for output in outputs if isinstance(output, Request)] == [timeline_url(UID)] * asks
    assert (visit.stop_reason is None) == asks
    plainly = list(spider.read(visit, *answer(body, status), read_nothing, NEWEST, is_plain=True))
    assert not [output for output in plainly if isinstance(output, Request)]
    assert visit.stop_reason is not None


async def test_posts_that_can_not_be_read_are_counted_beside_those_that_can(visit: Visit) -> None:
    nobodys = {"mblog": {**POST["mblog"], "user": {}}}
    data = {"ok": 1, "data": {"cards": [POST, nobodys, nobodys], "cardlistInfo": {"since_id": 5}}}
    context = Context("us-embassy", UID, None, SEEN, Pseudonymiser(b"k" * 32), no_institutions)
    page = parse_timeline(data, context)
    assert (len(page.posts), page.unreadable) == (1, 2)
    ThreadReading("any").count_problems(visit, page, 3)
    (missing,) = visit.receipt(SEEN).missing
    assert (missing.kind, missing.what, missing.count) == ("timeline", "posts of page 3 that can't be read", 2)
    assert (missing.reason, missing.remedy) == ("schema_drift", "operator")
    assert not visit.receipt(SEEN).complete
