"""Topics have ids: one that was deleted and created anew counts its offsets from 0 again, and the tables don't."""

from collections.abc import Mapping, Sequence
from typing import Any

from clickhouse_connect.driver.client import Client
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from consumers.errors import KafkaUnreachableError, TopicMissingError, TopicReplacedError


def topic_ids(servers: Sequence[str], topics: Sequence[str]) -> dict[str, str]:
    """The ids that Kafka gave the topics. Raises KafkaUnreachableError or TopicMissingError."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=list(servers), client_id="weiplomacy-loader")
        try:
            described = {topic["name"]: topic for topic in admin.describe_topics()}
        finally:
            admin.close()
    except (KafkaError, OSError) as error:
        raise KafkaUnreachableError(
            f"Kafka does not answer at {','.join(servers)} ({type(error).__name__}): `weiplomacy status` tells whether "
            "it runs, `weiplomacy up` starts it, the setting kafka.bootstrap_servers says where it is"
        ) from error
    missing = [topic for topic in topics if topic not in described]
    if missing:
        raise TopicMissingError(
            f"Kafka at {','.join(servers)} has no topic {', '.join(missing)}: `weiplomacy up` creates the topics"
        )
    return {topic: str(described[topic]["topic_id"]) for topic in topics}


def check(client: Client, ids: Mapping[str, str]) -> None:
    """Compare the topics with those that the tables were filled from, and remember new ones.

    Raises TopicReplacedError, and what the client raises.
    """
    rows: Any = client.query(
        "SELECT topic, argMax(topic_id, seen_at) FROM weibo_store.kafka_topics GROUP BY topic"
    ).result_rows
    remembered: dict[str, str] = dict(rows)
    replaced = sorted(topic for topic, topic_id in ids.items() if remembered.get(topic, topic_id) != topic_id)
    if replaced:
        raise TopicReplacedError(
            f"the tables were filled from another {', '.join(replaced)} (deleted and created anew, or another Kafka): "
            "its offsets can't be told from the old ones. Bring the old Kafka back, or begin with an empty ClickHouse"
        )
    new = [[topic, topic_id] for topic, topic_id in ids.items() if topic not in remembered]
    if new:
        client.insert("weibo_store.kafka_topics", new, column_names=["topic", "topic_id"])
