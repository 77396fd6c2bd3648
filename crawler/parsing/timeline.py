"""A page of an account's posts: getIndex on m.weibo.cn, mymblog and getWaterFallContent on weibo.com."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.endpoints import TimelineCursor
from crawler.parsing.context import Context
from crawler.parsing.errors import DriftError, WrongAccountError
from crawler.parsing.fields import Field, payload
from crawler.parsing.posts import ParsedPost, parse_post, uid_of_post
from schemas.counts import Counter
from schemas.events import AnyEvent, PostSeen


@dataclass(frozen=True, slots=True)
class PostReference:
    """What a visit needs to know of a post in order to read on: its long text, its comments."""

    post_id: str
    bid: str | None
    created_at: datetime | None
    pinned: bool
    comments: Counter | None
    text_truncated: bool
    seen: PostSeen
    reposts: Counter | None = None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """The posts of a page.

    `cursor` is None at the end. `total` is what the list says of itself. `foreign` counts the posts of others in it,
    which are not attributed. `problems` names what could not be read, by its path; the rest is there all the same.
    """

    events: tuple[AnyEvent, ...]
    posts: tuple[PostReference, ...]
    cursor: TimelineCursor | None
    total: int | None
    foreign: int
    problems: tuple[str, ...]
    unreadable: int = 0


def parse_timeline(data: Any, context: Context) -> TimelinePage:
    """All posts of a page: each a PostSeen and an EngagementSample. A post that can't be read does not lose the others.

    Raises WrongAccountError where all posts are another's, DriftError where there is no list, or no post in it that
    can be read.
    """
    page = payload(data)
    posts: list[ParsedPost] = []
    problems: list[str] = []
    foreign: set[str] = set()
    unattributed = 0
    for post, pinned in posts_in(page):
        try:
            uid = uid_of_post(post)
            if uid is None:
                problems.append(f"{post['user'].path}: there is no author, so the post is nobody's")
                unattributed += 1
            elif context.uid is not None and uid != context.uid:
                foreign.add(uid)
                unattributed += 1
            else:
                posts.append(parse_post(post, context, "timeline", pinned))
        except DriftError as drift:
            problems.append(str(drift))
    if not posts and foreign:
        raise WrongAccountError(context.account_id, f"uid {context.uid}", f"posts of uid {min(foreign)}")
    if not posts and problems:
        raise DriftError(page.path, f"no post can be read; the first problem is {problems[0]}")
    return TimelinePage(
        events=tuple(event for post in posts for event in (post.seen, post.sample)),
        posts=tuple(_reference(post) for post in posts),
        cursor=cursor_of(page),
        total=_total(page),
        foreign=unattributed,
        problems=(*problems, *(problem for post in posts for problem in post.problems)),
        unreadable=len(problems),
    )


def posts_in(page: Field) -> Iterator[tuple[Field, bool]]:
    """The post objects of a page, with whether their card says that they are pinned. Raises DriftError without a list.

    Cards of other types are passed over; a group of cards is looked into.
    """
    listed = page["list"].value if page["cards"].value is None else page["cards"].value
    if not isinstance(listed, list | dict):
        raise DriftError(page["cards"].path, "there is no list of posts")
    if page["cards"].value is None:
        for post in page["list"].entries():
            if post.is_object:
                yield post, False
    else:
        yield from _posts_in_cards(page["cards"])


def cursor_of(page: Field) -> TimelineCursor | None:
    """Where the list goes on; None where the answer names nothing: its end."""
    info = page["cardlistInfo"] if page["cardlistInfo"].is_object else page
    for name in ("since_id", "next_cursor"):
        value = info[name].value
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return TimelineCursor(since_id=info[name].text())
        if isinstance(value, str) and value.strip() and value.isascii() and value.isalnum() and value != "0":
            return TimelineCursor(since_id=value)
    number = info["page"].number()
    return TimelineCursor(page=number) if number is not None and number > 1 else None


def _posts_in_cards(cards: Field) -> Iterator[tuple[Field, bool]]:
    for card in cards.entries():
        if not card.is_object:
            continue
        if card["mblog"].is_object:
            label = card["profile_type_id"].value
            yield card["mblog"], isinstance(label, str) and label.startswith("proweibotop")
        elif card["card_group"]:
            # One level is what Weibo sends; deeper groups would be a way to exhaust the stack.
            for inner in card["card_group"].entries():
                if inner.is_object and inner["mblog"].is_object:
                    yield inner["mblog"], False


def _total(page: Field) -> int | None:
    info = page["cardlistInfo"] if page["cardlistInfo"].is_object else page
    total = info["total"].number()
    return total if total is not None and total >= 0 else None


def _reference(post: ParsedPost) -> PostReference:
    seen = post.seen
    return PostReference(
        post_id=seen.post_id,
        bid=seen.bid,
        created_at=seen.created_at,
        pinned=seen.pinned,
        comments=post.sample.comments,
        text_truncated=seen.text_truncated,
        seen=seen,
        reposts=post.sample.reposts,
    )
