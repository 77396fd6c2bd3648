"""What a run remembers: restored at its start, taught by acknowledged pages, written back account by account."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta

from crawler.memory.coverage import Interval
from crawler.memory.membership import Gained, Gone, Ownership
from crawler.memory.records import MOST_POSTS, AccountMemory, PostMemory

Write = Callable[[AccountMemory], Awaitable[str | None]]
"""Keeps a record; returns None, or a sentence about why it is not kept."""

PAGES_BETWEEN = 3
"""A long visit is written down after so many pages, so that a crash repeats no more than these."""
BETWEEN = timedelta(seconds=1)
"""And not more often than this, machine time: a fast visit repeats a second of its work instead."""


class Keeper:
    """The memory of a run. Without `write` it lasts as long as the run.

    With `owned` it is that of one worker of a group: it follows what the group says, and writes for no other accounts.
    """

    def __init__(
        self,
        accounts: dict[str, AccountMemory] | None = None,
        problems: dict[str, str] | None = None,
        write: Write | None = None,
        machine: Callable[[], datetime] | None = None,
        owned: Ownership | None = None,
    ) -> None:
        self._accounts = dict(accounts or {})
        self._write = write
        self._machine = machine
        self._owned = owned
        self._unwritten: dict[str, int] = {}
        self._written_at: dict[str, datetime] = {}
        self._taught_by: dict[str, dict[str, int]] = {}
        self._news: dict[str, dict[str, PostMemory]] = {}
        self.problems = dict(problems or {})

    @property
    def lasts(self) -> bool:
        """Whether what is remembered outlives the run."""
        return self._write is not None

    def owns(self, account_id: str) -> bool:
        """Whether an account is this worker's."""
        return self._owned is None or self._owned.owns(account_id)

    def follow(self, change: Gained | Gone) -> None:
        """Follow the group: what the topic holds of accounts that are ours now counts, the others are let go."""
        if self._owned is None:
            return
        self._owned.take(change)
        if isinstance(change, Gained):
            self._accounts.update(change.restored.accounts)
            self.problems.update(change.restored.problems)
        for known in (
            self._accounts,
            self.problems,
            self._unwritten,
            self._written_at,
            self._taught_by,
            self._news,
        ):
            for account_id in [account_id for account_id in known if not self.owns(account_id)]:
                del known[account_id]

    def of(self, account_id: str) -> AccountMemory:
        """What is remembered of an account; of a new one, nothing."""
        memory = self._bare(account_id)
        if news := self._news.pop(account_id, None):
            memory = self._accounts[account_id] = memory.with_posts(memory.by_id() | news)
            numbers = self._taught_by.get(account_id, {})
            self._taught_by[account_id] = {post.post_id: numbers.get(post.post_id, 0) for post in memory.posts}
        return memory

    def knows(self, account_id: str) -> bool:
        """Whether the account's newest posts were read before."""
        return self._bare(account_id).first_visited_at is not None

    def learn(self, account_id: str, covers: Interval | None, posts: Iterable[PostMemory], number: int) -> None:
        """Page `number` of a visit is acknowledged: what it covers, and how its posts are remembered from now on.

        What a later page of the visit has taught of a post stands, whichever was acknowledged first. The news are put
        among the other posts where somebody asks for them, or when they have become many.
        """
        if not self.owns(account_id):
            return
        taught_by = self._taught_by.setdefault(account_id, {})
        news = {post.post_id: post for post in posts if taught_by.get(post.post_id, 0) <= number}
        taught_by.update(dict.fromkeys(news, number))
        pending = self._news.setdefault(account_id, {})
        pending.update(news)
        if covers is not None:
            memory = self._bare(account_id)
            self._accounts[account_id] = memory.with_coverage(memory.coverage.with_interval(covers))
        if len(pending) > MOST_POSTS:
            self.of(account_id)
        self._unwritten[account_id] = self._unwritten.get(account_id, 0) + 1

    def ended(self, account_id: str, owed_lists: Mapping[str, bool]) -> None:
        """A visit has ended, and all its pages are acknowledged or given up.

        `owed_lists` are the posts under which it read lists: those that were cut are owed, the others no longer.
        """
        if not self.owns(account_id):
            return
        memory = self.of(account_id)
        known = memory.by_id()
        posts = {
            post_id: known[post_id].model_copy(update={"owes_lists": owes})
            for post_id, owes in owed_lists.items()
            if post_id in known
        }
        self._accounts[account_id] = memory.with_posts(known | posts)
        self._taught_by.pop(account_id, None)

    def visited(self, account_id: str, moment: datetime, rendered: bool) -> None:
        """A visit that has read the newest posts has ended at `moment`, the crawl's clock."""
        if not self.owns(account_id):
            return
        memory = self.of(account_id)
        update = {"visited_at": moment, "first_visited_at": memory.first_visited_at or moment}
        update |= {"rendered_at": moment} if rendered else {}
        self._accounts[account_id] = memory.model_copy(update=update)

    async def write_soon(self, account_id: str) -> str | None:
        """Write an account's memory where enough has come together. Returns a sentence where that failed."""
        if self._machine is None or self._unwritten.get(account_id, 0) < PAGES_BETWEEN:
            return None
        before = self._written_at.get(account_id)
        is_due = before is None or self._machine() - before >= BETWEEN
        return await self.write(account_id) if is_due else None

    async def write(self, account_id: str) -> str | None:
        """Write an account's memory. Returns a sentence where that failed, or is no longer ours to do."""
        if self._write is None or self._machine is None:
            return None
        if not self.owns(account_id):
            return f"{account_id} went on to another worker"
        self._unwritten.pop(account_id, None)
        now = self._written_at[account_id] = self._machine()
        known = self.of(account_id)
        # A group that was made anew counts from 1 again.
        generation = max(known.generation, self._owned.generation if self._owned else 0)
        record = known.model_copy(update={"written_at": now, "generation": generation})
        self._accounts[account_id] = record
        return await self._write(record)

    def _bare(self, account_id: str) -> AccountMemory:
        """Without the news."""
        return self._accounts.get(account_id) or AccountMemory(account_id=account_id)
