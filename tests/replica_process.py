"""The replica as a process of its own, for tests that crawl it."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from schemas.clock import write_clock


class ReplicaProcess:
    """The replica as a process, with a clock that stands still until `jump` moves it."""

    def __init__(self, folder: Path, now: datetime, *options: str) -> None:
        self.clock_file = folder / "clock.json"
        self.ca_file = folder / "replica" / "ca.pem"
        self.jump(now)
        command = [sys.executable, "-m", "deploy.replica", "--state", str(folder / "replica")]
        command += ["--proxy-port", "0", "--control-port", "0", "--clock-file", str(self.clock_file)]
        command += options
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert "generated content" in self.process.stdout.readline()
        ports = json.loads((folder / "replica" / "ports.json").read_text())
        self.proxy = f"http://127.0.0.1:{ports['proxy']}"
        self.control = f"http://127.0.0.1:{ports['control']}"

    def truth(self, path: str) -> Any:
        """What there is, whatever the faults."""
        with urlopen(f"{self.control}/truth{path}") as answer:  # noqa: S310
            return json.load(answer)

    def jump(self, moment: datetime, speed: float = 0) -> None:
        """Set the clock, which stands still then, or runs so many times as fast as the machine's."""
        write_clock(self.clock_file, moment, speed)

    def fault(self, **fault: Any) -> None:
        """Add a fault, or replace the one of its name."""
        body, head = json.dumps(fault).encode(), {"Content-Type": "application/json"}
        request = Request(f"{self.control}/faults", body, head)  # noqa: S310
        with urlopen(request) as answer:  # noqa: S310
            answer.read()

    def faults(self) -> list[dict[str, Any]]:
        """What is in force, and how often each was applied."""
        with urlopen(f"{self.control}/faults") as answer:  # noqa: S310
            found: list[dict[str, Any]] = json.load(answer)["faults"]
            return found

    def seen(self, path: str) -> Any:
        """What an honest visitor sees, faults included."""
        with urlopen(f"{self.control}/faults/seen{path}") as answer:  # noqa: S310
            return json.load(answer)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
