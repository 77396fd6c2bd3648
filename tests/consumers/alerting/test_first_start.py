"""The first start of an alerter where Kafka has deleted what came first: ClickHouse still has it."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from consumers.alerting.alerter import READ
from consumers.alerting.first_start import LOOKBACK, beginnings, learn
from consumers.alerting.watching import watch_of
from deploy.stack.topics import make_topics
from schemas import registry
from schemas.cloudevents import encode
from schemas.events import EngagementSample
from schemas.settings import Settings
from schemas.software import SOFTWARE
from schemas.topics import LANES, SAMPLES, Topic
from tests.consumer_process import ConsumerProcess, alerter_process
from tests.consumers.alerting.test_alerter import PATIENCE_S, lanes, told
from tests.kafka_process import KafkaProcess
from tests.schemas.examples import SAMPLE
from tests.schemas.test_views import fill

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

DELETED = 40


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """A broker of its own: nobody has remembered anything in it, until the last test that asks for it."""
    process = KafkaProcess(tmp_path_factory.mktemp("kafka"))
    process.start()
    yield process
    process.stop()


def test_a_kafka_that_has_deleted_nothing_needs_no_database(broker: KafkaProcess) -> None:
    consumer = KafkaConsumer(bootstrap_servers=broker.servers)
    found = beginnings(consumer, READ)
    consumer.close()
    assert set(found.values()) == {0}
    assert {place.topic for place in found} == {topic.name for topic in READ}


def test_a_topic_that_the_client_has_not_heard_of_yet_is_waited_for(broker: KafkaProcess) -> None:
    late = Topic("weibo.late", 1, ())
    consumer, admin = (
        KafkaConsumer(bootstrap_servers=broker.servers),
        KafkaAdminClient(bootstrap_servers=broker.servers),
    )
    made = threading.Timer(2.0, make_topics, (admin, (late,)))
    made.start()
    found = beginnings(consumer, [*READ, late])
    made.join()
    consumer.close()
    admin.close()
    assert len(found) == sum(topic.partitions for topic in READ) + 1


def test_what_kafka_has_deleted_is_learnt_and_what_it_has_is_told(
    migrated, broker: KafkaProcess, tmp_path: Path
) -> None:
    client, settings = migrated
    events = lanes(seed=5, count=90)
    # A week ago for the alerter is as good as never.
    assert events[DELETED - 1].observed_at - events[0].observed_at < LOOKBACK
    fill(client, events)
    producer = KafkaProducer(bootstrap_servers=broker.servers, acks="all")
    for event in events:
        message = encode(event, "urn:weiplomacy:replica", SOFTWARE)
        producer.send(LANES.name, key=message.key, value=message.value, headers=message.headers)
    producer.close()
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    admin.delete_records({TopicPartition(LANES.name, 0): DELETED})
    admin.close()

    plain = Settings(home=tmp_path / "plain")
    watch = watch_of(plain, registry.load(plain))
    alerts = [alert for event in events for alert in watch.feed(event)]
    expected = [alert.event_id for alert in alerts if alert.observed_at >= events[DELETED].observed_at]
    anew = watch_of(plain, registry.load(plain))
    ignorant = [alert.event_id for event in events[DELETED:] for alert in anew.feed(event)]
    assert expected and expected != ignorant

    def alerter(clickhouse: str) -> ConsumerProcess:
        return alerter_process(tmp_path / "home", broker.servers, WEIPLOMACY_CLICKHOUSE__URL=clickhouse).start()

    process = alerter(settings.clickhouse_url)
    until = time.monotonic() + PATIENCE_S
    while [alert.event_id for alert in told(broker)] != expected:
        assert time.monotonic() < until, process.words()
        assert process.exit_code() is None, process.words()
        time.sleep(0.5)
    assert process.stop() == 0, process.words()
    assert "what is usual is learnt from ClickHouse" in process.words()
    # Who remembers needs no database.
    process = alerter("http://127.0.0.1:9")
    while process.words().count("remembers") < 2:
        assert time.monotonic() < until, process.words()
        time.sleep(0.2)
    assert process.stop() == 0, process.words()
    assert process.words().count("learnt from ClickHouse") == 1
    # What was told last may be published once more, and nothing else is.
    assert list(dict.fromkeys(alert.event_id for alert in told(broker))) == expected


def test_an_event_that_can_not_be_judged_is_passed_over(migrated, monkeypatch: pytest.MonkeyPatch) -> None:
    client, settings = migrated
    samples = [SAMPLE.model_copy(update={"observed_at": SAMPLE.observed_at + timedelta(hours=hour)}) for hour in (0, 1)]
    fill(client, samples)
    watch, fed = watch_of(settings, registry.load(settings)), []

    def stumbling(event):
        fed.append(event.observed_at)
        raise ValueError("a fault of ours")

    monkeypatch.setattr(watch, "feed", stumbling)
    assert learn(client, settings, watch, {TopicPartition(SAMPLES.name, 0): 2}, lambda moment: None, lambda: False)
    assert fed == [sample.observed_at for sample in samples]


def test_only_the_last_days_are_learnt_and_a_stop_leaves_it_undone(migrated) -> None:
    client, settings = migrated
    old, new = SAMPLE, SAMPLE.model_copy(update={"observed_at": SAMPLE.observed_at + timedelta(days=20)})
    fill(client, [old, new])
    begin = {TopicPartition(SAMPLES.name, 0): 2}
    watch, seen = watch_of(settings, registry.load(settings)), []
    fed: list[EngagementSample] = []
    feed = watch.feed

    def watched(event):
        fed.append(event)
        return feed(event)

    watch.feed = watched
    assert learn(client, settings, watch, begin, seen.append, lambda: False)
    assert [event.observed_at for event in fed] == [new.observed_at]
    assert not learn(client, settings, watch, begin, seen.append, lambda: True)
    assert len(fed) == 1
