"""From a sample in Kafka to the call of a channel: ms at 5,000 samples/s, what a sample costs and a post keeps.

python -m tests.benchmarks.alerts --rate 5000 --seconds 60

A real broker, and the alerter's and the sender's own processes. First the alerter learns what is usual from a backlog,
at its own pace: what a sample costs. Then it gets to know the posts that are to be followed. Then every post is sampled
once in half an hour of event time, so many a second of machine time, and now and then one takes off; each has a topic
of its own, so that no two are one story. The latency is that from the time of the sample's record in Kafka to the
arrival of the request at a webhook on this machine, which checks the signature. Target: p99 below two seconds. The exit
code is 0 where it is met.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from kafka import KafkaProducer
from rich.console import Console
from rich.table import Table

from schemas.alerts import AlertChanged
from schemas.clock import write_clock
from schemas.cloudevents import encode, event_of, header
from schemas.events import EngagementSample, PostSeen
from schemas.software import SOFTWARE
from schemas.topics import ALERT_STATE, ALERTS, SAMPLES, topic_of
from tests.benchmarks.processes import machine, own
from tests.consumer_process import ConsumerProcess, alerter_process, sender_process
from tests.consumers.delivery.imitations.http_server import Answered, Asked
from tests.consumers.delivery.imitations.webhook import WebhookReceiver
from tests.event_reader import every_record
from tests.kafka_process import KafkaProcess

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
INTERVAL = timedelta(minutes=30)
ACCOUNTS = 100
LEARNING_POSTS = 30
LEARNING_SAMPLES = 24
TAKE_OFF = 30
TAKE_OFFS = 5
LOOK_S = 0.2
SETTLE_S = 5.0
"""What was told last is given so long to arrive."""
PATIENCE_S = 300.0
TARGET_S = 2.0


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
"""


class Listening(WebhookReceiver):
    """Keeps when each change arrived, ms of the machine's clock."""

    def __init__(self) -> None:
        super().__init__(SECRET)
        self.arrived: dict[tuple[str, int], float] = {}

    def answer(self, asked: Asked) -> Answered:
        at = time.time() * 1000
        data = json.loads(asked.body)["data"]
        self.arrived.setdefault((data["episode_id"], data["number"]), at)
        return super().answer(asked)


