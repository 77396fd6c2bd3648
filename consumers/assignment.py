"""Which partitions are ours: told by Kafka's group, on a thread that must not wait."""

from collections.abc import Collection
from enum import Enum
from queue import Empty, SimpleQueue

from kafka import ConsumerRebalanceListener
from kafka.structs import TopicPartition


class Change(Enum):
    """What happened to partitions."""

    GAINED = "gained"
    GONE = "gone"


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Takes changes down, in order. The poll loop reads them; nothing is flushed or committed here."""

    def __init__(self) -> None:
        self._changes: SimpleQueue[tuple[Change, tuple[TopicPartition, ...]]] = SimpleQueue()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._changes.put((Change.GAINED, tuple(assigned)))

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._changes.put((Change.GONE, tuple(revoked)))

    def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        # Said by hand, since the default would treat a loss as an orderly hand-over.
        self._changes.put((Change.GONE, tuple(lost)))

    def taken(self) -> list[tuple[Change, tuple[TopicPartition, ...]]]:
        """The changes since the last call, in order."""
        changes = []
        while True:
            try:
                changes.append(self._changes.get_nowait())
            except Empty:
                return changes
