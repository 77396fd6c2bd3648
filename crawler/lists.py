"""One list under a post, page by page: where it goes on, and how it ended.

A list ends by its cursor or by a setting; everything else that ends one is a cut, which the receipt counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from crawler.endpoints import CommentCursor
from crawler.signals import ResponseClass

Kind = Literal["hot", "time", "reply", "repost"]
Order = Literal["hot", "time"]

END: Final = "end"
CAP: Final = "cap"
LOOP: Final = "cursor_loop"
"""The cursor of the next page was asked with before, or page after page brings nothing new."""
CLOSED: Final = "comments_closed"
"""Weibo says in words that nobody may see the comments."""
CURATED: Final = "comments_curated"
"""The post counts comments, and both lists are empty."""
INTERRUPTED: Final = "interrupted"
BUDGET: Final = "budget"
"""No lane may ask any more."""
EMPTY: Final = ResponseClass.SUSPICIOUSLY_EMPTY.value
MOST_BARREN: Final = 3
"""So many pages in a row without anything new end a list, whatever its cursor says."""
STOPS: Final = frozenset(
    {
        ResponseClass.VISITOR_GATE.value,
        ResponseClass.CHALLENGE.value,
        ResponseClass.BLOCKED.value,
        ResponseClass.ROBOTS.value,
        BUDGET,
    }
)
"""After these nothing more is asked for under the post. A login is asked for by one list and not by the other."""
PEACEFUL_ENDS: Final = frozenset({END, CAP, CLOSED, CURATED})


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many pages are read under a post: of comments in each order, of replies in all its threads, of reposts."""

    orders: tuple[Order, ...] = ("hot",)
    comment_pages: int = 0
    reply_pages: int = 0
    repost_pages: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A page to ask for: the `number`-th of its list, from 1. `root_id` is the thread, for replies."""

    kind: Kind
    number: int
    cursor: CommentCursor | None = None
    root_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What a page holds.

    `ids` are the rows of the list itself, `replies` those that stand inline, as (thread, reply), and `threads` how many
    replies Weibo counts under each row. `total` is what the list says of itself; `unreadable` rows are lost.
    """

    ids: tuple[str, ...]
    cursor: CommentCursor | None
    total: int | None = None
    replies: tuple[tuple[str, str], ...] = ()
    threads: tuple[tuple[str, int], ...] = ()
    unreadable: int = 0
    at: datetime | None = None
    written: Mapping[str, datetime] = field(default_factory=dict)


class Listing:
    """One list, page by page, and how it ended."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._asked: set[CommentCursor] = set()
        self._barren = 0
        self.pages = 0
        self.ids: set[str] = set()
        self.total: int | None = None
        self.counted_at: datetime | None = None
        """When the list said its total, UTC; None where that is not known."""
        self.ended_by: str | None = None
        self.sentence = ""

    @property
    def is_cut(self) -> bool:
        """Whether something other than its own end ended it."""
        return self.ended_by not in (None, END)

    @property
    def has_failed(self) -> bool:
        """Whether it was cut by an answer, and not by a setting or by what Weibo shows to nobody."""
        return self.ended_by is not None and self.ended_by not in PEACEFUL_ENDS

    def turn(self, page: ReadPage) -> CommentCursor | None:
        """Take a page; the cursor of the next one, None where the list has ended."""
        self.pages += 1
        if page.total is not None:
            self.total, self.counted_at = page.total, page.at
        self._barren = self._barren + 1 if self.ids.issuperset(page.ids) else 0
        self.ids.update(page.ids)
        if page.cursor is None:
            self.ended_by = END
        elif page.cursor in self._asked or self._barren == MOST_BARREN:
            same = "the cursor of the next page was there before" if page.cursor in self._asked else "nothing new comes"
            self.end(LOOP, f"{LOOP}: {same} after {self.pages} pages")
        elif self.pages >= self._cap:
            self.ended_by = CAP
        else:
            self._asked.add(page.cursor)
            return page.cursor
        return None

    def end(self, reason: str, sentence: str = "") -> None:
        """Whatever comes, the list has ended."""
        if self.ended_by is None:
            self.ended_by, self.sentence = reason, sentence
