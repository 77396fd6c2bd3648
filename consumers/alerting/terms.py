"""What a wave is about: the terms that people write now under an account's posts, against what is usual there.

Of each account the people of the last 24 hours in buckets of three (consumers.alerting.commenters), by when they wrote;
whoever wrote earlier teaches what is usual (consumers.alerting.usual_terms), and what is only read then is left out: so
nobody counts twice, whatever is read again. The clock is the newest observation of a comment of the account.

A term counts once per person, is never said from fewer than five, and is said only where it is at least twice as usual
as it was: the smoothed ratio of the question `comment-terms`, (p + ½) ÷ (n + 1) now, over the same before. While fewer
than 20 people are known to compare with, nothing is said. People are hashes of their keys, differing between accounts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from consumers.alerting.commenters import Commenters, Written
from consumers.alerting.keeping import number_of
from consumers.alerting.term_cutting import pieces_of, terms_of
from consumers.alerting.usual_terms import UsualTerms
from consumers.turns import State
from schemas.events import Comment

WIDTH = 3 * 3_600_000
"""Milliseconds of a bucket."""
KEPT = 8
"""Buckets of the newest people: as long as the rarest visits are apart, twice."""
RECENT = timedelta(hours=6)
"""People of a wave wrote within this time before it was found."""
LENGTH = 48
"""Characters of a comment that terms are cut from."""
LEAST_PEOPLE = 5
LEAST_TIMES = 2.0
LEAST_USUAL = 20
LEAST_ACCOUNTS = 3
"""Accounts that share a term of a wave over many."""
MOST_MARKS = 40
"""Terms by which waves are compared."""
HALVED_EVERY, HALVED_TO_NOTHING = timedelta(days=30) // timedelta(milliseconds=WIDTH), 16
"""Buckets after which what is usual counts half; after so many halvings nothing is left of it."""
MOST_BYTES = 160 * 1024
"""What an account's state has at most, as it is written down."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A term that marks a wave: how many people of how many wrote it, and how many times as usual it is."""

    term: str
    people: int
    of_people: int
    times: float


@dataclass(slots=True)
class AccountTerms:
    """What is remembered of an account: the newest bucket by its clock, the usual, and people by bucket."""

    clock: int = -1
    usual: UsualTerms = field(default_factory=UsualTerms)
    people: dict[int, Commenters] = field(default_factory=dict)


