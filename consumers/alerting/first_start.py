"""The very first start: what Kafka has deleted already is learnt from ClickHouse, and nothing is told of it.

Only that: whatever Kafka still holds comes in its own order, and no post is judged by its own future. Once there is a
memory, an alert needs no query.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from clickhouse_connect.driver.client import Client
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from consumers.alerting import history
from consumers.alerting.backtest import replay
from consumers.alerting.watch import Watch
from consumers.errors import KafkaUnreachableError
from schemas.events import AnyEvent
from schemas.settings import Settings
from schemas.topics import Topic

LOOKBACK = timedelta(days=14)
"""So long before an alert what is usual is learnt from, where there is as much."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def beginnings(kafka: KafkaConsumer, topics: Iterable[Topic]) -> dict[TopicPartition, int]:
    """The offsets of the oldest messages that Kafka has; 0: it has deleted none. Raises KafkaUnreachableError."""
    places = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    try:
        found: dict[TopicPartition, int] = kafka.beginning_offsets(places)
    except (KafkaError, OSError) as error:
        raise KafkaUnreachableError(
            f"Kafka does not say where its topics begin ({type(error).__name__}): see `weiplomacy status`"
        ) from error
    return found


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
    until = newest + timedelta(milliseconds=1)
    events = history.events(client, settings, history.Stretch(newest - LOOKBACK, until, beginnings=deleted))
    for _ in replay(watch, _until(events, stopping), until, seen):
        pass
    return not stopping()


def _until(events: Iterator[AnyEvent], stopping: Callable[[], bool]) -> Iterator[AnyEvent]:
    for event in events:
        if stopping():
            return
        yield event
