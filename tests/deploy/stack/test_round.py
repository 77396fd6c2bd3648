"""A whole round with the real command and the real parts, in a folder whose path is long and has blanks."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.stack.layout import layout_of
from deploy.stack.supervision import Supervisor
from tests.clickhouse_process import wait_until
from tests.deploy.clickhouse.asking import ask
from tests.kafka_process import free_port

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

COMMAND = Path(sys.executable).with_name("weiplomacy")
PATIENCE_S = 180.0
PORTS = tuple(
    f"{name}_PORT"
    for name in ("KAFKA", "KAFKA_CONTROLLER", "CLICKHOUSE", "ANALYSTS", "REPLICA_PROXY", "REPLICA_CONTROL")
)


class OwnStack:
    """A stack in a folder and on ports of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ports = {name: free_port() for name in PORTS}
        self.settings: dict[str, str] = {"STACK__KAFKA_HEAP_MB": "320"}
        self.supervisor = Supervisor(layout_of(home))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIPLOMACY_")}
        environment["WEIPLOMACY_HOME"] = str(self.home)
        environment |= {f"WEIPLOMACY_{name}": value for name, value in self.settings.items()}
        environment |= {f"WEIPLOMACY_STACK__{name}": str(port) for name, port in self.ports.items()}
        return subprocess.run(
            [str(COMMAND), *arguments], env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    def up(self) -> None:
        done = self.run("up")
        assert done.returncode == 0, done.stderr

    def pids(self) -> dict[str, int]:
        return {state.name: state.pid for state in self.supervisor.states() if state.pid}

    def is_whole(self) -> bool:
        return self.run("status", "--json").returncode == 0


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[OwnStack]:
    stack = OwnStack(tmp_path / ("a long name with blanks " * 4).strip() / "state")
    yield stack
    stack.run("down")


def test_comes_up_survives_kills_and_goes_down(own_stack: OwnStack) -> None:
    assert own_stack.run("status").returncode == 1

    own_stack.up()
    first = own_stack.pids()
    assert set(first) == {"kafka", "clickhouse", "loader", "deriver", "alerter", "sender"}
    parts = json.loads(own_stack.run("status", "--json").stdout)
    assert {part["name"]: part["up"] for part in parts} == dict.fromkeys(first, True)
    analysts = own_stack.ports["ANALYSTS_PORT"]
    assert f"for analysts http://127.0.0.1:{analysts}" in next(p for p in parts if p["name"] == "clickhouse")["doing"]
    assert ask(analysts, "SELECT count() > 3 FROM system.tables WHERE database = 'weibo'").text == "1\n"
    assert ask(analysts, "SELECT * FROM weibo.ranking(at = '2016-12-31') FORMAT JSON").status == 200
    assert ask(analysts, "SELECT file('/etc/passwd')").code == 446

    own_stack.up()
    assert own_stack.pids() == first, "a second up changes nothing"

    for pid in first.values():
        os.kill(pid, signal.SIGKILL)
    wait_until(
        lambda: len(own_stack.pids()) == len(first) and not set(own_stack.pids().values()) & set(first.values()), 60
    )
    wait_until(own_stack.is_whole, PATIENCE_S)

    supervisor = psutil.Process(next(iter(own_stack.pids().values()))).parent()
    assert supervisor is not None
    for process in [supervisor, *supervisor.children(recursive=True)]:
        process.kill()
    own_stack.up()
    assert own_stack.is_whole(), "up recovers when everything was killed"

    # Without its supervisor a part is an orphan; up ends it instead of calling its port taken.
    orphaned = own_stack.pids()
    supervisor = psutil.Process(orphaned["kafka"]).parent()
    assert supervisor is not None
    supervisor.kill()
    own_stack.up()
    assert not set(own_stack.pids().values()) & set(orphaned.values())

    last = own_stack.pids()
    assert own_stack.run("down").returncode == 0
    assert not [name for name, pid in last.items() if psutil.pid_exists(pid)], "down leaves nobody behind"
    assert own_stack.run("status").returncode == 1
    assert own_stack.run("down").returncode == 0


def test_a_taken_port_is_named_with_its_setting(own_stack: OwnStack) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", own_stack.ports["CLICKHOUSE_PORT"]))
        stranger.listen()
        done = own_stack.run("up")
    said = " ".join(done.stderr.split())
    assert done.returncode != 0
    assert str(own_stack.ports["CLICKHOUSE_PORT"]) in said
    assert "stack.clickhouse_port" in said
    assert "WEIPLOMACY_STACK__CLICKHOUSE_PORT" in said
    assert "Traceback" not in said
    assert not own_stack.pids(), "nothing was started"


def test_the_demo_ranks_what_it_crawled_and_every_row_is_the_truth_of_its_moment(
    own_stack: OwnStack, browser: Path
) -> None:
    own_stack.settings["CRAWL__BROWSER"] = str(browser)
    done = own_stack.run("demo", "--accounts", "2", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["complete"]
    assert len(document["receipts"]) == 2 * 3
    israel, canada = document["ranking"]
    assert (israel["account_id"], canada["account_id"]) == ("il-embassy", "ca-embassy")
    for row in (israel, canada):
        # Of December 2016 only the first and the last of these are known: the rest was crawled.
        assert row["followers"] > 1_000_000
        assert row["growth"] > 0
        assert row["last_post"] > "2017-01-06"
        assert row["interactions_per_post"] > 0
        assert sum(row["trend"]) > 0
        assert row["rank_2016"] == row["rank"]

    drill = own_stack.run("drill", "truth", "--json")
    assert drill.returncode == 0, drill.stdout
    found = json.loads(drill.stdout)
    assert found["differences"] == []
    assert set(found["compared"]) == {"snapshots", "samples", "posts", "comments", "reposts"}

    live = own_stack.run("crawl", "run", "--accounts", "il-embassy", "--pages", "1", "--comment-posts", "0", "--json")
    assert live.returncode == 0, live.stderr
    assert [receipt["delivered"] for receipt in json.loads(live.stdout)] == [True]
