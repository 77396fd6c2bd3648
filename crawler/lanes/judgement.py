"""What an answer says of the lane that it came by. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict, classify
from crawler.endpoints import Endpoint
from crawler.lanes.health import GOOD, LOST, REFUSED


@dataclass(frozen=True, slots=True)
class Judgement:
    """The class of an answer, why, and how long it asks to wait; None: it does not say."""

    response_class: ResponseClass
    reason: str
    retry_after: timedelta | None = None


def of_answer(answer: Answer, verdict: Verdict) -> Judgement:
    """Of an answer to a plain request."""
    return Judgement(verdict.response_class, verdict.reason, retry_after_of(answer.headers, answer.observed_at))


def of_page(page: Answer, loaded: Sequence[tuple[Endpoint, Answer]]) -> Judgement:
    """Of a rendered page: by what it loaded, the last answer of each endpoint; where it loaded nothing, by itself."""
    judged = [of_answer(answer, classify(answer, endpoint)) for endpoint, answer in dict(loaded).items()]
    refusals = (one for one in judged if one.response_class in LOST | REFUSED)
    good = (one for one in judged if one.response_class in GOOD)
    fallback = judged[0] if judged else of_answer(page, classify(page, Endpoint.PAGE))
    return next(refusals, next(good, fallback))


def retry_after_of(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What the header Retry-After says, in seconds or as a date; None where it says nothing that can be read.

    A date counts from the header Date, which is of the same clock. Names of headers are in lower case.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text), 10**9)) if len(text) < 20 else None
    until = _date(text)
    if until is None:
        return None
    return max(until - (_date(headers.get("date", "")) or now), timedelta(0))


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
