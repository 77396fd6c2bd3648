"""Reads the topic of quarantined bodies from its beginning to where it ends now. It commits nothing."""

import time
from collections.abc import Iterator, Sequence
from typing import Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from crawler.offsets import ends_of
from crawler.publishing import KafkaUnreachableError, MissingTopicError
from schemas.cloudevents import decode
from schemas.errors import ContractError
from schemas.events import QuarantinedBody
from schemas.topics import QUARANTINE

CONNECT_MS: Final = 10_000
ATTEMPTS: Final = 10
PATIENCE_S: Final = 30.0
"""Without a message, although there are some to come; machine time."""


def bodies(servers: Sequence[str], connect_ms: int = CONNECT_MS) -> Iterator[QuarantinedBody | ContractError]:
    """All bodies that are there now, partition by partition in their order; what is none of them as its error.

    Raises KafkaUnreachableError or MissingTopicError.
    """
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=list(servers),
            bootstrap_timeout_ms=connect_ms,
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            isolation_level="read_committed",
            metrics_enabled=False,
            max_partition_fetch_bytes=2 * QUARANTINE.max_message_bytes,
        )
    except (KafkaError, OSError, ValueError) as error:
        raise _unreachable(servers, error) from error
    try:
        yield from _read(consumer)
    except (KafkaError, OSError) as error:
        raise _unreachable(servers, error) from error
    finally:
        consumer.close()


def _read(consumer: KafkaConsumer) -> Iterator[QuarantinedBody | ContractError]:
    # The first answers about a cluster may not know every topic yet.
    asked = (consumer.partitions_for_topic(QUARANTINE.name) for _ in range(ATTEMPTS))
    numbers = next(filter(None, asked), None)
    if numbers is None:
        raise MissingTopicError(f"Kafka has no topic {QUARANTINE.name}: `weiplomacy up` creates the topics")
    ends = ends_of(consumer, [TopicPartition(QUARANTINE.name, number) for number in sorted(numbers)])
    for partition, end in ends.items():
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        heard = time.monotonic()
        while consumer.position(partition) < end:
            for record in consumer.poll(timeout_ms=500).get(partition, ()):
                heard = time.monotonic()
                if record.offset < end:
                    yield _body(record.value, record.headers)
            if time.monotonic() - heard > PATIENCE_S:
                raise TimeoutError(f"nothing came from {partition.topic}-{partition.partition} for {PATIENCE_S:g} s")


def _body(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> QuarantinedBody | ContractError:
    try:
        event = decode(value, headers)
    except ContractError as error:
        return error
    return event if isinstance(event, QuarantinedBody) else ContractError(f"{event.type} is no quarantined body")


def _unreachable(servers: Sequence[str], error: Exception) -> KafkaUnreachableError:
    return KafkaUnreachableError(
        f"Kafka does not answer at {','.join(servers)} ({error}): is the stack up (`weiplomacy status`), "
        "or does the setting kafka.bootstrap_servers name another address?"
    )
