"""The pictures that a channel is to be given after their messages: few, soon, and only where there is room.

A picture is no promise. The words are there, so one for which the provider's rate leaves no room, that waits too long
behind others, or that fails, is left out, and the delivery log says why. None is written down: after a restart those
that waited are gone. Moments are machine time, seconds of the Unix clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from consumers.delivery.errors import DeliveryError
from consumers.delivery.log import Delivery, Outcome
from consumers.delivery.message import Message, Receipt
from consumers.delivery.rates import Throttle

MOST_WAITING = 10
LONGEST_WAIT_S = 60.0
#: Where a provider counts over so long or longer, pictures take half of what it allows at most.
SPANS_FROM_S = 15.0
#: Whoever waits for room looks again after so long.
LOOK_S = 1.0


@dataclass(slots=True)
class Pictures:
    """Those of one channel: messages that it took, and when."""

    channel: str
    throttle: Throttle
    _waiting: dict[str, tuple[Message, float]] = field(default_factory=dict)

    def offer(self, message: Message, now: float) -> Iterator[Delivery]:
        """The channel took a message; a newer one of its episode takes the place of an older one."""
        self._waiting.pop(message.episode_id, None)
        self._waiting[message.episode_id] = (message, now)
        if len(self._waiting) > MOST_WAITING:
            oldest, _ = self._waiting.pop(next(iter(self._waiting)))
            yield self._record(oldest, now, "picture_left_out", words="too many waited")

    def next(self, now: float) -> tuple[Message | None, list[Delivery]]:
        """What to draw and send now, None if nothing; and what of those that waited is left out."""
        records = []
        for episode, (message, since) in list(self._waiting.items()):
            if not 0 <= now - since <= LONGEST_WAIT_S:
                del self._waiting[episode]
                records.append(self._record(message, now, "picture_left_out", words="no room within a minute"))
        if not self._waiting or not self.throttle.half_free(now, spans_from_s=SPANS_FROM_S):
            return None, records
        message, _ = self._waiting.pop(next(iter(self._waiting)))
        self.throttle.take(now)
        return message, records

    def wake_at(self, now: float) -> float | None:
        """When to ask again; None: when something comes in."""
        if not self._waiting:
            return None
        return now if self.throttle.half_free(now, spans_from_s=SPANS_FROM_S) else now + LOOK_S

    def sent(self, message: Message, receipt: Receipt, now: float, latency_ms: float) -> Delivery:
        """It was taken."""
        return self._record(message, now, "picture_sent", receipt.code, receipt.words, latency_ms)

    def failed(self, message: Message, error: DeliveryError, now: float, latency_ms: float) -> Delivery:
        """It was not; it is not tried again."""
        return self._record(message, now, "picture_left_out", error.code, error.words, latency_ms)

    def _record(
        self,
        message: Message,
        now: float,
        outcome: Outcome,
        code: str = "",
        words: str = "",
        latency_ms: float | None = None,
    ) -> Delivery:
        return Delivery(
            datetime.fromtimestamp(now, UTC),
            self.channel,
            message.episode_id,
            message.number,
            outcome,
            code=code,
            words=words,
            latency_ms=latency_ms,
        )
