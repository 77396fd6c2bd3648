"""What a run remembers: restored at its start, taught by acknowledged pages, written back account by account."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

from crawler.memory.coverage import Interval
from crawler.memory.records import AccountMemory, PostMemory

Write = Callable[[AccountMemory], Awaitable[str | None]]
"""Keeps a record; returns None, or a sentence about why it is not kept."""

PAGES_BETWEEN = 3
"""A long visit is written down after so many pages, so that a crash repeats no more than these."""


class Keeper:
    """The memory of a run. Without `write` it lasts as long as the run."""

    def __init__(
        self,
        accounts: dict[str, AccountMemory] | None = None,
        problems: dict[str, str] | None = None,
        write: Write | None = None,
        machine: Callable[[], datetime] | None = None,
    ) -> None:
        self._accounts = dict(accounts or {})
        self._write = write
        self._machine = machine
        self._unwritten: dict[str, int] = {}
        self._taught_by: dict[str, dict[str, int]] = {}
        self.problems = dict(problems or {})

    @property
    def lasts(self) -> bool:
        """Whether what is remembered outlives the run."""
        return self._write is not None

    def of(self, account_id: str) -> AccountMemory:
        """What is remembered of an account; of a new one, nothing."""
        return self._accounts.get(account_id) or AccountMemory(account_id=account_id)

    def learn(self, account_id: str, covers: Interval | None, posts: Iterable[PostMemory], number: int) -> None:
        """Page `number` of a visit is acknowledged: what it covers, and how its posts are remembered from now on.

        What a later page of the visit has taught of a post stands, whichever was acknowledged first.
        """
        memory = self.of(account_id)
        known, taught_by = memory.by_id(), self._taught_by.get(account_id, {})
        news = {post.post_id: post for post in posts if taught_by.get(post.post_id, 0) <= number}
        memory = memory.with_posts(known | news)
        numbers = taught_by | dict.fromkeys(news, number)
        self._taught_by[account_id] = {post.post_id: numbers.get(post.post_id, 0) for post in memory.posts}
        if covers is not None:
            memory = memory.with_coverage(memory.coverage.with_interval(covers))
        self._accounts[account_id] = memory
        self._unwritten[account_id] = self._unwritten.get(account_id, 0) + 1

    def lists_read(self, account_id: str, owed: Mapping[str, bool]) -> None:
        """A visit has read lists under posts: those that were cut are owed, the others no longer."""
        memory = self.of(account_id)
        known = memory.by_id()
        posts = {
            post_id: known[post_id].model_copy(update={"owes_lists": owes})
            for post_id, owes in owed.items()
            if post_id in known
        }
        self._accounts[account_id] = memory.with_posts(known | posts)

    def visited(self, account_id: str, moment: datetime, rendered: bool) -> None:
        """A visit has ended at `moment`, the crawl's clock, and all its pages are acknowledged or given up."""
        self._taught_by.pop(account_id, None)
        memory = self.of(account_id)
        update = {"visited_at": moment} | ({"rendered_at": moment} if rendered else {})
        self._accounts[account_id] = memory.model_copy(update=update)

    async def write_soon(self, account_id: str) -> str | None:
        """Write an account's memory where enough has come together. Returns a sentence where that failed."""
        return await self.write(account_id) if self._unwritten.get(account_id, 0) >= PAGES_BETWEEN else None

    async def write(self, account_id: str) -> str | None:
        """Write an account's memory. Returns a sentence where that failed."""
        if self._write is None or self._machine is None:
            return None
        self._unwritten.pop(account_id, None)
        record = self.of(account_id).model_copy(update={"written_at": self._machine()})
        self._accounts[account_id] = record
        return await self._write(record)
