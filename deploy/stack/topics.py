"""Topics as they are declared: created where they are missing, altered where they differ."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import TopicPartition

from deploy.stack.errors import KafkaUnreachableError, TopicError
from schemas.clock import machine_time
from schemas.errors import tried
from schemas.topics import LOADED, TOPICS, Topic

POLL_S = 0.25
#: So long, in seconds, a topic that was accepted may take until the broker tells of it.
LEADERS_S = 30.0


def wait_for_broker(servers: list[str], timeout_s: float) -> KafkaAdminClient:
    """An admin client as soon as a broker answers. Raises KafkaUnreachableError after `timeout_s` seconds."""
    began, began_at = time.monotonic(), machine_time()
    while True:
        try:
            return KafkaAdminClient(bootstrap_servers=servers, bootstrap_timeout_ms=2_000)
        except KafkaError as error:
            if time.monotonic() - began > timeout_s:
                raise KafkaUnreachableError(
                    f"Kafka does not answer at {','.join(servers)} ({tried(began_at, machine_time())}): "
                    "`weiplomacy logs kafka` shows what it wrote, the setting kafka.bootstrap_servers says where it is"
                ) from error
            time.sleep(POLL_S)


def make_topics(admin: KafkaAdminClient, topics: tuple[Topic, ...] = TOPICS) -> list[str]:
    """Create the topics that are missing and alter the configuration of those that differ.

    Returns the names of the topics that were created, once the broker tells of them. The number of partitions is fixed
    at creation, since it decides where an account's story is: raises TopicError where it differs.
    """
    there = {entry["name"]: entry for entry in admin.describe_topics()}
    created = []
    for topic in topics:
        if topic.name in there:
            _compare(topic, len(there[topic.name]["partitions"]))
            continue
        try:
            admin.create_topics([_new(topic)])
        except TopicAlreadyExistsError:
            continue
        created.append(topic.name)
    _wait_for_leaders(admin, created)
    existing = [topic for topic in topics if topic.name not in created]
    if existing:
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=topic.config()) for topic in existing]
        # The library's own check compares with answers in another order than it asked.
        results = admin.alter_configs(resources, raise_on_unknown=False)["topic"]
        refused = [f"{name}: {said}" for name, said in sorted(results.items()) if said != "OK"]
        if refused:
            raise TopicError(f"Kafka refuses the declared configuration of {'; '.join(refused)}")
    return created


def _wait_for_leaders(admin: KafkaAdminClient, names: list[str]) -> None:
    """Until the broker tells of topics that were made just now: it hears of them a moment after they are accepted."""
    until = time.monotonic() + LEADERS_S
    while names:
        told = {entry["name"]: entry["partitions"] for entry in admin.describe_topics()}
        missing = [name for name in names if not told.get(name) or any(one["leader_id"] < 0 for one in told[name])]
        if not missing:
            return
        if time.monotonic() > until:
            raise TopicError(
                f"Kafka accepted the topics {', '.join(missing)} and does not tell of them after {LEADERS_S:g} s: "
                "`weiplomacy logs kafka` shows what it wrote"
            )
        time.sleep(POLL_S / 5)


def lag(admin: KafkaAdminClient, group: str, topics: tuple[Topic, ...] = LOADED) -> int:
    """Messages of the topics that a consumer group has not committed yet. Raises KafkaUnreachableError."""
    partitions = _partitions(topics)
    with _named("how far a group is"):
        committed = admin.list_group_offsets({group: partitions}).get(group, {})
        ends = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
    done = {partition: max(0, found.offset) for partition, found in committed.items()}
    return sum(ends[partition].offset - done.get(partition, 0) for partition in partitions)


def messages(admin: KafkaAdminClient, topics: tuple[Topic, ...] = TOPICS) -> int:
    """Messages that were ever written to the topics, as their ends tell. Raises KafkaUnreachableError."""
    with _named("what its topics hold"):
        ends = admin.list_partition_offsets(dict.fromkeys(_partitions(topics), OffsetSpec.LATEST))
    return sum(end.offset for end in ends.values())


@contextmanager
def _named(what: str) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise KafkaUnreachableError(
            f"Kafka answers, and does not tell {what} ({type(error).__name__}): `weiplomacy up` makes the topics, "
            "`weiplomacy logs kafka` shows what it wrote"
        ) from error


def _partitions(topics: tuple[Topic, ...]) -> list[TopicPartition]:
    return [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]


def _new(topic: Topic) -> NewTopic:
    return NewTopic(
        name=topic.name, num_partitions=topic.partitions, replication_factor=1, topic_configs=topic.config()
    )


def _compare(topic: Topic, partitions: int) -> None:
    if partitions != topic.partitions:
        raise TopicError(
            f"the topic {topic.name} has {partitions} partitions instead of {topic.partitions}: the number decides "
            "where an account's events are, and is never changed. Use another state folder (WEIPLOMACY_HOME), or "
            "remove the topic by hand"
        )