@dataclass(slots=True)
class Post:
    """A post whose counters grow as posts' counters do, until it takes off."""

    post_id: str
    account_id: str
    created_at: datetime
    size: float
    took_off: float = 1.0

    def sample(self, at: datetime) -> EngagementSample:
        age = max((at - self.created_at).total_seconds(), 0.0)
        count = int(self.took_off * self.size * (1 - (1 + age / 4_000) ** -0.7))
        return EngagementSample(
            account_id=self.account_id,
            post_id=self.post_id,
            observed_at=at,
            created_at=self.created_at,
            reposts=count // 3,
            comments=count // 4,
            likes=count,
            via="timeline",
        )

    def seen(self, at: datetime) -> PostSeen:
        """The post itself."""
        topic = f"topic {self.post_id}"
        return PostSeen(
            account_id=self.account_id,
            observed_at=at,
            uid="1",
            post_id=self.post_id,
            created_at=self.created_at,
            text=f"#{topic}#",
            text_truncated=False,
            kind="original",
            format="text",
            topics=(topic,),
            content_version="0" * 16,
            via="timeline",
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured; latencies in milliseconds, from the samples that made alerts."""

    learnt: int
    learning_s: float
    learning_cpu_s: float
    sampled: int
    seconds: float
    cpu_s: float
    latencies: Sequence[float]
    #: Until the alert's record in Kafka, of all alerts, also those that are told nobody.
    in_kafka: Sequence[float]
    state_bytes: float
    posts: int
    machine: dict[str, Any]

    @property
    def met(self) -> bool:
        return bool(self.latencies) and quantile(self.latencies, 0.99) < TARGET_S * 1000

    def document(self) -> dict[str, Any]:
        return {
            "learning": {
                "samples": self.learnt,
                "seconds": round(self.learning_s, 1),
                "cpu_us_per_sample": round(self.learning_cpu_s / self.learnt * 1e6, 1),
            },
            "steady": {
                "samples": self.sampled,
                "per_second": round(self.sampled / self.seconds),
                "cpu_us_per_sample": round(self.cpu_s / self.sampled * 1e6, 1),
            },
            "latency_ms": summary(self.latencies),
            "of_it_until_kafka_ms": summary(self.in_kafka),
            "state": {"posts": self.posts, "bytes_per_post": round(self.state_bytes)},
            "machine": self.machine,
        }


def quantile(values: Sequence[float], share: float) -> float:
    """That value of a sorted series below which so large a share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summary(values: Sequence[float]) -> dict[str, Any]:
    """How many, and how long."""
    if not values:
        return {"alerts": 0, "p50": None, "p99": None, "max": None}
    found = {"p50": median(values), "p99": quantile(values, 0.99), "max": max(values)}
    return {"alerts": len(values), **{name: round(value, 1) for name, value in found.items()}}


def learning(dice: random.Random, sizes: Sequence[float]) -> Iterator[EngagementSample]:
    """What accounts did before, in the order in which it was observed."""
    posts = [
        Post(str(10**15 + account * 1_000 + number), f"account-{account}", BEGIN + number * timedelta(hours=2), 0.0)
        for account in range(ACCOUNTS)
        for number in range(LEARNING_POSTS)
    ]
    for post in posts:
        post.size = sizes[int(post.account_id.rpartition("-")[2])] * dice.lognormvariate(0, 0.4)
    moments = [(post.created_at + step * INTERVAL, post) for post in posts for step in range(1, LEARNING_SAMPLES + 1)]
    for at, post in sorted(moments, key=lambda one: (one[0], one[1].post_id)):
        yield post.sample(at)


def measure(rate: int, seconds: int, seed: int) -> Result:
    """Run it. Raises RuntimeError where the alerter dies or does not follow."""
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        kafka = KafkaProcess(Path(folder) / "kafka")
        kafka.start()
        home = Path(folder) / "home"
        home.mkdir()
        # It stands still where the samples begin, so that none of them is old news.
        write_clock(home / "clock.json", BEGIN, 0)
        settings = {"WEIPLOMACY_CLOCK_FILE": str(home / "clock.json"), "HOOK_SECRET": SECRET}
        alerter = alerter_process(home, kafka.servers, **settings)
        sender = sender_process(home, kafka.servers, **settings)
        # It shares the machine with what is measured: large batches cost it a fifth of small ones.
        producer = KafkaProducer(
            bootstrap_servers=kafka.servers, acks="all", linger_ms=20, batch_size=512 << 10, compression_type="lz4"
        )
        try:
            with Listening() as hook:
                (home / "alerts.toml").write_text(RULES.format(host=hook.host), encoding="utf-8")
                sender.start()
                return _measured(kafka, alerter, producer, hook, home, dice, rate, seconds)
        finally:
            producer.close()
            for process in (alerter, sender):
                if process.process and process.exit_code() is None:
                    process.stop()
            kafka.stop()


def _measured(
    kafka: KafkaProcess,
    alerter: ConsumerProcess,
    producer: KafkaProducer,
    hook: Listening,
    home: Path,
    dice: random.Random,
    rate: int,
    seconds: int,
) -> Result:
    sizes = [dice.lognormvariate(5.5, 1.0) for _ in range(ACCOUNTS)]
    learnt = 0
    for event in learning(dice, sizes):
        _send(producer, event)
        learnt += 1
    producer.flush()
    began = time.monotonic()
    alerter.start()
    assert alerter.process is not None
    _caught_up(alerter, home)
    learning_s, learning_cpu_s = time.monotonic() - began, own(alerter.process.pid)

    start = BEGIN + LEARNING_POSTS * timedelta(hours=2)
    posts = []
    for number in range(rate):
        account = number % ACCOUNTS
        age = dice.uniform(0.5, 12) * timedelta(hours=1)
        size = sizes[account] * dice.lognormvariate(0, 0.4)
        posts.append(Post(str(2 * 10**15 + number), f"account-{account}", start - age, size))
    # A post that is seen for the first time is none that takes off, and costs more than one that is followed.
    for post in posts:
        _send(producer, post.seen(start))
        _send(producer, post.sample(start))
    producer.flush()
    _caught_up(alerter, home)
    known_cpu_s = own(alerter.process.pid)
    began, sampled = time.monotonic(), 0
    for round_number in range(seconds):
        for post in dice.sample(posts, min(len(posts), TAKE_OFFS)) if round_number > 1 else ():
            post.took_off = TAKE_OFF
        for number, post in enumerate(posts, 1):
            _send(producer, post.sample(start + (round_number + 1) * INTERVAL))
            sampled += 1
            # Evenly over the second, in handfuls.
            wait = began + round_number + number / len(posts) - time.monotonic()
            if wait > 0.01:
                time.sleep(wait)
    took = time.monotonic() - began
    producer.flush()
    _caught_up(alerter, home)
    cpu_s = own(alerter.process.pid) - known_cpu_s
    time.sleep(SETTLE_S)
    latencies, in_kafka, state_bytes, known = _read(kafka, hook)
    return Result(
        learnt, learning_s, learning_cpu_s, sampled, took, cpu_s, latencies, in_kafka, state_bytes, known, machine()
    )  # fmt: skip


def _send(producer: KafkaProducer, event: EngagementSample | PostSeen) -> None:
    message = encode(event, "urn:weiplomacy:replica", SOFTWARE)
    producer.send(topic_of(event).name, key=message.key, value=message.value, headers=message.headers)


def _caught_up(alerter: ConsumerProcess, home: Path) -> None:
    """Wait until the alerter has said twice that nothing is left to read."""
    until, said = time.monotonic() + PATIENCE_S, set[str]()
    while len(said) < 2:
        if alerter.exit_code() is not None or time.monotonic() > until:
            raise RuntimeError(f"the alerter does not follow: {alerter.words()}")
        try:
            document = json.loads((home / "alerter.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            document = {"doing": "", "at": ""}
        if document["doing"].endswith("lag 0"):
            said.add(document["at"])
        else:
            said.clear()
        time.sleep(LOOK_S)


def _read(kafka: KafkaProcess, hook: Listening) -> tuple[list[float], list[float], float, int]:
    """Latencies of alerts of the second part, in ms, to the webhook and to Kafka; bytes per post, and posts."""
    sampled: dict[tuple[str, datetime], int] = {}
    told: list[tuple[AlertChanged, int]] = []
    states: dict[bytes, int] = {}
    for record in every_record(kafka.servers):
        if record.topic == SAMPLES.name:
            sample = event_of(record.value, header(record.headers, "ce_type") or "")
            assert isinstance(sample, EngagementSample)
            if sample.post_id.startswith("2"):
                sampled[sample.post_id, sample.observed_at] = record.timestamp
        elif record.topic == ALERTS.name:
            alert = event_of(record.value, header(record.headers, "ce_type") or "")
            assert isinstance(alert, AlertChanged)
            told.append((alert, record.timestamp))
        elif record.topic == ALERT_STATE.name and record.key.startswith(b"detectors/post:"):
            states[record.key] = len(record.key) + len(record.value or b"")
    latencies, in_kafka = [], []
    for alert, at in told:
        began = sampled.get((alert.post_id or "", alert.observed_at))
        if began is None:
            continue
        in_kafka.append(float(at - began))
        if arrived := hook.arrived.get((alert.episode_id, alert.number)):
            latencies.append(arrived - began)
    return latencies, in_kafka, sum(states.values()) / max(len(states), 1), len(states)


def show(result: Result) -> None:
    """Print it as a table."""
    table = Table("what", "figure", title="From a sample in Kafka to the call of a channel")
    document = result.document()
    for part in ("learning", "steady", "latency_ms", "of_it_until_kafka_ms", "state", "machine"):
        for name, value in document[part].items():
            table.add_row(f"{part} {name}", str(value))
    Console().print(table)


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=int, default=5_000, help="samples a second, each of a post of its own")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(given)
    if options.rate < 1 or options.seconds < 1:
        parser.error("--rate and --seconds are at least 1")
    result = measure(options.rate, options.seconds, options.seed)
    if options.json:
        print(json.dumps(result.document(), indent=2))
    else:
        show(result)
        latency = result.document()["latency_ms"]
        verdict = "met" if result.met else "missed"
        print(
            f"alerts: p50 {latency['p50']} ms, p99 {latency['p99']} ms, max {latency['max']} ms of {latency['alerts']} "
            f"alerts at {result.document()['steady']['per_second']} samples/s: target of {TARGET_S:.0f} s {verdict}"
        )
    return 0 if result.met else 1


if __name__ == "__main__":
    sys.exit(main())
