"""What every channel offers, and what of it the outbox must know."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from consumers.delivery.message import Message, Receipt
from consumers.delivery.rates import Rate


@dataclass(frozen=True, slots=True)
class Traits:
    """How a kind of channel wants to be treated."""

    #: What the provider allows per target.
    rates: tuple[Rate, ...] = ()
    #: Whether many messages may be told as one where there is room for no more; False: the receiver is a program.
    digests: bool = True
    #: How many messages a digest tells, and characters of each, so that it is not cut to the provider's size.
    digest_most: int = 200
    digest_characters: int = 300
    #: Whether a picture is taken within the message, or follows it as a request of its own (see Illustrated).
    picture: Literal["none", "within", "after"] = "none"
    #: Seconds after which what stands is said again, until it has ended; None: said once.
    repeat_s: float | None = None
    #: Seconds for which an end is said again.
    repeat_end_s: float = 0.0


class Channel(Protocol):
    """One target."""

    @property
    def shown(self) -> str:
        """Its name in logs and errors, without any secret."""

    @property
    def traits(self) -> Traits:
        """How it wants to be treated."""

    def send(self, message: Message, previous: Message | None = None) -> Receipt:
        """Deliver one message, or raise a DeliveryError.

        `previous`: what the receiver last took of this episode, for channels that repeat, where it differs.
        """


@runtime_checkable
class Illustrated(Protocol):
    """A target that is given the picture of a message after the message."""

    def send_picture(self, message: Message, picture: bytes) -> Receipt:
        """Deliver the PNG of a message that was taken, or raise a DeliveryError. Beside `send`, in another thread."""
