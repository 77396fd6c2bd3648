"""The alerter as a process over a real broker: whatever kills it, it tells each change once, and the same ones."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from kafka import KafkaProducer

from consumers.alerting.watching import watch_of
from consumers.turns import CLOSING, EPOCH, closing_value
from schemas import registry
from schemas.alerts import AlertChanged
from schemas.cloudevents import decode, encode
from schemas.events import LaneChanged
from schemas.settings import Settings
from schemas.software import SOFTWARE
from schemas.topics import ALERT_STATE, ALERTS, LANES
from tests.consumer_process import ConsumerProcess, alerter_process, starting
from tests.event_reader import every_record
from tests.kafka_process import KafkaProcess
from tests.schemas.examples import LANE

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

PATIENCE_S = 90.0


def lanes(seed: int, count: int) -> list[LaneChanged]:
    """Lanes that fall ill and recover."""
    dice = random.Random(seed)
    return [
        LANE.model_copy(
            update={
                "lane": dice.choice("ab"),
                "state": dice.choice(["healthy", "challenged", "dead"]),
                "observed_at": LANE.observed_at + timedelta(hours=7 * number),
            }
        )
        for number in range(count)
    ]


def expected(events: list[LaneChanged], home: Path) -> list[AlertChanged]:
    settings = Settings(home=home)
    watch = watch_of(settings, registry.load(settings))
    return [alert for event in events for alert in watch.feed(event)]


def told(kafka: KafkaProcess) -> list[AlertChanged]:
    """Every alert in the topic, repeats included."""
    found = [
        decode(record.value, record.headers) for record in every_record(kafka.servers) if record.topic == ALERTS.name
    ]
    return [event for event in found if isinstance(event, AlertChanged)]


@pytest.fixture
def started(kafka: KafkaProcess, tmp_path: Path) -> Iterator[Callable[[], ConsumerProcess]]:
    """Starts alerters one after the other, and ends them with the test."""
    with starting(lambda: alerter_process(tmp_path / "home", kafka.servers)) as start:
        yield start


def test_kills_change_nothing_of_what_is_told(
    kafka: KafkaProcess, started: Callable[[], ConsumerProcess], tmp_path: Path
) -> None:
    events = lanes(seed=1, count=600)
    wanted = {alert.event_id: alert for alert in expected(events, tmp_path / "plain")}
    assert len(wanted) > 100
    producer = KafkaProducer(bootstrap_servers=kafka.servers, acks="all")
    dice = random.Random(2)
    process = started()
    for number, event in enumerate(events):
        message = encode(event, "urn:weiplomacy:replica", SOFTWARE)
        producer.send(LANES.name, key=message.key, value=message.value, headers=message.headers)
        if number % 150 == 149:
            producer.flush()
            time.sleep(dice.uniform(0.0, 4.0))
            process.kill()
            process = started()
    producer.close()
    until = time.monotonic() + PATIENCE_S
    while (found := {alert.event_id: alert for alert in told(kafka)}).keys() != wanted.keys():
        assert time.monotonic() < until, process.words()
        assert process.exit_code() is None, process.words()
        time.sleep(0.5)
    assert found == wanted
    assert process.stop() == 0, process.words()
    in_order = [alert.event_id for alert in told(kafka)]
    assert list(dict.fromkeys(in_order)) == list(wanted), "repeats come after what they repeat, and in order"


def test_what_can_not_be_read_is_left_to_the_loader(
    kafka: KafkaProcess, started: Callable[[], ConsumerProcess]
) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.servers, acks="all")
    before = len(told(kafka))
    for broken in (b"no json", b"{}"):
        producer.send(LANES.name, key=b"k", value=broken, headers=[("ce_type", b"weiplomacy.lane.changed.v1")])
    other = LANE.model_copy(update={"worker": "other", "observed_at": LANE.observed_at + timedelta(days=9_000)})
    message = encode(other, "urn:weiplomacy:replica", SOFTWARE)
    producer.send(LANES.name, key=message.key, value=message.value, headers=message.headers)
    producer.close()
    process = started()
    until = time.monotonic() + PATIENCE_S
    while len(told(kafka)) == before:
        assert time.monotonic() < until and process.exit_code() is None, process.words()
        time.sleep(0.5)
    assert process.stop() == 0, process.words()


def test_a_broken_memory_is_named_and_ends_the_alerter(
    kafka: KafkaProcess, started: Callable[[], ConsumerProcess]
) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.servers, acks="all")
    producer.send(ALERT_STATE.name, key=CLOSING.encode(), value=b"{", headers=[(EPOCH, b"99")])
    producer.flush()
    process = started()
    assert process.process is not None
    assert process.process.wait(60) == 1
    # The broker is shared: a whole memory stands in the place of the broken one.
    producer.send(ALERT_STATE.name, key=CLOSING.encode(), value=closing_value(1, {}, ()), headers=[(EPOCH, b"99")])
    producer.close()
    assert "weibo.alert-state holds a turn that can't be read" in process.words()
    assert "Traceback" not in process.words()
