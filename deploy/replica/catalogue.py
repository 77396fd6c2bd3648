"""The world as the answers ask for it: by id, by page, at a moment. Values out, nothing remembered but the world."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Final, Literal

from deploy.replica import accounts, people
from deploy.replica.comments import Comments
from deploy.replica.content import (
    Account,
    Comment,
    Counters,
    Figures,
    GoneKind,
    GonePost,
    Person,
    Post,
    Repost,
    Video,
)
from deploy.replica.effects import Effects
from deploy.replica.identifiers import post_parts
from deploy.replica.posts import Post as WrittenPost
from deploy.replica.world import World

_MID_EPOCH: Final = 515_483_463
_FIRST_DAY: Final = datetime(2009, 8, 28, tzinfo=UTC).timestamp()
"""Weibo began; nobody registered before."""
_DAY: Final = 86_400


class Catalogue:
    """Everything there is, at any moment (aware)."""

    def __init__(self, seed: int, embassies: Path, effects: Effects | None = None) -> None:
        """With `effects`, counters, comments and followers follow them. Raises AccountListError for an unread list."""
        self._world = effects.world(embassies) if effects else World(embassies, seed)
        self.effects = effects
        # Every post of a page asks for the figures of its account, at the same moment.
        self._figures = lru_cache(maxsize=256)(self._compute_figures)
        self.accounts = tuple(_account(found) for found in self._world.accounts)
        self._by_uid = {found.uid: found for found in self.accounts}
        self._by_name = {found.screen_name: found for found in self.accounts}

    def account(self, uid: int) -> Account | None:
        """The account of a uid."""
        return self._by_uid.get(uid)

    def account_named(self, screen_name: str) -> Account | None:
        """The account of a screen name."""
        return self._by_name.get(screen_name)

    def closed(self, _: int) -> GoneKind | None:
        """Which notice stands in place of an account: here every account can be seen."""
        return None

    def figures(self, account: Account, at: datetime) -> Figures:
        """The figures of an account."""
        return self._figures(account.index, at.timestamp())

    def posts(
        self, account: Account, at: datetime, before: int | None = None, limit: int = 10, skip: int = 0
    ) -> list[Post]:
        """Posts published by then, newest first; only such as are older than the post with the id `before`.

        The first `skip` of them are left out, at no cost.
        """
        inner = self._world.accounts[account.index]
        below = inner.published(at.timestamp())
        if before is not None:
            second, _ = post_parts(before)
            below = min(below, inner.published(second - 1))
        return [self._post(found, at) for found in islice(self._world.timeline(inner, below - skip), limit)]

    def newer(self, post: Post, at: datetime) -> int:
        """How many posts the account has published since that one."""
        return self.figures(post.account, at).posts - 1 - post.ordinal

    def pinned(self, account: Account, at: datetime) -> Post | None:
        """The post that the account has pinned; it also has its own place among its posts."""
        inner = self._world.accounts[account.index]
        ordinal = self._world.pinned(inner, at.timestamp())
        return None if ordinal is None else self._post(self._world.post(inner, ordinal), at)

    def post(self, mid: int, at: datetime) -> Post | None:
        """The post of an id; None where there is none yet."""
        found = self._world.find_post(mid, at.timestamp())
        return self._post(found, at) if found else None

    def remains(self, _mid: int, _at: datetime) -> GonePost | None:
        """What is left of a post that only a notice tells of: here every post can be seen."""
        return None

    def counters(self, post: Post, at: datetime) -> Counters:
        """The counters of a post."""
        inner, moment = self._inner(post), at.timestamp()
        reactions = self._world.reactions(inner)
        kept = 1.0 - reactions.withheld(moment)
        return Counters(
            reposts=int(reactions.reposts_at(moment) * kept),
            comments=int(self._world.comments(inner).counts(moment).counted * kept),
            likes=int(reactions.likes_at(moment) * kept),
            views=reactions.views_at(moment) if post.video else None,
        )

    def comment_total(self, post: Post, at: datetime) -> int:
        """How many comments and replies the lists give; the counter may hold more."""
        return self._world.comments(self._inner(post)).counts(at.timestamp()).listed

    def comments(
        self, post: Post, at: datetime, order: Literal["hot", "time", "all"], offset: int, limit: int
    ) -> list[Comment]:
        """Comments that are no replies: the hottest first, or the newest first; or `all`, newest first, replies too."""
        found, moment = self._world.comments(self._inner(post)), at.timestamp()
        if order == "all":
            return [self._comment(found, place, at) for place in islice(found.from_newest(moment, offset), limit)]
        places = _newest_roots(found, moment) if order == "time" else _hot_roots(found, moment)
        return [self._comment(found, place, at) for place in islice(places, offset, offset + limit)]

    def ever_commented(self, post: Post, at: datetime) -> list[tuple[int, bool]]:
        """Ids of all comments that lists have given until then, deleted ones included, and whether each is a reply."""
        found = self._world.comments(self._inner(post))
        return [(found.cid(place), found.is_reply(place)) for place in found.ever_listed(at.timestamp())]

    def comment(self, comment_id: int, at: datetime) -> Comment | None:
        """The comment of an id; None where no list gives it."""
        found = self._world.find_comment(comment_id, at.timestamp())
        return self._comment(*found, at) if found else None

    def replies(self, comment: Comment, at: datetime, offset: int, limit: int) -> list[Comment]:
        """Replies to a comment, oldest first."""
        post = self._world.find_post(comment.post_mid, at.timestamp())
        if post is None:
            return []
        found = self._world.comments(post)
        places = found.replies(comment.place, at.timestamp())[offset : offset + limit]
        return [self._comment(found, place, at) for place in places]

    def reposts(self, post: Post, at: datetime, offset: int, limit: int) -> list[Repost]:
        """Who passed a post on, the newest first."""
        reactions = self._world.reactions(self._inner(post))
        last = reactions.reposts_at(at.timestamp()) - 1 - offset
        rows = []
        for place in range(last, max(-1, last - limit), -1):
            second = int(reactions.repost_comes(place))
            author = _person(people.person(self._world.seed, (post.mid + place * 7_919) % 1_000_000))
            rows.append(Repost(_mid(second, post.mid + place), author, _time(second), (("text", "转发微博", None),)))
        return rows

    def people(self, post: Post, at: datetime, limit: int) -> list[Person]:
        """The private people among the authors of the newest and of the hottest `limit` comments, of replies to these,
        and of the newest `limit` reposts.
        """
        found, moment = self._world.comments(self._inner(post)), at.timestamp()
        newest = islice(found.from_newest(moment, 0), limit)
        hot = list(islice(_hot_roots(found, moment), limit))
        replies = chain.from_iterable(found.replies(place, moment) for place in hot)
        authors = (found.comment(place, moment).author for place in {*newest, *hot, *replies})
        commented = [_person(author) for author in authors if isinstance(author, people.Person)]
        passed_on = [repost.author for repost in self.reposts(post, at, 0, limit)]
        return list({person.uid: person for person in (*commented, *passed_on)}.values())

    def _compute_figures(self, index: int, moment: float) -> Figures:
        inner = self._world.accounts[index]
        more = self.effects.followers(inner.uid, moment) if self.effects else 0
        return Figures(inner.followers_at(moment) + more, inner.follows_at(moment), inner.published(moment))

    def _inner(self, post: Post) -> WrittenPost:
        return self._world.post(self._world.accounts[post.account.index], post.ordinal)

    def _first_of(self, repost_of: tuple[int, int]) -> WrittenPost | None:
        """What a repost passes on: never itself a repost, as Weibo hangs every repost under the first post.

        None where the account has only passed on so far.
        """
        index, ordinal = repost_of
        account = self._world.accounts[index]
        written = (self._world.post(account, place) for place in range(ordinal, -1, -1))
        return next((post for post in written if post.repost_of is None and not post.repost_gone), None)

    def _post(self, inner: WrittenPost, at: datetime) -> Post:
        original: Post | GonePost | None = None
        first = self._first_of(inner.repost_of) if inner.repost_of is not None else None
        if first is not None:
            original = self._post(first, at)
        elif inner.repost_gone or inner.repost_of is not None:
            second = inner.published - 9 * _DAY
            kind: Literal["deleted", "hidden"] = "hidden" if inner.repost_gone == "hidden" else "deleted"
            original = GonePost(_mid(second, inner.mid), kind, _time(second))
        moment = at.timestamp()
        return Post(
            mid=inner.mid,
            ordinal=inner.ordinal,
            account=self.accounts[inner.account.index],
            created_at=_time(inner.published),
            segments=inner.segments_at(moment),
            is_long=inner.is_long,
            pictures=tuple(f"00{inner.mid:x}gy1h{place}60e80e8dgc" for place in range(inner.pictures)),
            video=_video(inner) if inner.video else None,
            original=original,
            source=inner.source,
            region="北京",
            edited_at=_time(inner.edited_at) if inner.edited(moment) else None,
            edits=int(inner.edited(moment)),
        )

    def _comment(self, found: Comments, place: int, at: datetime) -> Comment:
        moment = at.timestamp()
        inner = found.comment(place, moment)
        author = _person(inner.author) if isinstance(inner.author, people.Person) else self._by_uid[inner.author.uid]
        return Comment(
            comment_id=inner.cid,
            post_mid=found.post.mid,
            place=place,
            root_id=inner.root if inner.is_reply else None,
            author=author,
            created_at=_time(inner.created),
            segments=inner.segments,
            region=author.region,
            likes=inner.likes,
            replies=0 if inner.is_reply else len(found.replies(place, moment)),
            has_picture=inner.picture,
        )


def _newest_roots(found: Comments, moment: float) -> Iterator[int]:
    return (place for place in found.from_newest(moment, 0) if not found.is_reply(place))


def _hot_roots(found: Comments, moment: float) -> Iterator[int]:
    come = found.counts(moment).come
    hot = (place for place in found.hot(come) if found.is_listed(place, moment))
    return chain(hot, found.roots_from_newest(moment, come))


def _account(inner: accounts.Account) -> Account:
    return Account(
        index=inner.index,
        uid=inner.uid,
        screen_name=inner.name,
        country_code=inner.code,
        verified=inner.verified,
        verified_type=1 if inner.verified else -1,
        verified_reason=f"{inner.name}官方微博" if inner.verified else "",
        description=f"Welcome! {inner.country}, 欢迎关注{inner.name}。",
        registered_at=_time(int(max(_FIRST_DAY, inner.published_at(0) - 5 * _DAY))),
        region="北京",
    )


def _person(inner: people.Person) -> Person:
    return Person(
        uid=inner.uid,
        screen_name=inner.name,
        verified_type=-1,
        region=inner.province,
        gender=inner.gender,
        followers=inner.followers,
        following=inner.follows,
        posts=inner.posts,
    )


def _video(inner: WrittenPost) -> Video:
    title = f"{inner.account.name}的微博视频"
    return Video(inner.mid + 1, f"00{inner.mid:x}gy1h9v0e8dgc", title, 20.0 + inner.mid % 280_000 / 1000)


def _mid(second: int, noise: int) -> int:
    """An id of a post that nobody keeps, of that second."""
    return (second - _MID_EPOCH) << 22 | noise & 0x3FFFFF


def _time(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
