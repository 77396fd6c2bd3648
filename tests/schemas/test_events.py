from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from schemas.event_fields import iso_milliseconds
from schemas.event_ids import content_version
from schemas.events import EVENT_MODELS, AccountSnapshot, AnyEvent, type_of
from tests.schemas.examples import (
    BEIJING,
    COMMENT,
    DEAD,
    EDITED,
    EXAMPLES,
    MISSING,
    MOMENT,
    POST,
    RECEIPT,
    REMOVED,
    SAMPLE,
    SNAPSHOT,
)

MICROSECOND = timedelta(microseconds=1)
NAMES = [event.name for event in EXAMPLES]


def test_there_is_an_example_of_each_type() -> None:
    assert tuple(type(event) for event in EXAMPLES) == EVENT_MODELS


@pytest.mark.parametrize("event", EXAMPLES, ids=NAMES)
def test_an_event_survives_json(event: AnyEvent) -> None:
    again = type(event).model_validate_json(event.model_dump_json())
    assert again == event
    assert (again.event_id, again.key) == (event.event_id, event.key)


@pytest.mark.parametrize("event", EXAMPLES, ids=NAMES)
def test_an_event_is_frozen_and_its_fields_are_documented(event: AnyEvent) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        event.observed_at = MOMENT
    undocumented = [
        name for name, field in type(event).model_fields.items() if name != "type" and not field.description
    ]
    assert undocumented == []


@pytest.mark.parametrize("event", EXAMPLES, ids=NAMES)
def test_readers_ignore_what_they_do_not_know(event: AnyEvent) -> None:
    newer = event.model_dump(mode="json") | {"added_later": {"deep": [1]}}
    assert type(event).model_validate(newer) == event


@pytest.mark.parametrize("event", EXAMPLES, ids=NAMES)
def test_a_type_is_its_name_and_version(event: AnyEvent) -> None:
    assert event.type == type_of(type(event)) == f"weiplomacy.{event.name}.v1"
    with pytest.raises(ValidationError):
        type(event).model_validate(event.model_dump() | {"type": "weiplomacy.other.v1"})


@pytest.mark.parametrize(
    ("event", "event_id", "key"),
    [
        (SNAPSHOT, "account:us-embassy:2017-01-02T03:04:05.678Z", "us-embassy"),
        (POST, "post:4059000000000001:0123456789abcdef", "us-embassy"),
        (EDITED, "post:4059000000000001:0123456789abcdef", "us-embassy"),
        (MISSING, "removal:4059000000000001:2017-01-02T03:04:05.678Z:missing", "us-embassy"),
        (REMOVED, "removal:4059000000000001:2017-01-02T03:04:05.678Z:deleted_by_author", "us-embassy"),
        (SAMPLE, "sample:4059000000000001:2017-01-02T03:04:05.678Z", "us-embassy"),
        (COMMENT, "comment:4059000000000009:fedcba9876543210", "4059000000000001"),
        (RECEIPT, "receipt:us-embassy:embassy:2017-01-02T03", "us-embassy"),
        (DEAD, "dead-letter:weibo.posts:3:42", "weibo.posts:3"),
    ],
    ids=lambda value: value.name if isinstance(value, BaseModel) else "",
)
def test_ids_and_keys_have_the_documented_forms(event: AnyEvent, event_id: str, key: str) -> None:
    assert (event.event_id, event.key) == (event_id, key)


def test_the_same_moment_in_another_zone_is_the_same_event() -> None:
    there = SNAPSHOT.model_copy(update={"observed_at": MOMENT.astimezone(BEIJING)})
    assert there.event_id == SNAPSHOT.event_id
    assert there.model_dump_json() == SNAPSHOT.model_dump_json()


def test_moments_are_written_in_utc_and_microseconds_are_cut() -> None:
    fine = SNAPSHOT.model_copy(update={"observed_at": datetime(2017, 1, 2, 11, 4, 5, 678_999, tzinfo=BEIJING)})
    assert fine.model_dump(mode="json")["observed_at"] == "2017-01-02T03:04:05.678Z"
    assert fine.event_id == SNAPSHOT.event_id


@given(
    st.integers(min_value=0, max_value=10**16).map(lambda us: datetime(1900, 1, 2, tzinfo=BEIJING) + us * MICROSECOND)
)
def test_a_written_moment_is_less_than_a_millisecond_behind(moment: datetime) -> None:
    behind = moment - datetime.fromisoformat(iso_milliseconds(moment))
    assert timedelta(0) <= behind < timedelta(milliseconds=1)


@pytest.mark.parametrize("event", EXAMPLES, ids=NAMES)
@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("2017-01-02T03:04:05", "timezone"),
        ("0001-01-01T00:00:00+14:00", "greater than or equal to 1900"),
        ("9999-12-31T23:59:59-14:00", "less than 2200"),
    ],
)
def test_moments_without_zone_or_out_of_bounds_are_refused(event: AnyEvent, moment: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        type(event).model_validate(event.model_dump() | {"observed_at": moment})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account_id", "US-Embassy"),
        ("account_id", ""),
        ("account_id", "us-embassy\n"),
        ("account_id", "a" * 65),
        ("uid", "17439x"),
        ("uid", "１２３"),
        ("uid", "1" * 20),
        ("screen_name", "x" * 2_001),
        ("followers", -1),
        ("followers", 2**53),
        ("verified_type", 2**31),
        ("printed_rank", 0),
        ("via", "a rumour; DROP TABLE"),
    ],
)
def test_hostile_values_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        AccountSnapshot.model_validate(SNAPSHOT.model_dump() | {field: value})


def test_null_is_not_zero() -> None:
    written: dict[str, Any] = SNAPSHOT.model_dump(mode="json")
    assert written["following"] == 0
    assert written["posts"] is None


PARTS = st.lists(st.text(max_size=5) | st.integers() | st.booleans() | st.none(), max_size=4)


@given(PARTS, PARTS)
def test_content_versions_tell_contents_apart(one: list[Any], other: list[Any]) -> None:
    def spelled(parts: list[Any]) -> list[str]:
        return ["\0none" if part is None else str(part) for part in parts]

    same = spelled(one) == spelled(other)
    assert (content_version(*one) == content_version(*other)) is same


def test_a_content_version_never_changes() -> None:
    assert content_version() == "e4a6a0577479b2b4"
    assert content_version("美国", 1, None, True) == "a5f218f79830c38b"
    assert content_version("\ud800") != content_version("?")
    assert content_version("ab", "c") != content_version("a", "bc")
