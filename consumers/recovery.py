"""What a dead loader left behind: the ranges in the tables at or past the committed offset.

A batch is committed in Kafka after it is in every table. So rows at or past the committed offset belong to a batch
that may be in some tables and not in others, or in a table and not in its rollups. Its range stands in its rows; the
same range under the same token completes it everywhere and doubles it nowhere.

Ranges in rows expire after weeks (0 stands there then), the table of batches stays. A batch that stands in it was
written everywhere, so after a rest of weeks the loader goes on behind it. Rows without their range that no batch
accounts for are refused by name: a loader died in the middle of a batch, and none was started since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from clickhouse_connect.driver.client import Client
from kafka.structs import TopicPartition

from consumers.batches import Range
from consumers.errors import ExpiredRangesError, OffsetsResetError, OverlappingBatchesError
from consumers.inserting import BATCHES

#: More than an interrupted batch can leave, and far less than the tables' deduplication windows.
MOST_RANGES = 500
#: Where Kafka has forgotten the committed offset and no batch is accounted for, so many of the newest are repeated.
NEWEST_RANGES = 100
#: Whether a row's range has expired. No range ends before its own row; a row at offset 0 is judged by its age.
EXPIRED = "(batch_last < kafka_offset OR (kafka_offset = 0 AND ingested_at < now() - INTERVAL 30 DAY))"


@dataclass(frozen=True, slots=True)
class Recovery:
    """Where a partition begins, and what was already written from there on.

    `tables` holds the ranges per table; `whole` the ranges, disjoint and ascending, that must be repeated as a whole.
    """

    start: int
    tables: Mapping[str, tuple[Range, ...]]
    whole: tuple[Range, ...]


def recover(
    client: Client, partition: TopicPartition, tables: Sequence[str], committed: int | None, beginning: int
) -> Recovery:
    """Look into the tables of a topic and say how to go on.

    `committed` is Kafka's committed offset, None where it has none; `beginning` its oldest message. Raises
    OffsetsResetError, OverlappingBatchesError, ExpiredRangesError, and what the client raises.
    """
    accounted = _accounted(client, partition, committed)
    done = max(accounted[-1].last + 1, beginning) if accounted else None
    if committed is None and done is not None:
        committed, accounted = done, []
    expired = _expired(client, partition.partition, tables, committed or 0)
    if expired is not None and done is not None and len(accounted) <= MOST_RANGES:
        # What is accounted for was written everywhere; it can't be repeated, since its rows no longer say their ranges.
        committed, accounted = done, []
    found = {table: _ranges(client, table, partition.partition, committed) for table in tables}
    return plan(partition, {**found, BATCHES: accounted}, committed, beginning, expired)


def plan(
    partition: TopicPartition,
    found: Mapping[str, Sequence[Range]],
    committed: int | None,
    beginning: int,
    expired: int | None = None,
) -> Recovery:
    """How to go on, from the ranges found per table. `expired` is the last offset of a row whose range has expired.

    Raises OffsetsResetError, OverlappingBatchesError or ExpiredRangesError.
    """
    for table, ranges in found.items():
        if committed is not None and len(ranges) > MOST_RANGES:
            raise OffsetsResetError(
                f"{partition.topic} partition {partition.partition}: Kafka's committed offset {committed} lies more "
                f"than {MOST_RANGES} batches behind weibo_store.{table}, so they can't be repeated without doubling: "
                "set the group's offset to where it was, or load into empty tables"
            )
        _refuse_overlaps(partition, table, ranges)
    if committed is None:
        start = _after_what_is_surely_done(found, beginning, expired)
        found = {table: [known for known in ranges if known.first >= start] for table, ranges in found.items()}
    else:
        start = min([committed, *(known.first for ranges in found.values() for known in ranges)])
    if expired is not None and expired >= start:
        raise ExpiredRangesError(
            f"the tables hold rows of {partition.topic} partition {partition.partition} between the offsets {start} "
            f"and {expired} that Kafka does not know as committed, written weeks ago in a batch that they no longer "
            "name: it may be half done. Delete them by kafka_partition and kafka_offset, and they are loaded anew; or, "
            f"where nothing is missing, set the group's offset to {expired + 1}"
        )
    everything = [known for ranges in found.values() for known in ranges]
    return Recovery(start, {table: tuple(sorted(ranges)) for table, ranges in found.items()}, merged(everything))


def merged(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """The same offsets as disjoint ranges, ascending: ranges that share offsets become one."""
    result: list[Range] = []
    for known in sorted(ranges):
        if result and known.first <= result[-1].last:
            result[-1] = Range(result[-1].first, max(result[-1].last, known.last))
        else:
            result.append(known)
    return tuple(result)


def pieces(batch: Range, known: Sequence[Range]) -> list[Range]:
    """The ranges under which a batch is written to one table: what it already holds exactly, and the gaps between."""
    result: list[Range] = []
    begin = batch.first
    for part in sorted(known):
        if part.last < batch.first or part.first > batch.last:
            continue
        if part.first > begin:
            result.append(Range(begin, part.first - 1))
        result.append(part)
        begin = part.last + 1
    if begin <= batch.last:
        result.append(Range(begin, batch.last))
    return result


def _after_what_is_surely_done(found: Mapping[str, Sequence[Range]], beginning: int, expired: int | None) -> int:
    """Without a committed offset (a first start, or Kafka forgot it after a long rest), the tables say where to begin.

    A batch is only begun after the one before is committed, so only the newest ranges can be incomplete; rows whose
    ranges have expired lie before them.
    """
    whole = merged([known for ranges in found.values() for known in ranges])
    if not whole or (expired is None and all(len(ranges) < NEWEST_RANGES for ranges in found.values())):
        return beginning
    return max(beginning, whole[-NEWEST_RANGES:][0].first)


def _refuse_overlaps(partition: TopicPartition, table: str, ranges: Sequence[Range]) -> None:
    ordered = sorted(ranges)
    for one, other in pairwise(ordered):
        if other.first <= one.last:
            raise OverlappingBatchesError(
                f"weibo_store.{table} holds two batches of {partition.topic} partition {partition.partition} that "
                f"share offsets ({one.first}-{one.last}, {other.first}-{other.last}): two loaders wrote it at once; "
                "delete the rows of one of them by batch_first and batch_last"
            )


def _ranges(client: Client, table: str, partition: int, committed: int | None) -> list[Range]:
    newest = f"ORDER BY batch_first DESC LIMIT {NEWEST_RANGES}"
    oldest = f"ORDER BY batch_first LIMIT {MOST_RANGES + 1}"
    rows = client.query(
        "SELECT batch_first, batch_last FROM "  # noqa: S608 (a table of ours)
        f"weibo_store.{table} WHERE kafka_partition = %(partition)s AND kafka_offset >= %(offset)s AND NOT {EXPIRED} "
        f"GROUP BY batch_first, batch_last {newest if committed is None else oldest}",
        parameters={"partition": partition, "offset": committed or 0},
    ).result_rows
    return sorted(Range(first, last) for first, last in rows)


def _accounted(client: Client, partition: TopicPartition, committed: int | None) -> list[Range]:
    """The batches at or past the committed offset that were written everywhere; without one, the newest."""
    newest, oldest = "ORDER BY last DESC LIMIT 1", f"ORDER BY last LIMIT {MOST_RANGES + 1}"
    rows = client.query(
        f"SELECT first, last FROM weibo_store.{BATCHES} "  # noqa: S608 (a table of ours)
        "WHERE topic = %(topic)s AND partition = %(partition)s AND last >= %(offset)s "
        f"{newest if committed is None else oldest}",
        parameters={"topic": partition.topic, "partition": partition.partition, "offset": committed or 0},
    ).result_rows
    return sorted(Range(first, last) for first, last in rows)


def _expired(client: Client, partition: int, tables: Sequence[str], least: int) -> int | None:
    """The last offset, from one on, of a row in any of the tables whose range has expired."""
    found = [
        client.query(
            f"SELECT maxOrNull(kafka_offset) FROM weibo_store.{table} "  # noqa: S608 (a table of ours)
            f"WHERE kafka_partition = %(partition)s AND kafka_offset >= %(offset)s AND {EXPIRED}",
            parameters={"partition": partition, "offset": least},
        ).result_rows[0][0]
        for table in tables
    ]
    return max((offset for offset in found if offset is not None), default=None)
