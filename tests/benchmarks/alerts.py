"""From a sample in Kafka to the alert in Kafka: milliseconds at 5,000 samples/s, what a sample costs and a post keeps.

python -m tests.benchmarks.alerts --rate 5000 --seconds 60

A real broker and the alerter's own process. First it learns what is usual from a backlog, at its own pace: what a
sample costs. Then every post is sampled once in half an hour of event time, so many a second of machine time, and now
and then one takes off. The latency is the difference of the two records' times in Kafka. Target: p99 below two seconds;
the call of a channel comes after that. The exit code is 0 where it is met.
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
from schemas.cloudevents import encode, event_of, header
from schemas.events import EngagementSample
from schemas.software import SOFTWARE
from schemas.topics import ALERT_STATE, ALERTS, SAMPLES
from tests.benchmarks.processes import machine, own
from tests.consumer_process import ConsumerProcess
from tests.event_reader import every_record
from tests.kafka_process import KafkaProcess

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
INTERVAL = timedelta(minutes=30)
ACCOUNTS = 100
LEARNING_POSTS = 30
LEARNING_SAMPLES = 24
TAKE_OFF = 30
LOOK_S = 0.2
PATIENCE_S = 300.0
TARGET_S = 2.0


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
    state_bytes: float
    posts: int
    machine: dict[str, Any]

    def quantile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def met(self) -> bool:
        return bool(self.latencies) and self.quantile(0.99) < TARGET_S * 1000

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
            "latency_ms": {
                "alerts": len(self.latencies),
                "p50": round(median(self.latencies), 1) if self.latencies else None,
                "p99": round(self.quantile(0.99), 1) if self.latencies else None,
                "max": round(max(self.latencies), 1) if self.latencies else None,
            },
            "state": {"posts": self.posts, "bytes_per_post": round(self.state_bytes)},
            "machine": self.machine,
        }


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
        alerter = ConsumerProcess(
            "alerting.alerter",
            Path(folder) / "home",
            WEIPLOMACY_ORIGIN="replica",
            WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS=",".join(kafka.servers),
        )
        producer = KafkaProducer(bootstrap_servers=kafka.servers, acks="all", linger_ms=5, compression_type="lz4")
        try:
            return _measured(kafka, alerter, producer, Path(folder) / "home", dice, rate, seconds)
        finally:
            producer.close()
            if alerter.process and alerter.exit_code() is None:
                alerter.stop()
            kafka.stop()


def _measured(
    kafka: KafkaProcess,
    alerter: ConsumerProcess,
    producer: KafkaProducer,
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
    # A post that is seen for the first time is none that takes off: the first round is only to know them.
    began, sampled = time.monotonic(), 0
    for round_number in range(seconds):
        for post in dice.sample(posts, min(len(posts), 5)) if round_number > 2 else ():
            post.took_off = TAKE_OFF
        for post in posts:
            _send(producer, post.sample(start + round_number * INTERVAL))
            sampled += 1
        wait = began + round_number + 1 - time.monotonic()
        if wait > 0:
            time.sleep(wait)
    took = time.monotonic() - began
    producer.flush()
    _caught_up(alerter, home)
    cpu_s = own(alerter.process.pid) - learning_cpu_s
    latencies, state_bytes, known = _read(kafka)
    return Result(
        learnt, learning_s, learning_cpu_s, sampled, took, cpu_s, latencies, state_bytes, known, machine()
    )  # fmt: skip


def _send(producer: KafkaProducer, event: EngagementSample) -> None:
    message = encode(event, "urn:weiplomacy:replica", SOFTWARE)
    producer.send(SAMPLES.name, key=message.key, value=message.value, headers=message.headers)


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


def _read(kafka: KafkaProcess) -> tuple[list[float], float, int]:
    """Latencies in ms of alerts of the second part; bytes of state per post, and posts."""
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
        elif record.topic == ALERT_STATE.name and record.key.startswith(b"posts/post:"):
            states[record.key] = len(record.key) + len(record.value or b"")
    latencies = [
        float(at - sampled[alert.post_id, alert.observed_at])
        for alert, at in told
        if alert.post_id is not None and (alert.post_id, alert.observed_at) in sampled
    ]
    return latencies, sum(states.values()) / max(len(states), 1), len(states)


def show(result: Result) -> None:
    """Print it as a table."""
    table = Table("what", "figure", title="From a sample in Kafka to the alert in Kafka")
    document = result.document()
    for part in ("learning", "steady", "latency_ms", "state", "machine"):
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
