"""One insert: columns, the range's token, and every setting that exactness hangs on said explicitly."""

from collections.abc import Sequence

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from clickhouse_connect.driver.insert import InsertContext

from consumers.batches import Range
from consumers.decoding import Row
from consumers.errors import SchemaMismatchError
from consumers.insert_errors import Blame, blame
from consumers.tables import Table, columns_of
from schemas.clickhouse import paragraph

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


class Inserter:
    """Writes rows of one range to one table. Raises what the client raises; the caller judges it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._contexts: dict[str, InsertContext] = {}

    def prepare(self, tables: Sequence[Table]) -> None:
        """Ask for the types of the columns, once. Raises SchemaMismatchError, or what the client raises."""
        for table in tables:
            try:
                self._contexts[table.name] = self._client.create_insert_context(
                    f"weibo_store.{table.name}",
                    table.column_names,
                    column_oriented=True,
                    settings=dict(INSERT_SETTINGS),
                )
            except ClickHouseError as error:
                if blame(error) is Blame.TRANSIENT:
                    raise
                raise SchemaMismatchError(
                    f"weibo_store.{table.name} is not as this version needs it: run `weiplomacy data migrate` "
                    f"({paragraph(error)})"
                ) from error

    def insert(self, table: Table, rows: Sequence[Row], piece: Range) -> None:
        """Write the rows of one range under its token: written before, they are not written again."""
        partition = rows[0].record.partition
        context = self._contexts[table.name]
        context.settings["insert_deduplication_token"] = (
            f"{rows[0].record.topic}:{partition}:{piece.first}-{piece.last}"
        )
        count = len(rows)
        context.data = [
            *columns_of([row.values for row in rows]),
            [row.source for row in rows],
            [partition] * count,
            [row.record.offset for row in rows],
            [piece.first] * count,
            [piece.last] * count,
        ]
        self._client.data_insert(context)

    def holds(self, table: Table, partition: int, piece: Range) -> bool:
        """Whether the table holds rows of that range already."""
        found = self._client.query(
            f"SELECT count() FROM weibo_store.{table.name} "  # noqa: S608 (a table of ours)
            "WHERE kafka_partition = %(partition)s AND kafka_offset BETWEEN %(first)s AND %(last)s",
            parameters={"partition": partition, "first": piece.first, "last": piece.last},
        ).result_rows
        return bool(found[0][0])
