"""Topics on a real broker: made as declared, mended where they differ, refused where that is not possible."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.structs import OffsetAndMetadata, TopicPartition

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
