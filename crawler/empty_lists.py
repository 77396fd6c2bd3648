"""When an empty answer ends a list: only when another session says the same, and only where a list may be empty.

Weibo answers a throttled session as it answers at the end of a list. So an answer without entries is asked for once
more in another session. Two that agree are the end of the comments, of the reposts, or of what is behind a timeline's
cursor; never of the first page of an account that has posts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crawler.classify import Verdict, is_first_page
from crawler.endpoints import Endpoint
from crawler.signals import ResponseClass

_UNDER_A_POST: Final = frozenset(
    {
        Endpoint.HOTFLOW,
        Endpoint.HOTFLOW_CHILD,
        Endpoint.COMMENTS_SHOW,
        Endpoint.REPOSTS,
        Endpoint.AJAX_COMMENTS,
    }
)
_OF_POSTS: Final = frozenset({Endpoint.TIMELINE, Endpoint.SEARCH, Endpoint.AJAX_TIMELINE})


class Step(StrEnum):
    """What is done about an empty answer."""

    ASK_ELSEWHERE = "ask another session"
    END_OF_LIST = "end of list"
    STAYS = "stays suspicious"


@dataclass(frozen=True, slots=True)
class Doubt:
    """An empty answer, and who gave it. A session is named by its lane and its generation: a renewed one is another.

    `witnesses` are the sessions that said the same before. `posts` is how many posts the account says it has; None
    where that is not known.
    """

    endpoint: Endpoint
    url: str
    answered_by: str
    witnesses: tuple[str, ...] = ()
    posts: int | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """All sessions that said so, this one included."""
        return tuple(dict.fromkeys((*self.witnesses, self.answered_by)))


def next_step(doubt: Doubt, available: Collection[str]) -> Step:
    """What is done next. `available` names the sessions that could be asked, perhaps one that is yet to be opened."""
    if len(doubt.asked) > 1:
        return Step.END_OF_LIST if may_be_empty(doubt) else Step.STAYS
    return Step.ASK_ELSEWHERE if set(available) - set(doubt.asked) else Step.STAYS


def may_be_empty(doubt: Doubt) -> bool:
    """Whether an honest answer may have nothing in it there."""
    if doubt.endpoint in _UNDER_A_POST:
        return True
    return doubt.endpoint in _OF_POSTS and (not is_first_page(doubt.url) or doubt.posts == 0)


def agreed(verdict: Verdict, sessions: tuple[str, ...]) -> Verdict:
    """The verdict of an empty answer that several sessions gave."""
    reason = f"{len(sessions)} sessions say that there is nothing here ({verdict.signal}: {verdict.reason})"
    return Verdict(ResponseClass.END_OF_LIST, reason, None, "agreed_empty")
