"""A real Alertmanager for tests: Debian's package prometheus-alertmanager; nothing is installed here."""

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kafka_process import free_port

NAMES = ("prometheus-alertmanager", "alertmanager")

CONFIG = """
route:
  receiver: desk
  group_by: ["..."]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: desk
    webhook_configs:
      - url: "http://{receiver}/"
        send_resolved: true
"""


def binary() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Alertmanager:
    def __init__(self, base: str) -> None:
        self.base = base

    def alerts(self) -> list[dict]:
        """What it holds for firing at the moment."""
        with urllib.request.urlopen(f"{self.base}/api/v2/alerts", timeout=5) as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def running(folder: Path, receiver: str) -> Iterator[Alertmanager]:
    """An Alertmanager that tells `receiver` (host:port), alone and on ports of this machine only."""
    config = folder / "alertmanager.yml"
    config.write_text(CONFIG.format(receiver=receiver), encoding="utf-8")
    port = free_port()
    command = [
        str(binary()),
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        base = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{base}/-/ready", timeout=1).close()  # noqa: S310
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.05)
        yield Alertmanager(base)
    finally:
        process.kill()
        process.wait()
