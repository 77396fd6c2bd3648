"""Weibo's notices in place of a post: what is gone, and why."""

from datetime import datetime
from typing import Any, Final, Literal

from crawler.parsing.context import Context
from crawler.parsing.fields import LINE_LENGTH, Field, payload
from crawler.parsing.text import read_html
from schemas.events import PostRemoved

Removal = Literal["deleted_by_author", "removed_by_platform", "hidden", "account_gone", "unknown"]

#: What a notice contains → the kind of removal. The first that is found counts. From recordings and reports.
NOTICES: Final[tuple[tuple[str, Removal], ...]] = (
    ("此微博已被作者删除", "deleted_by_author"),
    ("该账号因被投诉", "account_gone"),
    ("该账号因用户自行申请关闭", "account_gone"),
    ("该账号行为异常", "account_gone"),
    ("用户状态异常", "account_gone"),
    ("因被投诉", "removed_by_platform"),
    ("作者已设置仅展示", "hidden"),
    ("由于作者设置", "hidden"),
    ("根据博主设置", "hidden"),
    ("该微博不存在", "unknown"),
)
#: `state` of a post that was removed after complaints.
REMOVED_AFTER_COMPLAINTS: Final = 8


def removal_of(post: Field) -> Removal | None:
    """Whether a post's object is a notice instead of a post, and of which kind; None: it is a post.

    A notice has no user and one of the known texts, or is marked as deleted.
    """
    if post["state"].number() == REMOVED_AFTER_COMPLAINTS:
        return "removed_by_platform"
    marked = post["deleted"].value in ("1", 1, True)
    if not marked and post["user"]:
        return None
    kind = kind_of_notice(notice_of(post))
    return kind or ("unknown" if marked else None)


def kind_of_notice(notice: str) -> Removal | None:
    """The kind of removal that a notice speaks of; None where it is no notice that we know."""
    return next((kind for words, kind in NOTICES if words in notice), None)


def notice_of(post: Field) -> str:
    """The text of a post's object or of an error, plain."""
    found = next((post[name].value for name in ("text", "msg", "message") if isinstance(post[name].value, str)), "")
    return read_html(found).text


def parse_removal(data: Any, context: Context, post_id: str, first_missing_at: datetime | None = None) -> PostRemoved:
    """The event of a single-post answer which says that the post is gone: a confirmed removal.

    `first_missing_at` is what the crawler remembers; without it the post is missing since now. Raises DriftError
    where the answer is not an object.
    """
    post = payload(data)
    removal = removal_of(post)
    return PostRemoved(
        account_id=context.account_id,
        observed_at=context.observed_at,
        post_id=post_id,
        removal=removal or "unknown",
        notice=notice_of(post)[:LINE_LENGTH] or None,
        first_missing_at=first_missing_at or context.observed_at,
        confirmed_at=context.observed_at,
    )
