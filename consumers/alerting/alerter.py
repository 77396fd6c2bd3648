"""The alerter: from the stream of events to what is told of it: `python -m consumers.alerting.alerter`.

One turn of the poll loop is one turn of the memory (consumers.turns): what was found, what is remembered and
the offsets that both cover stand together or not at all. So it may be killed at any instant, and tells the same.
"""

import logging
import sys
import time
from collections.abc import Callable
from datetime import datetime

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from consumers.alerting.first_start import beginnings, learn
from consumers.alerting.watch import Watch
from consumers.alerting.watching import watch_of
from consumers.batches import Batch, FlushPolicy
from consumers.incarnations import topic_ids
from consumers.memory_topic import MemoryTopic
from consumers.part_status import StatusFile
from consumers.poll import Begin, Loop, consumer, lag_of
from consumers.process import serve
from consumers.starting import database, patiently
from schemas import origin, registry
from schemas.alerts import AlertChanged
from schemas.clock import clock_of, machine_time
from schemas.cloudevents import decode
from schemas.errors import ContractError
from schemas.settings import Settings
from schemas.topics import ACCOUNTS, ALERT_STATE, ALERTS, COMMENTS, LANES, POSTS, RECEIPTS, SAMPLES

log = logging.getLogger("weiplomacy.alerter")

PART = "alerter"
GROUP = "weiplomacy-alerter"
#: There is one: a second one takes over from the first.
INSTANCE = "1"
READ = (ACCOUNTS, COMMENTS, POSTS, SAMPLES, RECEIPTS, LANES)
#: A message waits for others for so long: what is told of it is due within two seconds.
FLUSH_S = 0.1
#: Messages of a turn, and alerts: what closes it holds them all.
MOST_ROWS = 5_000
MOST_ALERTS = 500
#: How often time alone may give reason to say something, and how often the status is written, in machine seconds.
TICK_S = 5.0
#: A turn of which nobody is told is closed after so long.
CLOSE_S = 1.0
STATUS_S = 1.0
#: A part of history of all accounts is read at once.
ANSWER_TIMEOUT_S = 600


