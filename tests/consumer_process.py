"""Consumers as processes for tests, with their log in a file: to be stopped, killed, and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clickhouse_process import ROOT


class ConsumerProcess:
    """A module of `consumers`, run with exactly these settings."""

    def __init__(self, name: str, home: Path, **settings: str) -> None:
        self.log = home / f"{name}.log"
        home.mkdir(parents=True, exist_ok=True)
        self._module = f"consumers.{name}"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WEIPLOMACY_")},
            "WEIPLOMACY_HOME": str(home),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "ConsumerProcess":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self._module], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        return self

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def exit_code(self) -> int | None:
        """None while it runs."""
        assert self.process
        return self.process.poll()

    def words(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8")[-2_000:]


def loader_process(home: Path, servers: list[str], clickhouse: str, **settings: str) -> ConsumerProcess:
    """The loader, from a broker into a database."""
    return _of_the_replica("loader", home, servers, WEIPLOMACY_CLICKHOUSE__URL=clickhouse, **settings)


def alerter_process(home: Path, servers: list[str], **settings: str) -> ConsumerProcess:
    """The alerter, of a broker."""
    return _of_the_replica("alerting.alerter", home, servers, **settings)


def sender_process(home: Path, servers: list[str], **settings: str) -> ConsumerProcess:
    """The sender of alerts, of a broker."""
    return _of_the_replica("delivery.sender", home, servers, **settings)


def deriver_process(home: Path, clickhouse: str, every_s: float = 1) -> ConsumerProcess:
    """The deriver of a database, which looks so often."""
    return ConsumerProcess(
        "deriver", home, WEIPLOMACY_CLICKHOUSE__URL=clickhouse, WEIPLOMACY_DERIVER__EVERY_S=str(every_s)
    )


@contextmanager
def starting(make: Callable[..., ConsumerProcess]) -> Iterator[Callable[..., ConsumerProcess]]:
    """Starts what is made, as often as it is called; what still runs in the end is killed."""
    made: list[ConsumerProcess] = []

    def start(*arguments: Any, **settings: str) -> ConsumerProcess:
        made.append(make(*arguments, **settings).start())
        return made[-1]

    try:
        yield start
    finally:
        for one in made:
            if one.exit_code() is None:
                one.kill()


def _of_the_replica(name: str, home: Path, servers: list[str], **settings: str) -> ConsumerProcess:
    return ConsumerProcess(
        name,
        home,
        WEIPLOMACY_ORIGIN="replica",
        WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS=",".join(servers),
        **settings,
    )
