"""The content as the answers need it: plain values at a moment, over the world that computes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from deploy.replica import accounts, comments, people, posts, world
from deploy.replica.html import Segment
from deploy.replica.identifiers import post_parts


@dataclass(frozen=True, slots=True)
class Figures:
    followers: int
    following: int
    posts: int


@dataclass(frozen=True, slots=True)
class Counters:
    reposts: int
    comments: int
    likes: int
    views: int | None


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    screen_name: str
    country_code: str
    verified: bool
    verified_type: int
    verified_reason: str
    description: str
    registered_at: datetime
    region: str
    inner: accounts.Account


@dataclass(frozen=True, slots=True)
class Person:
    uid: int
    screen_name: str
    verified_type: int
    region: str


@dataclass(frozen=True, slots=True)
class Video:
    video_id: int
    cover: str
    title: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class GonePost:
    mid: int
    kind: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    mid: int
    account: Account
    created_at: datetime
    segments: tuple[Segment, ...]
    is_long: bool
    pictures: tuple[str, ...]
    video: Video | None
    article: None
    original: "Post | GonePost | None"
    source: str
    region: str
    edit_count: int
    edited_at: datetime | None
    inner: posts.Post


@dataclass(frozen=True, slots=True)
class Comment:
    comment_id: int
    post_mid: int
    root_id: int | None
    author: Person | Account
    created_at: datetime
    segments: tuple[Segment, ...]
    region: str
    likes: int
    replies: int
    has_picture: bool
    reply_to: Person | Account | None
    place: int


@dataclass(frozen=True, slots=True)
class Repost:
    repost_id: int
    author: Person
    created_at: datetime
    segments: tuple[Segment, ...]
    likes: int


class World:
    """Everything there is, at any moment (aware, UTC)."""

    def __init__(self, seed: int, embassies: Path) -> None:
        self._world = world.World(embassies, seed)
        self.accounts = tuple(_account(found) for found in self._world.accounts)
        self._by_uid = {found.uid: found for found in self.accounts}
        self._by_name = {found.screen_name: found for found in self.accounts}

    def account(self, uid: int) -> Account | None:
        return self._by_uid.get(uid)

    def account_named(self, screen_name: str) -> Account | None:
        return self._by_name.get(screen_name)

    def figures(self, account: Account, at: datetime) -> Figures:
        inner, moment = account.inner, at.timestamp()
        return Figures(inner.followers_at(moment), inner.follows_at(moment), inner.published(moment))

    def posts(self, account: Account, at: datetime, before: int | None = None, limit: int = 10) -> list[Post]:
        moment = at.timestamp()
        below = account.inner.published(moment)
        if before is not None:
            second, _ = post_parts(before)
            below = min(below, account.inner.published(second - 1))
        return [self._post(found, at) for found in islice(self._world.timeline(account.inner, below), limit)]

    def pinned(self, account: Account, at: datetime) -> Post | None:
        ordinal = self._world.pinned(account.inner, at.timestamp())
        return None if ordinal is None else self._post(self._world.post(account.inner, ordinal), at)

    def post(self, mid: int, at: datetime) -> Post | None:
        found = self._world.find_post(mid, at.timestamp())
        return self._post(found, at) if found else None

    def counters(self, post: Post, at: datetime) -> Counters:
        growth, moment = self._world.growth(post.inner), at.timestamp()
        counted = self._world.comments(post.inner).counts(moment).counted
        likes = growth.likes_at(moment)
        views = likes * 37 + 11 if post.video else None
        return Counters(growth.arrived(growth.reposts, moment), counted, likes, views)

    def comment_total(self, post: Post, at: datetime) -> int:
        return self._world.comments(post.inner).counts(at.timestamp()).listed

    def comments(
        self, post: Post, at: datetime, order: Literal["hot", "time"], offset: int, limit: int
    ) -> list[Comment]:
        found, moment = self._world.comments(post.inner), at.timestamp()
        if order == "time":
            places = (place for place in found.from_newest(moment, 0) if not found.is_reply(place))
        else:
            come = found.counts(moment).come
            hot = [place for place in found.hot(come) if found.is_listed(place, moment)]
            places = (place for place in chain(hot, found.roots_from_newest(moment, come)))
        return [self._comment(found, place, at) for place in islice(places, offset, offset + limit)]

    def comment(self, comment_id: int, at: datetime) -> Comment | None:
        found = self._world.find_comment(comment_id, at.timestamp())
        return self._comment(*found, at) if found else None

    def replies(self, comment: Comment, at: datetime, offset: int, limit: int) -> list[Comment]:
        post = self._world.find_post(comment.post_mid, at.timestamp())
        if post is None:
            return []
        found = self._world.comments(post)
        places = found.replies(comment.place, at.timestamp())[offset : offset + limit]
        return [self._comment(found, place, at) for place in places]

    def reposts(self, post: Post, at: datetime, offset: int, limit: int) -> list[Repost]:
        growth = self._world.growth(post.inner)
        come = growth.arrived(growth.reposts, at.timestamp())
        rows = []
        for place in range(come - 1 - offset, max(-1, come - 1 - offset - limit), -1):
            second = int(growth.arrives(growth.reposts, place))
            author = _person(people.person(self._world.seed, (post.mid + place * 7919) % 1_000_000))
            rows.append(Repost(post.mid + (place + 1) * 4_096, author, _time(second), (("text", "转发微博", None),), 0))
        return rows

    def people(self, post: Post, at: datetime) -> list[Person]:
        found, moment = self._world.comments(post.inner), at.timestamp()
        everyone = {}
        for place in found.from_newest(moment, 0):
            author = found.comment(place, moment).author
            if isinstance(author, people.Person):
                everyone[author.uid] = _person(author)
        return list(everyone.values())

    def _post(self, inner: posts.Post, at: datetime, *, alone: bool = False) -> Post:
        original: Post | GonePost | None = None
        if inner.repost_gone:
            second = inner.published - 86_400 * 9
            gone = (second - 515_483_463) << 22 | inner.mid & 0x3FFFFF
            original = GonePost(gone, inner.repost_gone, _time(second))
        elif inner.repost_of is not None and not alone:
            index, ordinal = inner.repost_of
            found = self._world.post(self._world.accounts[index], ordinal)
            original = self._post(found, at, alone=True)
        pids = tuple(f"{inner.mid:x}gy1h{place}gmwoh7j60e80e8dgc" for place in range(inner.pictures))
        video = Video(inner.mid + 1, f"{inner.mid:x}gy1hv", "视频", 30.0 + inner.mid % 100) if inner.video else None
        return Post(
            mid=inner.mid,
            account=self._by_uid[inner.account.uid],
            created_at=_time(inner.published),
            segments=(("html", inner.text_at(at.timestamp()), None),),
            is_long=inner.is_long,
            pictures=pids,
            video=video,
            article=None,
            original=original,
            source=inner.source,
            region="北京",
            edit_count=1,
            edited_at=_time(inner.edited_at) if inner.edited_at else None,
            inner=inner,
        )

    def _comment(self, found: comments.Comments, place: int, at: datetime) -> Comment:
        moment = at.timestamp()
        inner = found.comment(place, moment)
        author = inner.author
        return Comment(
            comment_id=inner.cid,
            post_mid=found.post.mid,
            root_id=inner.root if inner.is_reply else None,
            author=_person(author) if isinstance(author, people.Person) else self._by_uid[author.uid],
            created_at=_time(inner.created),
            segments=(("html", inner.text, None),),
            region=author.province if isinstance(author, people.Person) else "北京",
            likes=inner.likes,
            replies=len(found.replies(place, moment)) if not inner.is_reply else 0,
            has_picture=inner.picture,
            reply_to=None,
            place=place,
        )


def _account(inner: accounts.Account) -> Account:
    return Account(
        uid=inner.uid,
        screen_name=inner.name,
        country_code=inner.code,
        verified=inner.verified,
        verified_type=1 if inner.verified else -1,
        verified_reason=f"{inner.name}官方微博" if inner.verified else "",
        description=f"{inner.country}",
        registered_at=_time(math.floor(inner.published_at(0)) - 400_000),
        region="北京",
        inner=inner,
    )


def _person(inner: people.Person) -> Person:
    return Person(inner.uid, inner.name, -1, inner.province)


def _time(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