class Alerting:
    """What the poll loop drives."""

    def __init__(
        self,
        watch: Watch,
        memory: MemoryTopic,
        offsets: dict[str, int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watch = watch
        self._clock = clock
        self._closed_at = clock()
        self._memory = memory
        self._offsets = offsets
        self._alerts: list[AlertChanged] = []
        self._is_open = False
        self.told = 0
        self.unreadable = 0
        self.unjudged = 0

    def begin(
        self, partition: TopicPartition, committed: int | None, beginning: int, wait: Callable[[float], None]
    ) -> Begin:
        """Go on where the memory ends; what Kafka's group has committed is only what `status` shows."""
        offset = self._offsets.get(_place(partition), beginning)
        if offset < beginning:
            log.warning(
                "%s: Kafka's oldest message is %d, and %d comes next: what is between them was deleted unseen",
                _place(partition),
                beginning,
                offset,
            )
        return Begin(max(offset, beginning))

    def write(self, batch: Batch, wait: Callable[[float], None]) -> None:
        """Judge the messages of a batch. One that can't be read is the loader's to set aside, with its reason."""
        for record in batch.records:
            try:
                event = decode(record.value, record.headers)
            except ContractError:
                self.unreadable += 1
                continue
            held = self._watch.times.held
            try:
                self._alerts += self._watch.feed(event)
            except Exception:
                # A fault of ours in one event: it would meet us again after every restart, and nothing else be judged.
                self.unjudged += 1
                log.exception("%s %d could not be judged, and is passed over", _place(batch.partition), record.offset)
            if self._watch.times.held > held:
                log.warning(
                    "%s %d is dated %s, far ahead of all others: held until another account or visit shows that time",
                    _place(batch.partition),
                    record.offset,
                    event.observed_at,
                )
        self._offsets[_place(batch.partition)] = batch.next_offset
        self._is_open = True
        if len(self._alerts) >= MOST_ALERTS:
            self.close()

    @property
    def trouble(self) -> str:
        """What `weiplomacy status` adds where events were passed over; else nothing."""
        times = self._watch.times
        said = {
            "could not be judged": self.unjudged,
            "are held, dated far ahead of all others": times.held,
            "were refused, dated far ahead of all others": times.refused,
        }
        words = [f"{count} events {what}" for what, count in said.items() if count]
        return f"; {', '.join(words)}: see the log" if words else ""

    def tick(self, now: datetime) -> None:
        """Time has passed, by the clock that the crawl is dated by, and nothing is left to read."""
        if found := self._watch.tick(now):
            self._alerts += found
            self._is_open = True
        self.settle()

    def settle(self) -> None:
        """Close the turn, at once where anything is to be told, else when enough has come together.

        What was told nobody may be read again without anybody's noticing, and one record then holds many changes.
        """
        if self._alerts or (self._is_open and self._clock() - self._closed_at >= CLOSE_S):
            self.close()

    def close(self) -> None:
        """Close the turn."""
        if not self._is_open:
            return
        self._closed_at = self._clock()
        alerts, self._alerts = self._alerts, []
        self._memory.close_turn(dict(self._watch.changed()), self._offsets, alerts)
        self._is_open = False
        self.told += len(alerts)
        for alert in alerts:
            log.info("%s %s (score %.2f)", alert.change, alert.episode_id, alert.score)

    def forget(self, partition: TopicPartition) -> None:
        """The partition is gone, and comes back with the offset that the memory has."""


def run(settings: Settings, stopping: Callable[[], bool]) -> None:
    """Watch until asked to stop. Raises the named errors of consumers.errors and consumers.alerting."""
    source = origin.source_of(origin.claim(settings))
    clock = clock_of(origin.clock_file_of(settings))
    status = StatusFile(settings.home, PART, machine_time)
    names = [topic.name for topic in (*READ, ALERTS, ALERT_STATE)]
    patiently(lambda: topic_ids(settings.kafka_servers, names), status.trouble, stopping)
    watch = watch_of(settings, registry.load(settings))
    memory = MemoryTopic(settings.kafka_servers, ALERT_STATE, source)
    kafka = consumer(settings.kafka_servers, GROUP, INSTANCE)
    try:
        status.doing("remembering")
        state, offsets = memory.open()
        if unknown := watch.load(state):
            log.warning("%d pieces of the memory are of other software, %s for one", len(unknown), unknown[0])
        log.info("remembers %d pieces, %d open episodes", len(state), watch.open_episodes)
        if not offsets and not _first_start(settings, kafka, watch, memory, status, stopping):
            return
        alerting = Alerting(watch, memory, offsets)
        loop = Loop(kafka, alerting, FlushPolicy(FLUSH_S, MOST_ROWS), stopping=stopping)
        ticked = told = time.monotonic()

        def each() -> None:
            nonlocal ticked, told
            now = time.monotonic()
            if now - told >= STATUS_S:
                told, lag = now, sum(lag_of(kafka, loop).values())
                status.doing(
                    f"{watch.open_episodes} episodes open, {alerting.told} alerts told, lag {lag}{alerting.trouble}"
                )
                if not lag and now - ticked >= TICK_S:
                    ticked = now
                    alerting.tick(clock.now())

        loop.run([topic.name for topic in READ], each)
        alerting.close()
        status.doing("stopped")
    finally:
        kafka.close(autocommit=False, timeout_ms=5_000)
        memory.close()


def _first_start(
    settings: Settings,
    kafka: KafkaConsumer,
    watch: Watch,
    memory: MemoryTopic,
    status: StatusFile,
    stopping: Callable[[], bool],
) -> bool:
    """Nothing is remembered: learn what Kafka has deleted already. Whether to go on."""
    begin = beginnings(kafka, READ)
    if not any(begin.values()):
        return True
    log.info("the first start, and Kafka has deleted messages: what is usual is learnt from ClickHouse")
    client = patiently(lambda: database(settings, ANSWER_TIMEOUT_S), status.trouble, stopping)

    def seen(moment: datetime) -> None:
        status.doing(f"learning from ClickHouse what Kafka has deleted: {moment:%Y-%m-%d %H:%M} UTC")

    try:
        if not learn(client, settings, watch, begin, seen, stopping):
            return False
    finally:
        client.close()
    offsets = {_place(place): offset for place, offset in begin.items()}
    # As one turn: where it is broken off, the next start is the first one again.
    memory.close_turn(dict(watch.changed()), offsets, [])
    return True


def _place(partition: TopicPartition) -> str:
    return f"{partition.topic}:{partition.partition}"


def main() -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    return serve(lambda settings, stop: run(settings, stop.is_set))


if __name__ == "__main__":
    sys.exit(main())
