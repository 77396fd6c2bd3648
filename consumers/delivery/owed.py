"""What a lane holds: messages that are owed, what stands at a receiver, and the policy by which they are treated."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from consumers.delivery.combining import remembered
from consumers.delivery.message import Message, pack, unpack
from consumers.retrying import RetryPolicy


@dataclass(frozen=True, slots=True)
class Policy:
    """When to try again, when to give up, and how much may wait per channel."""

    waits: RetryPolicy = field(default_factory=lambda: RetryPolicy(first_s=1.0, factor=2.0, most_s=300.0))
    #: A wait is shortened by up to this share, so that not all channels come back at once.
    jitter: float = 0.5
    most_attempts: int = 300
    most_age_s: float = 86_400.0
    most_waiting: int = 1_000
    #: Of how many episodes is remembered what was taken in, so that a repeat is known.
    most_known: int = 10_000
    #: Rather than wait longer than that for room, messages are told together.
    patience_s: float = 15.0


@dataclass(slots=True)
class Owed:
    """A message that is to go out, and the changes of its episode that it tells, its own the last."""

    message: Message
    numbers: tuple[int, ...]
    #: When the newest of them came in, and the oldest.
    queued_at: float
    since: float
    turn: int
    earlier: tuple[str, ...] = ()
    attempts: int = 0
    next_at: float = 0.0
    #: A digest with it was refused: it goes on its own.
    alone: bool = False


@dataclass(slots=True)
class Standing:
    """What the receiver of a channel that repeats holds for true; `until` None: as long as the episode lasts."""

    message: Message
    repeat_at: float
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What to send now. `previous`: what the receiver last took of the episode, where the channel repeats."""

    message: Message
    number: int
    previous: Message | None = None
    kind: Literal["single", "digest", "repeat"] = "single"


def merged(older: Owed, newer: Owed) -> Owed:
    """The newer one, which now tells the older one too; it has its place in the queue and starts its attempts anew."""
    earlier = older.earlier
    for title in (older.message.title, *newer.earlier):
        earlier = remembered(earlier, title)
    return replace(
        newer,
        message=replace(newer.message, curve=newer.message.curve or older.message.curve),
        numbers=(*older.numbers, *newer.numbers),
        since=min(older.since, newer.since),
        turn=min(older.turn, newer.turn),
        earlier=earlier,
    )


def packed(one: Owed) -> list[Any]:
    """As a compact JSON-able list."""
    return [
        pack(one.message),
        list(one.numbers),
        one.queued_at,
        one.since,
        one.turn,
        list(one.earlier),
        one.attempts,
        one.next_at,
        one.alone,
    ]


def unpacked(value: Iterable[Any]) -> Owed:
    """What `packed` wrote down."""
    message, numbers, queued_at, since, turn, earlier, *rest = value
    return Owed(unpack(message), tuple(numbers), queued_at, since, turn, tuple(earlier), *rest)
