"""Comments and replies as JSON: hotflow, hotFlowChild, comments/show.

There is no recording of hotFlowChild: its shape is what several clients read from it.
"""

from typing import Any, Final

from deploy.replica.content import Account, Comment, Post
from deploy.replica.html import as_html, as_plain
from deploy.replica.identifiers import to_bid
from deploy.replica.media_shapes import picture
from deploy.replica.shown import full_moment, relative_moment
from deploy.replica.user_shapes import comment_user, small_user
from deploy.replica.view import View

HOT_PAGE: Final = 20
TIME_PAGE: Final = 10
INLINE: Final = 2
"""So many replies stand under a comment in hotflow."""
DEEP: Final = 60
"""From this comment on, `max_id_type` is 1 and has to be passed back."""
NO_COMMENTS: Final[dict[str, Any]] = {"ok": 0}
CLOSED: Final[dict[str, Any]] = {"ok": 0, "msg": "由于博主设置，目前该内容暂不支持查看评论"}
"""What the lists say where comments are closed. The words are not recorded."""

_CURSOR_BASE: Final = 130_000_000_000_000
_CURSOR_STEP: Final = 1_000_003


def hotflow(view: View, post: Post, max_id: int, max_id_type: int) -> dict[str, Any]:
    """A page of the hottest comments; `max_id` 0 is the first."""
    offset = _offset(post.mid, max_id, max_id_type)
    found = [] if offset is None else view.world.comments(post, view.at, "hot", offset, HOT_PAGE + 1)
    if offset is None or not found:
        return CLOSED if post.closed else NO_COMMENTS
    total = view.world.comment_total(post, view.at)
    next_id, next_type = _next(post.mid, offset + HOT_PAGE, len(found) > HOT_PAGE)
    return {
        "ok": 1,
        "data": {
            "data": [_thread(view, post, comment) for comment in found[:HOT_PAGE]],
            "total_number": total,
            "status": {"comment_manage_info": {"comment_permission_type": -1, "approval_comment_type": 0}},
            "max_id": next_id,
            "max": -(-total // HOT_PAGE),
            "max_id_type": next_type,
        },
    }


def page_of(post: Post, max_id: int) -> int:
    """Which page of hotflow a cursor leads to, from 1; also 1 for a cursor that was not given for this post."""
    types = (_offset(post.mid, max_id, kind) for kind in (0, 1))
    return 1 + next((offset for offset in types if offset is not None), 0) // HOT_PAGE


def children(view: View, post: Post, root: Comment, max_id: int, max_id_type: int) -> dict[str, Any]:
    """A page of the replies to a comment; `max_id` 0 is the first."""
    offset = _offset(root.comment_id, max_id, max_id_type)
    found = [] if offset is None else view.world.replies(root, view.at, offset, HOT_PAGE + 1)
    if offset is None or not found:
        return NO_COMMENTS
    next_id, next_type = _next(root.comment_id, offset + HOT_PAGE, len(found) > HOT_PAGE)
    return {
        "ok": 1,
        "data": [_reply(view, post, reply) | _likes(view, reply) for reply in found[:HOT_PAGE]],
        "rootComment": [_thread(view, post, root)],
        "total_number": root.replies,
        "max_id": next_id,
        "max_id_type": next_type,
        "max": -(-root.replies // HOT_PAGE),
    }


def comments_show(view: View, post: Post, page: int) -> dict[str, Any]:
    """A page of comments and replies in the order of time, newest first; the first page has hot ones besides."""
    rows = view.world.comments(post, view.at, "all", (page - 1) * TIME_PAGE, TIME_PAGE)
    if not rows:
        return CLOSED if post.closed else NO_COMMENTS
    total = view.world.comment_total(post, view.at)
    data: dict[str, Any] = {"data": [_row(view, row) for row in rows], "total_number": total}
    data["max"] = -(-total // TIME_PAGE)
    if page == 1:
        hot = view.world.comments(post, view.at, "hot", 0, TIME_PAGE)
        data |= {"hot_data": [_row(view, row) for row in hot], "hot_total_number": len(hot)}
    return {"ok": 1, "msg": "数据获取成功", "data": data}


def _thread(view: View, post: Post, comment: Comment) -> dict[str, Any]:
    """A comment with the first of its replies."""
    inline = view.world.replies(comment, view.at, 0, INLINE) if comment.replies else []
    more = comment.replies > len(inline)
    shape = _base(view, comment) | {
        "comments": [_reply(view, post, reply) for reply in inline] or False,
        "max_id": _next(comment.comment_id, len(inline), more)[0],
        "total_number": comment.replies,
        "isLikedByMblogAuthor": False,
        "more_info_type": 1 if more else 0,
    }
    if comment.has_picture:
        shape["pic"] = picture(f"6a8c26b5gy1g40{comment.comment_id % 10**6:06d}j20u00u0npd", comment.place)
    if view.era == "2026":
        shape |= {"reply_count": 0}
    return shape | _likes(view, comment)


def _reply(view: View, post: Post, reply: Comment) -> dict[str, Any]:
    shape = _base(view, reply) | {"reply_original_text": as_plain(reply.segments), "shouldShowColon": 0}
    if view.era == "2026":
        shape["is_mblog_author"] = isinstance(reply.author, Account) and reply.author.uid == post.account.uid
    return shape


def _base(view: View, comment: Comment) -> dict[str, Any]:
    number, root = comment.comment_id, comment.root_id or comment.comment_id
    numbers = view.era == "2026"
    return {
        "id": number if numbers else str(number),
        "rootid": root if numbers else str(root),
        "created_at": full_moment(comment.created_at),
        "mid": str(number),
        "floor_number": 0,
        "text": as_html(comment.segments, ""),
        "disable_reply": 0,
        "user": comment_user(view, comment.author),
        "readtimetype": "comment",
        "bid": to_bid(number),
        "source": f"来自 {comment.region}" if view.era == "2026" and comment.region else "",
    }


def _likes(view: View, comment: Comment) -> dict[str, Any]:
    return {"like_count": str(comment.likes) if view.era == "2026" else comment.likes, "liked": False}


def _row(view: View, comment: Comment) -> dict[str, Any]:
    """A row of comments/show. Its shape is known from 2019 only, and is the same in both eras."""
    row = {
        "id": comment.comment_id,
        "created_at": relative_moment(comment.created_at, view.at),
        "source": f"来自 {comment.region}" if view.era == "2026" and comment.region else "",
        "user": small_user(view, comment.author),
        "text": as_html(comment.segments, ""),
        "like_counts": comment.likes,
        "liked": False,
    }
    answered = view.world.comment(comment.root_id, view.at) if comment.root_id else None
    if answered is not None:
        row |= {"reply_id": answered.comment_id, "reply_text": as_html(answered.segments, "")}
    return row


def _next(owner: int, offset: int, more: bool) -> tuple[int, int]:
    """The cursor of the page that begins at `offset`; 0 at the end."""
    if not more:
        return 0, 0
    return _CURSOR_BASE + offset * _CURSOR_STEP + owner % _CURSOR_STEP, int(offset >= DEEP)


def _offset(owner: int, max_id: int, max_id_type: int) -> int | None:
    """Where a page begins; None for a cursor that was not given for this list, or without its type."""
    if max_id == 0:
        return 0
    offset, rest = divmod(max_id - _CURSOR_BASE, _CURSOR_STEP)
    known = 0 < offset < 10**6 and rest == owner % _CURSOR_STEP and max_id_type == int(offset >= DEEP)
    return offset if known else None
