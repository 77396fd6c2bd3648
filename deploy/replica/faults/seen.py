"""The world as visitors see it: the catalogue, less what faults of the content hide, more what they change."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from deploy.replica.catalogue import Catalogue
from deploy.replica.content import Account, Comment, Counters, Figures, GoneKind, GonePost, Person, Post, Repost
from deploy.replica.faults.choices import Choices, interval
from deploy.replica.faults.scenario import Fault
from deploy.replica.identifiers import post_id
from deploy.replica.shown import CAP

_REASONS: Final[dict[str, GoneKind]] = {
    "author": "deleted",
    "complaints": "complaints",
    "half-year": "hidden",
    "permission": "permission",
}
_FORMS: Final[dict[str, GoneKind]] = {"banned": "banned", "closed": "closed", "at-risk": "at_risk"}
#: Removals after which an account counts a post no longer.
_UNCOUNTED: Final = ("author", "complaints")


class SeenWorld:
    """The world at one moment (aware), as an honest visitor sees it.

    `touched` holds which fault changed what is asked for: pairs of the fault and `mid:…` or `uid:…`.
    """

    def __init__(self, world: Catalogue, choices: Choices, at: datetime) -> None:
        self._world = world
        self._choices = choices
        self._at = at
        self.touched: dict[tuple[str, str], Fault] = {}

    @property
    def accounts(self) -> Sequence[Account]:
        """All accounts, also those that can't be seen."""
        return [self._named(account) for account in self._world.accounts]

    def account(self, uid: int) -> Account | None:
        """The account of a uid; None where it can't be seen."""
        found = self._world.account(uid)
        return self._named(found) if found and not self.gone_by(found) else None

    def account_named(self, screen_name: str) -> Account | None:
        """The account that has the name now."""
        for account in self._world.accounts:
            named = self._named(account)
            if screen_name in (account.screen_name, named.screen_name):
                self._touch(self._choices.on_account("account-renamed", account, self._at), f"uid:{account.uid}")
            if named.screen_name == screen_name:
                return self.account(account.uid)
        return None

    def closed(self, uid: int) -> GoneKind | None:
        """The notice in place of an account, where it has one."""
        found = self._world.account(uid)
        fault = self.gone_by(found) if found else None
        return _FORMS.get(fault.settings["form"]) if fault else None

    def figures(self, account: Account, at: datetime) -> Figures:
        """The figures of an account, which counts no posts that were deleted."""
        figures = self._world.figures(account, at)
        removed = self._choices.removed(account, at).values()
        uncounted = sum(fault.settings["reason"] in _UNCOUNTED for fault in removed)
        return replace(figures, posts=figures.posts - uncounted) if uncounted else figures

    def posts(
        self, account: Account, at: datetime, before: int | None = None, limit: int = 10, skip: int = 0
    ) -> list[Post]:
        """Posts that can be seen, newest first; see the catalogue."""
        if self.gone_by(account):
            return []
        removed = self._choices.removed(account, at)
        newest = self._world.posts(account, at, before, 1)
        place = self._place(removed, newest[0].ordinal, skip) if newest else 0
        found: list[Post] = []
        while len(found) < limit:
            posts = self._world.posts(account, at, before, limit, place)
            if not posts:
                break
            place += len(posts)
            for post in posts:
                fault = removed.get(post.ordinal)
                self._touch(fault, f"mid:{post.mid}")
                if fault is None:
                    found.append(post)
        return [self._as_seen(post, at) for post in found[:limit]]

    def newer(self, post: Post, at: datetime) -> int:
        """How many posts stand above a post in its account's list."""
        removed = self._choices.removed(post.account, at)
        return self._world.newer(post, at) - sum(ordinal > post.ordinal for ordinal in removed)

    def pinned(self, account: Account, at: datetime) -> Post | None:
        """The pinned post, where it can be seen."""
        post = self._world.pinned(account, at)
        fault = self._choices.on_account("pinned", account, at)
        if fault is not None:
            post = self._old_post(fault, account, at) or post
            self._touch(fault, f"uid:{account.uid}")
        return self.post(post.mid, at) if post else None

    def post(self, mid: int, at: datetime) -> Post | None:
        """The post of an id, where it can be seen."""
        post = self._world.post(mid, at)
        return self._as_seen(post, at) if post and self.hidden_by(post, at) is None else None

    def remains(self, mid: int, at: datetime) -> GonePost | None:
        """The notice in place of a post, where it has one."""
        post = self._world.post(mid, at)
        fault = self.hidden_by(post, at) if post else None
        return _notice(post, fault) if post and fault and _says_notice(fault) else None

    def hidden_by(self, post: Post, at: datetime) -> Fault | None:
        """The fault because of which a post can't be seen."""
        gone = self.gone_by(post.account)
        if gone is not None:
            return gone
        fault = self._choices.removed(post.account, at).get(post.ordinal)
        self._touch(fault, f"mid:{post.mid}")
        return fault

    def counters(self, post: Post, at: datetime) -> Counters:
        """The counters of a post, as the page knows them (which may show less: 100万+)."""
        counters = self._world.counters(post, at)
        closed = self._choices.on_post("comments-closed", post, at)
        if closed is not None and closed.settings["counter"] == "zero":
            self._touch(closed, f"mid:{post.mid}")
            counters = replace(counters, comments=0)
        for fault in self._choices.all_on_post("falling", post, at):
            self._touch(fault, f"mid:{post.mid}")
            counters = _changed(counters, fault, partial(_lowered, fault.settings["factor"]))
        for fault in self._choices.all_on_post("capped", post, at):
            self._touch(fault, f"mid:{post.mid}")
            counters = _changed(counters, fault, CAP.__add__)
        return counters

    def comments_closed(self, post: Post, at: datetime) -> Fault | None:
        """The fault because of which no list gives a post's comments."""
        fault = self._choices.on_post("comments-closed", post, at)
        self._touch(fault, f"mid:{post.mid}")
        return fault

    def comment_total(self, post: Post, at: datetime) -> int:
        """How many comments and replies the lists give."""
        return 0 if self.comments_closed(post, at) else self._world.comment_total(post, at)

    def comments(
        self, post: Post, at: datetime, order: Literal["hot", "time", "all"], offset: int, limit: int
    ) -> list[Comment]:
        """Comments that are no replies."""
        if self.comments_closed(post, at):
            return []
        return [self._commented(found) for found in self._world.comments(post, at, order, offset, limit)]

    def comment(self, comment_id: int, at: datetime) -> Comment | None:
        """The comment of an id."""
        found = self._world.comment(comment_id, at)
        post = self.post(found.post_mid, at) if found else None
        return self._commented(found) if found and post and not self.comments_closed(post, at) else None

    def replies(self, comment: Comment, at: datetime, offset: int, limit: int) -> list[Comment]:
        """Replies to a comment."""
        return [self._commented(found) for found in self._world.replies(comment, at, offset, limit)]

    def reposts(self, post: Post, at: datetime, offset: int, limit: int) -> list[Repost]:
        """Who passed a post on: where the counter has fallen, the list gives no more than it says, the newest."""
        shown = self.counters(post, at).reposts
        return self._world.reposts(post, at, offset, max(0, min(limit, shown - offset)))

    def people(self, post: Post, at: datetime, limit: int) -> list[Person]:
        """The private people under a post."""
        return self._world.people(post, at, limit)

    def _touch(self, fault: Fault | None, subject: str) -> None:
        if fault is not None:
            self.touched[fault.name, subject] = fault

    def gone_by(self, account: Account) -> Fault | None:
        """The fault because of which an account can't be seen."""
        fault = self._choices.on_account("account-gone", account, self._at)
        self._touch(fault, f"uid:{account.uid}")
        return fault

    def _named(self, account: Account) -> Account:
        fault = self._choices.on_account("account-renamed", account, self._at)
        if fault is None:
            return account
        # Not str.format: nothing but the name is to be filled in.
        original = self._world.accounts[account.index].screen_name
        return replace(account, screen_name=fault.settings["screen_name"].replace("{name}", original))

    def _place(self, removed: dict[int, Fault], newest: int, skip: int) -> int:
        """Where the list goes on, among all posts from `newest` on, after `skip` that can be seen."""
        place = skip
        for ordinal in sorted(removed, reverse=True):
            if ordinal <= newest and newest - ordinal <= place:
                place += 1
        return place

    def _old_post(self, fault: Fault, account: Account, at: datetime) -> Post | None:
        named = (self._world.post(mid, at) for mid in sorted(fault.match.mid))
        own = next((post for post in named if post and post.account.uid == account.uid), None)
        if own is not None:
            return own
        limit = int((at - timedelta(days=fault.settings["days"])).timestamp())
        old = self._world.posts(account, at, post_id(limit, 0, 0), 1)
        return old[0] if old else None

    def _as_seen(self, post: Post, at: datetime) -> Post:
        """A post that can be seen, with its edits, its account's name, and what is left of what it passes on."""
        account = self._named(post.account)
        if account is not post.account:
            self._touch(self._choices.on_account("account-renamed", account, at), f"uid:{account.uid}")
            post = replace(post, account=account)
        if isinstance(post.original, Post):
            post = replace(post, original=self._original(post.original, at))
        closed = self._choices.on_post("comments-closed", post, at)
        if closed is not None and closed.settings["form"] == "forbidden":
            post = replace(post, closed=True)
        for fault in self._choices.all_on_post("edited", post, at):
            self._touch(fault, f"mid:{post.mid}")
            post = _edited(post, fault, at)
        return post

    def _original(self, original: Post, at: datetime) -> Post | GonePost:
        fault = self.hidden_by(original, at)
        return self._as_seen(original, at) if fault is None else _notice(original, fault)

    def _commented(self, comment: Comment) -> Comment:
        if isinstance(comment.author, Account):
            return replace(comment, author=self._named(comment.author))
        return comment


