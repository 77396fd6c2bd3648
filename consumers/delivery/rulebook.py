"""The rules in force while their file is edited, and the channels that they name."""

import logging

from consumers.delivery.channel import Channel
from consumers.delivery.errors import AddressError, SecretError
from consumers.delivery.opening import Defaults, open_channel
from schemas.alert_rules import Rules
from schemas.alert_rules_file import Reloading, RulesFileError, read_text
from schemas.registry import Registry
from schemas.settings import Settings

log = logging.getLogger("weiplomacy.sender")


class Rulebook:
    """The rules in force, followed while their file is edited, and the channels that can be opened."""

    def __init__(self, settings: Settings, accounts: Registry) -> None:
        self._file = settings.alert_rules_file
        self._reloading = Reloading(accounts)
        self._defaults = Defaults.of(settings)
        self._channels: dict[str, Channel] = {}
        self._refused: dict[str, str] = {}
        self._opened: Rules | None = None
        self.problem = ""

    @property
    def rules(self) -> Rules:
        """Those in force."""
        return self._reloading.rules

    @property
    def channels(self) -> dict[str, Channel]:
        """The channels that could be opened, by name."""
        return self._channels

    def look(self) -> bool:
        """Read the file again, and try what could not be opened; whether something has changed."""
        try:
            sentences = self._reloading.offer(read_text(self._file))
        except RulesFileError as error:
            sentences = () if str(error) == self.problem else (str(error),)
        for sentence in sentences:
            log.warning("%s", sentence)
        if sentences:
            # The last sentence says what is in force; those before it, what is wrong.
            self.problem = sentences[0] if len(sentences) > 1 or self._opened is self.rules else ""
        return self._open()

    def _open(self) -> bool:
        is_new = self._opened is not self.rules
        kept = {} if is_new else dict(self._channels)
        for rule in self.rules.channels:
            if rule.name in kept:
                continue
            try:
                kept[rule.name] = open_channel(rule.name, rule.address, rule.secrets, self._defaults)
            except (AddressError, SecretError) as error:
                if self._refused.get(rule.name) != str(error):
                    log.warning("%s; what goes there waits", error)
                self._refused[rule.name] = str(error)
            else:
                self._refused.pop(rule.name, None)
        changed = is_new or kept.keys() != self._channels.keys()
        self._channels, self._opened = kept, self.rules
        return changed

    def doing(self, owed: int) -> str:
        """A line for `weiplomacy status`."""
        if self.problem:
            return self.problem
        waiting = f", {', '.join(sorted(self._refused))} can't be opened" if self._refused else ""
        rules = (
            f"{len(self.rules.subscriptions)} subscriptions" if self.rules.subscriptions else "nobody has subscribed"
        )
        return f"{rules}, {len(self._channels)} channels, {owed} messages owed{waiting}"
