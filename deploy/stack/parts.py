"""The parts of the stack: what is run, where it listens, and which setting moves its ports."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.stack.kafka import Broker, broker_command
from deploy.stack.layout import Layout
from schemas.settings import PREFIX, Origin, Settings

#: What a part inherits from the environment besides our own settings: nothing that could hold somebody's secrets.
INHERITED = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "PYTHONPATH"),
)


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a part on 127.0.0.1, with the setting that moves it."""

    number: int
    setting: str

    @property
    def variable(self) -> str:
        """The same setting in the environment."""
        return PREFIX + self.setting.replace(".", "__").upper()


@dataclass(frozen=True, slots=True)
class Part:
    """One supervised process."""

    name: str
    command: tuple[str, ...]
    ports: tuple[Port, ...]
    address: str
    #: Started as soon as the supervisor runs; otherwise by `up`, when what it needs is ready.
    at_once: bool
    stop_wait_s: int


def broker_of(settings: Settings, layout: Layout) -> Broker:
    """The broker of the settings."""
    stack = settings.stack
    return Broker(layout.kafka, stack.kafka_port, stack.kafka_controller_port, stack.kafka_heap_mb)


def parts_of(settings: Settings, layout: Layout, origin: Origin, jars: str) -> tuple[Part, ...]:
    """The parts that the settings call for: nothing is run here that the settings place elsewhere."""
    stack, python = settings.stack, sys.executable
    parts = []
    if not settings.kafka.bootstrap_servers:
        parts.append(
            Part(
                "kafka",
                tuple(broker_command(broker_of(settings, layout), jars)),
                (
                    Port(stack.kafka_port, "stack.kafka_port"),
                    Port(stack.kafka_controller_port, "stack.kafka_controller_port"),
                ),
                f"127.0.0.1:{stack.kafka_port}",
                at_once=True,
                stop_wait_s=40,
            )
        )
    if not settings.clickhouse.url:
        parts.append(_clickhouse(settings, layout))
    if origin == "replica":
        command = (
            *(python, "-m", "deploy.replica", "--state", str(layout.replica)),
            *("--proxy-port", str(stack.replica_proxy_port), "--control-port", str(stack.replica_control_port)),
            *("--clock-file", str(layout.clock)),
        )
        ports = (
            Port(stack.replica_proxy_port, "stack.replica_proxy_port"),
            Port(stack.replica_control_port, "stack.replica_control_port"),
        )
        address = f"http://127.0.0.1:{stack.replica_proxy_port}"
        parts.append(Part("replica", command, ports, address, at_once=True, stop_wait_s=10))
    loader = (python, "-m", "consumers.loader")
    parts.append(Part("loader", loader, (), "", at_once=False, stop_wait_s=60))
    deriver = (python, "-m", "consumers.deriver")
    parts.append(Part("deriver", deriver, (), "", at_once=False, stop_wait_s=60))
    alerter = (python, "-m", "consumers.alerting.alerter")
    parts.append(Part("alerter", alerter, (), "", at_once=False, stop_wait_s=60))
    sender = (python, "-m", "consumers.delivery.sender")
    parts.append(Part("sender", sender, (), "", at_once=False, stop_wait_s=60))
    return tuple(parts)


def _clickhouse(settings: Settings, layout: Layout) -> Part:
    stack, analysts = settings.stack, settings.analysts
    command = (
        *(sys.executable, "-m", "deploy.clickhouse", "--path", str(layout.clickhouse)),
        *("--port", str(stack.clickhouse_port), "--host", stack.clickhouse_host),
        *("--max-memory", str(stack.clickhouse_memory_mb * 2**20)),
        *("--max-query-memory", str(stack.clickhouse_query_memory_mb * 2**20)),
        *_file("--password-file", stack.clickhouse_password_file),
        *_file("--certificate", stack.clickhouse_certificate),
        *_file("--key", stack.clickhouse_key),
    )
    ports, address = [Port(stack.clickhouse_port, "stack.clickhouse_port")], settings.clickhouse_url
    if settings.analysts_url:
        ports.append(Port(stack.analysts_port, "stack.analysts_port"))
        address = f"{address}, for analysts {settings.analysts_url}"
        command += (
            *("--analysts-port", str(stack.analysts_port), "--analysts-host", analysts.host),
            *("--analysts-seconds", str(analysts.seconds), "--analysts-memory", str(analysts.memory_mb * 2**20)),
            *("--analysts-rows-read", str(analysts.rows_read), "--analysts-result-rows", str(analysts.result_rows)),
            *("--analysts-result-bytes", str(analysts.result_mb * 2**20), "--analysts-places", str(analysts.queries)),
            *("--analysts-spill", str(analysts.spill_mb * 2**20)),
            *(("--analysts-threads", str(analysts.threads)) if analysts.threads else ()),
            *_file("--analysts-password-file", analysts.password_file),
            *_file("--analysts-certificate", analysts.certificate),
            *_file("--analysts-key", analysts.key),
        )
    return Part("clickhouse", command, tuple(ports), address, at_once=True, stop_wait_s=60)


def _file(argument: str, file: Path | None) -> tuple[str, ...]:
    return (argument, str(file.absolute())) if file else ()


def environment_of(settings_file: Path, layout: Layout, ours: Mapping[str, str]) -> dict[str, str]:
    """The environment of the parts, from ours: what they need and our settings, with absolute places."""
    kept = {name: value for name, value in ours.items() if name in INHERITED or name.startswith(PREFIX)}
    kept["WEIPLOMACY_HOME"] = str(layout.home)
    if settings_file.exists():
        kept["WEIPLOMACY_SETTINGS"] = str(settings_file.absolute())
    kept["PYTHONUNBUFFERED"] = "1"
    kept.setdefault("PATH", os.defpath)
    return kept
