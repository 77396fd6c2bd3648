"""What a consumer remembers in Kafka: turns, each of them whole or not at all.

A turn is what came of some messages: every piece of state that changed, one record per key, and behind them one record
that closes it, with the offsets that all this covers and the events that it tells. The topic is compacted and has
one partition, so records stand in the order in which they were written.

A turn that is not closed did not happen: the next start writes over what it wrote, with what was there before, and its
messages are read again. So whatever stands before a closing record counts, although compaction removes the older ones
of these. Its events are published after a turn is closed; those of the last one once more at each start, which changes
nothing, since they have the ids that they had.

Every start is an epoch of its own: what a forgotten twin still writes carries an older one, and does not count.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from schemas.errors import WeiplomacyError

State = list[Any]
"""One piece of what is remembered: a compact list, as JSON takes it."""

#: The key of the record that closes a turn. Keys of state hold a slash.
CLOSING = "turn"
EPOCH = "epoch"

ANEW = (
    "stop the stack, remove the topic and start it again; whoever remembers in it then begins anew with the oldest "
    "message in Kafka"
)


class StateRecordError(WeiplomacyError):
    """A record of a memory can't be read."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the topic; no value: what was under the key is gone."""

    key: str
    value: bytes | None
    epoch: int


@dataclass(slots=True)
class Memory:
    """What a topic says: state by key, offsets by `topic:partition`, and the events of the last turn as JSON texts."""

    epoch: int = 0
    number: int = 0
    state: dict[str, bytes] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    #: Keys that a turn wrote which was never closed: what the topic holds under them must be written anew.
    unclosed: set[str] = field(default_factory=set)


def read(records: Iterable[Record], topic: str) -> Memory:
    """The memory that records in their order make. Raises StateRecordError."""
    memory = Memory()
    pending: dict[str, bytes | None] = {}
    for record in records:
        if record.epoch < memory.epoch:
            memory.unclosed.add(record.key)
            continue
        memory.epoch = record.epoch
        if record.key != CLOSING:
            pending[record.key] = record.value
            continue
        _close(memory, pending, record, topic)
        pending.clear()
    memory.unclosed.update(pending)
    memory.unclosed.discard(CLOSING)
    return memory


def _close(memory: Memory, pending: Mapping[str, bytes | None], record: Record, topic: str) -> None:
    for key, value in pending.items():
        memory.unclosed.discard(key)
        if value is None:
            memory.state.pop(key, None)
        else:
            memory.state[key] = value
    try:
        closing = json.loads(record.value or b"")
        memory.number = closing["number"]
        memory.offsets = {place: int(offset) for place, offset in closing["offsets"].items()}
        memory.events = tuple(closing["events"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateRecordError(
            f"{topic} holds a turn that can't be read ({type(error).__name__}: {error}): {ANEW}"
        ) from error


def repaired(memory: Memory) -> Iterator[tuple[str, bytes | None]]:
    """What must be written so that the topic says what the memory does: the keys of turns that were never closed."""
    for key in sorted(memory.unclosed):
        yield key, memory.state.get(key)


def state_value(state: State | None) -> bytes | None:
    """A piece of state as the value of a record."""
    return None if state is None else to_json(state)


def state_of(key: str, value: bytes, topic: str) -> State:
    """The piece of state in a record. Raises StateRecordError."""
    try:
        found = json.loads(value)
    except ValueError as error:
        raise StateRecordError(f"{topic} holds something under {key!r} that is no JSON: {error}") from error
    if not isinstance(found, list):
        raise StateRecordError(f"{topic} holds something under {key!r} that is no list")
    return found


@contextmanager
def taking_up(key: str, topic: str) -> Iterator[None]:
    """While a piece of state is taken up: where it has another form, as of another version, raises StateRecordError."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise StateRecordError(
            f"{topic} holds under {key!r} what this version can't take up ({type(error).__name__}: {error}): run the "
            f"version that wrote it, or {ANEW}"
        ) from error


def closing_value(number: int, offsets: Mapping[str, int], events: Sequence[str]) -> bytes:
    """The value of the record that closes a turn; events as JSON texts."""
    document = {"number": number, "offsets": dict(offsets), "events": list(events)}
    return to_json(document)
