import json
import re

import pytest

from schemas.cloudevents import (
    InvalidEventError,
    NewerContractError,
    NotJsonError,
    UnknownTypeError,
    attributes,
    decode,
    encode,
    header,
)
from schemas.errors import ContractError
from schemas.events import AnyEvent
from schemas.software import SOFTWARE
from tests.schemas.examples import EXAMPLES, SAMPLE

MESSAGE = encode(SAMPLE, "urn:weiplomacy:replica", SOFTWARE)


@pytest.mark.parametrize("event", EXAMPLES, ids=[event.name for event in EXAMPLES])
def test_an_event_survives_the_way_through_kafka(event: AnyEvent) -> None:
    message = encode(event, "urn:weiplomacy:live", SOFTWARE)
    assert decode(message.value, message.headers) == event
    assert message.key.decode() == event.key


def test_headers_are_those_of_the_binding() -> None:
    assert MESSAGE.headers == [
        ("ce_specversion", b"1.0"),
        ("ce_type", b"weiplomacy.engagement.sample.v1"),
        ("ce_id", b"sample:4059000000000001:2017-01-02T03:04:05.678Z"),
        ("ce_source", b"urn:weiplomacy:replica"),
        ("ce_time", b"2017-01-02T03:04:05.678Z"),
        ("ce_software", SOFTWARE.encode()),
        ("content-type", b"application/json"),
    ]
    assert re.fullmatch(r"weiplomacy/[0-9.]+", SOFTWARE)
    assert json.loads(MESSAGE.value)["account_id"] == "us-embassy"


def test_who_saw_an_event_is_read_from_its_headers() -> None:
    message = encode(SAMPLE, "urn:weiplomacy:live", "weiplomacy/9", "通道 1")
    assert attributes(message.headers) == (SAMPLE.type, ("urn:weiplomacy:live", "weiplomacy/9", "通道 1"))
    assert attributes(MESSAGE.headers)[1].lane == ""


@pytest.mark.parametrize("lane", [None, b"\xff", b""])
def test_a_message_that_does_not_say_it_is_read_as_before(lane: bytes | None) -> None:
    said = [("ce_type", SAMPLE.type.encode()), ("ce_lane", lane), ("ce_type", b"another")]
    assert attributes(said) == (SAMPLE.type, ("", "", "" if not lane else "\ufffd"))
    assert decode(MESSAGE.value, said) == SAMPLE


def test_a_header_is_text_or_missing() -> None:
    headers = [("empty", None), ("broken", b"\xff"), ("twice", b"1"), ("twice", b"2")]
    assert header(headers, "empty") is None
    assert header(headers, "absent") is None
    assert header(headers, "broken") == "\ufffd"
    assert header(headers, "twice") == "1"


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (None, NotJsonError, "no value"),
        (b"", NotJsonError, "not JSON"),
        (b"\xff\xfe", NotJsonError, "not JSON"),
        (b'{"account_id": "us', NotJsonError, "not JSON"),
        (b"[" * 100_000, NotJsonError, "not JSON"),
        (b"[]", InvalidEventError, "the whole"),
        (b"null", InvalidEventError, "the whole"),
        (b"{}", InvalidEventError, "account_id: .* 7 more"),
        (MESSAGE.value.replace(b"us-embassy", b"US Embassy"), InvalidEventError, "account_id: "),
        (MESSAGE.value.replace(b'"low":1058500', b'"low":9058500'), InvalidEventError, "comments"),
        (MESSAGE.value.replace(b"sample.v1", b"sample.v2"), InvalidEventError, "type: "),
    ],
)
def test_a_value_that_is_no_event_has_a_named_error(
    value: bytes | None, error: type[ContractError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        decode(value, MESSAGE.headers)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (None, UnknownTypeError),
        (b"", UnknownTypeError),
        (b"\xff", UnknownTypeError),
        (b"com.example.thing", UnknownTypeError),
        (b"weiplomacy.engagement.sample", UnknownTypeError),
        (b"weiplomacy.engagement.sample.vX", UnknownTypeError),
        (b"weiplomacy.engagement.sample.v2", NewerContractError),
        (b"weiplomacy.engagement.sample.v10", NewerContractError),
    ],
)
def test_an_unknown_type_is_told_from_a_newer_one(kind: bytes | None, error: type[ContractError]) -> None:
    with pytest.raises(error) as caught:
        decode(MESSAGE.value, [("ce_type", kind)])
    assert type(caught.value) is error


def test_a_message_without_headers_has_no_type() -> None:
    with pytest.raises(UnknownTypeError, match="no header ce_type"):
        decode(MESSAGE.value, [])


def test_an_explanation_does_not_repeat_the_input() -> None:
    secret = MESSAGE.value.replace(b"us-embassy", b"Name of a person")
    with pytest.raises(InvalidEventError) as caught:
        decode(secret, MESSAGE.headers)
    assert "person" not in str(caught.value)
