"""The very first start: what Kafka has deleted already is learnt from ClickHouse, and nothing is told of it.

Only that: whatever Kafka still holds comes in its own order, and no post is judged by its own future. Once there is a
memory, an alert needs no query.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from clickhouse_connect.driver.client import Client
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from consumers.alerting import history
from consumers.alerting.watch import Watch
from consumers.errors import KafkaUnreachableError
from schemas.settings import Settings
from schemas.topics import Topic

log = logging.getLogger("weiplomacy.alerter")

LOOKBACK = timedelta(days=14)
"""So long before an alert what is usual is learnt from, where there is as much."""
TOLD_EVERY = timedelta(hours=6)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def beginnings(kafka: KafkaConsumer, topics: Iterable[Topic]) -> dict[TopicPartition, int]:
    """The offsets of the oldest messages that Kafka has; 0: it has deleted none. Raises KafkaUnreachableError."""
    places = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    try:
        # One by one: of several, the client leaves out those whose leader it has not heard of, and fails namelessly.
        return {place: kafka.beginning_offsets([place])[place] for place in places}
    except (KafkaError, OSError) as error:
        raise KafkaUnreachableError(
            f"Kafka does not say where its topics begin ({type(error).__name__}): see `weiplomacy status`"
        ) from error


def learn(
    client: Client,
    settings: Settings,
    watch: Watch,
    begin: Mapping[TopicPartition, int],
    seen: Callable[[datetime], None],
    stopping: Callable[[], bool],
) -> bool:
    """Let the detectors see the last days of what Kafka has deleted; `seen` hears how far it is.

    Whether all of it was seen: not where the process was asked to stop. Raises what `schemas.clickhouse.named` names.
    """
    deleted: dict[str, list[int]] = {}
    for place in sorted(begin):
        deleted.setdefault(place.topic, []).append(begin[place])
    newest = history.newest(client, settings, history.Stretch(EARLIEST, LATEST, beginnings=deleted))
    if newest is None:
        return True
    said, until = EARLIEST, newest + timedelta(milliseconds=1)
    for event in history.events(client, settings, history.Stretch(newest - LOOKBACK, until, beginnings=deleted)):
        if stopping():
            return False
        if event.observed_at - said >= TOLD_EVERY:
            said = event.observed_at
            seen(said)
        try:
            watch.feed(event)
        except Exception:
            # As in the alerter: a fault of ours in one event would end every start.
            log.exception("%s could not be judged, and is passed over", event.event_id)
    return True
