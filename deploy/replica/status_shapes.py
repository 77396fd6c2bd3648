"""The answers about one post: show, extend, the page of it, and its reposts."""

import json
from typing import Any, Final

from deploy.replica.content import GonePost, Post
from deploy.replica.html import as_html, as_plain
from deploy.replica.post_shapes import gone_post, mblog
from deploy.replica.shown import capped, relative_moment
from deploy.replica.user_shapes import small_user
from deploy.replica.view import View

REPOST_PAGE: Final = 10
GONE: Final[dict[str, Any]] = {"ok": 0, "errno": "20101", "msg": "该微博不存在"}
NO_REPOSTS: Final[dict[str, Any]] = {"ok": 0, "msg": "还没有人转发过"}


def show(view: View, post: Post) -> dict[str, Any]:
    """statuses/show: one post, with the whole of its text."""
    plain = as_plain(post.segments).replace("\n", " ")
    follow = {"type": "follow", "name": "关注", "sub_type": 0, "params": {"uid": post.account.uid}}
    lists = {"pic_ids": list(post.pictures), "darwin_tags": []}
    extra = {"buttons": [follow], "status_title": plain[:15] + ("..." if len(plain) > 15 else ""), "ok": 1}
    return {"ok": 1, "data": _whole(view, post) | lists | extra}


def notice(view: View, gone: GonePost) -> dict[str, Any]:
    """statuses/show of a post that only a notice tells of."""
    return {"ok": 1, "data": gone_post(view, gone, full_date=True) | {"ok": 1}}


def extend(view: View, post: Post) -> dict[str, Any]:
    """statuses/extend: the whole text, and the counters."""
    counters = view.world.counters(post, view.at)
    return {
        "ok": 1,
        "data": {
            "ok": 1,
            "longTextContent": as_html(post.segments, f"107603{post.account.uid}"),
            "reposts_count": capped(counters.reposts),
            "comments_count": capped(counters.comments),
            "attitudes_count": counters.likes,
        },
    }


def render_data(view: View, post: Post) -> str:
    """What stands in `$render_data` of the page of a post, as text of a script."""
    document = {"status": _whole(view, post), "hotScheme": "", "appScheme": "", "call": 1}
    return json.dumps(document, ensure_ascii=False, indent=4).replace("</", "<\\/").replace("<!--", "<\\u0021--")


def reposts(view: View, post: Post, page: int) -> dict[str, Any]:
    """A page of repostTimeline. Its shape is known from one row of 2018."""
    found = view.world.reposts(post, view.at, (page - 1) * REPOST_PAGE, REPOST_PAGE)
    if not found:
        return NO_REPOSTS
    total = view.world.counters(post, view.at).reposts
    rows = [
        {
            "id": row.repost_id,
            "raw_text": as_plain(row.segments),
            "text": as_html(row.segments, ""),
            "created_at": relative_moment(row.created_at, view.at),
            "user": small_user(view, row.author),
            "like_counts": 0,
            "liked": False,
        }
        for row in found
    ]
    data = {"data": rows, "total_number": total, "hot_total_number": 0, "max": -(-total // REPOST_PAGE)}
    return {"ok": 1, "msg": "数据获取成功", "data": data}


def _whole(view: View, post: Post) -> dict[str, Any]:
    container = f"107603{post.account.uid}"
    status = mblog(view, post, container, whole=True, full_date=True)
    if post.is_long:
        status["text"] = as_html(post.segments, container)
    return status
