"""The loader: from every topic into its tables, each message once: `python -m consumers.loader`."""

import logging
import sys
import time
from collections.abc import Callable

from clickhouse_connect.driver.client import Client
from kafka.structs import TopicPartition

from consumers.batches import Batch, FlushPolicy
from consumers.dead_letters import DeadLetterPost
from consumers.incarnations import check, topic_ids
from consumers.insert_errors import Blame, blame
from consumers.inserting import Inserter
from consumers.limits import DeadLetterLimit
from consumers.poll import Begin, Loop, consumer, lag_of
from consumers.process import serve
from consumers.recovery import Recovery, recover
from consumers.retrying import RetryPolicy
from consumers.starting import database, patiently
from consumers.status import LastBatch, LoaderStatus
from consumers.tables import TABLES, TABLES_BY_TOPIC
from consumers.writing import BatchWriter, Wait
from schemas import origin
from schemas.clickhouse import paragraph
from schemas.clock import machine_time
from schemas.errors import WeiplomacyError
from schemas.settings import Settings
from schemas.topics import LOADED

log = logging.getLogger("weiplomacy.loader")

GROUP = "weiplomacy-loader"


class Loading:
    """What the poll loop drives: recovery when a partition is gained, then batch after batch."""

    def __init__(self, client: Client, writer: BatchWriter, status: LoaderStatus, retry: RetryPolicy) -> None:
        self._client = client
        self._writer = writer
        self._status = status
        self._retry = retry
        self._recoveries: dict[TopicPartition, Recovery] = {}

    def begin(self, partition: TopicPartition, committed: int | None, beginning: int, wait: Wait) -> Begin:
        """Look for what a loader before us left half done."""
        tables = [table.name for table in TABLES_BY_TOPIC[partition.topic]]
        attempt = 0
        while True:
            try:
                recovery = recover(self._client, partition, tables, committed, beginning)
            except WeiplomacyError:
                raise
            except Exception as error:
                if blame(error) is not Blame.TRANSIENT:
                    raise
                attempt += 1
                self._status.trouble(f"ClickHouse: {paragraph(error)[:300]}")
                wait(self._retry.wait_s(attempt))
            else:
                break
        if attempt:
            self._status.trouble("")
        if recovery.whole:
            log.info(
                "%s partition %d: repeating offsets %d to %d, written and not committed",
                partition.topic,
                partition.partition,
                recovery.whole[0].first,
                recovery.whole[-1].last,
            )
            self._recoveries[partition] = recovery
        return Begin(recovery.start, recovery.whole)

    def write(self, batch: Batch, wait: Wait) -> None:
        """Write a batch into its tables, and its dead letters to their topic."""
        began = time.monotonic()
        recovery = self._recoveries.get(batch.partition)
        written = self._writer.write(batch, recovery.tables if recovery else {}, wait)
        if recovery and batch.next_offset > recovery.whole[-1].last:
            del self._recoveries[batch.partition]
        self._status.wrote(
            LastBatch(
                batch.partition.topic,
                batch.partition.partition,
                batch.range.first,
                batch.range.last,
                written.rows,
                written.rejected,
                time.monotonic() - began,
                machine_time(),
            )
        )

    def settle(self) -> None:
        """Nothing is left open: a batch is in its tables when it is written."""

    def forget(self, partition: TopicPartition) -> None:
        """The partition is gone."""
        self._recoveries.pop(partition, None)


def run(settings: Settings, stopping: Callable[[], bool]) -> None:
    """Load until asked to stop. Raises the named errors of consumers.errors and schemas.clickhouse."""
    source = origin.source_of(origin.claim(settings))
    topics = [topic.name for topic in LOADED]
    status = LoaderStatus(settings.home, machine_time, time.monotonic)
    retry = RetryPolicy()
    ids = patiently(lambda: topic_ids(settings.kafka_servers, topics), status.trouble, stopping)
    client = patiently(lambda: database(settings), status.trouble, stopping)
    status.trouble("")
    check(client, ids)
    inserter = Inserter(client)
    inserter.prepare(TABLES)
    post = DeadLetterPost(settings, source)
    writer = BatchWriter(
        inserter,
        post,
        limit=DeadLetterLimit(share=settings.loader.stop_at_invalid_share),
        retry=retry,
        now=machine_time,
        trouble=status.trouble,
    )
    kafka = consumer(settings.kafka_servers, GROUP, settings.loader.instance)
    loop = Loop(
        kafka,
        Loading(client, writer, status, retry),
        FlushPolicy(settings.loader.flush_ms / 1000, settings.loader.batch_rows),
        stopping=stopping,
    )
    log.info("loading from %s into %s", ",".join(settings.kafka_servers), settings.clickhouse_url)
    try:
        loop.run(topics, lambda: status.tell(lag_of(kafka, loop), "running"))
        status.tell(lag_of(kafka, loop), "stopped")
    finally:
        kafka.close(autocommit=False, timeout_ms=5_000)
        post.close()
        client.close()


def main() -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    return serve(lambda settings, stop: run(settings, stop.is_set))


if __name__ == "__main__":
    sys.exit(main())
