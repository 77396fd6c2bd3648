"""The addresses of Weibo that we read: how each is built, and which one an address belongs to."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, quote, urlencode, urlsplit

MOBILE = "m.weibo.cn"
DESKTOP = "weibo.com"


class Endpoint(StrEnum):
    """What an address answers with. `ajax_…` are those of weibo.com, the others those of m.weibo.cn."""

    PROFILE = "profile"
    PROFILE_DETAIL = "profile_detail"
    TIMELINE = "timeline"
    SEARCH = "search"
    EXTEND = "extend"
    STATUS = "status"
    DETAIL = "detail"
    HOTFLOW = "hotflow"
    HOTFLOW_CHILD = "hotflow_child"
    COMMENTS_SHOW = "comments_show"
    REPOSTS = "reposts"
    CONFIG = "config"
    NAME = "name"
    PAGE = "page"
    AJAX_PROFILE = "ajax_profile"
    AJAX_TIMELINE = "ajax_timeline"
    AJAX_LONGTEXT = "ajax_longtext"
    AJAX_STATUS = "ajax_status"
    AJAX_COMMENTS = "ajax_comments"


#: Those that answer with HTML; all others answer with JSON.
HTML_ENDPOINTS = frozenset({Endpoint.PAGE, Endpoint.NAME, Endpoint.DETAIL})


@dataclass(frozen=True, slots=True)
class TimelineCursor:
    """Where a timeline goes on: by `since_id` (newer answers) or by `page` (older ones); one of them is set."""

    since_id: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class CommentCursor:
    """Where a list of comments goes on. Both go back to Weibo; lists that have pages (comments/show, reposts) have
    theirs in `max_id` instead.
    """

    max_id: str
    max_id_type: int = 0


def profile_url(uid: str) -> str:
    """The account's own figures."""
    return _mobile("/api/container/getIndex", type="uid", value=uid)


def profile_detail_url(uid: str) -> str:
    """The account's details, with its IP region."""
    return _mobile("/api/container/getIndex", containerid=f"230283{uid}_-_INFO")


def page_url(uid: str) -> str:
    """The page that people see."""
    return f"https://{MOBILE}/u/{uid}"


def timeline_url(uid: str, cursor: TimelineCursor | None = None) -> str:
    """One page of the account's posts; without a cursor the first."""
    further: dict[str, str] = {}
    if cursor is not None and cursor.since_id is not None:
        further["since_id"] = cursor.since_id
    elif cursor is not None and cursor.page is not None:
        further["page"] = str(cursor.page)
    return _mobile("/api/container/getIndex", type="uid", value=uid, containerid=f"107603{uid}", **further)


def extend_url(mid: str) -> str:
    """The whole text of a long post."""
    return _mobile("/statuses/extend", id=mid)


def status_url(mid: str) -> str:
    """One post."""
    return _mobile("/statuses/show", id=mid)


def hotflow_url(mid: str, cursor: CommentCursor | None = None) -> str:
    """A page of the comments on a post, the hottest first."""
    further = {"max_id": cursor.max_id} if cursor else {}
    return _mobile(
        "/comments/hotflow", id=mid, mid=mid, **further, max_id_type=str(cursor.max_id_type if cursor else 0)
    )


def child_url(cid: str, cursor: CommentCursor | None = None) -> str:
    """A page of the replies to a comment."""
    max_id, max_id_type = (cursor.max_id, cursor.max_id_type) if cursor else ("0", 0)
    return _mobile("/comments/hotFlowChild", cid=cid, max_id=max_id, max_id_type=str(max_id_type))


def comments_show_url(mid: str, page: int = 1) -> str:
    """A page of the comments on a post in the order of time."""
    return _mobile("/api/comments/show", id=mid, page=str(page))


def reposts_url(mid: str, page: int = 1) -> str:
    """A page of the reposts of a post, newest first."""
    return _mobile("/api/statuses/repostTimeline", id=mid, page=str(page))


