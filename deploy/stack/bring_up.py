"""Bringing the stack up: in order, idempotent, and each part really ready before it is said to be."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from deploy.stack import kafka, ports, topics
from deploy.stack.errors import PartError
from deploy.stack.layout import Layout, layout_of, make
from deploy.stack.parts import Part, broker_of, environment_of, parts_of
from deploy.stack.supervision import Supervisor
from schemas import migrate, retention
from schemas.accounts_table import load_registry
from schemas.calendar_table import load_calendar
from schemas.clickhouse import connect
from schemas.clock import machine_time, write_clock
from schemas.errors import UnreachableError
from schemas.origin import claim
from schemas.registry import load as load_accounts
from schemas.settings import Origin, Settings

READY_S = 120.0
#: For what the settings place elsewhere: nobody is starting it just now.
ELSEWHERE_S = 20.0
POLL_S = 0.2
#: Where the replica's clock begins: after the list of December 2016, at noon of New Year's Day in Beijing.
REPLICA_BEGINS = datetime(2017, 1, 1, 4, tzinfo=UTC)

Report = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that is up."""

    settings: Settings
    layout: Layout
    origin: Origin
    parts: tuple[Part, ...]


class ReplicaUnreachableError(UnreachableError):
    """The replica does not answer."""


def up(settings: Settings, wanted: Origin | None, report: Report) -> Stack:
    """Bring the stack up and wait until all of it is ready; a second time changes nothing.

    `wanted` decides the origin of a new state folder; `report` hears what is being done. Raises WeiplomacyError with
    the part, port, folder or topic that stands in the way.
    """
    layout = layout_of(settings.home)
    make(layout)
    origin = claim(settings, wanted)
    report("Kafka's jars")
    jars = kafka.class_path(kafka.cache_folder()) if not settings.kafka.bootstrap_servers else ""
    parts = parts_of(settings, layout, origin, jars)
    supervisor = Supervisor(layout)
    if origin == "replica" and not layout.clock.exists():
        write_clock(layout.clock, REPLICA_BEGINS, 1.0)
    if supervisor.running() and not supervisor.configured(parts):
        report("the old parts, to stop them: their settings have changed")
        supervisor.stop()
    if not supervisor.running():
        supervisor.end_orphans()
        ports.require_free(parts)
        if jars:
            report("Kafka's folder")
            kafka.prepare(broker_of(settings, layout), jars)
        supervisor.start(parts, environment_of(_settings_file(), layout, os.environ))
    for part in parts:
        if part.at_once:
            supervisor.start_part(part.name)
    _make_ready(settings, supervisor, origin, report)
    return Stack(settings, layout, origin, parts)


def down(settings: Settings) -> bool:
    """Stop all parts, writers first; bounded. Returns whether anything ran."""
    return Supervisor(layout_of(settings.home)).stop()


def ask_replica(settings: Settings, path: str, timeout_s: float = 10.0) -> Any:
    """What the replica's control port answers to a path, from JSON. Raises ReplicaUnreachableError."""
    address = f"http://127.0.0.1:{settings.stack.replica_control_port}{path}"
    try:
        with urllib.request.urlopen(address, timeout=timeout_s) as answer:
            return json.load(answer)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise ReplicaUnreachableError(f"the replica does not answer at {address}: {error}") from error


def _make_ready(settings: Settings, supervisor: Supervisor, origin: Origin, report: Report) -> None:
    report("Kafka")
    admin = _patiently(lambda: topics.wait_for_broker(settings.kafka_servers, 2.0), supervisor, "kafka")
    try:
        topics.make_topics(admin)
    finally:
        admin.close()
    report("ClickHouse")
    client = _patiently(lambda: connect(settings), supervisor, "clickhouse")
    try:
        report("the tables")
        migrate.apply(client, settings)
        retention.apply(client, settings)
        load_registry(client, settings, load_accounts(settings), machine_time())
        load_calendar(client, settings, machine_time())
    finally:
        client.close()
    if origin == "replica":
        report("the replica")
        _patiently(lambda: ask_replica(settings, "/healthz", 2.0), supervisor, "replica")
    report("the loader")
    for name in ("loader", "deriver", "alerter", "sender"):
        supervisor.start_part(name)


def _patiently(attempt: Callable[[], T], supervisor: Supervisor, name: str) -> T:
    """Try until it answers; a part that has given up is named at once. Raises PartError or what the last try raised."""
    began = time.monotonic()
    while True:
        try:
            return attempt()
        except UnreachableError as error:
            waited = time.monotonic() - began
            states = [state.state for state in supervisor.states() if state.name == name]
            if not states and waited > ELSEWHERE_S:
                raise
            said = f"{last_line(supervisor.log_of(name))} (see `weiplomacy logs {name}`)"
            if states and states[0] in ("FATAL", "EXITED"):
                raise PartError(f"{name} does not stay up: {said}") from error
            if states and waited > READY_S:
                raise PartError(f"{name} runs, and does not answer since {waited:.0f} s: {said}") from error
            time.sleep(POLL_S)


def last_line(log: Path) -> str:
    """The last line that a log holds, for a message; of an exception its words, not where it was raised."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    said = (line.strip() for line in reversed(lines) if line.strip() and not line[0].isspace())
    return next(said, f"it wrote nothing to {log}")


def _settings_file() -> Path:
    return Path(os.environ.get("WEIPLOMACY_SETTINGS") or "weiplomacy.toml")
