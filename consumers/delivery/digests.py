"""What was held back (quiet hours, caps, late news, further accounts of a story), until its digest is due."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from consumers.alerting.keeping import moment_of, number_of
from consumers.delivery.message import Message, pack, unpack
from consumers.turns import State
from schemas.alert_rules import Subscription

#: Episodes that one digest tells at most; of more, the newest.
MOST = 500


@dataclass(slots=True)
class Held:
    """What one subscription holds back from one channel, the newest change of each episode, and until when."""

    due: datetime
    messages: dict[str, Message] = field(default_factory=dict)


class Digests:
    """All that is held back, by `subscription:channel`. Moments are by the clock that the data are dated by, UTC."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._changed: set[str] = set()

    def hold(self, subscription: Subscription, channel: str, message: Message, now: datetime) -> Message | None:
        """Hold a message back until the subscription's next digest; the one that there is no room for any more."""
        key = f"{subscription.name}:{channel}"
        held = self._held.setdefault(key, Held(next_digest(subscription, now)))
        held.messages.pop(message.episode_id, None)
        held.messages[message.episode_id] = message
        self._changed.add(key)
        return held.messages.pop(next(iter(held.messages))) if len(held.messages) > MOST else None

    def due(self, now: datetime) -> Iterator[tuple[str, list[Message]]]:
        """The channels, each with what is due there, the newest first; it is held back no more."""
        for key in sorted(key for key, held in self._held.items() if held.due <= now):
            held = self._held.pop(key)
            self._changed.add(key)
            yield key.rpartition(":")[2], list(reversed(held.messages.values()))

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    def dump(self, key: str) -> State | None:
        """What is held back under a key."""
        held = self._held.get(key)
        return None if held is None else [number_of(held.due), [pack(message) for message in held.messages.values()]]

    def load(self, key: str, value: State) -> None:
        """Take up what was written down."""
        messages = [unpack(packed) for packed in value[1]]
        self._held[key] = Held(moment_of(value[0]), {message.episode_id: message for message in messages})


def next_digest(subscription: Subscription, now: datetime) -> datetime:
    """The next time of day, in the subscription's zone, at which its digest is told; UTC."""
    zone = ZoneInfo(subscription.timezone)
    local = now.astimezone(zone)
    due = datetime.combine(local.date(), subscription.digest_at, zone)
    if due <= local:
        due = datetime.combine(local.date() + timedelta(days=1), subscription.digest_at, zone)
    return due.astimezone(now.tzinfo)
