"""Whether receipts account for what an honest visitor saw: each thing is held, or named as missing with its reason.

Pure. A visit must account for what could be seen both when it began and when it ended; what came or went in between
it may have seen or not. What is held counts from the moment at which it was first observed, so that a later visit does
not excuse a receipt that said nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["post", "comment", "reply", "repost"]
NO_HOLES = frozenset({"cap", "comments_closed"})
"""Reasons that leave a receipt complete: a setting leaves it out, or Weibo says in words that nobody may see it."""
FURTHER = "further ones"
"""What a receipt calls those that it has no room to name."""
_UNDER: Mapping[str, frozenset[Kind]] = {
    "comments": frozenset({"comment", "reply"}),
    "replies": frozenset({"reply"}),
    "reposts": frozenset({"repost"}),
}


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """A thing of the truth. `post` is the post that it is, or stands under."""

    account: str
    post: int
    kind: Kind
    id: int


@dataclass(frozen=True, slots=True)
class Lack:
    """What a receipt names as missing."""

    kind: str
    what: str
    count: int | None
    reason: str

    def holds(self, item: Item) -> bool:
        """Whether it names the thing, or a range that it is in."""
        if item.kind == "post":
            return self.holds_post(item.post)
        further = self.what == FURTHER and item.kind in _UNDER.get(self.kind, ())
        return further or self.holds_under(item.post, item.kind)

    def holds_post(self, post: int) -> bool:
        """Whether it says that this post, or the page that shows it, was not read."""
        if self.kind == "visit":
            return True
        if self.kind == "post":
            return self.what.startswith(str(post))
        if self.kind != "timeline":
            return False
        if found := re.fullmatch(r"posts from (\d+) down to (\d+)", self.what):
            return int(found[2]) <= post <= int(found[1])
        if found := re.fullmatch(r"posts of page \d+ \(cursor (\d+)\)", self.what):
            # A cursor is the id from which the page goes on, or, where pages are numbered, a small number.
            return post <= int(found[1]) or int(found[1]) < 100_000
        return True

    def holds_under(self, post: int, kind: Kind) -> bool:
        """Whether it says that something of this kind under that post is missing."""
        if found := re.fullmatch(r"\w+ of posts from (\d+) down to (\d+)", self.what):
            return kind in _UNDER.get(self.kind, ()) and int(found[2]) <= post <= int(found[1])
        return kind in _UNDER.get(self.kind, ()) and str(post) in re.findall(r"\d+", self.what)


@dataclass(frozen=True, slots=True)
class Statement:
    """A receipt. `lists` are the posts under which it read lists, whole or not."""

    account: str
    cycle: str
    began: datetime
    ended: datetime
    complete: bool
    stop_reason: str
    lacks: tuple[Lack, ...]
    lists: frozenset[int]


@dataclass
class Judgement:
    """What one receipt says of what its visit must account for."""

    named: dict[Item, str] = field(default_factory=dict)
    silent: list[Item] = field(default_factory=list)
    is_false: bool = False
    """It calls itself complete above a hole."""


def judge(statement: Statement, must: Iterable[Item], held: Mapping[Item, datetime]) -> Judgement:
    """Compare a receipt with what its visit must account for, and with what was held when it ended."""
    lacking = [item for item in sorted(must) if item not in held or held[item] > statement.ended]
    result = Judgement()
    # Counted ranges hold so many and no more.
    room = Counter({lack: lack.count for lack in statement.lacks if lack.count is not None})
    for item in lacking:
        lack = _names(statement, item, room)
        if lack is None:
            result.silent.append(item)
        else:
            result.named[item] = lack.reason
    holes = bool(result.silent) or any(reason not in NO_HOLES for reason in result.named.values())
    result.is_false = statement.complete and holes
    return result


def _names(statement: Statement, item: Item, room: Counter[Lack]) -> Lack | None:
    for lack in statement.lacks:
        if lack.holds(item) and (lack.count is None or room[lack] > 0):
            room[lack] -= lack.count is not None
            return lack
    if item.kind == "post" or item.post in statement.lists:
        return None
    # Where the page that shows the post was not read, nobody could ask for what stands under it.
    return next((lack for lack in statement.lacks if lack.holds_post(item.post)), None)


@dataclass
class Account:
    """What became of every thing of the truth, and which receipts are silent or false."""

    captured: Counter[Kind] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    unobservable: list[Item] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    receipts: int = 0
    complete: int = 0
    told: int = 0
    """Things that receipts named as missing and that a later visit captured, once per receipt."""

    @property
    def total(self) -> int:
        """All things of the truth."""
        return self.captured.total() + self.named.total() + len(self.unobservable) + len(self.lost)

    @property
    def lost(self) -> list[str]:
        """Things that are missing in the end without a word."""
        return [line for line in self.silent if line.startswith("lost")]


def settle(
    visits: Sequence[tuple[Statement, frozenset[Item]]], truth: Iterable[Item], held: Mapping[Item, datetime]
) -> Account:
    """Judge all receipts, each with what its visit must account for, oldest first; then every thing of the truth."""
    account = Account(receipts=len(visits), complete=sum(statement.complete for statement, _ in visits))
    last: dict[Item, str | None] = {}
    for statement, must in visits:
        found = judge(statement, must, held)
        last.update(dict.fromkeys(must))
        last.update(found.named)
        account.told += sum(item in held for item in found.named)
        account.silent += [f"{statement.account} {statement.cycle}: {item} is not named" for item in found.silent]
        if found.is_false:
            account.false.append(f"{statement.account} {statement.cycle} calls itself complete")
    for item in sorted(truth):
        if item in held:
            account.captured[item.kind] += 1
        elif item not in last:
            account.unobservable.append(item)
        elif (reason := last[item]) is not None:
            account.named[reason] += 1
        else:
            account.silent.append(f"lost: {item}")
    return account
