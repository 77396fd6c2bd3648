"""What an answer says of the lane that it came by. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict, classify
from crawler.consequences import first_pause, told_pause
from crawler.endpoints import Endpoint
from crawler.lanes.health import GOOD, LOST, REFUSED


@dataclass(frozen=True, slots=True)
class Judgement:
    """The class of an answer, and why.

    `retry_after` is how long it asks the lane to wait, None where it does not say; `pause` is how long the lane waits
    in that case, the first time, by the table of crawler.consequences.
    """

    response_class: ResponseClass
    reason: str
    retry_after: timedelta | None = None
    pause: timedelta | None = None


def of_answer(answer: Answer, verdict: Verdict) -> Judgement:
    """Of an answer to a plain request."""
    response_class = verdict.response_class
    told = told_pause(response_class, answer.headers, answer.observed_at)
    return Judgement(response_class, verdict.reason, told, first_pause(response_class, verdict.signal))


def of_page(page: Answer, loaded: Sequence[tuple[Endpoint, Answer]]) -> Judgement:
    """Of a rendered page: by what it loaded, the last answer of each endpoint; where it loaded nothing, by itself."""
    judged = [of_answer(answer, classify(answer, endpoint)) for endpoint, answer in dict(loaded).items()]
    refusals = (one for one in judged if one.response_class in LOST | REFUSED)
    good = (one for one in judged if one.response_class in GOOD)
    fallback = judged[0] if judged else of_answer(page, classify(page, Endpoint.PAGE))
    return next(refusals, next(good, fallback))
