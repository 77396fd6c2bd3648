"""Consumers as processes for tests, with their log in a file: to be stopped, killed, and started again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

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
    return ConsumerProcess(
        "loader",
        home,
        WEIPLOMACY_ORIGIN="replica",
        WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS=",".join(servers),
        WEIPLOMACY_CLICKHOUSE__URL=clickhouse,
        **settings,
    )


def deriver_process(home: Path, clickhouse: str, every_s: float = 1) -> ConsumerProcess:
    """The deriver of a database, which looks so often."""
    return ConsumerProcess(
        "deriver", home, WEIPLOMACY_CLICKHOUSE__URL=clickhouse, WEIPLOMACY_DERIVER__EVERY_S=str(every_s)
    )
