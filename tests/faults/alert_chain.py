"""The whole chain of alerts on a stage: the crawl by its plan, loader, alerter and sender, and what comes out of it."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from rich.progress import Progress as Bar

from consumers.alerting import alerter
from consumers.delivery import sender
from consumers.delivery.log import Delivery
from crawler.run import Order
from deploy.stack.topics import lag, wait_for_broker
from schemas.alerts import AlertChanged, AlertDelivery
from schemas.clock import FileClock
from schemas.cloudevents import decode
from schemas.events import AnyEvent, EngagementSample
from schemas.topics import ALERTS
from tests.consumer_process import ConsumerProcess, alerter_process, loader_process, sender_process
from tests.event_reader import HOLDS_EVENTS, every_record
from tests.faults.crawl_stage import Run, Stage
from tests.kafka_process import KafkaProcess

FILLED_DAYS = 60
"""So far back the accounts are read before the first day."""
SECRET = "a secret of more than 24 bytes"
RULES = """
[[channel]]
name = "press"
address = "webhook+http://{press}/take"
secret = "env:HOOK_SECRET"
[[channel]]
name = "ops"
address = "webhook+http://{ops}/take"
secret = "env:HOOK_SECRET"
[[subscription]]
name = "all"
channels = ["press"]
at_most = "100000/hour"
follow_ups = ["escalated", "updated", "ended"]
[[subscription]]
name = "watcher"
about = ["watcher"]
channels = ["ops"]
at_most = "100000/hour"
"""
CATCH_UP_S = 120.0
LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Course:
    """When the crawl goes on, by the replica's clock (UTC), and how many times as fast as the machine's that runs.

    From `away` to `back` there is no crawl.
    """

    begin: datetime
    away: datetime
    back: datetime
    end: datetime
    speed: float


@dataclass(frozen=True, slots=True)
class Chain:
    """What came out of the chain: events, the log of deliveries, and seconds from a sample in Kafka to its alert and
    to its delivery, machine time.
    """

    events: Sequence[AnyEvent]
    alerts: Sequence[AlertChanged]
    deliveries: Sequence[Delivery]
    alert_s: Sequence[float]
    delivered_s: Sequence[float]


@contextmanager
def consuming(
    folder: Path, kafka: KafkaProcess, clickhouse: str, clock_file: Path, rules: str, crawl: Mapping[str, float]
) -> Iterator[list[ConsumerProcess]]:
    """Loader, alerter and sender, with the clock of the crawl and its settings; they are stopped in the end."""
    home = folder / "alerts"
    home.mkdir(parents=True, exist_ok=True)
    (home / "alerts.toml").write_text(rules, encoding="utf-8")
    common = {
        "WEIPLOMACY_CLOCK_FILE": str(clock_file),
        "HOOK_SECRET": SECRET,
        **{f"WEIPLOMACY_CRAWL__{name.upper()}": str(value) for name, value in crawl.items()},
    }
    parts = [
        loader_process(folder / "loader", kafka.servers, clickhouse),
        alerter_process(home, kafka.servers, **common),
        sender_process(home, kafka.servers, **common),
    ]
    try:
        yield [part.start() for part in parts]
    finally:
        for part in parts:
            if part.process is not None and part.exit_code() is None:
                part.stop()


def crawl(stage: Stage, course: Course, accounts: Sequence[str], parts: Sequence[ConsumerProcess]) -> list[str]:
    """Fill back while the clock stands, then go by the plan, with the gap. What went wrong, in sentences."""
    wrong = _fill_back(stage, course, accounts)
    stage.replica.jump(course.begin, course.speed)
    order = Order("resample", {"accounts": ",".join(accounts)}, {"PROGRESS_RECEIPTS": "20"})
    with Bar(disable=not sys.stderr.isatty()) as bar:
        watch = _Watch(FileClock(stage.replica.clock_file), course, parts, bar)
        for leaves, returns in ((course.away, course.back), (course.end, None)):
            run = stage.start(order)
            wrong += watch.until(leaves, run)
            if not run.has_ended:
                run.process.terminate()
            if run.end() is None:
                wrong.append("the stopped crawl left no receipts")
            if returns is not None:
                wrong += watch.until(returns, None)
    stage.jump(course.end)
    return wrong


def _fill_back(stage: Stage, course: Course, accounts: Sequence[str]) -> list[str]:
    since = f"{course.begin - timedelta(days=FILLED_DAYS):%Y-%m-%d}"
    order = Order("embassy", {"accounts": ",".join(accounts), "since": since, "comment_posts": "0", "cycle": "before"})
    # A delay by a clock that stands would never be over.
    hurried = stage.settings.model_copy(update={"crawl": stage.settings.crawl.model_copy(update={"delay_s": 0.0})})
    progress = replace(stage, settings=hurried).start(order).end()
    whole = progress is not None and progress.complete
    return [] if whole else ["the history before the first day could not be read whole"]


@dataclass(frozen=True, slots=True)
class _Watch:
    """Waits for moments of the replica's clock, and sees who ends before."""

    clock: FileClock
    course: Course
    parts: Sequence[ConsumerProcess]
    bar: Bar

    def until(self, moment: datetime, run: Run | None) -> list[str]:
        total = (self.course.end - self.course.begin) / timedelta(days=1)
        task = self.bar.add_task(f"until {moment:%Y-%m-%d %H:%M}", total=total)
        while (now := self.clock.now()) < moment:
            self.bar.update(task, completed=(now - self.course.begin) / timedelta(days=1))
            ended = [f"a consumer ended: {one.words()}" for one in self.parts if one.exit_code() is not None]
            if run is not None and run.has_ended:
                ended.append(f"the crawl broke off at {now:%Y-%m-%d %H:%M}")
            if ended:
                return ended
            time.sleep(LOOK_S)
        return []


