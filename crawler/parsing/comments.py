"""Comments and replies: hotflow, hotFlowChild and comments/show on m.weibo.cn, buildComments on weibo.com.

Whoever wrote one is a keyed hash, and so is every name that the text mentions, except the account's own. Institutions
(crawler.parsing.authors) keep their name as authors. The version of a comment is a hash over its text and whether it
shows a picture; likes, replies and region are not a part of it.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from crawler.endpoints import CommentCursor
from crawler.parsing.authors import author_of, rename_people
from crawler.parsing.context import Context
from crawler.parsing.counts import read_count
from crawler.parsing.errors import DriftError
from crawler.parsing.fields import Field, shown
from crawler.parsing.text import Mentions, read_html, read_plain
from crawler.parsing.times import read_time
from schemas.counts import Counter
from schemas.event_ids import content_version
from schemas.events import Comment

Order = Literal["hot", "time", "reply"]

#: What stands before the place in the `source` of a comment.
_PLACE_WORDS: Final = ("来自", "发布于")


@dataclass(frozen=True, slots=True)
class CommentPage:
    """A page of comments, with the replies that stand inline.

    `cursor` is None at the end. `total` is what the list says of itself; deleted and filtered comments stay in it.
    `truncated_threads` are the comments that have more replies than are shown inline, with the number that Weibo
    gives. `problems` names what could not be read, by its path; `unreadable` counts the comments that are lost by it.
    `rows` are the ids of the list's own comments, without what stands inline or beside them.
    """

    events: tuple[Comment, ...]
    cursor: CommentCursor | None
    total: int | None
    truncated_threads: tuple[tuple[str, int], ...]
    problems: tuple[str, ...]
    unreadable: int = 0
    rows: tuple[str, ...] = ()


def parse_comments(data: Any, context: Context, post_id: str, order: Order = "hot", page: int = 1) -> CommentPage:
    """A page of the comments on a post. `page` is the number of the page where the list has pages (comments/show).

    Raises DriftError where there is no list, or where no comment in it can be read.
    """
    return _Reader(context, post_id).page(listed(data), order, page)


def parse_children(data: Any, context: Context, post_id: str, root_id: str) -> CommentPage:
    """A page of the replies to a comment: `data` is a list, or an object with one. Raises DriftError as above."""
    return _Reader(context, post_id, root_id).page(listed(data), "reply", 1)


def listed(data: Any) -> Field:
    """The object that holds the list `data`, its cursor and its total."""
    document = Field("$", data)
    inner = document["data"]
    holder = inner if inner.is_object else document
    if not isinstance(holder["data"].value, list):
        raise DriftError(holder["data"].path, "there is no list of comments")
    return holder


class _Reader:
    """Collects the comments of one page."""

    def __init__(self, context: Context, post_id: str, root_id: str | None = None) -> None:
        self._context = context
        self._post_id = post_id
        self._root_id = root_id
        self._events: dict[str, Comment] = {}
        self._threads: list[tuple[str, int]] = []
        self._problems: list[str] = []
        self._unreadable = 0

    def page(self, holder: Field, order: Order, page: int) -> CommentPage:
        rows = holder["data"].entries()
        hot = holder["hot_data"].entries() if page == 1 else []
        for row in hot:
            self._add(row, "hot", self._root_id)
        own = [self._add(row, order, self._root_id) for row in rows]
        if not self._events and self._problems:
            raise DriftError(holder["data"].path, f"no comment can be read; the first problem is {self._problems[0]}")
        total = holder["total_number"].number()
        return CommentPage(
            events=tuple(self._events.values()),
            cursor=_cursor(holder, page, bool(rows)),
            total=total if total is not None and total >= 0 else None,
            truncated_threads=tuple(self._threads),
            problems=tuple(self._problems),
            unreadable=self._unreadable,
            rows=tuple(dict.fromkeys(one for one in own if one is not None)),
        )

    def _add(self, row: Field, order: Order, root_id: str | None) -> str | None:
        """Take a comment, then its inline replies, and return its id. What can't be read does not lose the others."""
        try:
            comment = self._comment(row, order, root_id)
            children = row["comments"].entries()
        except DriftError as drift:
            self._problems.append(str(drift))
            self._unreadable += 1
            return None
        # A list of hot comments repeats some of the list proper: the first sighting stands.
        if comment.comment_id in self._events:
            return comment.comment_id
        self._events[comment.comment_id] = comment
        if order == "reply":
            return comment.comment_id
        for child in children:
            self._add(child, "reply", comment.comment_id)
        total = row["total_number"].number() or 0
        if total > len(children):
            self._threads.append((comment.comment_id, total))
        return comment.comment_id

    def _comment(self, row: Field, order: Order, root_id: str | None) -> Comment:
        context = self._context
        comment_id = row["id"].optional_id() or row["idstr"].optional_id() or row["mid"].id()
        author = author_of(row["user"], context)
        rename = partial(rename_people, context)
        if isinstance(row["text"].value, str):
            text = read_html(row["text"].value, Mentions.RENAMED, rename).text
        elif isinstance(row["text_raw"].value, str):
            text = read_plain(row["text_raw"].value, Mentions.RENAMED, rename).text
        else:
            raise DriftError(row["text"].path, "there is no text")
        has_picture = bool(row["pic"])
        time = read_time(row["created_at"].value, context.observed_at)
        if time is None:
            self._problems.append(f"{row['created_at'].path}: {shown(row['created_at'].value)} is not a time")
        return Comment(
            account_id=context.account_id,
            observed_at=context.observed_at,
            post_id=self._post_id,
            comment_id=comment_id,
            root_id=root_id or _root_of(row, comment_id),
            author_key=author.key,
            author_account_id=author.account_id,
            author_name=author.name,
            author_uid=author.uid,
            author_verified_type=author.verified_type,
            created_at=time.refined_by(comment_id) if time else None,
            text=text,
            region=region_of(row["source"]),
            likes=self._count(row["like_count"], row["like_counts"]),
            replies=self._count(row["total_number"]),
            has_picture=has_picture,
            order=order,
            content_version=content_version(text, has_picture),
        )

    def _count(self, *fields: Field) -> Counter | None:
        for field in fields:
            reading = read_count(field.value)
            if reading.problem:
                self._problems.append(f"{field.path}: {reading.problem}")
            if reading.counter is not None:
                return reading.counter
        return None


def _root_of(row: Field, comment_id: str) -> str | None:
    """The comment that this one stands under, or, where only that is told, the one that it answers."""
    for name in ("rootid", "rootidstr", "reply_comment_id", "reply_id"):
        root_id = row[name].optional_id()
        if root_id is not None:
            return None if root_id == comment_id else root_id
    return None


def region_of(source: Field) -> str | None:
    """The place that a `source` names; other words of it as they are."""
    line = source.line()
    for words in _PLACE_WORDS if line else ():
        if line and line.startswith(words):
            return line.removeprefix(words).strip() or None
    return line


def _cursor(holder: Field, page: int, has_rows: bool) -> CommentCursor | None:
    max_id = holder["max_id"].optional_id()
    if max_id is not None:
        return CommentCursor(max_id, holder["max_id_type"].number() or 0)
    return next_page(holder, page, has_rows)


def next_page(holder: Field, page: int, has_rows: bool) -> CommentCursor | None:
    """Where a list goes on that counts its pages in `max`; None at the end."""
    last = holder["max"].number()
    by_page = holder["max_id"].value is None and last is not None and has_rows
    return CommentCursor(str(page + 1)) if by_page and last is not None and page < last else None
