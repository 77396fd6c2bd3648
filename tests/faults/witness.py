"""An honest visitor of the replica: what could be seen at a moment, and all that ever was there to be seen."""

import random
from collections.abc import Iterable
from datetime import datetime

from crawler.memory.coverage import first_id_of
from deploy.replica.catalogue import Catalogue
from deploy.replica.content import Account
from deploy.replica.faults.layer import Faults
from deploy.replica.faults.scenario import Scenario
from deploy.replica.server import EMBASSIES, SEED
from schemas.registry import Registry
from tests.faults.accounting import Item, Statement

EVERYTHING, ENOUGH = 1_000_000, 100
"""Of what stands under a post; of posts, more than an account publishes in the period of a drill."""
#: Of an account of a drill: enough to happen, and not so much that a drill lasts for hours.
MOST_POSTS, MOST_UNDER = 20, 1_200
#: Posts whose lists a visit reads, older ones included, and what a guest is shown of a list: a hundred pages of ten.
READ_POSTS, REACH = 30, 1_000


class Witness:
    """Sees the replica as its visitors do, under the same scenario, at any moment (aware)."""

    def __init__(self, registry: Registry, scenario: Scenario, since: datetime) -> None:
        self._world = Catalogue(SEED, EMBASSIES)
        self._faults = Faults(self._world)
        self._faults.start(scenario)
        self._floor = first_id_of(since)
        self._ids = {account.uid: account.id for account in registry.accounts if account.uid}
        self.uids = {account_id: int(uid) for uid, account_id in self._ids.items()}

    def must(self, statement: Statement) -> frozenset[Item]:
        """What the visit of a receipt could see from its beginning to its end."""
        began = self.seen(statement.account, statement.began)
        same = statement.began == statement.ended
        return frozenset(began if same else began & self.seen(statement.account, statement.ended))

    def seen(self, account_id: str, at: datetime) -> set[Item]:
        """All posts of the period that a visitor sees at a moment, and all that their lists give."""
        seen = self._faults.seen(at)
        account = seen.account(self.uids[account_id])
        found: set[Item] = set()
        for post in seen.posts(account, at, None, ENOUGH) if account else ():
            if post.mid < self._floor:
                break
            found.add(Item(account_id, post.mid, "post", post.mid))
            for comment in seen.comments(post, at, "all", 0, EVERYTHING):
                found.add(Item(account_id, post.mid, "reply" if comment.root_id else "comment", comment.comment_id))
            for repost in seen.reposts(post, at, 0, EVERYTHING):
                found.add(Item(account_id, post.mid, "repost", repost.repost_id))
        return found

    def ever(self, account_id: str, until: datetime) -> set[Item]:
        """All of it that anybody could have seen at some time until then."""
        found: set[Item] = set()
        for post in self._world.posts(self._account(account_id), until, None, ENOUGH):
            if post.mid < self._floor:
                break
            found.add(Item(account_id, post.mid, "post", post.mid))
            for comment_id, is_reply in self._world.ever_commented(post, until):
                found.add(Item(account_id, post.mid, "reply" if is_reply else "comment", comment_id))
            for repost in self._world.reposts(post, until, 0, EVERYTHING):
                found.add(Item(account_id, post.mid, "repost", repost.repost_id))
        return found

    def cast(self, chance: random.Random, number: int, moments: list[datetime]) -> list[str]:
        """So many accounts: of each of what can befall an account as a whole one that it befalls, and others.

        `moments` are those at which they will be visited.
        """
        fitting = [account_id for account_id in sorted(self.uids) if self._fits(account_id, moments[-1])]
        chance.shuffle(fitting)
        struck: dict[str, str] = {}
        for account_id in fitting:
            for name in sorted(self.befalls(account_id, moments)):
                struck.setdefault(name, account_id)
        chosen = list(dict.fromkeys([*struck.values(), *fitting]))[:number]
        return sorted(chosen)

    def befalls(self, account_id: str, moments: Iterable[datetime]) -> set[str]:
        """The faults that are on the account as a whole at any of these moments, by name."""
        found: set[str] = set()
        for at in moments:
            seen = self._faults.seen(at)
            account = seen.account(self.uids[account_id])
            if account is not None:
                seen.account_named(account.screen_name)
                seen.pinned(account, at)
            found |= {name for name, subject in seen.touched if subject == f"uid:{self.uids[account_id]}"}
        return found

    def _fits(self, account_id: str, until: datetime) -> bool:
        read = self._world.posts(self._account(account_id), until, None, READ_POSTS)
        lists = (
            max(self._world.comment_total(post, until), self._world.counters(post, until).reposts) for post in read
        )
        if any(length > REACH for length in lists):
            return False
        posts = read[: MOST_POSTS + 1]
        mine = [post for post in posts if post.mid >= self._floor]
        under = (self._world.comment_total(post, until) + self._world.counters(post, until).reposts for post in mine)
        return 0 < len(mine) < len(posts) and sum(under) <= MOST_UNDER

    def _account(self, account_id: str) -> Account:
        found = self._world.account(self.uids[account_id])
        if found is None:
            raise LookupError(f"the replica has no account {account_id}")
        return found
