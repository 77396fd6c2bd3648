"""What goes into quarantine, and that it can be read again."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.answers import Answer
from crawler.classify import ResponseClass, classify
from crawler.endpoints import Endpoint, hotflow_url, status_url, timeline_url
from crawler.parsing.context import Context, no_institutions
from crawler.people import Pseudonymiser
from crawler.quarantine import MOST_BYTES, cut, quarantined, saved_answer_of
from crawler.saved_answers import SavedAnswerError
from schemas.cloudevents import decode, encode
from schemas.software import SOFTWARE
from schemas.topics import QUARANTINE, topic_of

SEEN = datetime(2026, 11, 24, 4, tzinfo=UTC)
UID = "1669879400"


def context() -> Context:
    return Context(f"uid:{UID}", UID, None, SEEN, Pseudonymiser(b"k" * 32), no_institutions)


def answer(body: bytes, url: str = timeline_url(UID)) -> Answer:
    return Answer(url, 200, {}, body, SEEN)


def test_a_body_comes_back_as_an_answer_that_a_mended_parser_can_read(shared: Path) -> None:
    body = (shared / "weibo" / "m_getIndex_timeline_107603_2019.json").read_bytes()
    drifted = body.replace(b'"attitudes_count"', b'"like_total"')
    verdict = classify(answer(drifted), Endpoint.TIMELINE)
    assert verdict.response_class is ResponseClass.SCHEMA_DRIFT
    event = quarantined(answer(drifted), Endpoint.TIMELINE, verdict.response_class, verdict.reason, context())
    assert topic_of(event) is QUARANTINE
    message = encode(event, "urn:weiplomacy:live", SOFTWARE)
    assert decode(message.value, message.headers) == event
    again = saved_answer_of(event)
    assert (again.endpoint, again.answer.url, again.answer.observed_at) == ("timeline", timeline_url(UID), SEEN)
    assert classify(again.answer, again.endpoint).reason == verdict.reason
    # Mended: the new name is read as the old one.
    mended = answer(again.answer.body.replace(b'"like_total"', b'"attitudes_count"'))
    assert classify(mended, Endpoint.TIMELINE).response_class is ResponseClass.OK


def test_the_same_body_is_the_same_event() -> None:
    one, two = (
        quarantined(answer(b"<p>?</p>"), None, ResponseClass.SCHEMA_DRIFT, "what?", context()) for _ in range(2)
    )
    assert one == two
    assert one.event_id == two.event_id
    other = quarantined(answer(b"<i>?</i>"), None, ResponseClass.SCHEMA_DRIFT, "what?", context())
    assert other.event_id != one.event_id


@pytest.mark.parametrize(
    ("url", "endpoint", "post"),
    [
        (hotflow_url("4059000000000001"), "hotflow", "4059000000000001"),
        (status_url("4059000000000001"), "status", "4059000000000001"),
        (timeline_url(UID), "timeline", None),
        ("https://m.weibo.cn/elsewhere?id=x", "unknown", None),
        ("https://[broken", "unknown", None),
        ("x" * 5_000, "unknown", None),
    ],
)
def test_the_address_tells_endpoint_and_post(url: str, endpoint: str, post: str | None) -> None:
    event = quarantined(answer(b"?", url), None, ResponseClass.SCHEMA_DRIFT, "what?", context())
    assert (event.endpoint, event.post_id) == (endpoint, post)


@pytest.mark.parametrize("sign", ["今", "a", '"', "\n", "\\", "😀"])
def test_a_body_is_cut_so_that_the_topic_takes_it(sign: str) -> None:
    short = cut(sign * 3_000_000)
    written = len(json.dumps(short, ensure_ascii=False).encode())
    assert written <= MOST_BYTES
    assert written > 0.9 * min(MOST_BYTES, len(json.dumps(sign * 1_500_000, ensure_ascii=False).encode()))
    event = quarantined(answer((sign * 3_000_000).encode()), None, ResponseClass.SCHEMA_DRIFT, "what?", context())
    message = encode(event, "urn:weiplomacy:live", SOFTWARE)
    size = len(message.key) + len(message.value) + sum(len(name) + len(value) for name, value in message.headers)
    assert size < QUARANTINE.max_message_bytes


def test_an_endpoint_from_elsewhere_is_named() -> None:
    event = quarantined(answer(b"?", "https://x/"), None, ResponseClass.SCHEMA_DRIFT, "what?", context())
    with pytest.raises(SavedAnswerError, match="endpoint unknown"):
        saved_answer_of(event)
