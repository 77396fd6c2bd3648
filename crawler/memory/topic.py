"""The topic of the memory: read from its beginning, written one record per account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from crawler.memory.records import AccountMemory, MemoryRecordError, merged, read_record
from crawler.offsets import ends_of
from crawler.publishing import KafkaUnreachableError, Outgoing, PublishingError
from schemas.cloudevents import Message
from schemas.topics import MEMORY

PATIENCE_MS = 30_000
POLL_MS = 1_000


class PartitionsChangedError(PublishingError):
    """The topic of the memory has another number of partitions than it was made with."""


@dataclass(slots=True)
class Restored:
    """What the topic holds: a memory per account, and sentences about records that can't be read."""

    accounts: dict[str, AccountMemory] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def take(self, key: bytes | None, value: bytes | None, place: str) -> None:
        """Take one record in: records of one account are united, an unreadable one is told and left out."""
        account_id = (key or b"").decode("utf-8", "replace")
        if value is None:
            self.accounts.pop(account_id, None)
            return
        try:
            record = read_record(value, place)
        except MemoryRecordError as error:
            self.problems[account_id] = str(error)
            return
        known = self.accounts.get(record.account_id)
        self.accounts[record.account_id] = merged(known, record) if known else record


def restore(
    servers: Sequence[str], partitions: Iterable[int] | None = None, patience_ms: int = PATIENCE_MS
) -> Restored:
    """Read the memory of some partitions, by default of all, from the beginning to its end of now. Blocks.

    Raises KafkaUnreachableError, or PartitionsChangedError where the accounts no longer are where they were.
    """
    restored = Restored()
    consumer = _open(servers, patience_ms)
    try:
        there = consumer.partitions_for_topic(MEMORY.name) or set()
        if len(there) != MEMORY.partitions:
            raise PartitionsChangedError(
                f"the topic {MEMORY.name} has {len(there)} partitions instead of {MEMORY.partitions}: the number "
                "decides which worker has which account and is never changed. Remove the topic, `weiplomacy up` makes "
                "it anew; the accounts are then read anew"
            )
        wanted = [
            TopicPartition(MEMORY.name, number) for number in (sorted(there) if partitions is None else partitions)
        ]
        consumer.assign(wanted)
        ends = ends_of(consumer, wanted)
        consumer.seek_to_beginning(*wanted)
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            for partition, records in consumer.poll(timeout_ms=POLL_MS).items():
                for record in records:
                    restored.take(record.key, record.value, f"{partition.topic} {partition.partition}/{record.offset}")
    except KafkaError as error:
        raise KafkaUnreachableError(
            f"Kafka at {','.join(servers)} does not give the crawler's memory ({type(error).__name__}: {error}): see "
            "`weiplomacy status`"
        ) from error
    finally:
        consumer.close()
    return restored


def outgoing_record(record: AccountMemory) -> Outgoing:
    """A record as a message of the topic."""
    value = record.model_dump_json(exclude_defaults=True).encode()
    headers = [("content-type", b"application/json")]
    return Outgoing(
        "memory", f"memory of {record.account_id}", MEMORY, Message(record.account_id.encode(), value, headers)
    )


def _open(servers: Sequence[str], patience_ms: int) -> Any:
    try:
        return KafkaConsumer(
            bootstrap_servers=list(servers),
            client_id="weiplomacy-memory",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=patience_ms,
        )
    except (KafkaError, OSError, ValueError) as error:
        raise KafkaUnreachableError(
            f"Kafka does not answer at {','.join(servers)} ({error}): is the stack up (`weiplomacy status`), "
            "or does the setting kafka.bootstrap_servers name another address?"
        ) from error
