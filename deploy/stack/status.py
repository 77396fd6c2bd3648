"""What the stack is doing, part by part."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from deploy.stack.bring_up import ask_replica, last_line
from deploy.stack.layout import layout_of
from deploy.stack.supervision import PartState, Supervisor
from schemas.clickhouse import connect
from schemas.errors import WeiplomacyError
from schemas.origin import recorded
from schemas.settings import Settings
from schemas.topics import TOPICS

ANSWER_S = 5


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One line of the status. `since` is UTC, machine time."""

    name: str
    up: bool
    state: str
    address: str
    since: datetime | None
    doing: str


def status_of(settings: Settings) -> list[PartStatus]:
    """The parts that should be there, whether they are, and what they do."""
    layout = layout_of(settings.home)
    supervisor = Supervisor(layout)
    states = {state.name: state for state in supervisor.states()}
    stack = settings.stack
    replica = f"http://127.0.0.1:{stack.replica_proxy_port}"
    expected: list[tuple[str, bool, str, Callable[[], str]]] = [
        ("kafka", not settings.kafka.bootstrap_servers, ",".join(settings.kafka_servers), lambda: _kafka(settings)),
        ("clickhouse", not settings.clickhouse.url, settings.clickhouse_url, lambda: _clickhouse(settings)),
    ]
    if recorded(settings.home) == "replica":
        expected.append(("replica", True, replica, lambda: _replica(settings)))
    expected.append(("loader", True, "", lambda: _loader(layout.home / "loader.json")))
    return [
        _status(name, states.get(name), ours, address, doing, supervisor) for name, ours, address, doing in expected
    ]


def _status(
    name: str,
    state: PartState | None,
    ours: bool,
    address: str,
    doing: Callable[[], str],
    supervisor: Supervisor,
) -> PartStatus:
    if ours and (state is None or not state.running):
        word = "down" if state is None else state.state.lower()
        said = last_line(supervisor.log_of(name)) if state is not None else "`weiplomacy up` starts it"
        return PartStatus(name, False, word, address, None, said)
    since = state.since if state else None
    try:
        return PartStatus(name, True, "up" if ours else "elsewhere", address, since, doing())
    except (WeiplomacyError, KafkaError, OSError, ValueError, KeyError) as error:
        return PartStatus(name, False, "does not answer", address, since, " ".join(str(error).split()))


def _kafka(settings: Settings) -> str:
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_servers,
        bootstrap_timeout_ms=ANSWER_S * 1000,
        request_timeout_ms=ANSWER_S * 1000,
        consumer_timeout_ms=ANSWER_S * 1000,
    )
    try:
        partitions = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
        messages = sum(consumer.end_offsets(partitions).values())
    finally:
        consumer.close()
    return f"{messages:,} messages in {len(TOPICS)} topics"


def _clickhouse(settings: Settings) -> str:
    client = connect(settings, ANSWER_S)
    try:
        rows, size = client.query(
            "SELECT sum(total_rows), sum(total_bytes) FROM system.tables WHERE database = 'weibo_store'"
        ).result_rows[0]
    finally:
        client.close()
    return f"{rows or 0:,} rows, {(size or 0) / 2**20:.1f} MiB"


def _replica(settings: Settings) -> str:
    moment = str(ask_replica(settings, "/clock", ANSWER_S)["now"])
    return f"generated content, its time is {moment}"


def _loader(file: Path) -> str:
    if not file.exists():
        return "starting"
    return str(json.loads(file.read_text(encoding="utf-8"))["doing"])
