"""The small world behind the replica's answers: finds accounts, posts and comments by id, at any moment."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from deploy.replica.accounts import Account, read_accounts
from deploy.replica.chance import draw
from deploy.replica.comments import Comments
from deploy.replica.growth import Growth, Reactions, growth_of
from deploy.replica.identifiers import comment_parts, post_parts
from deploy.replica.posts import Post, write_post


class World:
    """Everything there is, computed when it is asked for; remembers a bounded number of recent answers.

    `courses` says how the reactions to a post come, where it is not as its growth says; `last_at` after which moments
    accounts (by uid) publish nothing any more.
    """

    def __init__(
        self,
        embassies: Path,
        seed: int = 1,
        courses: Callable[[Post], Reactions] | None = None,
        last_at: Mapping[int, float] | None = None,
    ) -> None:
        self.seed = seed
        ends = last_at or {}
        self.accounts = tuple(
            replace(account, last_at=min(ends[account.uid], account.last_at)) if account.uid in ends else account
            for account in read_accounts(embassies, seed)
        )
        self._by_uid = {account.uid: account for account in self.accounts}
        self._by_name = {account.name: account for account in self.accounts}
        self._posts = lru_cache(maxsize=4096)(self._write)
        self.reactions: Callable[[Post], Reactions] = courses or self.growth
        self._comments = lru_cache(maxsize=1024)(self._comment)

    def account(self, uid: int) -> Account | None:
        """The account of a number."""
        return self._by_uid.get(uid)

    def named(self, name: str) -> Account | None:
        """The account of a screen name."""
        return self._by_name.get(name)

    def post(self, account: Account, ordinal: int) -> Post:
        """An account's post, by its ordinal from 0."""
        return self._posts(account.index, ordinal)

    def find_post(self, mid: int, moment: float) -> Post | None:
        """The post of an id, when it is published by then."""
        second, index = post_parts(mid)
        if index >= len(self.accounts) or not 0 < second <= moment:
            return None
        account = self.accounts[index]
        ordinal = account.published(second) - 1
        if ordinal < 0:
            return None
        post = self.post(account, ordinal)
        return post if post.mid == mid else None

    def growth(self, post: Post) -> Growth:
        """The growth of a post's counters."""
        account = post.account
        return growth_of(self.seed, account.uid, post.ordinal, post.published, account.followers_at(post.published))

    def comments(self, post: Post) -> Comments:
        """The comments of a post."""
        return self._comments(post.account.index, post.ordinal)

    def find_comment(self, cid: int, moment: float) -> tuple[Comments, int] | None:
        """The comments among which the one of an id is, and its place, when a list would show it at that moment."""
        start, index, low_ordinal, low_place = comment_parts(cid)
        if index >= len(self.accounts) or not 0 < start <= moment:
            return None
        account = self.accounts[index]
        newest = account.published(start + 63) - 1
        ordinal = newest - (newest - low_ordinal) % 512
        if ordinal < 0:
            return None
        post = self.post(account, ordinal)
        comments = self.comments(post)
        until = self.reactions(post).comments_at(start + 64) + 1
        place = until - (until - low_place) % 4096
        if comments.is_listed(place, moment) and comments.cid(place) == cid:
            return comments, place
        return None

    def pinned(self, account: Account, moment: float) -> int | None:
        """The ordinal of the post that an account has pinned: one of the last year, by some accounts, for a year."""
        year = int(moment // (365 * 86_400))
        if draw(self.seed, "pins", account.uid, year) % 5 > 1:
            return None
        published = account.published(year * 365 * 86_400)
        if published < 30:
            return None
        return published - 1 - draw(self.seed, "pinned", account.uid, year) % min(published, 300)

    def timeline(self, account: Account, below: int) -> Iterator[Post]:
        """Posts under an ordinal, newest first."""
        return (self.post(account, ordinal) for ordinal in range(below - 1, -1, -1))

    def _write(self, index: int, ordinal: int) -> Post:
        return write_post(self.seed, self.accounts, self.accounts[index], ordinal)

    def _comment(self, index: int, ordinal: int) -> Comments:
        post = self._posts(index, ordinal)
        return Comments(self.seed, post, self.reactions(post))
