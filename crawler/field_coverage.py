"""Which of the fields that we live on an answer still has: the way to see a drift that parses.

A counter that was renamed reads as "not shown", and one that is always 0 as a fall of everything: both would be
published as facts. So each answer's posts, comments or user are looked through, field by field, and the answer is
drift (crawler.classify) where a field that every recorded answer since 2019 has is missing on most of them, or where
likes are 0 on all posts that others pass on and comment on. Pure.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from crawler.endpoints import Endpoint
from crawler.parsing.counts import read_count
from crawler.parsing.errors import DriftError
from crawler.parsing.fields import Field, payload
from crawler.parsing.removals import removal_of
from crawler.parsing.timeline import posts_in
from schemas.counts import value_of

State = Literal["present", "zero", "absent"]


@dataclass(frozen=True, slots=True)
class Watched:
    """A field that is looked for, under any of its names (`user.id`: in the object `user`).

    `required`: it is in every recorded answer, so that an answer without it is drift. `counter`: it is a number.
    """

    names: tuple[str, ...]
    required: bool = True
    counter: bool = False
    paths: tuple[tuple[str, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", tuple(tuple(name.split(".")) for name in self.names))

    @property
    def name(self) -> str:
        """What it is called in statistics and sentences."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many objects of an answer have each field. `objects` may be fewer than are in the list: notices don't count.

    `states` has (field, state) → objects. `unliked` says that likes are 0 on all posts, and can't be.
    """

    endpoint: Endpoint
    objects: int
    states: Mapping[tuple[str, State], int]
    unliked: bool = False

    def lost(self) -> tuple[str, ...]:
        """What the answer lost, one sentence per field; nothing in an honest answer."""
        sentences = [
            f"{watched.name} is missing on {absent} of {self.objects}"
            for watched in _WATCHED[self.endpoint]
            if watched.required and (absent := self.states.get((watched.name, "absent"), 0)) * 2 > self.objects
        ]
        if self.unliked:
            sentences.append(
                f"{LIKES} is 0 on all {self.objects} posts, though people pass them on and comment on them"
            )
        return tuple(sentences)


@dataclass(slots=True)
class FieldHistory:
    """What has been seen of each field so far, over all answers of a run."""

    objects: Counter[Endpoint] = field(default_factory=Counter)
    states: Counter[tuple[Endpoint, str, State]] = field(default_factory=Counter)

    def add(self, coverage: Coverage) -> tuple[str, ...]:
        """Take one answer in. Returns the names of fields that all objects had until now, and none of this answer has.

        That is a hint for people and no drift: an older post may honestly lack what newer ones have.
        """
        before = self.objects[coverage.endpoint]
        gone = [
            watched.name
            for watched in _WATCHED[coverage.endpoint]
            if before >= ENOUGH
            and coverage.objects >= ENOUGH_NOW
            and not self.states[coverage.endpoint, watched.name, "absent"]
            and coverage.states.get((watched.name, "absent"), 0) == coverage.objects
        ]
        self.objects[coverage.endpoint] += coverage.objects
        for (name, state), count in coverage.states.items():
            self.states[coverage.endpoint, name, state] += count
        return tuple(gone)


ENOUGH: Final = 50
"""Objects after which "all of them had it" means something."""
ENOUGH_NOW: Final = 5
"""Objects of one answer below which "none of them has it" may be chance."""
MOST_TO_BE_CHANCE: Final = 50
"""Reposts and comments, all posts of a page together, up to which nobody's like may be chance."""
FIRST_YEAR_OF_LIKES: Final = 2014
"""Weibo's likes came up in 2012 and 2013: older posts may have none, however often they were passed on."""
LIKES: Final = "attitudes_count"
REPOSTS: Final = "reposts_count"
COMMENTS: Final = "comments_count"

