"""When dead letters stop the loader: a policy about the share of invalid messages among the newest ones."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DeadLetterLimit:
    """Nearly everything invalid is a bad deployment: stop, instead of draining the topic into dead letters.

    Judged per topic over the newest `window` messages, once there are `least` of them. Every reason counts, a newer
    contract too: then the loader is what is out of date. A share above 1 never stops.
    """

    share: float = 0.9
    least: int = 500
    window: int = 2_000

    def exceeded(self, messages: int, invalid: int) -> bool:
        """Whether so many invalid messages among so many are too many."""
        return messages >= self.least and invalid >= self.share * messages


@dataclass(slots=True)
class NewestMessages:
    """How many of a topic's newest messages were invalid, batch by batch."""

    limit: DeadLetterLimit
    batches: list[tuple[int, int]] = field(default_factory=list)

    def add(self, messages: int, invalid: int) -> bool:
        """Count a batch in; whether the limit is exceeded with it."""
        self.batches.append((messages, invalid))
        while len(self.batches) > 1 and sum(count for count, _ in self.batches[1:]) >= self.limit.window:
            self.batches.pop(0)
        return self.limit.exceeded(
            sum(messages for messages, _ in self.batches), sum(invalid for _, invalid in self.batches)
        )