def config_url() -> str:
    """What the session is: logged in or not, and its token."""
    return f"https://{MOBILE}/api/config"


def name_url(screen_name: str) -> str:
    """The address that leads from a screen name to the uid."""
    return f"https://{MOBILE}/n/{quote(screen_name, safe='')}"


_PATHS = {
    "/statuses/extend": Endpoint.EXTEND,
    "/statuses/show": Endpoint.STATUS,
    "/comments/hotflow": Endpoint.HOTFLOW,
    "/comments/hotFlowChild": Endpoint.HOTFLOW_CHILD,
    "/api/comments/show": Endpoint.COMMENTS_SHOW,
    "/api/statuses/repostTimeline": Endpoint.REPOSTS,
    "/api/config": Endpoint.CONFIG,
}
_AJAX_PATHS = {
    "/ajax/profile/info": Endpoint.AJAX_PROFILE,
    "/ajax/profile/getWaterFallContent": Endpoint.AJAX_TIMELINE,
    "/ajax/statuses/mymblog": Endpoint.AJAX_TIMELINE,
    "/ajax/statuses/longtext": Endpoint.AJAX_LONGTEXT,
    "/ajax/statuses/show": Endpoint.AJAX_STATUS,
    "/ajax/statuses/buildComments": Endpoint.AJAX_COMMENTS,
}
_PREFIXES = (
    ("/detail/", Endpoint.DETAIL),
    ("/status/", Endpoint.DETAIL),
    ("/n/", Endpoint.NAME),
    ("/u/", Endpoint.PAGE),
    ("/profile/", Endpoint.PAGE),
)


def endpoint_of(url: str) -> Endpoint | None:
    """The endpoint that an address belongs to; None where it is none that we read. Never raises."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        query = parse_qs(parts.query, max_num_fields=100)
    except ValueError:
        return None
    if host in (DESKTOP, f"www.{DESKTOP}"):
        return _AJAX_PATHS.get(parts.path)
    if host != MOBILE:
        return None
    if parts.path == "/api/container/getIndex":
        return _container(query)
    if parts.path in _PATHS:
        return _PATHS[parts.path]
    return next((endpoint for prefix, endpoint in _PREFIXES if parts.path.startswith(prefix)), None)


def uid_of(url: str) -> str | None:
    """The uid that an address of a profile, a timeline or a page asks for; None where it names none. Never raises."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query, max_num_fields=100)
    except ValueError:
        return None
    if parts.hostname == MOBILE and parts.path.startswith(("/u/", "/profile/")):
        return _digits(parts.path.split("/")[2])
    if parts.path == "/api/container/getIndex":
        container = query.get("containerid", [""])[0]
        by_container = container[6:].partition("_")[0] if container[:6] in _CONTAINERS else None
        return _digits(query.get("value", [""])[0]) or _digits(by_container)
    if parts.path in _AJAX_PATHS:
        return _digits(query.get("uid", [""])[0])
    return None


_CONTAINERS = {
    "100505": Endpoint.PROFILE,
    "107603": Endpoint.TIMELINE,
    "230413": Endpoint.TIMELINE,
    "230283": Endpoint.TIMELINE,
    "231002": Endpoint.TIMELINE,
    "100103": Endpoint.SEARCH,
}


def _container(query: dict[str, list[str]]) -> Endpoint | None:
    container = query.get("containerid", [""])[0]
    if container.startswith("230283") and container.endswith("_-_INFO"):
        return Endpoint.PROFILE_DETAIL
    if not container:
        return Endpoint.PROFILE if query.get("type") == ["uid"] and "value" in query else None
    return _CONTAINERS.get(container[:6])


def _digits(text: str | None) -> str | None:
    return text if text and text.isascii() and text.isdigit() and len(text) <= 19 else None


def _mobile(path: str, **query: str) -> str:
    return f"https://{MOBILE}{path}?{urlencode(query)}"
