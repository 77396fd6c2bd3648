"""Bringing up: what is said of a part that does not come."""

from pathlib import Path
from typing import Any

import pytest

from deploy.stack import bring_up
from deploy.stack.bring_up import ReplicaUnreachableError, ask_replica, last_line
from deploy.stack.errors import KafkaUnreachableError, PartError
from deploy.stack.supervision import PartState
from schemas.settings import Settings, Stack
from tests.kafka_process import free_port

JAVA = """\
2026-11-25T04:19:29.987Z ERROR Kafka$ Exiting Kafka due to fatal exception
java.lang.RuntimeException: Error: node ID not found in /x/kafka/data
\tat kafka.server.KafkaRaftServer$.initializeLogDirs(KafkaRaftServer.scala:159)
\tat kafka.Kafka.main(Kafka.scala)
"""


class States:
    """A supervisor whose part is in a state of the test's choice."""

    def __init__(self, folder: Path, *states: str) -> None:
        self.folder = folder
        self._states = states

    def states(self) -> list[PartState]:
        return [PartState("kafka", state, None, 1, "") for state in self._states]

    def log_of(self, name: str) -> Path:
        return self.folder / f"{name}.log"


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (JAVA, "java.lang.RuntimeException: Error: node ID not found in /x/kafka/data"),
        ("Traceback (most recent call last):\n  File x\nValueError: why\n\n", "ValueError: why"),
        ("one\ntwo", "two"),
    ],
)
def test_the_last_line_says_what_and_not_where(tmp_path: Path, log: str, said: str) -> None:
    (tmp_path / "a.log").write_text(log)
    assert last_line(tmp_path / "a.log") == said


def test_a_log_that_says_nothing_is_named(tmp_path: Path) -> None:
    assert last_line(tmp_path / "a.log") == f"it wrote nothing to {tmp_path / 'a.log'}"


@pytest.mark.parametrize(
    ("states", "error", "words"),
    [
        (["EXITED"], PartError, "kafka does not stay up: java.*node ID not found.*`weiplomacy logs kafka`"),
        (["RUNNING"], PartError, "kafka runs, and does not answer since .* s: java.*node ID not found"),
        # The settings place it elsewhere: no supervisor knows it.
        ([], KafkaUnreachableError, "nobody there"),
    ],
)
def test_who_does_not_come_is_named_within_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, states: list[str], error: type[Exception], words: str
) -> None:
    (tmp_path / "kafka.log").write_text(JAVA)
    for bound in ("READY_S", "ELSEWHERE_S", "POLL_S"):
        monkeypatch.setattr(bring_up, bound, 0.01)

    def attempt() -> Any:
        raise KafkaUnreachableError("nobody there")

    with pytest.raises(error, match=words):
        bring_up._patiently(attempt, States(tmp_path, *states), "kafka")  # type: ignore[arg-type]


def test_who_comes_late_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring_up, "POLL_S", 0)
    answers = iter([KafkaUnreachableError("not yet"), KafkaUnreachableError("not yet"), None])

    def attempt() -> str:
        if error := next(answers):
            raise error
        return "here"

    supervisor: Any = States(tmp_path, "RUNNING")
    assert bring_up._patiently(attempt, supervisor, "kafka") == "here"


def test_a_replica_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, stack=Stack(replica_control_port=free_port()))
    with pytest.raises(ReplicaUnreachableError, match=r"the replica does not answer at http://127\.0\.0\.1:\d+/clock"):
        ask_replica(settings, "/clock", 1)