def _says_notice(fault: Fault) -> bool:
    """Whether a post that is asked for by its id has a notice in its place, rather than being unknown."""
    if fault.kind.name == "account-gone":
        return fault.settings["form"] in _FORMS
    answer = fault.settings["answer"]
    return bool(answer == "notice" or (answer == "usual" and fault.settings["reason"] != "author"))


def _notice(post: Post, fault: Fault) -> GonePost:
    """What is left of a post for those who pass it on; an account that vanished without a word leaves a deleted one."""
    if fault.kind.name == "account-gone":
        return GonePost(post.mid, _FORMS.get(fault.settings["form"], "deleted"), post.created_at)
    return GonePost(post.mid, _REASONS[fault.settings["reason"]], post.created_at)


def _changed(counters: Counters, fault: Fault, change: Callable[[int], int]) -> Counters:
    names = fault.settings["counters"]
    return replace(counters, **{name: change(getattr(counters, name)) for name in names})


def _lowered(factor: float, count: int) -> int:
    return int(count * factor)


def _edited(post: Post, fault: Fault, at: datetime) -> Post:
    """The post after the edits that the fault made until then; each is told in the text."""
    begins, _ = interval(fault, post.created_at)
    step = timedelta(hours=fault.settings["every_h"])
    made = min(fault.settings["edits"], 1 + (at - begins) // step)
    last = begins + (made - 1) * step
    return replace(
        post,
        segments=(*post.segments, ("text", f"（第{made}次修改）", None)),
        edits=post.edits + made,
        edited_at=max(last, post.edited_at or last),
    )
