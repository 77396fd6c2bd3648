"""Stories: rises of several accounts that began close to each other and are about the same.

About the same: a shared topic of the posts behind them, or two shared terms of their comments. Two accounts are enough
then. Of a rise of which neither is known, time is all there is to go by: it belongs to others of its kind, from three
accounts on, since two that rise within six hours are often chance. It never joins what is known to be about something.

A story is about what two of its accounts share at least, so that a rise about two things does not make one story of
both. All moments are event time, UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from consumers.alerting.keeping import moment_of, number_of
from consumers.alerting.term_cutting import apart
from consumers.turns import State

#: Shared terms, none of them saying the same as another, that make one story.
SHARED_TERMS = 2
#: What is said of a story, or of an episode.
MOST_TOPICS, MOST_TERMS = 3, 5
#: Terms and topics by which a story is known, and stories that are remembered.
MOST_KNOWN, MOST_STORIES = 60, 50


@dataclass(frozen=True, slots=True)
class About:
    """What an episode is about: topics of the posts behind it, and what marks the comments, the farthest first."""

    topics: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether anything is known of it."""
        return bool(self.topics or self.terms)

    @property
    def said(self) -> "About":
        """What a message says of it."""
        return About(self.topics[:MOST_TOPICS], apart(self.terms, MOST_TERMS))


UNKNOWN = About()


@dataclass(frozen=True, slots=True)
class Joined:
    """The story that an episode belongs to, as it is with it."""

    id: str
    #: The key of the episode that began it.
    first: str
    #: Those that share in it, where several do.
    accounts: tuple[str, ...]
    about: About
    #: Whether it has so many accounts for the first time that it is news of its own.
    is_larger: bool = False


@dataclass(slots=True)
class Story:
    """A story: when the newest of it began, its accounts, and how many of them know each topic and term."""

    id: str
    first: str
    at: datetime
    known: bool
    accounts: list[str] = field(default_factory=list)
    topics: dict[str, int] = field(default_factory=dict)
    terms: dict[str, int] = field(default_factory=dict)
    #: Those that were counted: accounts, and waves over many.
    members: int = 0

    @property
    def about(self) -> About:
        """What its members share; of a single one, all."""
        least = min(self.members, 2)
        return About(_shared(self.topics, least), _shared(self.terms, least))

    def count(self, about: About) -> None:
        """Take in what one more member is about."""
        self.members += 1
        _count(self.topics, about.topics)
        _count(self.terms, about.terms)

    def likeness(self, about: About) -> tuple[int, int]:
        """How many topics and terms it shares with an episode; (0, 0): too few to be the same."""
        own = self.about
        topics = len(_folded(own.topics) & _folded(about.topics))
        terms = len(apart((term for term in own.terms if term in about.terms), MOST_KNOWN))
        return (topics, terms) if topics or terms >= SHARED_TERMS else (0, 0)

    def dump(self) -> State:
        """The state, as JSON has it."""
        place = [self.id, self.first, number_of(self.at), self.known, self.members]
        return [*place, self.accounts, _pairs(self.topics), _pairs(self.terms)]

    @classmethod
    def load(cls, state: State) -> "Story":
        """The story that `dump` wrote."""
        id_, first, at, known, members, accounts, topics, terms = state
        return cls(id_, first, moment_of(at), known, list(accounts), dict(topics), dict(terms), members)


class Stories:
    """The newest stories. Those begin one that are alone so far."""

    def __init__(self, window: timedelta, least: int) -> None:
        self._window = window
        self._least = least
        self._stories: list[Story] = []

    def join(self, episode: str, key: str, account_id: str | None, at: datetime, about: About) -> Joined | None:
        """Put an episode that begins among those that it belongs to; the story, once it is one.

        No account: a wave over many, which is no account more.
        """
        near = [story for story in self._stories if abs(at - story.at) <= self._window]
        story = _most_like(near, about) if about.known else next((one for one in near if not one.known), None)
        if story is None:
            self._begin(episode, key, account_id, at, about)
            return None
        story.at = max(story.at, at)
        is_new = account_id is None or account_id not in story.accounts
        if account_id is not None and is_new:
            story.accounts.append(account_id)
        if is_new:
            story.count(about)
        if story.members < (2 if story.known else self._least):
            return None
        accounts = tuple(story.accounts) if len(story.accounts) > 1 else ()
        return Joined(story.id, story.first, accounts, story.about.said, is_new and self._is_larger(story))

    def _begin(self, episode: str, key: str, account_id: str | None, at: datetime, about: About) -> None:
        story = Story(episode, key, at, about.known, [] if account_id is None else [account_id])
        story.count(about)
        newest = max((story.at for story in self._stories), default=at)
        kept = [one for one in self._stories if newest - one.at <= self._window]
        self._stories = [*kept[1 - MOST_STORIES :], story]

    def _is_larger(self, story: Story) -> bool:
        """At the least number of accounts, and at each doubling of it."""
        times, rest = divmod(story.members, self._least)
        return story.known and not rest and times & (times - 1) == 0

    def dump(self) -> State | None:
        """The state, as JSON has it; None: there are none."""
        return [one.dump() for one in self._stories] or None

    def restore(self, state: State) -> None:
        """Take up what `dump` wrote."""
        self._stories = [Story.load(one) for one in state]


def _most_like(stories: Iterable[Story], about: About) -> Story | None:
    """The story that shares most, topics before terms; of several, the newest."""
    likeness = [(story.likeness(about), place, story) for place, story in enumerate(stories) if story.known]
    best = max(likeness, key=lambda one: one[:2], default=None)
    return best[2] if best is not None and any(best[0]) else None


def _fold(name: str) -> str:
    return name.strip().casefold()


def _folded(topics: Iterable[str]) -> set[str]:
    return {_fold(topic) for topic in topics}


def _count(counts: dict[str, int], found: Sequence[str]) -> None:
    known = {_fold(name): name for name in counts}
    for name in dict.fromkeys(known.setdefault(_fold(name), name) for name in found):
        counts[name] = counts.get(name, 0) + 1
    for name in sorted(counts, key=lambda one: -counts[one])[MOST_KNOWN:]:
        del counts[name]


def _shared(counts: dict[str, int], least: int) -> tuple[str, ...]:
    return tuple(name for name in sorted(counts, key=lambda one: -counts[one]) if counts[name] >= least)


def _pairs(counts: dict[str, int]) -> list[Any]:
    return [[name, count] for name, count in counts.items()]
