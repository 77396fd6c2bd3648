"""The delivery log: what was tried, when, and what came of it; from it alone one can tell what is still owed.

A change that a channel is to tell is `owed` from its first record on, until one says `delivered` or `dead`. Each change
has its own last record, also where it was told together with others: `told_by` is the change whose message had it,
`digest` the id of the digest. Moments are machine time, UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

#: A picture that follows its message is not owed: it says what became of it, and closes nothing.
Outcome = Literal["owed", "delivered", "retrying", "dead", "repeat_failed", "picture_sent", "picture_left_out"]

#: Why a change was given up: the provider refuses it, or us; it was tried too often or for too long; too many wait;
#: the rules have its channel no more.
Reason = Literal["", "rejected", "denied", "tried_too_often", "too_old", "too_many", "channel_gone"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record: of one change, one channel, one attempt."""

    at: datetime
    channel: str
    episode_id: str
    #: The change's number in its episode.
    number: int
    outcome: Outcome
    #: Attempts so far, this one among them; 0: none yet.
    attempt: int = 0
    reason: Reason = ""
    told_by: int | None = None
    digest: str = ""
    #: The provider's own code and words.
    code: str = ""
    words: str = ""
    #: How long the provider took to answer.
    latency_ms: float | None = None
    #: From when the change came in until the attempt was over.
    waited_ms: float | None = None
    retry_at: datetime | None = None

    @property
    def id(self) -> str:
        """Deterministic: the same record written twice is the same."""
        return f"delivery:{self.channel}:{self.episode_id}:{self.number}:{self.outcome}:{self.attempt}"


def still_owed(log: Iterable[Delivery]) -> set[tuple[str, str, int]]:
    """Channel, episode and number of every change that a log leaves open. In whatever order, however often repeated."""
    opened: set[tuple[str, str, int]] = set()
    closed: set[tuple[str, str, int]] = set()
    for one in log:
        key = (one.channel, one.episode_id, one.number)
        if one.outcome == "owed":
            opened.add(key)
        elif one.outcome in ("delivered", "dead"):
            closed.add(key)
    return opened - closed
