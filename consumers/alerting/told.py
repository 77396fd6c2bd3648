"""What was told so far: of each subscription and channel, which episodes, how grave, and when. State of its owner.

All moments are event time, UTC: the clock that the data are dated by.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from consumers.alerting.keeping import moment_of, number_of
from consumers.turns import State
from schemas.alert_rules import RANK, WINDOWS
from schemas.alerts import AlertChanged

When = Literal["now", "digest", "never"]

#: Longer than the longest window of a cap, and than an episode lasts.
KEPT = 2 * max(WINDOWS.values())


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a channel is told of a change for a subscription: at once, in its digest, or never; and why."""

    subscription: str
    channel: str
    when: When
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a subscription's channel heard of an episode: first when, last how, how grave, and as which story."""

    first_at: datetime
    at: datetime
    when: When
    rank: int
    story: str | None


class Told:
    """What was told, by `subscription:channel` and episode; and the moments of each channel's messages."""

    def __init__(self) -> None:
        self._heard: dict[str, dict[str, Heard]] = {}
        self._sent: dict[str, list[datetime]] = {}
        self._changed: set[str] = set()

    def of(self, subscription: str, channel: str, episode: str) -> Heard | None:
        """What was heard of an episode; None: nothing."""
        return self._heard.get(f"{subscription}:{channel}", {}).get(episode)

    def of_story(self, subscription: str, channel: str, story: str) -> Heard | None:
        """The gravest message in which several accounts' story was told as one; None: it was not."""
        episodes = self._heard.get(f"{subscription}:{channel}", {}).values()
        return max((heard for heard in episodes if heard.story == story), key=lambda one: one.rank, default=None)

    def at_once(self, subscription: str, channel: str, since: datetime) -> list[Heard]:
        """The episodes that were told at once, for the first time after `since`."""
        episodes = self._heard.get(f"{subscription}:{channel}", {}).values()
        return [heard for heard in episodes if heard.when == "now" and heard.first_at > since]

    def messages(self, channel: str, since: datetime) -> int:
        """How many messages went to a channel at once after `since`."""
        return sum(1 for at in self._sent.get(channel, ()) if at > since)

    def note(self, decision: Decision, alert: AlertChanged, now: datetime) -> None:
        """Remember a decision that was carried out; what is older than any cap looks back is forgotten."""
        if decision.when == "never":
            return
        key = f"{decision.subscription}:{decision.channel}"
        episodes = self._heard.setdefault(key, {})
        before, rank = episodes.get(alert.episode_id), RANK.get(alert.severity, 0)
        if before is None or (before.when == "digest" and decision.when == "now"):
            episodes[alert.episode_id] = Heard(now, now, decision.when, rank, alert.story)
        else:
            episodes[alert.episode_id] = replace(
                before, at=now, rank=max(rank, before.rank), story=alert.story or before.story
            )
        self._heard[key] = {name: heard for name, heard in episodes.items() if now - heard.at <= KEPT}
        self._changed.add(f"heard:{key}")
        if decision.when == "now":
            oldest = now - max(WINDOWS.values()) - timedelta(seconds=1)
            self._sent[decision.channel] = [*(at for at in self._sent.get(decision.channel, ()) if at > oldest), now]
            self._changed.add(f"sent:{decision.channel}")

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    def dump(self, key: str) -> State | None:
        """The state under a key, as JSON takes it."""
        kind, _, name = key.partition(":")
        if kind == "sent":
            return [number_of(at) for at in self._sent.get(name, ())] or None
        return list(_dumped(self._heard.get(name, {}))) or None

    def load(self, key: str, value: State) -> None:
        """Take up a state that was written down."""
        kind, _, name = key.partition(":")
        if kind == "sent":
            self._sent[name] = [moment_of(at) for at in value]
        else:
            self._heard[name] = {
                episode: Heard(moment_of(first), moment_of(at), when, rank, story)
                for episode, first, at, when, rank, story in value
            }


def _dumped(episodes: dict[str, Heard]) -> Iterator[State]:
    for name, heard in episodes.items():
        yield [name, number_of(heard.first_at), number_of(heard.at), heard.when, heard.rank, heard.story]
