"""The one poll loop: gather what Kafka gives, hand over what is due, commit what was written.

It pulls, one thread, nothing in the background: while a batch can't be written its partitions are paused and polling
goes on, so the group keeps this consumer. What a batch becomes is the handler's.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from kafka import KafkaConsumer
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    RebalanceInProgressError,
    RetriableError,
    UnknownMemberIdError,
)
from kafka.structs import MemberState, OffsetAndMetadata, TopicPartition

from consumers.assignment import Change, Listener
from consumers.batches import Batch, FlushPolicy, Gathered, Range
from consumers.errors import (
    DrainTimeoutError,
    FencedError,
    KafkaUnreachableError,
    OffsetsLostError,
    PartitionGivenUpError,
    UnreadableRecordError,
)

log = logging.getLogger(__name__)

KAFKA_PATIENCE_MS = 30_000
COMMIT_PATIENCE_MS = 10_000
#: kafka-python may look for the group's coordinator for ever, without a pause, once one look-up has timed out, as on a
#: broker that is making its first group: so long a consumer is outside its group before it ends, to be started again.
JOIN_PATIENCE_S = 60.0

#: The group is moving: what was written stays uncommitted, and whoever has the partition then repeats it exactly.
MOVING = (CommitFailedError, RebalanceInProgressError, IllegalGenerationError, UnknownMemberIdError)


@dataclass(frozen=True, slots=True)
class Begin:
    """Where a partition begins, and the disjoint ranges from there on that must be repeated exactly."""

    offset: int
    whole: tuple[Range, ...] = ()


class Handler(Protocol):
    """What the loop drives."""

    def begin(
        self, partition: TopicPartition, committed: int | None, beginning: int, wait: Callable[[float], None]
    ) -> Begin:
        """Say where to begin with a partition that was just gained."""

    def write(self, batch: Batch, wait: Callable[[float], None]) -> None:
        """Do what a batch is for; when it returns, the batch may be committed."""

    def settle(self) -> None:
        """Batches were written and are about to be committed: what was left open for all of them is closed."""

    def forget(self, partition: TopicPartition) -> None:
        """The partition is gone."""


def consumer(servers: Sequence[str], group: str, instance: str) -> KafkaConsumer:
    """A consumer with everything said explicitly that exactness hangs on. Raises KafkaUnreachableError.

    `instance` is the permanent name of this process in the group: started again after a crash it has its partitions
    back at once, and a forgotten twin of the same name is fenced off by Kafka.
    """
    try:
        return KafkaConsumer(
            bootstrap_servers=list(servers),
            group_id=group,
            client_id=f"{group}-{instance}",
            group_instance_id=instance,
            # Offsets are committed by us, after the insert; a missing or lost one is never guessed.
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            max_poll_records=5_000,
            # A loader that died for good is missed after 15 s instead of 45; the heart beats on a thread of its own.
            session_timeout_ms=15_000,
            # A fetch waits until it is worth the while, at most 100 ms: a fifth of the age at which a batch is due.
            fetch_min_bytes=65_536,
            fetch_max_wait_ms=100,
            bootstrap_timeout_ms=KAFKA_PATIENCE_MS,
            # The default assignors take every partition away whenever a member comes or goes. It happens within poll,
            # so no batch is in flight, and what was gathered is simply read again.
        )
    except (KafkaError, OSError) as error:
        raise KafkaUnreachableError(
            f"Kafka does not answer at {','.join(servers)} (tried for {KAFKA_PATIENCE_MS // 1000} s): `weiplomacy "
            "status` tells whether it runs, `weiplomacy up` starts it, the setting kafka.bootstrap_servers says where"
        ) from error


class Loop:
    """Polls, gathers, hands over, commits."""

    def __init__(
        self,
        kafka: KafkaConsumer,
        handler: Handler,
        flush: FlushPolicy,
        *,
        stopping: Callable[[], bool],
        drain_s: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kafka = kafka
        self._handler = handler
        self._flush = flush
        self._stopping = stopping
        self._drain_s = drain_s
        self._clock = clock
        self._listener = Listener()
        self._gathered: dict[TopicPartition, Gathered] = {}
        self._gained: set[TopicPartition] = set()
        self._uncommitted: dict[TopicPartition, int] = {}
        self._stop_by: float | None = None
        self._outside_since: float | None = None

    @property
    def partitions(self) -> dict[TopicPartition, int]:
        """The partitions of this consumer, with the next offset that is to be written."""
        return {partition: gathered.position for partition, gathered in self._gathered.items()}

    def run(self, topics: Sequence[str], each: Callable[[], None]) -> None:
        """Run until asked to stop; then what was gathered is written and committed, within the drain time.

        `each` is called once per turn. Raises the named errors of consumers.errors and whatever the handler raises.
        """
        self._kafka.subscribe(list(topics), listener=self._listener)
        while not self._stopping():
            self._turn()
            each()
        self._stop_by = self._clock() + self._drain_s
        self._hand_over(everything=True)
        self._commit()

    def _turn(self) -> None:
        records = self._poll(self._until_due())
        self._mind_the_group()
        self._follow()
        gained = self._begin_gained()
        now = self._clock()
        for partition, some in records.items():
            if partition in self._gathered and partition not in gained:
                self._gathered[partition].add(some, now)
        self._hand_over(everything=False)
        self._commit()

    def _poll(self, seconds: float) -> dict[TopicPartition, list[Any]]:
        try:
            return self._kafka.poll(timeout_ms=int(seconds * 1000))  # type: ignore[no-any-return]
        except NoOffsetForPartitionError:
            # A partition without a committed offset was just gained; `_begin` says where it begins.
            return {}
        except OffsetOutOfRangeError as error:
            raise OffsetsLostError(
                f"Kafka no longer holds what comes next ({error}): retention deleted it before it was loaded, or the "
                "topic was created anew. To go on without what is missing, set the group's offset by hand"
            ) from error
        except UnicodeDecodeError as error:
            raise UnreadableRecordError(
                "Kafka holds a message whose header names are no UTF-8, which its client can't read: find it by the "
                "lag in `weiplomacy status`, and set the group's offset behind it by hand"
            ) from error
        except FencedInstanceIdError as error:
            raise FencedError(
                "another process of the same name took over in Kafka's group: there is one alerter, and loaders beside "
                "each other need different names (the setting loader.instance)"
            ) from error

    def _mind_the_group(self) -> None:
        """Raise KafkaUnreachableError where this consumer has been outside of its group for too long."""
        if self._kafka.group_metadata().state is MemberState.STABLE:
            self._outside_since = None
            return
        now = self._clock()
        if self._outside_since is None:
            self._outside_since = now
        elif now - self._outside_since > JOIN_PATIENCE_S:
            raise KafkaUnreachableError(
                f"Kafka has let this consumer into its group for {JOIN_PATIENCE_S:.0f} s neither anew nor again: "
                "`weiplomacy status` tells whether it runs; started again, it is let in as soon as Kafka answers"
            )

    def _until_due(self) -> float:
        """Seconds until the oldest gathered message is due."""
        waiting = [gathered.since for gathered in self._gathered.values() if gathered.records]
        if not waiting:
            return self._flush.after_s
        return min(max(min(waiting) + self._flush.after_s - self._clock(), 0.0), self._flush.after_s)

    def _follow(self) -> None:
        """Follow what the group decided: what went away is forgotten, with all that was gathered of it."""
        for change, partitions in self._listener.taken():
            for partition in partitions:
                self._gathered.pop(partition, None)
                self._uncommitted.pop(partition, None)
                self._gained.discard(partition)
                self._handler.forget(partition)
            if change is Change.GAINED:
                self._gained |= set(partitions)

    def _begin_gained(self) -> set[TopicPartition]:
        """Begin with the partitions that were gained, and return them."""
        gained = set(self._gained)
        for partition in sorted(gained):
            if partition in self._gained:
                with suppress(PartitionGivenUpError):
                    self._begin(partition)
                    self._gained.discard(partition)
        return gained

    def _begin(self, partition: TopicPartition) -> None:
        try:
            committed = self._kafka.committed(partition, timeout_ms=KAFKA_PATIENCE_MS)
            beginning = self._kafka.beginning_offsets([partition])[partition]
        except KafkaError as error:
            raise KafkaUnreachableError(
                f"Kafka does not tell the offset of {partition.topic} partition {partition.partition} "
                f"({type(error).__name__}): `weiplomacy status` tells whether it runs"
            ) from error
        begin = self._handler.begin(partition, committed, beginning, self._waiting_for(partition))
        if begin.offset < beginning:
            raise OffsetsLostError(
                f"{partition.topic} partition {partition.partition} must go on at offset {begin.offset}, and Kafka's "
                f"oldest message is {beginning}: retention deleted what is missing"
            )
        self._kafka.seek(partition, begin.offset)
        self._gathered[partition] = Gathered(begin.offset, begin.whole)

    def _hand_over(self, everything: bool) -> None:
        """Write what is due, or all that can be written."""
        now = self._clock()
        rows = sum(len(gathered.records) for gathered in self._gathered.values())
        size = sum(gathered.size for gathered in self._gathered.values())
        for partition, gathered in list(self._gathered.items()):
            # A batch is begun only after the one before is committed, so few can be left half done.
            if self._gathered.get(partition) is not gathered or partition in self._uncommitted:
                continue
            age = self._flush.after_s if everything else now - gathered.since
            if self._flush.due(age, len(gathered.records), gathered.size, rows, size):
                with suppress(PartitionGivenUpError):
                    for batch in gathered.take(partition, self._flush.rows):
                        self._handler.write(batch, self._waiting_for(partition))
                        self._uncommitted[partition] = batch.next_offset
                gathered.since = now

    def _commit(self) -> None:
        if not self._uncommitted:
            return
        self._handler.settle()
        try:
            self._kafka.commit(
                {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in self._uncommitted.items()},
                timeout_ms=COMMIT_PATIENCE_MS,
            )
        except MOVING as error:
            log.info("offsets not committed, the group is moving: %s", type(error).__name__)
            return
        except RetriableError as error:
            log.warning("offsets not committed yet, will be tried again: %s", type(error).__name__)
            return
        except KafkaError as error:
            raise KafkaUnreachableError(f"Kafka refuses the offsets: {type(error).__name__}: {error}") from error
        self._uncommitted.clear()

    def _waiting_for(self, partition: TopicPartition) -> Callable[[float], None]:
        return lambda seconds: self._wait(seconds, partition)

    def _wait(self, seconds: float, partition: TopicPartition) -> None:
        """Let time pass for a partition that can't go on yet: everything paused, polling goes on.

        Raises PartitionGivenUpError where it went elsewhere meanwhile, DrainTimeoutError where it was asked to stop
        and the time for that is over.
        """
        until = self._clock() + seconds
        before = (self._gathered.get(partition), partition in self._gained)
        self._kafka.pause(*self._kafka.assignment())
        try:
            while True:
                self._poll(min(max(until - self._clock(), 0.0), 0.5))
                self._follow()
                if (self._gathered.get(partition), partition in self._gained) != before:
                    raise PartitionGivenUpError
                self._mind_the_stop()
                if self._clock() >= until:
                    return
        finally:
            self._kafka.resume(*self._kafka.assignment())

    def _mind_the_stop(self) -> None:
        if self._stop_by is None and self._stopping():
            self._stop_by = self._clock() + self._drain_s
        if self._stop_by is not None and self._clock() > self._stop_by:
            raise DrainTimeoutError(
                f"asked to stop, and what was read could not be written within {self._drain_s:.0f} s: it is not "
                "committed, Kafka still holds it"
            )


def lag_of(kafka: KafkaConsumer, loop: Loop) -> dict[str, int]:
    """Messages that are in Kafka and not yet handed over, by topic, as far as Kafka has told."""
    lag: dict[str, int] = {}
    for partition, position in loop.partitions.items():
        end = kafka.highwater(partition) if partition in kafka.assignment() else None
        lag[partition.topic] = lag.get(partition.topic, 0) + max((end or position) - position, 0)
    return lag
