"""The sender over a real broker: killed again and again, it tells each channel each change at least once."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from kafka import KafkaProducer

from consumers.delivery.log import Delivery, still_owed
from schemas.alerts import AlertChanged, AlertDelivery
from schemas.clock import machine_time
from schemas.cloudevents import decode, encode
from schemas.software import SOFTWARE
from schemas.topics import ALERTS, DELIVERIES
from tests.consumer_process import ConsumerProcess, sender_process, starting
from tests.consumers.delivery.imitations.webhook import WebhookReceiver
from tests.event_reader import every_record
from tests.kafka_process import KafkaProcess, free_port
from tests.schemas.examples import ALERT

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

PATIENCE_S = 90.0
SECRET = "a secret of more than 24 bytes"
RULES = """
[[channel]]
name = "hook"
address = "webhook+http://{host}/take"
secret = "env:HOOK_SECRET"
[[channel]]
name = "dead"
address = "webhook+http://127.0.0.1:{dead}/"
secret = "env:HOOK_SECRET"
[[channel]]
name = "shut"
address = "dingtalk://"
token = "env:NOT_THERE"
secret = "env:NOT_THERE"
[[subscription]]
name = "all"
channels = ["hook", "dead", "shut"]
at_most = "1000/hour"
follow_ups = ["escalated", "updated", "ended"]
"""


def change(episode: int, number: int, kind: str) -> AlertChanged:
    moment = machine_time() - timedelta(seconds=30 - number)
    return ALERT.model_copy(
        update={
            "episode_id": f"post_rise:{episode}:x",
            "post_id": str(episode),
            "number": number,
            "change": kind,
            "observed_at": moment,
            "started_at": moment,
            "ended_at": moment if kind == "ended" else None,
            "severity": "warning",
            "muted_by": None,
            "story": None,
        }
    )


def publish(producer: KafkaProducer, alert: AlertChanged) -> None:
    message = encode(alert, "urn:weiplomacy:replica", SOFTWARE)
    producer.send(ALERTS.name, key=message.key, value=message.value, headers=message.headers)
    producer.flush()


def logged(kafka: KafkaProcess) -> list[Delivery]:
    """The delivery log, as the outbox's own records."""
    events = [decode(one.value, one.headers) for one in every_record(kafka.servers) if one.topic == DELIVERIES.name]
    return [
        Delivery(event.observed_at, event.channel, event.episode_id, event.number, event.outcome)  # type: ignore[arg-type]
        for event in events
        if isinstance(event, AlertDelivery)
    ]


def wait_for(true: Callable[[], bool], process: ConsumerProcess) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until, process.words()
        assert process.exit_code() is None, process.words()
        time.sleep(0.2)


@pytest.fixture
def started(kafka: KafkaProcess, tmp_path: Path) -> Iterator[Callable[[], ConsumerProcess]]:
    """Starts senders one after the other, and ends them with the test."""
    with starting(lambda: sender_process(tmp_path / "home", kafka.servers, HOOK_SECRET=SECRET)) as start:
        yield start


def test_every_change_arrives_whatever_is_killed_and_a_wrong_edit_changes_nothing(
    kafka: KafkaProcess, started: Callable[[], ConsumerProcess], tmp_path: Path
) -> None:
    dice = random.Random(1)
    producer = KafkaProducer(bootstrap_servers=kafka.servers, acks="all")
    rules = tmp_path / "home" / "alerts.toml"
    rules.parent.mkdir(parents=True)
    with WebhookReceiver(SECRET) as hook:
        rules.write_text(RULES.format(host=hook.host, dead=free_port()), encoding="utf-8")
        process = started()
        steps = [(1, "started"), (2, "updated"), (3, "ended")]
        for episode in range(100, 124):
            for number, kind in steps:
                publish(producer, change(episode, number, kind))
            if episode % 6 == 5:
                time.sleep(dice.uniform(0.0, 3.0))
                process.kill()
                process = started()
        wanted = {f"post_rise:{episode}:x" for episode in range(100, 124)}

        def ended() -> set[str]:
            return {event["data"]["episode_id"] for event in hook.taken if event["data"]["change"] == "ended"}

        wait_for(lambda: ended() >= wanted, process)
        # Those that came while the sender was down were told in one message with the later one, never after it.
        for episode in wanted:
            numbers = [event["data"]["number"] for event in hook.taken if event["data"]["episode_id"] == episode]
            assert numbers == sorted(numbers), "an end never comes before its beginning"
        wait_for(lambda: {key for key in still_owed(logged(kafka)) if key[0] == "hook"} == set(), process)
        said = logged(kafka)
        arrived = {(one.episode_id, one.number) for one in said if (one.channel, one.outcome) == ("hook", "delivered")}
        assert arrived == {(episode, number) for episode in wanted for number in (1, 2, 3)}
        owed = still_owed(said)
        assert {channel for channel, _, _ in owed} == {"dead", "shut"}, "those channels owe it, and hold up nobody"
        words = process.log.read_text(encoding="utf-8")
        assert "NOT_THERE" in words and SECRET not in words

        rules.write_text('[[channel]]\nname = "hook"\n', encoding="utf-8")
        wait_for(lambda: "those before it stay in force" in process.words(), process)
        publish(producer, change(200, 1, "started"))
        wait_for(lambda: any(event["data"]["episode_id"] == "post_rise:200:x" for event in hook.taken), process)
        assert process.stop() == 0, process.words()
        assert "Traceback" not in process.log.read_text(encoding="utf-8")
    producer.close()
