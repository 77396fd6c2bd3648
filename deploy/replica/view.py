"""What an answer is made from: the content, the moment, and the era of the shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from deploy.replica.content import Account, Comment, Counters, Figures, GoneKind, GonePost, Person, Post, Repost
from deploy.replica.shown import Era


class Contents(Protocol):
    """What can be asked of the world at a moment (aware): the catalogue, or what faults leave to be seen of it."""

    @property
    def accounts(self) -> Sequence[Account]:
        """All accounts."""

    def account(self, uid: int) -> Account | None:
        """The account of a uid."""

    def account_named(self, screen_name: str) -> Account | None:
        """The account of a screen name."""

    def closed(self, uid: int) -> GoneKind | None:
        """Which notice stands in place of an account that can't be seen; None where there is no notice."""

    def figures(self, account: Account, at: datetime) -> Figures:
        """The figures of an account."""

    def posts(
        self, account: Account, at: datetime, before: int | None = None, limit: int = 10, skip: int = 0
    ) -> list[Post]:
        """Posts in the list of an account, newest first: such as are older than `before`, without the first `skip`."""

    def newer(self, post: Post, at: datetime) -> int:
        """How many posts stand above a post in its account's list, were none pinned."""

    def pinned(self, account: Account, at: datetime) -> Post | None:
        """The post that the account has pinned; it also has its own place among its posts."""

    def post(self, mid: int, at: datetime) -> Post | None:
        """The post of an id; None where there is none."""

    def remains(self, mid: int, at: datetime) -> GonePost | None:
        """What is left of a post that only a notice tells of; None where there is no notice."""

    def counters(self, post: Post, at: datetime) -> Counters:
        """The counters of a post."""

    def comment_total(self, post: Post, at: datetime) -> int:
        """How many comments and replies the lists give."""

    def comments(
        self, post: Post, at: datetime, order: Literal["hot", "time", "all"], offset: int, limit: int
    ) -> list[Comment]:
        """Comments that are no replies: the hottest first, or the newest first; or `all`, newest first, replies too."""

    def comment(self, comment_id: int, at: datetime) -> Comment | None:
        """The comment of an id; None where no list gives it."""

    def replies(self, comment: Comment, at: datetime, offset: int, limit: int) -> list[Comment]:
        """Replies to a comment, oldest first."""

    def reposts(self, post: Post, at: datetime, offset: int, limit: int) -> list[Repost]:
        """Who passed a post on, the newest first."""

    def people(self, post: Post, at: datetime, limit: int) -> list[Person]:
        """The private people under a post."""


@dataclass(frozen=True, slots=True)
class View:
    """The world at a moment (aware, UTC), in the shapes of an era.

    Beyond `deepest_page` pages of comments or reposts a login is asked for.
    """

    world: Contents
    at: datetime
    era: Era
    deepest_page: int
