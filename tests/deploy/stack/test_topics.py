"""Topics on a real broker: made as declared, mended where they differ, refused where that is not possible."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.structs import OffsetAndMetadata, TopicPartition

from deploy.stack import topics
from deploy.stack.errors import KafkaUnreachableError, TopicError
from deploy.stack.topics import lag, make_topics, messages, wait_for_broker
from schemas.topics import POSTS, TOPICS
from tests.clickhouse_process import wait_until
from tests.kafka_process import KafkaProcess, free_port

OWN = replace(POSTS, name="weibo.test-topics", partitions=2)


@pytest.fixture
def admin(kafka: KafkaProcess) -> Iterator[KafkaAdminClient]:
    client = wait_for_broker(kafka.servers, 30)
    yield client
    client.close()


def config_becomes(admin: KafkaAdminClient, name: str, expected: dict[str, str]) -> None:
    """Wait until a topic is configured so: a broker hears a moment later what its controller has decided."""
    resource = ConfigResource(ConfigResourceType.TOPIC, name, configs=list(expected))

    def found() -> dict[str, str]:
        told = admin.describe_configs([resource], config_filter="all")["topic"][name]
        return {key: entry["value"] for key, entry in told.items()}

    wait_until(lambda: found() == expected)


def test_nobody_answers() -> None:
    with pytest.raises(KafkaUnreachableError, match=r"Kafka does not answer at 127\.0\.0\.1:\d+ \(tried .*UTC\)"):
        wait_for_broker([f"127.0.0.1:{free_port()}"], 0)


@pytest.mark.stack
def test_those_of_the_contract_are_there_and_stay_as_they_are(admin: KafkaAdminClient) -> None:
    assert make_topics(admin) == []
    for topic in TOPICS:
        config_becomes(admin, topic.name, topic.config())


@pytest.mark.stack
def test_an_altered_topic_is_mended_and_another_number_of_partitions_is_refused(admin: KafkaAdminClient) -> None:
    assert make_topics(admin, (OWN,)) == [OWN.name]
    altered = ConfigResource(ConfigResourceType.TOPIC, OWN.name, configs={"retention.ms": "1000"})
    admin.alter_configs([altered], raise_on_unknown=False)
    config_becomes(admin, OWN.name, OWN.config() | {"retention.ms": "1000"})
    assert make_topics(admin, (OWN,)) == []
    config_becomes(admin, OWN.name, OWN.config())
    with pytest.raises(TopicError, match=r"weibo\.test-topics has 2 partitions instead of 3.*WEIPLOMACY_HOME"):
        make_topics(admin, (replace(OWN, partitions=3),))
    with pytest.raises(TopicError, match=r"Kafka refuses the declared configuration of weibo\.test-topics: "):
        make_topics(admin, (replace(OWN, retention_ms=-7),))


class LateAdmin:
    """A real admin client whose broker tells of new topics later: that can't be had from a real one when it is wanted.

    After a topic was made, so many answers leave it out.
    """

    def __init__(self, admin: KafkaAdminClient, late: int) -> None:
        self._admin, self._late, self._made = admin, late, set[str]()
        self.answers = 0

    def create_topics(self, topics: list[Any]) -> Any:
        self._made |= {topic.name for topic in topics}
        return self._admin.create_topics(topics)

    def describe_topics(self) -> list[dict[str, Any]]:
        self.answers += bool(self._made)
        hidden = self._made if self.answers <= self._late else set()
        return [entry for entry in self._admin.describe_topics() if entry["name"] not in hidden]

    def alter_configs(self, *arguments: Any, **more: Any) -> Any:
        return self._admin.alter_configs(*arguments, **more)


@pytest.mark.stack
def test_a_new_topic_is_there_when_the_broker_tells_of_it(
    admin: KafkaAdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = LateAdmin(admin, 3)
    assert make_topics(late, (replace(OWN, name="weibo.test-late"),)) == ["weibo.test-late"]  # type: ignore[arg-type]
    assert late.answers == 4
    monkeypatch.setattr(topics, "LEADERS_S", 0.2)
    with pytest.raises(TopicError, match=r"accepted the topics weibo\.test-never and does not tell of them after"):
        make_topics(LateAdmin(admin, 1_000), (replace(OWN, name="weibo.test-never"),))  # type: ignore[arg-type]


@pytest.mark.stack
def test_lag_is_what_a_group_has_not_committed(kafka: KafkaProcess, admin: KafkaAdminClient) -> None:
    own = replace(OWN, name="weibo.test-lag")
    make_topics(admin, (own,))
    producer = KafkaProducer(bootstrap_servers=kafka.servers, acks="all")
    for number in range(5):
        producer.send(own.name, key=b"k", value=b"v", partition=number % 2)
    producer.close()
    consumer = KafkaConsumer(bootstrap_servers=kafka.servers, group_id="test-lag", enable_auto_commit=False)
    consumer.assign([TopicPartition(own.name, 0)])
    consumer.commit({TopicPartition(own.name, 0): OffsetAndMetadata(2, "", -1)})
    consumer.close()
    assert lag(admin, "test-lag", (own,)) == 3
    assert lag(admin, "test-lag-of-nobody", (own,)) == messages(admin, (own,)) == 5
