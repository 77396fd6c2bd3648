"""Every answer says what it is, when it came, and by which lane."""

from datetime import UTC, datetime

from scrapy.http import Request, TextResponse

from crawler.classify import ResponseClass
from crawler.endpoints import Endpoint, timeline_url
from crawler.middlewares.classification import ClassificationMiddleware

NOW = datetime(2017, 1, 2, tzinfo=UTC)
URL = timeline_url("1743951792")


class Clock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


def test_an_answer_keeps_the_lane_that_it_came_by() -> None:
    middleware = ClassificationMiddleware(Clock())  # type: ignore[arg-type]
    request = Request(URL, meta={"endpoint": Endpoint.TIMELINE, "lane": "guest-2"})
    middleware.process_response(request, TextResponse(URL, body=b'{"ok": 7}'))
    answer = request.meta["answer"]
    assert (answer.lane, answer.observed_at) == ("guest-2", NOW)
    assert request.meta["verdict"].response_class is ResponseClass.SCHEMA_DRIFT