def catch_up(kafka: KafkaProcess, parts: Sequence[ConsumerProcess]) -> list[str]:
    """Wait until alerter and sender have read all. What went wrong, in sentences."""
    admin = wait_for_broker(kafka.servers, CATCH_UP_S)
    try:
        for group, topics in ((alerter.GROUP, alerter.READ), (sender.GROUP, (ALERTS,))):
            if not comes_true(lambda group=group, topics=topics: not lag(admin, group, topics)):  # type: ignore[misc]
                return [f"{group} did not catch up: {' '.join(one.words()[-300:] for one in parts)}"]
    finally:
        admin.close()
    # What was read last is on its way.
    time.sleep(2 * LOOK_S)
    return []


def ways(alerts: Sequence[AlertChanged], deliveries: Sequence[Delivery]) -> Counter[str]:
    """How the beginnings of episodes were told: at once, in a digest, by the episode of the account, or not yet."""
    how = {(one.episode_id, one.number): bool(one.digest) for one in deliveries if one.outcome == "delivered"}
    found: Counter[str] = Counter()
    for alert in alerts:
        if alert.change == "started":
            in_digest = how.get((alert.episode_id, alert.number))
            untold = "spoken for" if alert.muted_by else "held back"
            found[untold if in_digest is None else "in a digest" if in_digest else "at once"] += 1
    return found


def comes_true(condition: Callable[[], bool]) -> bool:
    """Whether something comes true within the time that there is to catch up."""
    deadline = time.monotonic() + CATCH_UP_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def read(kafka: KafkaProcess) -> Chain:
    """All that the topics hold."""
    events: list[AnyEvent] = []
    alerts: dict[str, AlertChanged] = {}
    log: list[Delivery] = []
    sampled: dict[tuple[str, datetime], float] = {}
    alerted: dict[tuple[str, int], float] = {}
    delivered: dict[tuple[str, int], float] = {}
    for record in every_record(kafka.servers):
        if record.topic not in HOLDS_EVENTS:
            continue
        event = decode(record.value, record.headers)
        if isinstance(event, AlertChanged):
            alerts.setdefault(event.event_id, event)
            alerted.setdefault((event.episode_id, event.number), record.timestamp / 1000)
        elif isinstance(event, AlertDelivery):
            log.append(
                Delivery(
                    event.observed_at, event.channel, event.episode_id, event.number, event.outcome,  # type: ignore[arg-type]
                    digest=event.digest or "",
                )
            )  # fmt: skip
            if event.outcome == "delivered" and event.digest is None:
                delivered.setdefault((event.episode_id, event.number), event.observed_at.timestamp())
        else:
            events.append(event)
            if isinstance(event, EngagementSample):
                sampled[event.post_id, event.observed_at] = record.timestamp / 1000
    of = {
        (alert.episode_id, alert.number): sampled[alert.post_id, alert.observed_at]
        for alert in alerts.values()
        if alert.change == "started" and alert.post_id and (alert.post_id, alert.observed_at) in sampled
    }
    return Chain(
        events,
        sorted(alerts.values(), key=lambda one: (one.observed_at, one.episode_id, one.number)),
        log,
        [alerted[key] - at for key, at in of.items()],
        [delivered[key] - at for key, at in of.items() if key in delivered],
    )
