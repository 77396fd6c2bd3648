"""The form of the memory: one record per account, JSON, the newest of an account's records in the topic.

Unknown fields are ignored, so that an older worker reads what a newer one wrote.
"""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from crawler.memory.coverage import Coverage, Interval, united
from schemas.errors import WeiplomacyError
from schemas.event_fields import AccountId, Moment, WeiboId, Whole

MOST_POSTS = 300
"""Watched posts of one account; beyond it the oldest that owe nothing are let go."""
MOST_OWING = 100
"""Of these, older ones that are kept because they owe something: the newest are never let go for them."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class MemoryRecordError(WeiplomacyError):
    """A record of the memory can't be read."""


class Remembered(BaseModel):
    """What every part of the memory is: frozen, and open to what a newer worker adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SampleMemory(Remembered):
    """A post's counters at a moment; null is unknown."""

    at: Moment
    reposts: Whole | None = None
    comments: Whole | None = None
    likes: Whole | None = None

    @property
    def total(self) -> int | None:
        """Reposts, comments and likes together; None where none of them is known."""
        known = [value for value in (self.reposts, self.comments, self.likes) if value is not None]
        return sum(known) if known else None


class PostMemory(Remembered):
    """A watched post. `parts` are digests of what an edit may change, by the names of the contract's fields."""

    post_id: WeiboId
    created_at: Moment | None = None
    last_seen_at: Moment
    version: Digest = Field(description="The newest version that was published.")
    short_version: Digest | None = Field(default=None, description="Of a long post: its version as lists show it, cut.")
    shown_text: Digest | None = Field(default=None, description="Of its text as lists show it, cut where it is long.")
    parts: dict[str, Digest] = Field(default_factory=dict)
    samples: tuple[SampleMemory, ...] = Field(default=(), description="The newest few, oldest first.")
    owes_long_text: bool = Field(default=False, description="Its whole text was not read yet.")
    owes_lists: bool = Field(default=False, description="A list under it was cut, and is to be read again.")
    first_missing_at: Moment | None = Field(default=None, description="Since when it is not to be seen.")
    confirmed_at: Moment | None = Field(default=None, description="When the single-post answer said so.")
    unlisted: bool = Field(default=False, description="Its list lacks it, and by itself it is to be seen.")

    @property
    def owes(self) -> bool:
        """Whether something of it is still to be asked for."""
        return self.owes_long_text or self.owes_lists

    @property
    def number(self) -> int:
        """The id as a number, which grows with time."""
        return int(self.post_id)


class AccountMemory(Remembered):
    """All that is remembered of one account."""

    account_id: AccountId
    generation: Whole = Field(default=0, description="Of the group of workers, when this was written.")
    written_at: Moment | None = Field(default=None, description="Machine time.")
    covered: tuple[tuple[Whole, Whole], ...] = Field(default=(), description="Oldest and newest id of each stretch.")
    posts: tuple[PostMemory, ...] = ()
    visited_at: Moment | None = Field(default=None, description="End of the newest visit, the crawl's clock.")
    rendered_at: Moment | None = Field(default=None, description="Its page was last rendered then.")
    first_visited_at: Moment | None = Field(default=None, description="End of the first visit that read its list.")

    @model_validator(mode="after")
    def _intervals_are_sound(self) -> Self:
        for oldest, newest in self.covered:
            if oldest > newest:
                raise ValueError(f"covered from {oldest} to {newest}")
        return self

    @property
    def coverage(self) -> Coverage:
        """The stretches of the timeline that are known whole."""
        return united([Coverage((Interval(oldest, newest),)) for oldest, newest in self.covered])

    def with_coverage(self, coverage: Coverage) -> "AccountMemory":
        """The same with another coverage."""
        covered = tuple((interval.oldest, interval.newest) for interval in coverage.intervals)
        return self.model_copy(update={"covered": covered})

    def by_id(self) -> dict[str, PostMemory]:
        """The watched posts by id."""
        return {post.post_id: post for post in self.posts}

    def with_posts(self, posts: dict[str, PostMemory]) -> "AccountMemory":
        """The same with these posts: the newest, and those that owe something, as far as there is room."""
        ranked = sorted(posts.values(), key=lambda post: post.number, reverse=True)
        newest, older = ranked[: MOST_POSTS - MOST_OWING], ranked[MOST_POSTS - MOST_OWING :]
        # Sorting is stable: the newest of those that owe something, then of the others.
        older = sorted(older, key=lambda post: not post.owes)[:MOST_OWING]
        kept = sorted([*newest, *older], key=lambda post: post.number, reverse=True)
        return self.model_copy(update={"posts": tuple(kept)})


def merged(one: AccountMemory, other: AccountMemory) -> AccountMemory:
    """Two records of one account as one: coverage united, the rest from the newer, posts of both.

    Of a post in both the one seen later stands; what disappeared since then is in it. Of visits the latest ones count.
    """
    older, newer = sorted((one, other), key=_age)
    posts = older.by_id()
    for post_id, post in newer.by_id().items():
        known = posts.get(post_id)
        if known is None or _post_age(post) >= _post_age(known):
            posts[post_id] = post
    visits = {name: _latest(older, newer, name) for name in ("visited_at", "rendered_at")}
    first = [record.first_visited_at for record in (older, newer) if record.first_visited_at]
    both = newer.model_copy(update={**visits, "first_visited_at": min(first, default=None)})
    return both.with_coverage(united([older.coverage, newer.coverage])).with_posts(posts)


def _latest(one: AccountMemory, other: AccountMemory, name: str) -> datetime | None:
    moments: list[datetime | None] = [getattr(one, name), getattr(other, name)]
    return max((moment for moment in moments if moment is not None), default=None)


def _age(record: AccountMemory) -> tuple[int, float]:
    return record.generation, record.written_at.timestamp() if record.written_at else 0.0


def _post_age(post: PostMemory) -> float:
    return max(moment.timestamp() for moment in (post.last_seen_at, post.first_missing_at, post.confirmed_at) if moment)


def read_record(value: bytes, place: str) -> AccountMemory:
    """A record from its bytes; `place` says where it stands. Raises MemoryRecordError."""
    try:
        return AccountMemory.model_validate_json(value)
    except ValidationError as error:
        first: Any = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise MemoryRecordError(
            f"the crawler's memory at {place} can't be read ({where}: {first['msg']}): its account is read anew, which "
            "repeats some posts and loses none"
        ) from error
