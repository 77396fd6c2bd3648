"""What the stack is doing, part by part."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from consumers.part_status import file_of
from deploy.stack import topics
from deploy.stack.bring_up import ask_replica, last_line
from deploy.stack.errors import SilentPartError
from deploy.stack.layout import layout_of
from deploy.stack.supervision import PartState, Supervisor
from schemas.clickhouse import connect, named
from schemas.clock import machine_time
from schemas.errors import WeiplomacyError
from schemas.origin import recorded
from schemas.settings import Settings
from schemas.topics import TOPICS

ANSWER_S = 5
#: More than the loader waits for one answer of ClickHouse.
SILENT_S = 180


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One line of the status. `since` is UTC, machine time: up since then, or down since then."""

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
    for name in ("loader", "deriver", "alerter", "sender"):
        expected.append((name, True, "", partial(consumer_says, name, layout.home / file_of(name), machine_time())))
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
        return PartStatus(name, False, word, address, state.since if state else None, said)
    since = state.since if state else None
    try:
        return PartStatus(name, True, "up" if ours else "elsewhere", address, since, doing())
    except WeiplomacyError as error:
        return PartStatus(name, False, "does not answer", address, since, " ".join(str(error).split()))


def _kafka(settings: Settings) -> str:
    admin = topics.wait_for_broker(settings.kafka_servers, ANSWER_S)
    try:
        messages = topics.messages(admin)
    finally:
        admin.close()
    return f"{messages:,} messages in {len(TOPICS)} topics"


def _clickhouse(settings: Settings) -> str:
    client = connect(settings, ANSWER_S)
    try:
        rows, size = client.query(
            "SELECT sum(total_rows), sum(total_bytes) FROM system.tables WHERE database = 'weibo_store'"
        ).result_rows[0]
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error
    finally:
        client.close()
    analysts = f"; for analysts {settings.analysts_url}" if settings.analysts_url else ""
    return f"{rows or 0:,} rows, {(size or 0) / 2**20:.1f} MiB{analysts}"


def _replica(settings: Settings) -> str:
    moment = str(ask_replica(settings, "/clock", ANSWER_S)["now"])
    return f"generated content, its time is {moment}"


def consumer_says(name: str, file: Path, now: datetime) -> str:
    """What the status file of a consumer says it is doing; `now` is machine time, UTC. Raises SilentPartError.

    It is written again and again while the consumer runs, and at once when something keeps it from going on.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        doing, since = str(document["doing"]), document["waiting_since"]
        at = datetime.fromisoformat(document["at"])
    except FileNotFoundError:
        return "starting"
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SilentPartError(f"the {name}'s status {file} can't be read ({type(error).__name__})") from error
    if since:
        return f"{doing} (since {datetime.fromisoformat(since):%Y-%m-%d %H:%M:%S} UTC)"
    if (now - at).total_seconds() > SILENT_S:
        raise SilentPartError(
            f"the {name} has said nothing since {at:%Y-%m-%d %H:%M:%S} UTC, when it did {doing}: see `weiplomacy logs "
            f"{name}`"
        )
    return doing
