"""What there is at a moment, as plain values: moments aware and in UTC, numbers exact."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from deploy.replica.posts import Segment

GoneKind = Literal["deleted", "complaints", "hidden", "permission", "banned", "closed", "at_risk"]
"""Why a post or an account can't be seen: the author deleted it, complaints, only half a year is shown, no permission;
the account was banned, was closed by its owner, or is at risk."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many follow an account, how many it follows, how many posts it has published."""

    followers: int
    following: int
    posts: int


@dataclass(frozen=True, slots=True)
class Counters:
    """A post's counters; `views` is None where it has no video."""

    reposts: int
    comments: int
    likes: int
    views: int | None


@dataclass(frozen=True, slots=True)
class Account:
    """An embassy's account; `index` is its place in the list of accounts."""

    index: int
    uid: int
    screen_name: str
    country_code: str
    verified: bool
    verified_type: int
    verified_reason: str
    description: str
    registered_at: datetime
    region: str


@dataclass(frozen=True, slots=True)
class Person:
    """A private person, invented."""

    uid: int
    screen_name: str
    verified_type: int
    region: str
    gender: str
    followers: int
    following: int
    posts: int


@dataclass(frozen=True, slots=True)
class Video:
    """A video of a post; `cover` is the id of its picture."""

    video_id: int
    cover: str
    title: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class GonePost:
    """What is left of a post that others still pass on, or that a notice tells of."""

    mid: int
    kind: GoneKind
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """A post as it stands at the moment asked for.

    `segments` are the whole of its text; `pictures` are ids. `edited_at` is the last edit, None before the first.
    `closed` tells that the lists of its comments say that nobody may see them.
    """

    mid: int
    ordinal: int
    account: Account
    created_at: datetime
    segments: tuple[Segment, ...]
    is_long: bool
    pictures: tuple[str, ...]
    video: Video | None
    original: "Post | GonePost | None"
    source: str
    region: str
    edited_at: datetime | None
    edits: int = 0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as it stands at the moment asked for; `root_id` is None where it is no reply.

    `place` is its place among all comments of the post, by time from 0.
    """

    comment_id: int
    post_mid: int
    place: int
    root_id: int | None
    author: Person | Account
    created_at: datetime
    segments: tuple[Segment, ...]
    region: str
    likes: int
    replies: int
    has_picture: bool


@dataclass(frozen=True, slots=True)
class Repost:
    """Somebody passing a post on."""

    repost_id: int
    author: Person
    created_at: datetime
    segments: tuple[Segment, ...]
