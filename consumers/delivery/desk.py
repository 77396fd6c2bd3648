"""The sender's desk: what the rules make of each change, what was told, what is held back, and what is owed.

Pure but for its rules, which are given to it: two clocks come in, that of the data for rules, and the machine's for
what is owed. Not for two threads at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from consumers.alerting.keeping import Keeper
from consumers.alerting.routing import decide
from consumers.alerting.told import Decision, Told
from consumers.delivery.channel import Traits
from consumers.delivery.combining import held_together
from consumers.delivery.composing import composed
from consumers.delivery.digests import Digests
from consumers.delivery.log import Delivery, Reason
from consumers.delivery.message import Message
from consumers.delivery.outbox import Outbox
from consumers.turns import State, taking_up
from schemas.accounts import Account
from schemas.alert_rules import Rules, Subscription
from schemas.alerts import AlertChanged
from schemas.topics import SENDER_STATE


class Desk:
    """`accounts` by id, for their names. `random` gives numbers from 0 to 1."""

    def __init__(self, accounts: Mapping[str, Account], random: Callable[[], float]) -> None:
        self._accounts = accounts
        self._told = Told()
        self._last = LastTold()
        self._digests = Digests()
        self.outbox = Outbox(random)
        self._rules = Rules()
        self._traits: dict[str, Traits] = {}
        self._records: list[Delivery] = []
        self._waiting: dict[str, State] = {}
        self._keepers: dict[str, Keeper] = {"told": self._told, "last": self._last, "digests": self._digests}

    def follow(self, rules: Rules, traits: Mapping[str, Traits], now: float) -> None:
        """Go by these rules from now on. `traits` of the channels that could be opened; the others owe and wait.

        Raises StateRecordError where what a channel owes can't be taken up.
        """
        self._rules, self._traits = rules, dict(traits)
        wanted = {channel.name for channel in rules.channels}
        for name in set(self.outbox.channels) - wanted:
            self._records += self.outbox.close(name, now)
        for name in sorted(wanted):
            is_new = name not in self.outbox.channels
            self.outbox.open(name, traits.get(name, Traits()))
            if is_new:
                for key in [key for key in self._waiting if key.partition("/")[0] == name]:
                    with taking_up(f"outbox/{key}", SENDER_STATE.name):
                        self.outbox.load(key, self._waiting.pop(key))

    def take(self, alert: AlertChanged, moment: datetime, now: float) -> list[Decision]:
        """Carry out what the rules say of a change; `moment` by the data's clock, `now` by the machine's."""
        decisions = decide(self._rules, alert, moment, self._told)
        for decision in decisions:
            subscription = next(one for one in self._rules.subscriptions if one.name == decision.subscription)
            if decision.when == "now":
                self._tell(decision, subscription, alert, now)
            elif decision.when == "digest":
                message = composed(alert, subscription.language, self._accounts)
                left_out = self._digests.hold(subscription, decision.channel, message, moment)
                self._records += [_dead(decision.channel, left_out, "too_many", now)] if left_out else []
            self._told.note(decision, alert, moment)
        return list(decisions)

    def tick(self, moment: datetime, now: float) -> None:
        """Tell the digests that are due."""
        for channel, messages in self._digests.due(moment):
            if channel not in self.outbox.channels:
                self._records += [_dead(channel, message, "channel_gone", now) for message in messages]
                continue
            for message in held_together(messages, self._traits.get(channel, Traits())):
                self._records += self.outbox.offer(channel, message, now)

    def note(self, records: Iterable[Delivery]) -> None:
        """What the outbox said of an attempt goes into the log."""
        self._records += records

    def records(self) -> list[Delivery]:
        """What is to be logged since the last call."""
        records, self._records = self._records, []
        return records

    def changed(self) -> Iterator[tuple[str, State | None]]:
        """Every piece of state that changed since the last call, under its whole key; None: it is gone."""
        for name, keeper in self._keepers.items():
            for key in keeper.dirty():
                yield f"{name}/{key}", keeper.dump(key)
        for key in sorted(self.outbox.dirty()):
            yield f"outbox/{key}", self.outbox.dump(key)

    def load(self, states: Iterable[tuple[str, State]]) -> None:
        """Take up what was written down, before the rules are followed; what is owed waits for its channel.

        Raises StateRecordError.
        """
        for whole, value in states:
            name, _, key = whole.partition("/")
            if name == "outbox":
                self._waiting[key] = value
            elif name in self._keepers:
                with taking_up(whole, SENDER_STATE.name):
                    self._keepers[name].load(key, value)

    def _tell(self, decision: Decision, subscription: Subscription, alert: AlertChanged, now: float) -> None:
        place = f"{decision.channel}:{subscription.language}"
        message: Message = composed(
            alert, subscription.language, self._accounts, self._last.of(place, alert.episode_id)
        )
        self._last.note(place, alert)
        self._records += self.outbox.offer(decision.channel, message, now)


def _dead(channel: str, message: Message, reason: Reason, now: float) -> Delivery:
    """What is logged of a message that was held back and will be told nobody."""
    at = datetime.fromtimestamp(now, UTC)
    return Delivery(at, channel, message.episode_id, message.number, "dead", reason=reason)


class LastTold:
    """The change of an episode that a channel was told last in a language: what the next one is compared with."""

    def __init__(self) -> None:
        self._last: dict[str, AlertChanged] = {}
        self._changed: set[str] = set()

    def of(self, place: str, episode_id: str) -> AlertChanged | None:
        """The last change that was told; None: none, or it has ended."""
        return self._last.get(f"{place} {episode_id}")

    def note(self, place: str, alert: AlertChanged) -> None:
        """A change is told."""
        key = f"{place} {alert.episode_id}"
        self._changed.add(key)
        if alert.change == "ended":
            self._last.pop(key, None)
        else:
            # Nothing is compared with its curve, and all of it is written down.
            self._last[key] = alert.model_copy(update={"curve": ()})

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    def dump(self, key: str) -> State | None:
        """The change under a key."""
        alert = self._last.get(key)
        return None if alert is None else [alert.model_dump(mode="json", exclude_defaults=True)]

    def load(self, key: str, value: State) -> None:
        """Take up a change that was written down."""
        self._last[key] = AlertChanged.model_validate(value[0])
