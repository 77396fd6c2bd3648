"""How long to wait before the next attempt: a policy, without a clock and without I/O."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits grow by a factor from `first_s` to `most_s`, seconds, and never end."""

    first_s: float = 0.2
    factor: float = 2.0
    most_s: float = 5.0

    def wait_s(self, attempt: int) -> float:
        """Seconds to wait after the failed attempt of that number, counted from 1."""
        return float(min(self.first_s * self.factor ** min(attempt - 1, 32), self.most_s))
