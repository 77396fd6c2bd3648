"""kill -9 of alerter, sender and broker at random under load: the same episodes, and each change delivered.

python -m tests.faults.alert_kills --kills 30 --rate 300 --seed 1

Samples of posts of which some take off go into one partition, so that their order is that of the plain run which they
are compared with: every alert must be there, each with the content that it has without any kill, and each that the
rules tell at once must have reached a signed webhook; what came twice is counted.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from kafka import KafkaProducer

from consumers.alerting.routing import decide
from consumers.alerting.told import Told
from consumers.alerting.watching import watch_of
from consumers.delivery.log import Delivery, still_owed
from schemas import registry
from schemas.alert_rules_file import parse
from schemas.alerts import AlertChanged, AlertDelivery
from schemas.clock import write_clock
from schemas.cloudevents import decode, encode
from schemas.events import EngagementSample
from schemas.settings import Settings
from schemas.software import SOFTWARE
from schemas.topics import ALERTS, DELIVERIES, SAMPLES
from tests.benchmarks.alerts import BEGIN, Post
from tests.consumer_process import ConsumerProcess, alerter_process, sender_process
from tests.consumers.delivery.imitations.webhook import WebhookReceiver
from tests.event_reader import every_record
from tests.kafka_process import KafkaProcess

ACCOUNTS, POSTS, SAMPLES_OF_A_POST = 12, 30, 24
#: So many posts in a hundred take off, after the first half, from which others learn.
TAKES_OFF = 15
CATCH_UP_S = 180.0
SECRET = "a secret of more than 24 bytes"
RULES = """
[[channel]]
name = "hook"
address = "webhook+http://{host}/take"
secret = "env:HOOK_SECRET"
[[subscription]]
name = "all"
channels = ["hook"]
at_most = "100000/hour"
follow_ups = ["escalated", "updated", "ended"]
"""


@dataclass
class Result:
    """What a campaign found."""

    kills: dict[str, int]
    samples: int
    seconds: float
    alerts: int
    repeated_alerts: int
    delivered: int
    repeated_messages: int
    wrong: list[str]

    def line(self) -> str:
        kills = ", ".join(f"{count} × {victim}" for victim, count in sorted(self.kills.items()))
        verdict = "the same alerts, each delivered" if not self.wrong else "NOT THE SAME: " + "; ".join(self.wrong)
        return (
            f"{sum(self.kills.values())} kill -9 ({kills}), {self.samples} samples at "
            f"{self.samples / max(self.seconds, 1e-9):.0f}/s, {self.alerts} alerts ({self.repeated_alerts} published "
            f"twice), {self.delivered} messages delivered ({self.repeated_messages} twice): {verdict}"
        )


def samples(seed: int) -> list[EngagementSample]:
    """What is observed, in order."""
    dice = random.Random(seed)
    found = []
    for account in range(ACCOUNTS):
        size = dice.lognormvariate(5.0, 0.7)
        for number in range(POSTS):
            created = BEGIN + (2 * number + account / ACCOUNTS) * timedelta(hours=1)
            post_size = size * dice.lognormvariate(0, 0.4)
            post = Post(str(10**15 + account * 1_000 + number), f"account-{account}", created, post_size)
            takes_off = dice.randrange(4, 16) if number > POSTS // 2 and dice.randrange(100) < TAKES_OFF else None
            for step in range(1, SAMPLES_OF_A_POST + 1):
                post.took_off = 30 if takes_off is not None and step >= takes_off else 1
                found.append(post.sample(created + step * timedelta(minutes=30)))
    return sorted(found, key=lambda event: (event.observed_at, event.post_id))


def expected(
    events: Sequence[EngagementSample], rules: str, home: Path
) -> tuple[list[AlertChanged], set[tuple[str, int]]]:
    """The alerts of a plain run, and the changes that the rules tell at once."""
    settings = Settings(home=home)
    accounts = registry.load(settings)
    watch = watch_of(settings, accounts)
    alerts = [alert for event in events for alert in watch.feed(event)]
    found, _ = parse(rules, accounts, environment={"HOOK_SECRET": SECRET})
    told, now = Told(), set[tuple[str, int]]()
    for alert in alerts:
        for decision in decide(found, alert, BEGIN, told):
            told.note(decision, alert, BEGIN)
            if decision.when == "now":
                now.add((alert.episode_id, alert.number))
    return alerts, now


def campaign(folder: Path, kafka: KafkaProcess, kills: int, rate: int, seed: int) -> Result:
    """Kill so often while samples come in; then compare."""
    chance = random.Random(seed)
    events = samples(seed)
    with WebhookReceiver(SECRET) as hook:
        rules = RULES.format(host=hook.host)
        alerts, now = expected(events, rules, folder / "plain")
        home = folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        (home / "alerts.toml").write_text(rules, encoding="utf-8")
        # It stands still where the samples begin: none of them is old news.
        write_clock(home / "clock.json", BEGIN, 0)
        common = {"WEIPLOMACY_CLOCK_FILE": str(home / "clock.json"), "HOOK_SECRET": SECRET}
        parts = {
            "alerter": alerter_process(home, kafka.servers, **common).start(),
            "sender": sender_process(home, kafka.servers, **common).start(),
        }
        began = time.monotonic()
        sending = threading.Thread(target=_send, args=(kafka, events, rate), daemon=True)
        sending.start()
        done: dict[str, int] = {}
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 2.5))
            victim = chance.choice(["alerter", "alerter", "sender", "sender", "broker"])
            done[victim] = done.get(victim, 0) + 1
            if victim == "broker":
                kafka.kill()
                kafka.start()
            else:
                parts[victim].kill()
            # Whoever has ended, by the blow or by what it met, is started again, as the supervisor does.
            for part in parts.values():
                if part.exit_code() is not None:
                    part.start()
        sending.join(CATCH_UP_S)
        seconds = time.monotonic() - began
        try:
            wrong, repeated, delivered = _compared(kafka, alerts, now, parts)
        finally:
            for part in parts.values():
                if part.exit_code() is None:
                    part.stop()
        return Result(done, len(events), seconds, len(alerts), repeated, delivered, hook.repeated, wrong)


def _send(kafka: KafkaProcess, events: Sequence[EngagementSample], rate: int) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.servers, acks="all", enable_idempotence=True, retries=1_000)
    began = time.monotonic()
    for number, event in enumerate(events):
        message = encode(event, "urn:weiplomacy:replica", SOFTWARE)
        producer.send(SAMPLES.name, key=message.key, value=message.value, headers=message.headers, partition=0)
        wait = began + number / rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
    producer.flush(CATCH_UP_S)
    producer.close()


def _compared(
    kafka: KafkaProcess,
    alerts: Sequence[AlertChanged],
    now: set[tuple[str, int]],
    parts: dict[str, ConsumerProcess],
) -> tuple[list[str], int, int]:
    """What is wrong once all is through; alerts that were published twice; changes that were delivered."""
    wanted = {alert.event_id: alert for alert in alerts}
    until = time.monotonic() + CATCH_UP_S
    while True:
        found, log = _read(kafka)
        arrived = {(one.episode_id, one.number) for one in log if one.outcome == "delivered"}
        through = {alert.event_id for alert in found} >= wanted.keys() and arrived >= now and not still_owed(log)
        if through or time.monotonic() > until:
            break
        for part in parts.values():
            if part.exit_code() is not None:
                part.start()
        time.sleep(1.0)
    wrong = []
    different = [alert.event_id for alert in found if wanted.get(alert.event_id) != alert]
    missing = wanted.keys() - {alert.event_id for alert in found}
    if different:
        wrong.append(f"{len(different)} alerts that no plain run tells, such as {different[0]}")
    if missing:
        wrong.append(f"{len(missing)} alerts are missing, such as {min(missing)}")
    if now - arrived:
        wrong.append(f"{len(now - arrived)} changes did not arrive, such as {min(now - arrived)}")
    if arrived - now:
        wrong.append(f"{len(arrived - now)} changes arrived that no rule tells, such as {min(arrived - now)}")
    return wrong, len(found) - len({alert.event_id for alert in found}), len(arrived)


def _read(kafka: KafkaProcess) -> tuple[list[AlertChanged], list[Delivery]]:
    found, log = [], []
    for record in every_record(kafka.servers):
        if record.topic not in (ALERTS.name, DELIVERIES.name):
            continue
        event = decode(record.value, record.headers)
        if isinstance(event, AlertChanged):
            found.append(event)
        elif isinstance(event, AlertDelivery):
            log.append(
                Delivery(event.observed_at, event.channel, event.episode_id, event.number, event.outcome)  # type: ignore[arg-type]
            )
    return found, log


def main(given: Sequence[str] | None = None) -> int:
    """Run a campaign and print its line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--rate", type=int, default=300, help="samples a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as folder:
        kafka = KafkaProcess(Path(folder) / "kafka")
        kafka.start()
        try:
            result = campaign(Path(folder), kafka, options.kills, options.rate, options.seed)
        finally:
            kafka.stop()
    print(result.line())
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
