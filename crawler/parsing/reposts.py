"""Reposts of a post: repostTimeline on m.weibo.cn. Its shape is known from one recorded row of 2018.

Whoever passed the post on is a keyed hash, and so is every name in the chain of reposts; institutions
(crawler.parsing.authors) keep their name as authors. The version of a repost is a hash over its text.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from crawler.endpoints import CommentCursor
from crawler.parsing.authors import author_of, rename_people
from crawler.parsing.comments import listed, next_page, region_of
from crawler.parsing.context import Context
from crawler.parsing.counts import read_count
from crawler.parsing.errors import DriftError
from crawler.parsing.fields import Field, shown
from crawler.parsing.text import Mentions, read_html, read_plain
from crawler.parsing.times import read_time
from schemas.event_ids import content_version
from schemas.events import Repost


@dataclass(frozen=True, slots=True)
class RepostPage:
    """A page of reposts, newest first.

    `cursor` is None at the end. `total` is what the list says of itself. `problems` names what could not be read, by
    its path; `unreadable` counts the reposts that are lost by it.
    """

    events: tuple[Repost, ...]
    cursor: CommentCursor | None
    total: int | None
    problems: tuple[str, ...]
    unreadable: int


def parse_reposts(data: Any, context: Context, post_id: str, page: int = 1) -> RepostPage:
    """Page `page` of the reposts of a post. Raises DriftError where there is no list, or nothing in it can be read."""
    holder = listed(data)
    rows = holder["data"].entries()
    events: dict[str, Repost] = {}
    problems: list[str] = []
    unreadable = 0
    for row in rows:
        try:
            repost = _repost(row, context, post_id, problems)
        except DriftError as drift:
            problems.append(str(drift))
            unreadable += 1
        else:
            events.setdefault(repost.repost_id, repost)
    if not events and problems:
        raise DriftError(holder["data"].path, f"no repost can be read; the first problem is {problems[0]}")
    total = holder["total_number"].number()
    return RepostPage(
        events=tuple(events.values()),
        cursor=next_page(holder, page, bool(rows)),
        total=total if total is not None and total >= 0 else None,
        problems=tuple(problems),
        unreadable=unreadable,
    )


def _repost(row: Field, context: Context, post_id: str, problems: list[str]) -> Repost:
    repost_id = row["id"].optional_id() or row["idstr"].optional_id() or row["mid"].id()
    author = author_of(row["user"], context)
    rename = partial(rename_people, context)
    if isinstance(row["text"].value, str):
        text = read_html(row["text"].value, Mentions.RENAMED, rename).text
    elif isinstance(row["raw_text"].value, str):
        text = read_plain(row["raw_text"].value, Mentions.RENAMED, rename).text
    else:
        raise DriftError(row["text"].path, "there is no text")
    time = read_time(row["created_at"].value, context.observed_at)
    if time is None:
        problems.append(f"{row['created_at'].path}: {shown(row['created_at'].value)} is not a time")
    return Repost(
        account_id=context.account_id,
        observed_at=context.observed_at,
        post_id=post_id,
        repost_id=repost_id,
        author_key=author.key,
        author_account_id=author.account_id,
        author_name=author.name,
        author_uid=author.uid,
        author_verified_type=author.verified_type,
        created_at=time.refined_by(repost_id) if time else None,
        text=text,
        region=region_of(row["region_name"]) if row["region_name"] else region_of(row["source"]),
        likes=read_count(row["like_counts"].value).counter,
        content_version=content_version(text),
    )
