"""What parsing must know besides the answer: whose it should be, when it came, and how people are replaced."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crawler.people import Pseudonymiser


@dataclass(frozen=True, slots=True)
class Context:
    """The account that an answer was asked for.

    `uid` and `screen_name` are what is expected; None: not compared. `observed_at` is offset-aware. `institutions`
    gives the account id of a registered uid, else None. `known`: the account was read before, under uid and name.
    """

    account_id: str
    uid: str | None
    screen_name: str | None
    observed_at: datetime
    people: Pseudonymiser
    institutions: Callable[[str], str | None]
    known: bool = False


def no_institutions(_: str) -> str | None:
    """For a context without a registry."""
    return None
