"""What is owed to all channels, each with a lane of its own: one that is dead never holds up the others.

Not for two threads at once. A worker per channel takes an `Attempt` under the caller's lock, sends without it, and
tells the outcome under it again. Its state is small values by key (`CHANNEL/EPISODE`, and `CHANNEL/` for the channel's
own), for a compacted topic: `dirty` says which changed, `dump` gives them, `load` takes them up. Between a delivery and
its written state a crash repeats the delivery: at least once.
"""

from collections.abc import Callable
from typing import Any

from consumers.delivery.channel import Traits
from consumers.delivery.errors import DeliveryError
from consumers.delivery.lane import Lane
from consumers.delivery.log import Delivery
from consumers.delivery.message import Message, Receipt
from consumers.delivery.owed import Attempt, Policy


class Outbox:
    """The lanes by the names of their channels. Moments are machine time, seconds of the Unix clock."""

    def __init__(self, random: Callable[[], float], policy: Policy | None = None) -> None:
        self._random = random
        self._policy = policy or Policy()
        self._lanes: dict[str, Lane] = {}
        self._gone: set[str] = set()

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels that are open."""
        return tuple(self._lanes)

    def open(self, channel: str, traits: Traits) -> None:
        """Begin to serve a channel, or go on with one whose traits changed."""
        lane = self._lanes.get(channel)
        if lane is None:
            self._lanes[channel] = Lane(channel, traits, self._policy, self._random)
        else:
            lane.traits = traits
            lane.throttle.rates = traits.rates

    def close(self, channel: str, now: float) -> list[Delivery]:
        """Serve a channel no more, because the rules have it no more; what it owed is dead."""
        lane = self._lanes.pop(channel)
        self._gone.update(_key(channel, episode) for episode in ("", *lane.known))
        return lane.give_up(now)

    def offer(self, channel: str, message: Message, now: float) -> list[Delivery]:
        """A change that a channel is to tell. Again with the same number: nothing happens."""
        return self._lanes[channel].offer(message, now)

    def next(self, channel: str, now: float) -> Attempt | None:
        """What to send to a channel now; its outcome must be told by `delivered` or `failed`."""
        return self._lanes[channel].next(now)

    def wake_at(self, channel: str, now: float) -> float | None:
        """When to ask for a channel again; None: when something comes in or its attempt is over."""
        return self._lanes[channel].wake_at(now)

    def delivered(
        self, channel: str, attempt: Attempt, receipt: Receipt, now: float, latency_ms: float | None = None
    ) -> list[Delivery]:
        """An attempt got through. Ignored if its channel was closed meanwhile: then it was given up already."""
        lane = self._lanes.get(channel)
        return lane.delivered(attempt, receipt, now, latency_ms) if lane else []

    def failed(
        self, channel: str, attempt: Attempt, error: DeliveryError, now: float, latency_ms: float | None = None
    ) -> list[Delivery]:
        """An attempt did not get through, or nobody knows. As `delivered`."""
        lane = self._lanes.get(channel)
        return lane.failed(attempt, error, now, latency_ms) if lane else []

    def next_picture(self, now: float) -> tuple[str, Message | None, list[Delivery]]:
        """A channel and the message whose picture it is to be given now, None if nothing is; and what is left out."""
        records: list[Delivery] = []
        for name, lane in self._lanes.items():
            message, left_out = lane.next_picture(now)
            records += left_out
            if message is not None:
                return name, message, records
        return "", None, records

    def picture_wakes_at(self, now: float) -> float | None:
        """When to ask for pictures again; None: when a message was delivered."""
        moments = [lane.pictures.wake_at(now) for lane in self._lanes.values()]
        return min((moment for moment in moments if moment is not None), default=None)

    def picture_sent(
        self, channel: str, message: Message, receipt: Receipt | DeliveryError, now: float, latency_ms: float
    ) -> list[Delivery]:
        """What became of a picture. As `delivered`."""
        lane = self._lanes.get(channel)
        if lane is None:
            return []
        if isinstance(receipt, DeliveryError):
            return lane.picture_failed(message, receipt, now, latency_ms)
        return [lane.pictures.sent(message, receipt, now, latency_ms)]

    def owes(self) -> set[tuple[str, str, int]]:
        """Channel, episode and number of all that is owed."""
        return {(name, *pair) for name, lane in self._lanes.items() for pair in lane.owes()}

    def duplicates(self) -> int:
        """Changes that came in once more."""
        return sum(lane.duplicates for lane in self._lanes.values())

    def dirty(self) -> set[str]:
        """Keys whose state changed since the last call."""
        changed = self._gone | {_key(name, each) for name, lane in self._lanes.items() for each in lane.changed}
        self._gone = set()
        for lane in self._lanes.values():
            lane.changed = set()
        return changed

    def dump(self, key: str) -> list[Any] | None:
        """The state of a key as a compact JSON-able list; None: forget it."""
        channel, _, episode = key.partition("/")
        lane = self._lanes.get(channel)
        return lane.dump(episode) if lane else None

    def load(self, key: str, value: list[Any] | None) -> None:
        """Take up the state of a key. Its channel must be open; of one that is not, state is left where it is."""
        channel, _, episode = key.partition("/")
        if channel in self._lanes:
            self._lanes[channel].load(episode, value)


def _key(channel: str, episode: str) -> str:
    return f"{channel}/{episode}"
