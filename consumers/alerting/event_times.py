"""Whether the time of an event can be believed: a clock that is broken must not close a series, nor end an episode.

Events carry the crawl's own time, which may run fast (a replica's), so neither this machine's clock nor Kafka's says
what is too far ahead. Other events do: time is as far as the newest event that was believed, of whatever account. What
lies more than `AHEAD` beyond that is held, unjudged, until it is confirmed: by another account that shows that time,
or by another visit to the same account at about that time. So after the crawl stood still for a week, the first
account's events wait for the second's, and are then judged in their order. What nobody confirmed while the others went
on for `UNCONFIRMED` is refused, and counted.

Lanes belong to no account and prove nothing: theirs are held as well, and let go with the accounts' that are confirmed.
The very first event is believed: there is nothing to compare it with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from consumers.alerting.account_state import SAME_VISIT
from consumers.alerting.keeping import maybe_moment_of, maybe_number_of, moment_of, number_of
from consumers.turns import State
from schemas.cloudevents import event_of
from schemas.events import AnyEvent

#: A crawl that is begun by hand may pause over a weekend. What a clock is wrong by less blocks its posts for so long.
AHEAD = timedelta(days=3)
#: Longer than any account is not visited while others are.
UNCONFIRMED = timedelta(days=1)
VISIT = timedelta(seconds=SAME_VISIT)
#: A visit makes some dozens of events; when more are held, the oldest is refused.
MOST_HELD = 1_000
_HELD = "held:"
_FRONT = "front"


@dataclass(frozen=True, slots=True)
class Held:
    """An event that is not believed yet, and how far time was when it came."""

    event: AnyEvent
    front: datetime


class EventTimes:
    """How far time is, and what is held. The same events in the same order are held and let go alike."""

    def __init__(self) -> None:
        self._front: datetime | None = None
        self._held: dict[int, Held] = {}
        self._next = 1
        #: Events that were refused, ever.
        self.refused = 0
        self._changed: set[str] = set()

    @property
    def held(self) -> int:
        """Events that wait to be confirmed."""
        return len(self._held)

    def admit(self, event: AnyEvent) -> list[AnyEvent]:
        """What is to be judged now that this event has come, in order: itself, more where it confirms, or nothing."""
        moment, front = event.observed_at, self._front
        if front is None or moment <= front + AHEAD:
            self._advance(event)
            return [event]
        near = [number for number, held in self._held.items() if abs(held.event.observed_at - moment) <= AHEAD]
        if _confirmed(event, [self._held[number].event for number in near]):
            events = [*(self._let_go(number).event for number in near), event]
            for one in events:
                self._advance(one)
            return events
        self._hold(event, front)
        return []

    def _hold(self, event: AnyEvent, front: datetime) -> None:
        if len(self._held) >= MOST_HELD:
            self._refuse(next(iter(self._held)))
        self._held[self._next] = Held(event, front)
        self._changed.update((f"{_HELD}{self._next}", _FRONT))
        self._next += 1

    def _advance(self, event: AnyEvent) -> None:
        if _account(event) is None or (self._front is not None and event.observed_at <= self._front):
            return
        self._front = front = event.observed_at
        self._changed.add(_FRONT)
        for number, held in list(self._held.items()):
            if front - held.front >= UNCONFIRMED:
                self._refuse(number)

    def _refuse(self, number: int) -> None:
        self._let_go(number)
        self.refused += 1
        self._changed.add(_FRONT)

    def _let_go(self, number: int) -> Held:
        self._changed.add(f"{_HELD}{number}")
        return self._held.pop(number)

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    def dump(self, key: str) -> State | None:
        """How far time is, or one event that is held."""
        if key == _FRONT:
            return [maybe_number_of(self._front), self._next, self.refused]
        held = self._held.get(int(key.removeprefix(_HELD)))
        return None if held is None else [number_of(held.front), held.event.type, held.event.model_dump_json()]

    def load(self, key: str, value: State) -> None:
        """Take up a state that was written down, in any order of keys."""
        if key == _FRONT:
            front, self._next, self.refused = value
            self._front = maybe_moment_of(front)
            return
        front, kind, text = value
        self._held[int(key.removeprefix(_HELD))] = Held(event_of(text.encode(), kind), moment_of(front))
        self._held = dict(sorted(self._held.items()))


def _confirmed(event: AnyEvent, held: Sequence[AnyEvent]) -> bool:
    """Whether any of those held shows the time of an event as well: another account, or another visit to the same."""
    account_id = _account(event)
    if account_id is None:
        return False
    if any(_account(one) not in (None, account_id) for one in held):
        return True
    own = [abs(one.observed_at - event.observed_at) for one in held if _account(one) == account_id]
    return bool(own) and min(own) > VISIT


def _account(event: AnyEvent) -> str | None:
    return getattr(event, "account_id", None)
