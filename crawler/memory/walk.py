"""A walk down an account's timeline: what each page means, given the memory, and where to go on.

Pure: parsed pages in; events, memory and the next cursor out. The newest `pages` are read in any case, since each
samples ten posts at once; beyond them the walk goes on only where something is missing down to what was known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crawler.endpoints import TimelineCursor
from crawler.memory.coverage import BEGINNING, Coverage, Interval, of_page
from crawler.memory.records import MOST_POSTS, AccountMemory, PostMemory
from crawler.memory.sightings import Sighting, absent, missing, seen
from crawler.parsing.timeline import TimelinePage
from schemas.events import AnyEvent, EngagementSample, PostSeen

Stop = Literal["end_of_list", "page_limit", "caught_up"]
EVERYTHING_ABOVE = 2**63 - 1
MOST_KNOWN = 2 * MOST_POSTS
"""Posts that a walk holds on to: a back-fill goes down through ten thousands, and meets the last ones again only."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a page comes to.

    `go_on` is the cursor of the next page, or None, then `stop` says why; `hole` is what stays missing because of the
    limit, post ids.
    """

    events: tuple[AnyEvent, ...]
    posts: tuple[PostMemory, ...]
    covers: Interval | None
    long_texts: tuple[PostSeen, ...] = ()
    to_confirm: tuple[PostMemory, ...] = ()
    go_on: TimelineCursor | None = None
    stop: Stop | None = None
    hole: Interval | None = None


@dataclass(slots=True)
class Walk:
    """One visit's way down the timeline of an account.

    `pages` are read in any case, `most_pages` at most. `since` is the id down to which everything is wanted; without
    it everything down to the oldest that was known before, and on a first visit no more than `pages`.
    """

    account_id: str
    known: dict[str, PostMemory]
    coverage: Coverage
    pages: int
    most_pages: int
    since: int | None = None
    number: int = 0
    sighted: set[str] = field(default_factory=set)
    ended: bool = False
    _awaited: set[str] = field(default_factory=set)
    """Posts known before that this walk has not met yet."""
    _before: int | None = None

    @property
    def saw_newest(self) -> bool:
        """Whether the newest posts were read, or there are none."""
        return self.number > 0 or self.ended

    @classmethod
    def of(cls, memory: AccountMemory, pages: int, most_pages: int, since: int | None = None) -> "Walk":
        """The walk that begins with a memory."""
        target = memory.coverage.floor if since is None else since
        known = memory.by_id()
        most = max(pages, most_pages)
        return cls(memory.account_id, known, memory.coverage, pages, most, target, _awaited=set(known))

    def page(self, page: TimelinePage, now: datetime) -> Step:
        """Take the next page in."""
        self.number += 1
        sightings = [self._seen(post, sample) for post, sample in _pairs(page)]
        ids = [int(post.post_id) for post in page.posts if not post.pinned]
        is_last = page.cursor is None
        # A page with a post that could not be read is no proof of anything that is not on it.
        covers = None if page.problems else of_page(ids, self._before, is_last)
        gone = self._absent([int(post.post_id) for post in page.posts], covers, now)
        events = tuple(event for sighting in (*sightings, *gone) for event in sighting.events)
        posts = tuple(sighting.memory for sighting in (*sightings, *gone))
        long_texts = tuple(
            post.seen for post, sighting in zip(page.posts, sightings, strict=True) if sighting.wants_long_text
        )
        if covers:
            self.coverage = self.coverage.with_interval(covers)
        self._let_go()
        cursor, stop, hole = self._next(page.cursor, min(ids, default=None))
        return Step(events, posts, covers, long_texts, tuple(one.memory for one in gone), cursor, stop, hole)

    def end(self) -> Step:
        """The list has ended with an answer without posts."""
        self.ended = True
        covers = of_page((), self._before, is_last=True) if self._before is not None else None
        if covers:
            self.coverage = self.coverage.with_interval(covers)
        return Step((), (), covers, stop="end_of_list")

    def owed(self) -> Iterator[PostMemory]:
        """Posts whose whole text is still owed and that this walk did not meet."""
        return (post for post in self.known.values() if post.owes_long_text and post.post_id not in self.sighted)

    def remember(self, sighting: Sighting) -> Sighting:
        """Take a sighting elsewhere in (a long text, a single post), so that later ones know of it."""
        self.known[sighting.memory.post_id] = sighting.memory
        return sighting

    def _seen(self, post: PostSeen, sample: EngagementSample) -> Sighting:
        self.sighted.add(post.post_id)
        self._awaited.discard(post.post_id)
        return self.remember(seen(post, sample, self.known.get(post.post_id)))

    def _let_go(self) -> None:
        """Forget the newest posts of a long walk that nothing more is asked about: the memory has them."""
        if len(self.known) <= MOST_KNOWN:
            return
        done = (
            post
            for post in self.known.values()
            if post.post_id in self.sighted and not post.owes and post.first_missing_at is None
        )
        for post in sorted(done, key=lambda post: post.number, reverse=True)[: len(self.known) - MOST_POSTS]:
            del self.known[post.post_id]

    def _absent(self, shown: list[int], covers: Interval | None, now: datetime) -> list[Sighting]:
        if covers is None:
            return []
        newest = EVERYTHING_ABOVE if self._before is None else covers.newest
        # What was met stands in the list, a pinned post on top of it instead of in its place.
        awaited = (self.known[post_id] for post_id in self._awaited)
        lacking = sorted(absent(awaited, shown, covers.oldest, newest), key=lambda post: post.number)
        return [self.remember(missing(self.account_id, post, now)) for post in lacking]

    def _next(
        self, cursor: TimelineCursor | None, bottom: int | None
    ) -> tuple[TimelineCursor | None, Stop | None, Interval | None]:
        if cursor is None:
            return None, "end_of_list", None
        if bottom is None:
            # Only pinned posts, or none that stands in order: the site's own cursor is all there is to go by.
            return (cursor, None, None) if self.number < self.most_pages else (None, "page_limit", None)
        place = None if self.since is None else self.coverage.next_below(bottom, self.since)
        if self.number < self.pages:
            self._before = bottom
            return cursor, None, None
        if place is None:
            return None, "page_limit" if self.since is None else "caught_up", None
        if self.number >= self.most_pages:
            return None, "page_limit", self._hole(place)
        self._before = place
        # Pages by number can't be jumped: they are read one after the other.
        jump = place != bottom and cursor.since_id is not None
        return TimelineCursor(since_id=str(place)) if jump else cursor, None, None

    def _hole(self, place: int) -> Interval:
        lower = [interval.newest + 1 for interval in self.coverage.intervals if interval.newest < place]
        return Interval(max([*lower, self.since or BEGINNING]), place - 1)


def _pairs(page: TimelinePage) -> Iterator[tuple[PostSeen, EngagementSample]]:
    samples = {event.post_id: event for event in page.events if isinstance(event, EngagementSample)}
    return ((post.seen, samples[post.post_id]) for post in page.posts)
