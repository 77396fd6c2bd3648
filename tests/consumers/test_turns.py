"""The memory as records: killed anywhere, compacted at any time, it holds turns that are whole, and nothing else."""

import json
import random

import pytest

from consumers.turns import (
    CLOSING,
    Memory,
    Record,
    StateRecordError,
    closing_value,
    read,
    repaired,
    state_of,
    state_value,
)

TOPIC = "weibo.alert-state"


def compacted(log: list[Record], until: int) -> list[Record]:
    """What Kafka's cleaner may make of a log: of the records before `until`, the newest of each key."""
    newest = {record.key: place for place, record in enumerate(log[:until])}
    return [record for place, record in enumerate(log[:until]) if newest[record.key] == place] + log[until:]


class Broker:
    """A topic, and an alerter that writes turns into it until it is killed in the middle of one."""

    def __init__(self, dice: random.Random) -> None:
        self.log: list[Record] = []
        self.truth: dict[str, bytes] = {}
        self.offset = 0
        self.alerts: tuple[str, ...] = ()
        self._dice = dice

    def write(self, values: dict[str, bytes | None], offset: int, alerts: tuple[str, ...], epoch: int) -> bool:
        """A turn; False: killed before it was closed."""
        records = [Record(key, value, epoch) for key, value in values.items()]
        records.append(Record(CLOSING, closing_value(1, {"t:0": offset}, alerts), epoch))
        come = self._dice.choice([len(records)] * 3 + list(range(len(records))))
        self.log += records[:come]
        if come < len(records):
            return False
        for key, value in values.items():
            if value is None:
                self.truth.pop(key, None)
            else:
                self.truth[key] = value
        self.offset, self.alerts = offset, alerts
        return True

    def start(self) -> Memory:
        """A start after a kill: what is remembered, written over what never was."""
        while True:
            memory = read(self.log, TOPIC)
            if self.write(dict(repaired(memory)), memory.offsets.get("t:0", 0), memory.events, memory.epoch + 1):
                return memory

    def clean(self) -> None:
        """The cleaner passes; the newest records, which lie in the open segment, it leaves alone."""
        self.log = compacted(self.log, self._dice.randrange(max(1, len(self.log) - 8)))


@pytest.mark.parametrize("seed", range(200))
def test_what_is_remembered_is_what_was_closed(seed: int) -> None:
    dice = random.Random(seed)
    broker = Broker(dice)
    for _ in range(dice.randrange(1, 9)):
        memory = broker.start()
        assert memory.state == broker.truth
        assert (memory.offsets.get("t:0", 0), memory.events) == (broker.offset, broker.alerts)
        epoch = memory.epoch + 1
        for _ in range(dice.randrange(6)):
            keys = dice.sample("abcdefg", dice.randrange(4))
            values = {f"x/{key}": dice.choice([None, state_value([dice.randrange(9)])]) for key in keys}
            alerts = tuple(str(dice.randrange(99)) for _ in range(dice.randrange(3)))
            if not broker.write(values, broker.offset + dice.randrange(1, 5), alerts, epoch):
                break
        if dice.random() < 0.5:
            broker.clean()
    assert broker.start().state == broker.truth


def test_a_forgotten_twin_changes_nothing() -> None:
    closing = closing_value(1, {"t:0": 1}, ())
    log = [Record("x/a", b"[1]", 1), Record(CLOSING, closing, 1), Record("x/a", b"[2]", 2), Record(CLOSING, closing, 2)]
    late = [Record("x/a", b"[9]", 1), Record(CLOSING, closing_value(9, {"t:0": 9}, ("x",)), 1)]
    memory = read(log + late, TOPIC)
    assert (memory.state, memory.offsets, memory.events) == ({"x/a": b"[2]"}, {"t:0": 1}, ())
    assert dict(repaired(memory)) == {"x/a": b"[2]"}, "what the twin wrote is written over"


def test_an_empty_topic_is_no_memory() -> None:
    memory = read([], TOPIC)
    assert (memory.state, memory.offsets, memory.epoch, list(repaired(memory))) == ({}, {}, 0, [])


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b'{"number": 1, "offsets": {"t:0": "x"}, "events": []}'])
def test_a_turn_that_can_not_be_read_is_named(value: bytes | None) -> None:
    with pytest.raises(StateRecordError, match=r"weibo\.alert-state .* remove the topic"):
        read([Record(CLOSING, value, 1)], TOPIC)


def test_state_is_compact_json_and_nothing_else() -> None:
    state = ["签证", 1, 2.5, None, ["a"]]
    value = state_value(state)
    assert value is not None
    assert state_of("x", value, TOPIC) == state
    assert value == json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()
    assert state_value(None) is None
    for broken in (b"{", b"{}"):
        with pytest.raises(StateRecordError, match="'x'"):
            state_of("x", broken, TOPIC)