class Terms:
    """The terms of all accounts. `countries` says where accounts belong."""

    def __init__(self, countries: Mapping[str, str]) -> None:
        self._countries = countries
        self._accounts: dict[str, AccountTerms] = {}
        self._changed: set[str] = set()

    def feed(self, comment: Comment) -> None:
        """Take in a comment, or a version of it."""
        account_id, seen = comment.account_id, number_of(comment.observed_at)
        if comment.created_at is None or comment.author_account_id == account_id:
            return
        account = self._accounts.get(account_id)
        if account is None:
            account = self._accounts[account_id] = AccountTerms()
        if seen // WIDTH > account.clock:
            self._advance(account_id, account, seen // WIDTH)
        bucket = min(number_of(comment.created_at), seen) // WIDTH
        if bucket <= account.clock - KEPT:
            return
        people = account.people.get(bucket)
        if people is None:
            people = account.people[bucket] = Commenters()
        person = _person(account_id, comment.author_key)
        if not people.wants(person):
            return
        written = Written(int(comment.comment_id), seen, int(comment.post_id), pieces_of(comment.text, LENGTH))
        if people.take(person, written):
            self._changed.add(_key(account_id, bucket))

    def _advance(self, account_id: str, account: AccountTerms, clock: int) -> None:
        """Let the account's clock come to a bucket: people of those that are closed by that teach what is usual."""
        before, account.clock = account.clock, clock
        for bucket in sorted(bucket for bucket in account.people if bucket <= clock - KEPT):
            for _, written in account.people.pop(bucket):
                account.usual.learn(terms_of(written.pieces))
            self._changed.add(_key(account_id, bucket))
        if before >= 0:
            for _ in range(min(clock // HALVED_EVERY - before // HALVED_EVERY, HALVED_TO_NOTHING)):
                account.usual.halve()
        self._changed.add(account_id)

    def of_account(self, account_id: str, at: datetime, post_id: str | None = None) -> list[Mark]:
        """What marks a wave over an account, or over a post of it, that is found at a moment; the farthest first."""
        account = self._accounts.get(account_id)
        if account is None or account.usual.people < LEAST_USUAL:
            return []
        return _marks(_terms_by_person(account, at, None if post_id is None else int(post_id)), account.usual)

    def of_country(self, country: str | None, at: datetime) -> list[str]:
        """The terms that at least three accounts of a country (None: of all) share, the most common first."""
        marks = [
            mark
            for account_id in sorted(self._accounts)
            if country is None or self._countries.get(account_id) == country
            for mark in self.of_account(account_id, at)
        ]
        accounts = Counter(mark.term for mark in marks)
        times: dict[str, float] = {}
        for mark in marks:
            times[mark.term] = times.get(mark.term, 0.0) + mark.times
        shared = [term for term, count in accounts.items() if count >= LEAST_ACCOUNTS]
        return sorted(shared, key=lambda term: (-accounts[term], -times[term], -len(term), term))[:MOST_MARKS]

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call: accounts, and buckets of accounts."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    def dump(self, key: str) -> State | None:
        """The state under a key; None: there is none any more."""
        account_id, bucket = _place(key)
        account = self._accounts.get(account_id)
        if account is None:
            return None
        if bucket is None:
            return [account.clock, *account.usual.dump()]
        people = account.people.get(bucket)
        return None if people is None else people.dump()

    def load(self, key: str, value: State) -> None:
        """Take up a state that was written down."""
        account_id, bucket = _place(key)
        account = self._accounts.setdefault(account_id, AccountTerms())
        if bucket is None:
            account.clock, account.usual = value[0], UsualTerms.load(value[1:])
        else:
            account.people[bucket] = Commenters.load(value)


def _terms_by_person(account: AccountTerms, at: datetime, post_id: int | None) -> Iterable[Set[str]]:
    """What each person of a wave wrote, under one post or any."""
    by_person: dict[int, set[str]] = {}
    for bucket in range(number_of(at - RECENT) // WIDTH, number_of(at) // WIDTH + 1):
        for person, written in account.people.get(bucket, ()):
            if post_id is None or written.post_id == post_id:
                by_person.setdefault(person, set()).update(terms_of(written.pieces))
    return by_person.values()


def _marks(by_person: Iterable[Set[str]], usual: UsualTerms) -> list[Mark]:
    people: Counter[str] = Counter()
    whole = 0
    for terms in by_person:
        whole += 1
        people.update(terms)
    return sorted(_compared(people, whole, usual), key=_farthest)[:MOST_MARKS]


def _compared(people: Mapping[str, int], whole: int, usual: UsualTerms) -> Iterator[Mark]:
    for term, count in people.items():
        if count >= LEAST_PEOPLE:
            before = (usual.of(term) + 0.5) / (usual.people + 1)
            times = (count + 0.5) / (whole + 1) / before
            if times >= LEAST_TIMES:
                yield Mark(term, count, whole, times)


def _farthest(mark: Mark) -> tuple[float, int, int, str]:
    return -mark.times, -mark.people, -len(mark.term), mark.term


def _person(account_id: str, author_key: str) -> int:
    digest = blake2b(author_key.encode(), digest_size=6, key=account_id.encode()).digest()
    return int.from_bytes(digest, "big")


def _key(account_id: str, bucket: int) -> str:
    return f"{account_id}/{bucket}"


def _place(key: str) -> tuple[str, int | None]:
    account_id, _, bucket = key.partition("/")
    return account_id, int(bucket) if bucket else None
