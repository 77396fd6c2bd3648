"""A database process for tests: the real server over the real engine, on a free port, to be stopped or killed."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0


class ClickHouseProcess:
    """Serves `path`. May be started again after `stop` or `kill`, on the same port when it was started once.

    With `--analysts-port 0` among the arguments, `analysts_port` is the port that analysts got.
    """

    def __init__(self, path: Path, *arguments: str, port: int = 0) -> None:
        self.path = path
        self.port = port
        self.analysts_port = 0
        self.arguments = arguments
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Address of the running server."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "ClickHouseProcess":
        """Start and wait until it serves; an `AssertionError` has what it wrote when it does not."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "deploy.clickhouse", "--path", str(self.path), "--port", str(self.port)),
                *("--max-memory", str(2 << 30), *self.arguments),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if "serves" not in line:
            self.process.kill()
            raise AssertionError(f"the database did not start: {line}{self.process.communicate()[1]}")
        self.port = int(line.rsplit(":", 1)[1])
        if "--analysts-port" in self.arguments:
            self.analysts_port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        return self

    def client(self, **arguments: Any) -> Client:
        """A new client of clickhouse-connect."""
        return clickhouse_connect.get_client(host="127.0.0.1", port=self.port, **arguments)

    def kill(self) -> None:
        """`kill -9`."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        return self._end(signal.SIGTERM)

    def resident_bytes(self) -> int:
        """Memory of the process."""
        assert self.process is not None
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        process, self.process = self.process, None
        process.send_signal(number)
        process.communicate(timeout=START_SECONDS)
        return process.returncode

    def __enter__(self) -> "ClickHouseProcess":
        return self.start()

    def __exit__(self, *error: object) -> None:
        if self.process is not None:
            self.stop()


def wait_until(condition: Any, seconds: float = 30.0) -> None:
    """Poll until `condition()` is true; an `AssertionError` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if condition():
            return
        ended = time.monotonic()
        assert ended < deadline, "it did not come true"
        # Looking must not slow down what is waited for.
        time.sleep(min(max(0.05, 3 * (ended - began)), 1.0))
