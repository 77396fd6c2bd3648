"""Classifies every answer before any callback may read it."""

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from crawler.answers import Answer
from crawler.classify import classify
from schemas.clock import Clock, clock_of


class ClassificationMiddleware:
    """Puts `answer` and `verdict` into the meta of a request that names its `endpoint`.

    It stands above Scrapy's decompression and below everything that may act on a verdict. A rendered page is left
    alone: what it loaded is in its capture.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ClassificationMiddleware":
        """Built by Scrapy."""
        return cls(clock_of(crawler.settings["WEIPLOMACY"].clock_file))

    def process_response(self, request: Request, response: Response) -> Response:
        """Classify the answer at the moment when it arrived."""
        endpoint = request.meta.get("endpoint")
        if endpoint is not None and "capture" not in request.meta:
            headers = {
                name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
                for name, values in response.headers.items()
            }
            lane = request.meta.get("lane")
            answer = Answer(response.url, response.status, headers, response.body, self._clock.now(), lane)
            request.meta["answer"] = answer
            request.meta["verdict"] = classify(answer, endpoint)
        return response
