"""Which accounts are ours: crawl workers are a consumer group over the topic of the memory, and nothing else.

The group is polled by a thread of its own, so that no rendering can keep it from polling. What it is told goes to the
event loop: partitions that are gone first, at once; partitions that were gained when their memory has been read.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.errors import KafkaError
from kafka.partitioner.default import murmur2
from kafka.structs import TopicPartition

from crawler.memory.topic import Restored, restore
from crawler.publishing import KafkaUnreachableError, PublishingError
from schemas.topics import MEMORY

GROUP = "weiplomacy-crawl"
POLL_MS = 500
PATIENCE_MS = 30_000
#: A worker that died is missed after this time; its accounts then go on elsewhere.
SESSION_MS = 10_000


@dataclass(frozen=True, slots=True)
class Gained:
    """Partitions that are ours from now on, with what is remembered of their accounts."""

    partitions: frozenset[int]
    generation: int
    restored: Restored


@dataclass(frozen=True, slots=True)
class Gone:
    """Partitions that are ours no more: nothing may be written for their accounts."""

    partitions: frozenset[int]


@dataclass(frozen=True, slots=True)
class Broken:
    """The group can't go on: the error says why."""

    error: PublishingError


Change = Gained | Gone | Broken


def partition_of(account_id: str) -> int:
    """The partition that an account's story, its memory and its tasks are in: Kafka's default partitioner."""
    return int((murmur2(account_id.encode()) & 0x7FFFFFFF) % MEMORY.partitions)


@dataclass(slots=True)
class Ownership:
    """What is ours now, on the event loop."""

    generation: int = 0
    partitions: set[int] = field(default_factory=set)

    def take(self, change: Gained | Gone) -> None:
        """Follow a change."""
        if isinstance(change, Gained):
            self.partitions |= change.partitions
            self.generation = change.generation
        else:
            self.partitions -= change.partitions

    def owns(self, account_id: str) -> bool:
        """Whether an account is ours."""
        return partition_of(account_id) in self.partitions


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Takes changes down on the thread that must not wait, and passes them on in an order that leaves no doubt.

    What is gone is told from within the callback: the group gives it to nobody else before that has returned.
    """

    def __init__(self, tell: Callable[[Change], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._held: set[int] = set()
        self.gained: SimpleQueue[frozenset[int]] = SimpleQueue()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        if partitions := _numbers(assigned):
            with self._lock:
                self._held |= partitions
            self.gained.put(partitions)

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._gone(_numbers(revoked))

    def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        self._gone(_numbers(lost))

    def pass_on(self, gained: Gained) -> None:
        """Tell what was gained and is still held, now that its memory is there."""
        with self._lock:
            if partitions := gained.partitions & self._held:
                self._tell(replace(gained, partitions=partitions))

    def _gone(self, partitions: frozenset[int]) -> None:
        if partitions:
            with self._lock:
                self._held -= partitions
                self._tell(Gone(partitions))


class Membership:
    """One worker's place in the group. `changed` is called on the event loop that called `join`."""

    def __init__(self, servers: Sequence[str], worker: str, changed: Callable[[Change], None]) -> None:
        self._servers = list(servers)
        self._worker = worker
        self._changed = changed
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def join(self) -> None:
        """Begin to poll; returns at once."""
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, args=(loop,), name="crawl-group", daemon=True)
        self._thread.start()

    async def leave(self) -> None:
        """Leave the group, so that others take over at once. Bounded."""
        self._stopping.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, PATIENCE_MS / 1000)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        def tell(change: Change) -> None:
            # The loop may be closed before a late word comes: nobody waits for it then.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._changed, change)

        try:
            consumer = self._open()
        except PublishingError as error:
            tell(Broken(error))
            return
        listener = Listener(tell)
        try:
            consumer.subscribe([MEMORY.name], listener=listener)
            while not self._stopping.is_set():
                consumer.poll(timeout_ms=POLL_MS)
                # The records themselves are read apart, from the beginning.
                consumer.pause(*consumer.assignment())
                with contextlib.suppress(Empty):
                    while True:
                        listener.pass_on(self._gained(consumer, listener.gained.get_nowait()))
        except PublishingError as error:
            tell(Broken(error))
        except KafkaError as error:
            tell(
                Broken(
                    KafkaUnreachableError(f"the group of crawl workers can't go on ({type(error).__name__}: {error})")
                )
            )
        finally:
            consumer.close(autocommit=False, timeout_ms=5_000)

    def _gained(self, consumer: Any, partitions: frozenset[int]) -> Gained:
        return Gained(partitions, consumer.group_metadata().generation_id, restore(self._servers, sorted(partitions)))

    def _open(self) -> Any:
        try:
            return KafkaConsumer(
                bootstrap_servers=self._servers,
                group_id=GROUP,
                client_id=f"{GROUP}-{self._worker}",
                enable_auto_commit=False,
                auto_offset_reset="latest",
                allow_auto_create_topics=False,
                session_timeout_ms=SESSION_MS,
                heartbeat_interval_ms=SESSION_MS // 3,
                max_poll_interval_ms=120_000,
                bootstrap_timeout_ms=PATIENCE_MS,
            )
        except (KafkaError, OSError, ValueError) as error:
            raise KafkaUnreachableError(
                f"Kafka does not answer at {','.join(self._servers)} ({error}): see `weiplomacy status`"
            ) from error


def _numbers(partitions: Collection[TopicPartition]) -> frozenset[int]:
    return frozenset(one.partition for one in partitions)
