"""What every part of the alerter that remembers something offers: its state, piece by piece, as JSON takes it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from consumers.alerting.findings import Finding
from consumers.turns import State
from schemas.events import AnyEvent


class Keeper(Protocol):
    """Remembers something under keys; what it was is written down, and taken up again after a restart."""

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call."""

    def dump(self, key: str) -> State | None:
        """The state under a key; None: there is none any more."""

    def load(self, key: str, value: State) -> None:
        """Take up a state that was written down."""


class Detector(Keeper, Protocol):
    """Finds something in events. The same events in the same order make the same findings.

    Keys are `post:ID`, `account:ID` or whatever else; asked for what it knows nothing of, its `dump` says None.
    """

    def feed(self, event: AnyEvent) -> Iterable[Finding]:
        """What an event gives reason to say."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def number_of(moment: datetime) -> int:
    """A moment as milliseconds since 1970, UTC; finer digits are cut."""
    return (moment - _EPOCH) // _MILLISECOND


def moment_of(number: int) -> datetime:
    """The moment of so many milliseconds since 1970, UTC."""
    return _EPOCH + timedelta(milliseconds=number)


def maybe_number_of(moment: datetime | None) -> int | None:
    """As `number_of`; None stays None."""
    return None if moment is None else number_of(moment)


def maybe_moment_of(number: int | None) -> datetime | None:
    """As `moment_of`; None stays None."""
    return None if number is None else moment_of(number)