_COUNTERS: Final = (
    Watched((REPOSTS,), counter=True),
    Watched((COMMENTS,), counter=True),
    Watched((LIKES,), counter=True),
)
_POST: Final = (
    Watched(("created_at",)),
    Watched(("text", "text_raw")),
    Watched(("user.id", "user.idstr")),
    *_COUNTERS,
    Watched(("bid", "mblogid"), required=False),
    Watched(("source",), required=False),
    Watched(("isLongText",), required=False),
    Watched(("visible",), required=False),
)
_COMMENT: Final = (
    Watched(("created_at",)),
    Watched(("text", "text_raw")),
    Watched(("user.id", "user.idstr")),
    Watched(("user.screen_name",)),
    Watched(("like_count", "like_counts"), counter=True),
    Watched(("source",), required=False),
    Watched(("total_number",), required=False, counter=True),
)
_USER: Final = (
    Watched(("screen_name",)),
    Watched(("followers_count",), counter=True),
    Watched(("follow_count", "friends_count"), counter=True),
    Watched(("statuses_count",), counter=True),
    Watched(("verified",), required=False),
    Watched(("verified_type",), required=False),
    Watched(("description",), required=False),
)
#: The recorded bodies of these endpoints are trimmed: nobody knows which counters they always had.
_TRIMMED_POST: Final = tuple(replace(watched, required=not watched.counter and watched.required) for watched in _POST)
_TRIMMED_USER: Final = tuple(replace(watched, required=not watched.counter and watched.required) for watched in _USER)
_WATCHED: Final[Mapping[Endpoint, tuple[Watched, ...]]] = {
    Endpoint.PROFILE: _USER,
    Endpoint.AJAX_PROFILE: _TRIMMED_USER,
    Endpoint.TIMELINE: _POST,
    Endpoint.AJAX_TIMELINE: _POST,
    Endpoint.STATUS: _POST,
    Endpoint.DETAIL: _POST,
    Endpoint.AJAX_STATUS: _TRIMMED_POST,
    # A long text is worth reading without them.
    Endpoint.EXTEND: tuple(replace(watched, required=False) for watched in _COUNTERS),
    Endpoint.HOTFLOW: _COMMENT,
    Endpoint.HOTFLOW_CHILD: _COMMENT,
    Endpoint.COMMENTS_SHOW: _COMMENT,
    Endpoint.AJAX_COMMENTS: _COMMENT,
}
_POSTS: Final = frozenset({Endpoint.TIMELINE, Endpoint.AJAX_TIMELINE})


def coverage_of(endpoint: Endpoint, document: Any) -> Coverage | None:
    """The coverage of a readable answer; None where nothing in it is watched. Never raises."""
    watched = _WATCHED.get(endpoint)
    if watched is None:
        return None
    try:
        objects = list(_objects(endpoint, document))
    except DriftError:
        return None
    states: Counter[tuple[str, State]] = Counter()
    for found in objects:
        states.update((one.name, _state(found, one)) for one in watched)
    return Coverage(endpoint, len(objects), states, endpoint in _POSTS and _is_unliked(objects)) if objects else None


def _objects(endpoint: Endpoint, document: Any) -> Iterator[Field]:
    """The posts of a page that are posts, the comments without their replies, the one user."""
    inner = payload(document)
    if endpoint in _POSTS:
        yield from (post for post, _ in posts_in(inner) if removal_of(post) is None)
    elif _WATCHED[endpoint] is _COMMENT:
        rows = inner["data"] if isinstance(inner["data"].value, list) else Field("$", document)["data"]
        yield from (row for row in rows.entries() if row.is_object)
    elif endpoint in (Endpoint.PROFILE, Endpoint.AJAX_PROFILE):
        yield inner["userInfo"] if inner["userInfo"] else inner["user"]
    else:
        yield inner["status"] if endpoint is Endpoint.DETAIL else inner


def _state(found: Field, watched: Watched) -> State:
    value = None
    for path in watched.paths:
        if (value := _member(found, *path)) is not None:
            break
    else:
        return "absent"
    if not watched.counter:
        return "present"
    count = read_count(value).counter
    return "absent" if count is None else "zero" if value_of(count) == 0 else "present"


def _member(found: Field, *path: str) -> Any:
    """A member by its name, or by the names of object and member; None where it is missing or null."""
    value: Any = found.value
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _is_unliked(posts: list[Field]) -> bool:
    likeable = [post for post in posts if not _is_older(_member(post, "created_at"))]
    if len(likeable) < ENOUGH_NOW:
        return False
    likes = [_number(post, LIKES) for post in likeable]
    others = [(_number(post, REPOSTS) or 0) + (_number(post, COMMENTS) or 0) for post in likeable]
    busy = sum(number > 0 for number in others)
    return all(number == 0 for number in likes) and busy * 2 > len(likeable) and sum(others) > MOST_TO_BE_CHANCE


def _number(post: Field, name: str) -> int | None:
    return value_of(read_count(_member(post, name)).counter)


def _is_older(created_at: Any) -> bool:
    year = re.search(r"(?:^|\D)((?:19|20)\d\d)(?:\D|$)", created_at) if isinstance(created_at, str) else None
    return year is not None and int(year[1]) < FIRST_YEAR_OF_LIKES
