from base64 import b64decode, b64encode
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from consumers.columns import SEEN, RefusedValueError, milliseconds, signed, unsigned
from consumers.dead_letters import KEY_BYTES, VALUE_BYTES, dead_letter
from consumers.decoding import Rejected, Row, read
from consumers.tables import DEAD_LETTERS as DEAD_LETTER_TABLE
from consumers.tables import ENGAGEMENT_SAMPLES, LANE_CHANGES, POSITION, TABLES, TABLES_BY_TOPIC
from consumers.tables import RECEIPTS as RECEIPT_TABLE
from schemas.cloudevents import encode
from schemas.events import EngagementSample, PostRemoved
from schemas.software import SOFTWARE
from schemas.topics import DEAD_LETTERS, LOADED, POSTS, RECEIPTS, SAMPLES
from tests.consumers.records import record, record_of
from tests.schemas.examples import RECEIPT

NOW = datetime(2024, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def sample(**fields):
    values = {
        "account_id": "a1", "observed_at": NOW, "post_id": "5", "created_at": None, "reposts": 1, "comments": None,
        "likes": {"value": 1_059_000, "low": 1_058_500, "high": 1_059_499, "precision": "rounded", "raw": "105.9万"},
        "views": {"value": 1_000_000, "low": 1_000_000, "high": None, "precision": "lower_bound", "raw": "100万+"},
        "via": "timeline",
    }  # fmt: skip
    return EngagementSample.model_validate(values | fields)


def columns(row: Row) -> dict[str, object]:
    return dict(zip(row.table.column_names[: -len(POSITION)], row.values, strict=True))


def test_every_event_has_one_table_and_every_topic_its_tables():
    loaded = sorted(event.name for topic in LOADED for event in topic.events)
    assert sorted(event.name for table in TABLES for event in table.events) == loaded
    assert all(TABLES_BY_TOPIC[topic.name] for topic in LOADED)


def test_a_sample_as_columns():
    row = read(record_of(sample()), SAMPLES)
    assert isinstance(row, Row)
    assert row.table is ENGAGEMENT_SAMPLES
    assert columns(row) == {
        "account_id": "a1", "post_id": 5, "observed_at": 1_704_164_645_678, "created_at": None,
        "reposts": 1, "reposts_below": 0, "reposts_above": 0, "reposts_raw": "",
        "comments": None, "comments_below": 0, "comments_above": 0, "comments_raw": "",
        "likes": 1_059_000, "likes_below": 500, "likes_above": 499, "likes_raw": "105.9万",
        "views": 1_000_000, "views_below": 0, "views_above": None, "views_raw": "100万+",
        "via": "timeline", "ce_source": "urn:weiplomacy:live", "software": SOFTWARE, "lane": "guest-1",
    }  # fmt: skip


def test_what_no_message_says_of_its_observer_is_empty():
    row = read(record(SAMPLES.name, record_of(sample()).value, [TYPE]), SAMPLES)
    assert isinstance(row, Row)
    assert [columns(row)[name] for name in ("ce_source", "software", "lane")] == ["", "", ""]


def test_an_event_that_says_itself_whose_it_is_says_it_once():
    for table in (RECEIPT_TABLE, LANE_CHANGES, DEAD_LETTER_TABLE):
        names = table.column_names
        assert len(names) == len(set(names))
        assert "software" in names
    row = read(record_of(RECEIPT, lane="another"), RECEIPTS)
    assert isinstance(row, Row)
    assert (columns(row)["lane"], columns(row)["ce_source"]) == (RECEIPT.lane, "urn:weiplomacy:live")


TYPE = ("ce_type", b"weiplomacy.engagement.sample.v1")


@pytest.mark.parametrize(
    ("value", "headers", "stage", "reason"),
    [
        (b"nope", [TYPE], "decode", "not_json"),
        (None, [TYPE], "decode", "not_json"),
        (b"\xff\xfe", [TYPE], "decode", "not_json"),
        (b"{}", [TYPE], "validate", "invalid"),
        (b"{}", [], "decode", "unknown_type"),
        (b"{}", [("ce_type", b"\xff")], "decode", "unknown_type"),
        (b"{}", [("ce_type", b"weiplomacy.engagement.sample.v2")], "decode", "newer_contract"),
        (b" " * (SAMPLES.max_message_bytes + 1), [TYPE], "decode", "too_large"),
    ],
)
def test_what_is_wrong_with_a_message_has_a_stage_and_a_name(value, headers, stage, reason):
    rejected = read(record(SAMPLES.name, value, headers), SAMPLES)
    assert isinstance(rejected, Rejected)
    assert (rejected.stage, rejected.reason) == (stage, reason)
    assert rejected.detail


def test_what_no_column_can_hold_is_rejected_alone():
    rejected = read(record_of(sample(observed_at=datetime(1969, 1, 1, tzinfo=UTC))), SAMPLES)
    assert isinstance(rejected, Rejected)
    assert (rejected.stage, rejected.reason) == ("encode", "invalid")


@pytest.mark.parametrize(
    "refused",
    [
        lambda: milliseconds(datetime(1899, 12, 31, tzinfo=UTC)),
        lambda: milliseconds(datetime(1969, 12, 31, tzinfo=UTC), SEEN),
        lambda: milliseconds(datetime(2106, 1, 1, tzinfo=UTC), SEEN),
        lambda: milliseconds(datetime(2300, 1, 1, tzinfo=UTC)),
        lambda: unsigned(1 << 64, 64),
        lambda: unsigned(-1, 64),
        lambda: signed(1 << 31),
    ],
)
def test_values_beyond_a_column_are_refused_by_name(refused):
    with pytest.raises(RefusedValueError):
        refused()


def test_moments_are_whole_milliseconds_whatever_their_zone():
    moment = datetime(2024, 1, 1, 8, 0, 0, 1_999, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert milliseconds(moment) == 1_704_067_200_001


def test_an_event_in_a_topic_of_others_is_rejected():
    rejected = read(record_of(sample()), POSTS)
    assert isinstance(rejected, Rejected)
    assert rejected.detail == "weiplomacy.engagement.sample.v1 does not belong to the topic weibo.posts"


def test_a_dead_letter_keeps_bytes_position_and_reason_and_fits_its_table():
    rejected = read(record(SAMPLES.name, b"\x00\xff", [TYPE, ("x", None)], offset=7, partition=3), SAMPLES)
    assert isinstance(rejected, Rejected)
    letter = dead_letter(rejected, NOW)
    assert (letter.topic, letter.partition, letter.offset) == (SAMPLES.name, 3, 7)
    assert (letter.message_value, letter.message_key) == ("AP8=", "aw==")
    assert letter.message_headers[1] == ("x", None)
    assert letter.event_id == "dead-letter:weibo.engagement:3:7"
    row = read(record_of(letter), DEAD_LETTERS)
    assert isinstance(row, Row)
    assert columns(row)["message_header_values"][1] is None


@pytest.mark.parametrize(
    ("value", "key", "headers"),
    [
        (b"0" * (3 * DEAD_LETTERS.max_message_bytes), b"k", [TYPE]),
        (b"nope", b"0" * (2 * DEAD_LETTERS.max_message_bytes), [TYPE]),
        (b"nope", b"k", [TYPE, ("x", b"0" * (2 * DEAD_LETTERS.max_message_bytes))]),
        (b"nope", b"k", [TYPE, *(("\x00" * 9, b"") for _ in range(DEAD_LETTERS.max_message_bytes // 40))]),
        (b"\xff" * VALUE_BYTES, b"\xff" * KEY_BYTES, [TYPE, ("x", b"0" * 60_000)]),
    ],
)
def test_a_dead_letter_of_any_original_fits_its_topic(value, key, headers):
    rejected = read(record(POSTS.name, value, headers, key=key), POSTS)
    assert isinstance(rejected, Rejected)
    letter = dead_letter(rejected, NOW)
    message = encode(letter, "urn:weiplomacy:live", SOFTWARE)
    assert len(message.key) + len(message.value) < DEAD_LETTERS.max_message_bytes
    assert value.startswith(b64decode(letter.message_value or ""))
    assert letter.message_headers[0] == (TYPE[0], b64encode(TYPE[1]).decode())
    whole = letter.message_value == b64encode(value).decode() and letter.message_key == b64encode(key).decode()
    whole = whole and len(letter.message_headers) == len(headers)
    assert ("too large to be kept whole" in letter.detail) is not whole
    assert isinstance(read(record_of(letter), DEAD_LETTERS), Row)


def test_a_removal_goes_beside_the_posts():
    removal = PostRemoved(account_id="a", observed_at=NOW, post_id="5", removal="hidden", first_missing_at=NOW)
    row = read(record_of(removal), POSTS)
    assert isinstance(row, Row)
    assert row.table.name == "post_removals"
