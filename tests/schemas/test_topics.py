import pytest

from schemas.events import EVENT_MODELS
from schemas.topics import (
    ALERT_STATE,
    ALERTS,
    DEAD_LETTERS,
    DELIVERIES,
    LANES,
    LOADED,
    MEMORY,
    SENDER_STATE,
    STORY_PARTITIONS,
    TOPICS,
    Topic,
    topic_of,
)
from tests.schemas.examples import EXAMPLES


def test_every_event_has_exactly_one_topic() -> None:
    declared = [model for topic in TOPICS for model in topic.events]
    assert sorted(model.name for model in declared) == sorted(model.name for model in EVENT_MODELS)
    for event in EXAMPLES:
        assert type(event) in topic_of(event).events


def test_names_are_unique() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


def test_topics_of_one_story_share_their_partitions() -> None:
    others = (LANES, ALERTS, ALERT_STATE, DELIVERIES, SENDER_STATE, DEAD_LETTERS)
    assert {topic.partitions for topic in TOPICS if topic not in others} == {STORY_PARTITIONS}


def test_memory_keeps_the_newest_record_of_each_account_for_ever() -> None:
    assert (MEMORY.config()["cleanup.policy"], MEMORY.config()["retention.ms"]) == ("compact", "-1")
    assert MEMORY not in LOADED


@pytest.mark.parametrize("topic", [ALERT_STATE, SENDER_STATE])
def test_what_is_remembered_is_compacted_while_it_is_written(topic: Topic) -> None:
    config = topic.config()
    assert (config["cleanup.policy"], config["retention.ms"]) == ("compact", "-1")
    assert int(config["segment.bytes"]) <= 128 * 2**20, "the open segment is never compacted"
    assert topic not in LOADED


def test_a_dead_letter_has_room_for_the_largest_message_in_base64() -> None:
    largest = max(topic.max_message_bytes for topic in LOADED if topic is not DEAD_LETTERS)
    assert DEAD_LETTERS.max_message_bytes >= largest * 4 / 3 + 100_000


def test_a_configuration_is_in_kafkas_own_words() -> None:
    for topic in TOPICS:
        config = topic.config()
        assert config["message.timestamp.type"] == "LogAppendTime"
        assert int(config["retention.ms"]) == -1 or int(config["retention.ms"]) > 0
        assert all(isinstance(value, str) for value in config.values())
