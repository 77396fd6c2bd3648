"""The sender: from the topic of alerts to the channels of the rules: `python -m consumers.delivery.sender`.

What it was told, what it owes and what it has sent are turns of a memory in Kafka (consumers.turns), so that it may be
killed at any instant: each change reaches each channel at least once. It holds up nobody: whoever detects writes into
Kafka and goes on.
"""

import logging
import random
import sys
import time
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version

from kafka.structs import TopicPartition

from consumers.batches import Batch, FlushPolicy
from consumers.delivery.desk import Desk
from consumers.delivery.log import Delivery
from consumers.delivery.rulebook import Rulebook
from consumers.delivery.workers import Workers
from consumers.incarnations import topic_ids
from consumers.memory_topic import MemoryTopic
from consumers.part_status import StatusFile
from consumers.poll import Begin, Loop, consumer
from consumers.process import serve
from consumers.starting import patiently
from schemas import origin, registry
from schemas.alerts import AlertChanged, AlertDelivery
from schemas.clock import Clock, clock_of, machine_time
from schemas.cloudevents import decode
from schemas.errors import ContractError
from schemas.settings import Settings
from schemas.topics import ALERTS, DELIVERIES, SENDER_STATE

log = logging.getLogger("weiplomacy.sender")

PART = "sender"
GROUP = "weiplomacy-sender"
INSTANCE = "1"
FLUSH_S = 0.05
MOST_ROWS = 200
#: How often the rules are looked at, channels that could not be opened are tried, digests are due, and status written.
LOOK_S = 1.0


class Sending:
    """What the poll loop drives: alerts onto the desk, and its state into the memory."""

    def __init__(
        self, desk: Desk, workers: Workers, memory: MemoryTopic, offsets: dict[str, int], clock: Clock
    ) -> None:
        self._desk = desk
        self._workers = workers
        self._memory = memory
        self._offsets = offsets
        self._clock = clock
        self._is_read = False

    def begin(
        self, partition: TopicPartition, committed: int | None, beginning: int, wait: Callable[[float], None]
    ) -> Begin:
        """Go on where the memory ends."""
        return Begin(max(self._offsets.get(_place(partition), beginning), beginning))

    def write(self, batch: Batch, wait: Callable[[float], None]) -> None:
        """Carry out what the rules say of each change. One that can't be read is the loader's to set aside."""
        moment = self._clock.now()
        for record in batch.records:
            try:
                event = decode(record.value, record.headers)
            except ContractError as error:
                log.warning("an alert can't be read: %s", error)
                continue
            if isinstance(event, AlertChanged):
                try:
                    self._take(event, moment)
                except Exception:
                    # A fault of ours in one alert: it would meet us again after every restart, and hold up all others.
                    log.exception("%s could not be told, and is passed over", event.event_id)
        self._offsets[_place(batch.partition)] = batch.next_offset

    def settle(self) -> None:
        """Write down what has changed, and log what was delivered."""
        self._is_read = True
        self.each()

    def each(self) -> None:
        """What the workers have done since is written down too; then they may send what came in."""
        with self._workers.lock:
            changed = dict(self._desk.changed())
            records = [_event(record) for record in self._desk.records()]
        if changed or records or self._is_read:
            self._memory.close_turn(changed, self._offsets, records)
            self._is_read = False
        with self._workers.lock:
            self._workers.release()

    def forget(self, partition: TopicPartition) -> None:
        """The partition is gone, and comes back with the offset that the memory has."""

    def _take(self, alert: AlertChanged, moment: datetime) -> None:
        with self._workers.lock:
            self._workers.hold()
            decisions = self._desk.take(alert, moment, time.time())
        for decision in decisions:
            log.info("%s to %s: %s: %s", alert.event_id, decision.channel, decision.when, decision.reason)


def run(settings: Settings, stopping: Callable[[], bool]) -> None:
    """Send until asked to stop. Raises the named errors of consumers.errors."""
    source = origin.source_of(origin.claim(settings))
    clock = clock_of(origin.clock_file_of(settings))
    status = StatusFile(settings.home, PART, machine_time)
    names = [topic.name for topic in (ALERTS, DELIVERIES, SENDER_STATE)]
    patiently(lambda: topic_ids(settings.kafka_servers, names), status.trouble, stopping)
    accounts = registry.load(settings)
    desk = Desk(accounts.by_id, random.random)
    workers = Workers(desk)
    book = Rulebook(settings, accounts)
    memory = MemoryTopic(settings.kafka_servers, SENDER_STATE, source)
    kafka = consumer(settings.kafka_servers, GROUP, INSTANCE)
    try:
        state, offsets = memory.open()
        desk.load(state)
        sending = Sending(desk, workers, memory, offsets, clock)
        loop = Loop(kafka, sending, FlushPolicy(FLUSH_S, MOST_ROWS), stopping=stopping)
        looked = float("-inf")

        def each() -> None:
            nonlocal looked
            if time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                look(desk, workers, book, clock)
                status.doing(book.doing(len(desk.outbox.owes())))
            sending.each()

        each()
        loop.run([ALERTS.name], each)
        workers.stop()
        sending.each()
        status.doing("stopped")
    finally:
        kafka.close(autocommit=False, timeout_ms=5_000)
        memory.close()


def look(desk: Desk, workers: Workers, book: Rulebook, clock: Clock) -> None:
    """Go by the rules as they are now, and put the digests that are due with what is to be sent."""
    with workers.lock:
        if book.look():
            traits = {name: channel.traits for name, channel in book.channels.items()}
            desk.follow(book.rules, traits, time.time())
            workers.serve(book.channels)
        workers.hold()
        desk.tick(clock.now(), time.time())


def _event(record: Delivery) -> AlertDelivery:
    return AlertDelivery(
        channel=record.channel,
        episode_id=record.episode_id,
        number=record.number,
        outcome=record.outcome,
        attempt=record.attempt,
        reason=record.reason or None,
        told_by=record.told_by,
        digest=record.digest or None,
        code=record.code[:200] or None,
        words=record.words[:1_000] or None,
        latency_ms=record.latency_ms,
        waited_ms=record.waited_ms,
        retry_at=record.retry_at,
        software=version("weiplomacy"),
        observed_at=record.at,
    )


def _place(partition: TopicPartition) -> str:
    return f"{partition.topic}:{partition.partition}"


def main() -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    return serve(lambda settings, stop: run(settings, stop.is_set))


if __name__ == "__main__":
    sys.exit(main())
