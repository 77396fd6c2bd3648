"""A replica that misbehaves on demand, and settings of several lanes for it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from schemas.clock import write_clock
from schemas.settings import Crawl, Settings

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
SPEED = 600
"""A pause of ten minutes is over in a second."""


class Replica:
    """The replica as a process, its clock running fast."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock_file = folder / "clock.json"
        write_clock(self.clock_file, NOW, SPEED)
        command = [sys.executable, "-m", "deploy.replica", "--state", str(folder / "replica")]
        command += ["--proxy-port", "0", "--control-port", "0", "--clock-file", str(self.clock_file)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert "generated content" in self.process.stdout.readline()
        ports = json.loads((folder / "replica" / "ports.json").read_text())
        self.proxy = f"http://127.0.0.1:{ports['proxy']}"
        self._control = f"http://127.0.0.1:{ports['control']}"

    def strike(self, kind: str, match: dict[str, Any] | None = None, **settings: Any) -> None:
        """Add a fault."""
        document = json.dumps({"kind": kind, "name": kind, "match": match or {}, **settings}).encode()
        headers = {"Content-Type": "application/json"}
        urlopen(Request(f"{self._control}/faults", document, headers)).close()  # noqa: S310

    def struck(self) -> dict[str, int]:
        """How often each kind of fault struck."""
        with urlopen(f"{self._control}/faults/journal") as answer:  # noqa: S310
            return {row["kind"]: row["applied"] for row in json.load(answer)["counts"]}

    def settings(self, browser: Path, *lanes: str, **crawl: Any) -> Settings:
        """Settings of a crawl by these lanes."""
        return Settings(
            home=self.folder / "home",
            origin="replica",
            clock_file=self.clock_file,
            crawl=Crawl.model_validate(
                {
                    "browser": browser,
                    "egress_proxy": self.proxy,
                    "egress_ca_file": self.folder / "replica" / "ca.pem",
                    "lanes": [{"name": name} for name in lanes],
                    **crawl,
                }
            ),
        )


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    running = Replica(tmp_path)
    yield running
    running.process.terminate()
    running.process.wait(30)
