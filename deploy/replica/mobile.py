"""m.weibo.cn: its pages and its API."""

import html
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from deploy.replica import comment_shapes, status_shapes
from deploy.replica.assets import asset
from deploy.replica.containers import get_index, number
from deploy.replica.content import Post
from deploy.replica.exchange import Reply, Visit, html_reply, json_reply, redirect
from deploy.replica.gate import enter, first_cookies, is_refused, refuse
from deploy.replica.identifiers import to_mid
from deploy.replica.notices import WORDS
from deploy.replica.sessions import Sessions
from deploy.replica.view import View

LOGIN_WALL: Final[dict[str, Any]] = {
    "ok": -100,
    "url": "https://passport.weibo.com/sso/signin?entry=wapsso&source=wapssowb&url=https%3A%2F%2Fm.weibo.cn%2F",
}
"""What asks for a login, which a guest has not."""

_BID: Final = re.compile(r"[0-9A-Za-z]{6,12}", re.ASCII)
_API_STARTS: Final = ("/api/", "/statuses/", "/comments/")


def answer(view: View, visit: Visit, sessions: Sessions) -> Reply:
    """The answer of m.weibo.cn."""
    if visit.path.startswith(_API_STARTS):
        if is_refused(visit, sessions):
            return refuse()
        handler = _API.get(visit.path)
        if handler is None:
            return html_reply(_message("页面不存在"), 404)
        if number(visit.query.get("page")) > view.deepest_page and visit.path in _PAGED:
            return json_reply(LOGIN_WALL)
        return json_reply(handler(view, visit))
    if not sessions.is_guest(visit.cookies.get("SUB")):
        return enter(visit)
    return _page(view, visit, sessions)


def _page(view: View, visit: Visit, sessions: Sessions) -> Reply:
    _, first, second, *_ = [*visit.path.split("/"), "", ""]
    container = f"100505{second}" if first in ("u", "profile") and second.isdecimal() else None
    cookies = first_cookies(visit, sessions, container)
    token = visit.cookies.get("XSRF-TOKEN") or sessions.token()
    if first == "" or container is not None:
        values = {"{{LOGIN}}": "0", "{{TOKEN}}": _word(token), "{{UID}}": ""}
        return html_reply(_filled("profile.html", values), headers=cookies)
    if first in ("detail", "status"):
        post = _post(view, second)
        if post is None:
            gone = view.world.remains(mid_of(second), view.at)
            said = WORDS[gone.kind] if gone else str(status_shapes.GONE["msg"])
            return html_reply(_message(said), headers=cookies)
        values = {"{{TOKEN}}": _word(token), "{{STATUS}}": status_shapes.render_data(view, post)}
        return html_reply(_filled("detail.html", values), headers=cookies)
    if first == "n":
        account = view.world.account_named(unquote(second))
        if account is not None:
            return redirect(f"/u/{account.uid}", cookies)
        return html_reply(_message("用户不存在"), headers=cookies)
    return html_reply(_message("页面不存在"), 404, cookies)


def _config(_: View, visit: Visit) -> dict[str, Any]:
    return {
        "preferQuickapp": 0,
        "data": {"login": False, "st": visit.cookies.get("XSRF-TOKEN", ""), "uid": ""},
        "ok": 1,
    }


def _show(view: View, visit: Visit) -> dict[str, Any]:
    named = visit.query.get("id", "")
    post = _post(view, named)
    if post is not None:
        return status_shapes.show(view, post)
    gone = view.world.remains(mid_of(named), view.at)
    return status_shapes.notice(view, gone) if gone else status_shapes.GONE


def _extend(view: View, visit: Visit) -> dict[str, Any]:
    post = _post(view, visit.query.get("id", ""))
    return status_shapes.extend(view, post) if post else status_shapes.GONE


def _hotflow(view: View, visit: Visit) -> dict[str, Any]:
    post = _post(view, visit.query.get("mid") or visit.query.get("id", ""))
    if post is None:
        return comment_shapes.NO_COMMENTS
    max_id, kind = number(visit.query.get("max_id")), number(visit.query.get("max_id_type"))
    if comment_shapes.page_of(post, max_id) > view.deepest_page:
        return LOGIN_WALL
    return comment_shapes.hotflow(view, post, max_id, kind)


def _children(view: View, visit: Visit) -> dict[str, Any]:
    root = view.world.comment(number(visit.query.get("cid")), view.at)
    post = view.world.post(root.post_mid, view.at) if root else None
    if root is None or post is None:
        return comment_shapes.NO_COMMENTS
    max_id, kind = number(visit.query.get("max_id")), number(visit.query.get("max_id_type"))
    return comment_shapes.children(view, post, root, max_id, kind)


def _comments_show(view: View, visit: Visit) -> dict[str, Any]:
    post = _post(view, visit.query.get("id", ""))
    if post is None:
        return comment_shapes.NO_COMMENTS
    return comment_shapes.comments_show(view, post, number(visit.query.get("page")) or 1)


def _reposts(view: View, visit: Visit) -> dict[str, Any]:
    post = _post(view, visit.query.get("id", ""))
    return status_shapes.reposts(view, post, number(visit.query.get("page")) or 1) if post else status_shapes.GONE


def _likers(view: View, visit: Visit) -> dict[str, Any]:
    post = _post(view, visit.query.get("id", ""))
    if post is None:
        return status_shapes.GONE
    # The shape of a list of likers is not known, so a guest is not shown one.
    return LOGIN_WALL if view.world.counters(post, view.at).likes else {"ok": 0, "msg": "还没有人赞过"}


_API: Final[dict[str, Callable[[View, Visit], dict[str, Any]]]] = {
    "/api/container/getIndex": get_index,
    "/api/config": _config,
    "/api/comments/show": _comments_show,
    "/api/statuses/repostTimeline": _reposts,
    "/api/attitudes/show": _likers,
    "/statuses/show": _show,
    "/statuses/extend": _extend,
    "/comments/hotflow": _hotflow,
    "/comments/hotFlowChild": _children,
}
_PAGED: Final = frozenset({"/api/comments/show", "/api/statuses/repostTimeline", "/api/attitudes/show"})


def mid_of(named: str) -> int:
    """The id that a text writes as mid or as bid; 0 where it is neither."""
    mid = number(named) if len(named) >= 15 else 0
    if not mid and _BID.fullmatch(named):
        try:
            return to_mid(named)
        except ValueError:
            return 0
    return mid


def _post(view: View, named: str) -> Post | None:
    """A post by its mid or its bid; None where there is none (yet)."""
    mid = mid_of(named)
    return view.world.post(mid, view.at) if mid else None


def _message(sentence: str) -> str:
    return asset("message.html").replace("{{MESSAGE}}", html.escape(sentence))


def _filled(template: str, values: dict[str, str]) -> str:
    text = asset(template)
    return re.sub(r"\{\{[A-Z]+\}\}", lambda found: values[found.group()], text)


def _word(text: str) -> str:
    """A cookie's value that may stand inside a script."""
    return "".join(sign for sign in text if sign.isascii() and sign.isalnum())
