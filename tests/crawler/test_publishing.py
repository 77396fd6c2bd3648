"""Publishing against a real broker, also one that is frozen for longer than a delivery may take."""

import asyncio
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.codec import has_lz4
from kafka.record.util import crc32c_c

from crawler.offsets import ends_of
from crawler.publishing import (
    EventTooLargeError,
    KafkaUnreachableError,
    Publisher,
    connect,
    publish_all,
)
from schemas.clock import machine_time
from schemas.cloudevents import attributes, decode
from schemas.events import AnyEvent, EngagementSample, PostSeen
from schemas.software import SOFTWARE
from schemas.topics import SAMPLES
from tests.kafka_process import KafkaProcess

SOURCE = "urn:weiplomacy:replica"


def sample(number: int) -> EngagementSample:
    """A sample in the far past of an accelerated clock."""
    return EngagementSample(
        account_id="us-embassy",
        observed_at=datetime(2017, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
        post_id="4058868600000000",
        created_at=None,
        reposts=number,
        comments=None,
        likes=3,
        via="timeline",
    )


def samples(count: int, first: int = 0) -> list[AnyEvent]:
    return [sample(first + number) for number in range(count)]


def giant() -> PostSeen:
    return PostSeen(
        account_id="us-embassy",
        observed_at=datetime(2017, 1, 1, tzinfo=UTC),
        uid="1743951792",
        post_id="4058868600000001",
        created_at=None,
        text="x",
        text_truncated=False,
        kind="original",
        format="text",
        links=tuple(f"https://{'y' * 1_980}/{number}" for number in range(600)),
        content_version="0" * 16,
        via="timeline",
    )


def test_the_fast_paths_of_kafka_python_are_in_use() -> None:
    # Without these two packages everything works, seven times slower, and nothing says so.
    assert crc32c_c is not None
    assert has_lz4()


def test_a_missing_broker_is_named_with_what_to_try() -> None:
    with pytest.raises(KafkaUnreachableError, match=r"127\.0\.0\.1:1 .*weiplomacy status.*kafka\.bootstrap_servers"):
        connect(["127.0.0.1:1"], connect_ms=500)


def test_a_server_without_a_port_is_named() -> None:
    with pytest.raises(KafkaUnreachableError, match="does not answer at no such host"):
        connect(["no such host"], connect_ms=500)


@pytest.mark.stack
async def test_a_page_is_acknowledged_and_arrives_as_cloudevents(kafka: KafkaProcess) -> None:
    before = machine_time()
    consumer = KafkaConsumer(bootstrap_servers=kafka.servers, consumer_timeout_ms=30_000)
    partitions = [TopicPartition(SAMPLES.name, number) for number in range(SAMPLES.partitions)]
    consumer.assign(partitions)
    # What others left in the topic is not ours.
    for partition, end in ends_of(consumer, partitions).items():
        consumer.seek(partition, end)
    events = samples(20)
    publisher = Publisher(kafka.servers, SOURCE)
    await publisher.start()
    outcome = await publisher.publish("a page", events, "guest-2")
    await publisher.close()
    assert outcome.complete
    assert outcome.acknowledged == outcome.published == Counter({"engagement.sample": 20})

    found = list(islice(consumer, 20))
    consumer.close()
    assert [decode(record.value, record.headers) for record in found] == events
    assert {record.key for record in found} == {b"us-embassy"}
    assert attributes(found[0].headers) == (events[0].type, (SOURCE, SOFTWARE, "guest-2"))
    # Not 2017: Kafka would expire it at once.
    assert all(record.timestamp >= before.timestamp() * 1_000 - 1_000 for record in found)


@pytest.mark.stack
async def test_a_page_without_events_is_complete(kafka: KafkaProcess) -> None:
    publisher = Publisher(kafka.servers, SOURCE)
    assert (await publisher.publish("nothing", [], None)).complete
    await publisher.close()


@pytest.mark.stack
async def test_an_event_that_is_too_large_is_named_and_the_rest_goes_on(kafka: KafkaProcess) -> None:
    publisher = Publisher(kafka.servers, SOURCE)
    outcome = await publisher.publish("a page", [giant(), *samples(2)], None)
    again = await publisher.publish("the next page", samples(2), None)
    await publisher.close()
    assert outcome.acknowledged == Counter({"engagement.sample": 2})
    (problem,) = outcome.problems
    assert "a page" in problem
    assert giant().event_id in problem
    assert "too large" in problem
    assert again.complete
    assert publisher.replaced == 0


@pytest.mark.stack
async def test_publishing_resumes_after_a_freeze_longer_than_the_delivery_timeout(kafka: KafkaProcess) -> None:
    publisher = Publisher(kafka.servers, SOURCE, delivery_timeout_ms=2_000, page_deadline_s=60)
    await publisher.start()
    assert (await publisher.publish("before", samples(5), None)).complete
    kafka.signal(signal.SIGSTOP)
    try:
        frozen, other = await asyncio.gather(
            publisher.publish("in the freeze", samples(5), None),
            publisher.publish("elsewhere", [sample(7).model_copy(update={"account_id": "fr-embassy"})], None),
        )
    finally:
        kafka.signal(signal.SIGCONT)
    assert not frozen.complete
    assert "in the freeze: Kafka gave up on 5 of 5" in frozen.problems[0]
    # Whatever the stuck producer holds is given up with it, long before the page's deadline.
    assert "elsewhere: Kafka gave up on 1 of 1" in other.problems[0]
    assert publisher.replaced == 1
    outcome = await publisher.publish("after", samples(5, 100), None)
    assert outcome.problems == []
    assert outcome.acknowledged == Counter({"engagement.sample": 5})
    await publisher.close()


@pytest.mark.stack
async def test_a_page_fails_by_its_own_deadline_before_the_delivery_expires(kafka: KafkaProcess) -> None:
    publisher = Publisher(kafka.servers, SOURCE, page_deadline_s=1)
    await publisher.start()
    kafka.signal(signal.SIGSTOP)
    try:
        outcome = await publisher.publish("a slow page", samples(3), None)
    finally:
        kafka.signal(signal.SIGCONT)
    await publisher.close()
    assert outcome.acknowledged.total() == 0
    assert "0 of 3 events within 1 s (kafka.page_deadline_s)" in outcome.problems[0]


@pytest.mark.stack
async def test_an_import_says_how_many_events_kafka_has(kafka: KafkaProcess) -> None:
    counts = await asyncio.to_thread(publish_all, kafka.servers, SOURCE, iter(samples(6_000)))
    assert counts == Counter({"engagement.sample": 6_000})


@pytest.mark.stack
async def test_an_import_stops_at_an_event_that_is_too_large(kafka: KafkaProcess) -> None:
    with pytest.raises(EventTooLargeError, match=giant().event_id):
        await asyncio.to_thread(publish_all, kafka.servers, SOURCE, [giant()])
