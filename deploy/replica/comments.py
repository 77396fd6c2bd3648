"""The comments of a post: each has a place (from 0, by time), and everything else follows from post and place.

Places come in threads of `thread` places: the first of each is a root, and some of the others are its replies. A few
are filtered (counted, never listed) and a few deleted by their authors (neither counted nor listed any more), at fixed
places of a thread, so that all counts have a formula.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from deploy.replica.accounts import Account
from deploy.replica.chance import Dice, draw
from deploy.replica.growth import Reactions
from deploy.replica.identifiers import comment_id
from deploy.replica.people import Person, person
from deploy.replica.posts import Post, Segment, emoji
from deploy.replica.wording import ANSWERS, COMMENTS, HOSTILE, REPLIES

#: Roots among which the hot ones are sought: the first of this many threads.
HOT_THREADS = 48


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `root` is the id of the thread's root (its own where it is one)."""

    cid: int
    place: int
    root: int
    created: int
    segments: tuple[Segment, ...]
    author: Person | Account
    likes: int
    picture: bool
    is_reply: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Comments of a post at a moment: come in all, counted by the post, and to be had from its lists."""

    come: int
    counted: int
    listed: int


class Comments:
    """All comments of one post, at any moment."""

    def __init__(self, seed: int, post: Post, reactions: Reactions) -> None:
        dice = Dice(seed, "comments", post.mid)
        self._seed = seed
        self.post = post
        self._reactions = reactions
        self.thread = dice.whole(5, 14)
        self._filtered = dice.whole(1, self.thread - 1)
        self._deleted = 1 + self._filtered % (self.thread - 1)
        self._delay = dice.between(0.5, 30) * 3600
        self._replies = dice.between(0.2, 0.8)

    def counts(self, moment: float) -> Counts:
        """How many comments there are at a moment."""
        come = self._reactions.comments_at(moment)
        deleted = self._deletions(self._come_of_old(moment))
        counted = come - deleted
        return Counts(come, counted, counted - self._filterings(come))

    def is_listed(self, place: int, moment: float) -> bool:
        """Whether a list at that moment holds the comment of that place."""
        if place >= self._reactions.comments_at(moment) or place < 0:
            return False
        if place % self.thread == self._filtered and place // self.thread % 3 == 1:
            return False
        gone = place % self.thread == self._deleted and place // self.thread % 4 == 2
        return not (gone and place < self._come_of_old(moment))

    def ever_listed(self, moment: float) -> Iterator[int]:
        """Places of all that lists have given at some time until then, also such as are deleted by now."""
        come = self._reactions.comments_at(moment)
        return (place for place in range(come) if self.is_listed(place, self.created(place) + 1))

    def from_newest(self, moment: float, skip: int) -> Iterator[int]:
        """Places of listed comments, newest first, without the newest `skip`; costs nothing per skipped one."""
        come = self._reactions.comments_at(moment)
        old = self._come_of_old(moment)
        wanted = self.counts(moment).listed - skip
        low, high = 0, come
        while low < high:
            middle = (low + high) // 2
            if middle - self._filterings(middle) - self._deletions(min(middle, old)) < wanted:
                low = middle + 1
            else:
                high = middle
        return (place for place in range(low - 1, -1, -1) if self.is_listed(place, moment))

    def hot(self, come: int) -> tuple[int, ...]:
        """Places of the hot roots among the first `come` comments, best first."""
        roots = range(0, min(come, HOT_THREADS * self.thread), self.thread)
        return tuple(sorted(roots, key=lambda place: (-self._weight(place), place)))

    def roots_from_newest(self, moment: float, below: int) -> Iterator[int]:
        """Places of listed roots under a place that are not among the hot ones, newest first."""
        hot = HOT_THREADS * self.thread
        for place in range(below - 1, -1, -1):
            if place < hot and place % self.thread == 0:
                continue
            if not self.is_reply(place) and self.is_listed(place, moment):
                yield place

    def is_reply(self, place: int) -> bool:
        """Whether the comment of that place answers the root of its thread."""
        if place % self.thread == 0:
            return False
        return draw(self._seed, "reply", self.post.mid, place) % 1000 < self._replies * 1000

    def replies(self, place: int, moment: float) -> list[int]:
        """Places of the listed replies to a root, oldest first."""
        if place % self.thread:
            return []
        thread = range(place + 1, place + self.thread)
        return [reply for reply in thread if self.is_reply(reply) and self.is_listed(reply, moment)]

    def created(self, place: int) -> int:
        """The second at which the comment of that place was written."""
        return int(self._reactions.comment_comes(place))

    def cid(self, place: int) -> int:
        """The id of the comment of that place."""
        post = self.post
        return comment_id(self.created(place), post.account.index, post.ordinal, place)

    def comment(self, place: int, moment: float) -> Comment:
        """The comment of that place as it stands at a moment."""
        created = self.created(place)
        is_reply = self.is_reply(place)
        root = place - place % self.thread if is_reply else place
        dice = Dice(self._seed, "comment", self.post.mid, place)
        author: Person | Account = person(self._seed, dice.whole(0, 999_999))
        text = dice.pick(COMMENTS)
        before: tuple[Segment, ...] = ()
        if is_reply:
            answers = dice.chance(0.12)
            addressed = Dice(self._seed, "comment", self.post.mid, root).whole(0, 999_999)
            text = dice.pick(ANSWERS if answers else REPLIES)
            author = self.post.account if answers else author
            addressee = person(self._seed, addressed).name
            before = (("text", "回复", None), ("mention", f"@{addressee}", None))
            text = f":{text}"
        elif dice.chance(0.02):
            text = dice.pick(HOSTILE)
        after = (emoji(dice),) if dice.chance(0.25) else ()
        age = max(0.0, moment - created)
        likes = int(self._weight(place) * age / (age + 5 * 3600))
        return Comment(
            cid=self.cid(place),
            place=place,
            root=self.cid(root),
            created=created,
            segments=(*before, ("text", text, None), *after),
            author=author,
            likes=likes,
            picture=not is_reply and dice.chance(0.04),
            is_reply=is_reply,
        )

    def _weight(self, place: int) -> float:
        dice = Dice(self._seed, "warmth", self.post.mid, place)
        warmth: float = (self._reactions.likes**0.5 + 1) * 0.02 / (dice.unit() ** 1.2 + 1e-4) / (1 + place / 60)
        return min(400_000.0, warmth)

    def _come_of_old(self, moment: float) -> int:
        """Comments old enough that those whose author deletes them are deleted."""
        return self._reactions.comments_at(moment - self._delay)

    def _filterings(self, places: int) -> int:
        return _hits(places, self.thread, self._filtered, 3, 1)

    def _deletions(self, places: int) -> int:
        return _hits(places, self.thread, self._deleted, 4, 2)


@lru_cache(maxsize=4096)
def _hits(places: int, thread: int, spot: int, every: int, phase: int) -> int:
    """How many of the first `places` lie at a spot of each `every`-th thread, counted from thread `phase`."""
    first = phase * thread + spot
    return 0 if places <= first else 1 + (places - 1 - first) // (thread * every)
