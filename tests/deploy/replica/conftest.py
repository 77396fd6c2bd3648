"""A replica in this process, at a standing clock, and a guest who has passed the gate."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.replica.server import Options, Ports, Replica
from tests.deploy.replica.guest import Guest

MOMENT = datetime(2017, 1, 5, 6, 30, tzinfo=UTC)


def write_clock(file: Path, shown: datetime, speed: float = 0.0) -> None:
    """Set a clock file as others do: a new file in the place of the old one."""
    beside = file.with_name("clock.new")
    beside.write_text(json.dumps({"shown": shown.isoformat(), "at": datetime.now(UTC).isoformat(), "speed": speed}))
    beside.replace(file)


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    file = tmp_path / "clock.json"
    write_clock(file, MOMENT)
    return file


@pytest.fixture(params=["2026"])
def era(request: pytest.FixtureRequest) -> str:
    """The era of the shapes; tests name others."""
    return str(request.param)


@pytest.fixture
async def running(tmp_path: Path, clock_file: Path, era: str) -> AsyncIterator[tuple[Replica, Ports]]:
    options = Options(tmp_path / "state", clock_file=clock_file, era="2019" if era == "2019" else "2026")
    replica = Replica(options)
    ports = await replica.start()
    yield replica, ports
    await replica.stop()


@pytest.fixture
async def guest(running: tuple[Replica, Ports]) -> AsyncIterator[Guest]:
    replica, ports = running
    async with Guest(ports.proxy, replica.ca_file) as visitor:
        await visitor.pass_gate()
        yield visitor
