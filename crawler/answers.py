"""What Weibo answered: the one input of classification and parsing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, as it arrived.

    `url` is the final one, after any redirect that was followed. Names of `headers` are in lower case. `status` is 0
    where no answer came at all. `observed_at` is offset-aware: the moment when the answer arrived. `lane` is the lane
    that it came by; None where it came by none, such as a saved answer.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    observed_at: datetime
    lane: str | None = None
