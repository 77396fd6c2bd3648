"""The poll loop outside of its group. Over a real broker it is tested with the loader, the alerter and the sender."""

from typing import Any

import pytest
from kafka.structs import ConsumerGroupMetadata, MemberState

from consumers.batches import FlushPolicy
from consumers.errors import KafkaUnreachableError
from consumers.poll import JOIN_PATIENCE_S, Loop


class Outside:
    """A consumer that is not let into its group: what the library does after a look-up of the coordinator that timed
    out, which no broker can be made to do on demand.
    """

    def __init__(self) -> None:
        self.state = MemberState.UNJOINED

    def subscribe(self, topics: list[str], listener: object) -> None:
        pass

    def poll(self, timeout_ms: int) -> dict[Any, Any]:
        return {}

    def group_metadata(self) -> ConsumerGroupMetadata:
        return ConsumerGroupMetadata("group", state=self.state)


class Turns:
    """A clock that goes on by ten seconds a turn, and turns that are counted."""

    def __init__(self, kafka: Outside, joins_at: int | None = None) -> None:
        self.count = 0
        self._kafka = kafka
        self._joins_at = joins_at

    def clock(self) -> float:
        return 10.0 * self.count

    def each(self) -> None:
        self.count += 1
        if self.count == self._joins_at:
            self._kafka.state = MemberState.STABLE

    def over(self) -> bool:
        return self.count > 50


def run(joins_at: int | None = None) -> Turns:
    kafka = Outside()
    turns = Turns(kafka, joins_at)
    loop = Loop(kafka, None, FlushPolicy(1, 1), stopping=turns.over, clock=turns.clock)  # type: ignore[arg-type]
    try:
        loop.run(["t"], turns.each)
    except KafkaUnreachableError as error:
        assert "into its group for 60 s neither anew nor again" in str(error)
        assert turns.clock() > JOIN_PATIENCE_S
        raise
    return turns


def test_who_is_never_let_into_the_group_ends_by_name() -> None:
    with pytest.raises(KafkaUnreachableError):
        run()


def test_who_is_let_in_late_goes_on() -> None:
    assert run(joins_at=4).count > 50
