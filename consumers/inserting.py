"""One insert: columns, the range's token, and every setting that exactness hangs on said explicitly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from clickhouse_connect.driver.insert import InsertContext
from kafka.structs import TopicPartition

from consumers.batches import Range
from consumers.decoding import Row
from consumers.errors import SchemaMismatchError
from consumers.insert_errors import Blame, blame
from consumers.tables import Table, columns_of
from schemas.clickhouse import paragraph
from schemas.software import SOFTWARE

#: Servers' defaults for these differ from version to version, so none is relied on.
INSERT_SETTINGS = {
    "async_insert": 0,
    "wait_end_of_query": 1,
    "insert_deduplicate": 1,
    "deduplicate_insert": "enable",
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    # An import of years of history is one batch over many months.
    "max_partitions_per_insert_block": 0,
    # A batch is one block, so that its token stands for all of it.
    "max_insert_block_size": 1_048_576,
}


BATCHES = "batches"
"""The table of batches, one row each: written last, so that what stands there is done."""
BATCH_COLUMNS = ("topic", "partition", "first", "last", "messages", "rows", "dead_letters", "software")


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch: messages read, rows written, messages rejected."""

    messages: int
    rows: int
    rejected: int


class Inserter:
    """Writes rows of one range to one table. Raises what the client raises; the caller judges it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._contexts: dict[str, InsertContext] = {}

    def prepare(self, tables: Sequence[Table]) -> None:
        """Ask for the types of the columns, once. Raises SchemaMismatchError, or what the client raises."""
        for name, columns in [*((table.name, table.column_names) for table in tables), (BATCHES, BATCH_COLUMNS)]:
            try:
                self._contexts[name] = self._client.create_insert_context(
                    f"weibo_store.{name}",
                    columns,
                    column_oriented=True,
                    settings=dict(INSERT_SETTINGS),
                )
            except ClickHouseError as error:
                if blame(error) is Blame.TRANSIENT:
                    raise
                raise SchemaMismatchError(
                    f"weibo_store.{name} is not as this version needs it: run `weiplomacy data migrate` "
                    f"({paragraph(error)})"
                ) from error

    def insert(self, table: Table, rows: Sequence[Row], piece: Range) -> None:
        """Write the rows of one range under its token: written before, they are not written again."""
        record = rows[0].record
        count = len(rows)
        columns = [
            *columns_of([row.values for row in rows]),
            [record.partition] * count,
            [row.record.offset for row in rows],
            [piece.first] * count,
            [piece.last] * count,
        ]
        self._insert(table.name, TopicPartition(record.topic, record.partition), piece, columns)

    def account(self, partition: TopicPartition, batch: Range, written: Written) -> None:
        """Write down that a batch is in every table, and its dead letters in their topic. Once, however often asked."""
        values = (
            *(partition.topic, partition.partition, batch.first, batch.last),
            *(written.messages, written.rows, written.rejected, SOFTWARE),
        )
        self._insert(BATCHES, partition, batch, [[value] for value in values])

    def _insert(self, name: str, partition: TopicPartition, piece: Range, columns: list[Sequence[Any]]) -> None:
        context = self._contexts[name]
        token = f"{partition.topic}:{partition.partition}:{piece.first}-{piece.last}"
        context.settings["insert_deduplication_token"] = token
        context.data = columns
        self._client.data_insert(context)

    def holds(self, table: Table, partition: int, piece: Range) -> bool:
        """Whether the table holds rows of that range already."""
        found = self._client.query(
            f"SELECT count() FROM weibo_store.{table.name} "  # noqa: S608 (a table of ours)
            "WHERE kafka_partition = %(partition)s AND kafka_offset BETWEEN %(first)s AND %(last)s",
            parameters={"partition": partition, "first": piece.first, "last": piece.last},
        ).result_rows
        return bool(found[0][0])
