"""Batches: how messages of one partition are gathered, when they are due, and where they are cut. All pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import TopicPartition


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """A range of offsets of one partition, both ends inclusive."""

    first: int
    last: int

    def holds(self, offset: int) -> bool:
        """Whether an offset lies in it."""
        return self.first <= offset <= self.last


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one partition, in order, that are written and committed together."""

    partition: TopicPartition
    range: Range
    records: Sequence[ConsumerRecord]

    @property
    def next_offset(self) -> int:
        """What is committed once the batch is written."""
        return self.range.last + 1


@dataclass(frozen=True, slots=True)
class FlushPolicy:
    """When gathered messages are due: by age in seconds, by number of messages, or by bytes, whichever is first."""

    after_s: float
    rows: int
    bytes: int = 64 << 20

    def due(self, age_s: float, rows: int, size: int, rows_in_all: int, size_in_all: int) -> bool:
        """Whether one partition is due. The sums over all partitions bound the memory."""
        return rows > 0 and (
            age_s >= self.after_s
            or rows >= self.rows
            or size >= self.bytes
            or rows_in_all >= self.rows
            or size_in_all >= self.bytes
        )


@dataclass(slots=True)
class Gathered:
    """What one partition has gathered. `since` is the monotonic time of its oldest message."""

    position: int
    known: tuple[Range, ...] = ()
    records: list[ConsumerRecord] = field(default_factory=list)
    size: int = 0
    since: float = 0.0

    def add(self, records: Sequence[ConsumerRecord], now: float) -> None:
        """Take messages in, in order."""
        if not self.records:
            self.since = now
        self.records.extend(records)
        self.size += sum(len(record.value or b"") + len(record.key or b"") for record in records)

    def take(self, partition: TopicPartition, rows: int) -> list[Batch]:
        """Take out the batches that may be written now, each of at most `rows` messages unless it was written before.

        What belongs to a batch that is not here in full stays.
        """
        ranges, count = cut([record.offset for record in self.records], self.known, rows)
        taken, self.records = self.records[:count], self.records[count:]
        self.size = sum(len(record.value or b"") + len(record.key or b"") for record in self.records)
        batches = []
        start = 0
        for a_range in ranges:
            end = start
            while end < len(taken) and taken[end].offset <= a_range.last:
                end += 1
            batches.append(Batch(partition, a_range, taken[start:end]))
            start = end
        if ranges:
            self.position = ranges[-1].last + 1
            self.known = tuple(known for known in self.known if known.last >= self.position)
        return batches


def cut(offsets: Sequence[int], known: Sequence[Range], rows: int) -> tuple[list[Range], int]:
    """Cut ascending offsets into ranges, and say how many of the offsets the ranges cover.

    `known` are disjoint ranges, ascending, that were written before: each is repeated exactly, so it is cut only when
    it is here to its end. What lies between them is cut into at most `rows` messages.
    """
    ranges: list[Range] = []
    waiting = list(known)
    index = 0
    while index < len(offsets):
        offset = offsets[index]
        while waiting and waiting[0].last < offset:
            waiting.pop(0)
        if waiting and waiting[0].holds(offset):
            if offsets[-1] < waiting[0].last:
                break
            ranges.append(waiting[0])
            while index < len(offsets) and offsets[index] <= waiting[0].last:
                index += 1
            continue
        end = index
        while end < len(offsets) and end - index < rows and not (waiting and offsets[end] >= waiting[0].first):
            end += 1
        ranges.append(Range(offset, offsets[end - 1]))
        index = end
    return ranges, index
