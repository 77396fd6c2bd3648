"""What a visit asks for, in the words that a fault's match uses."""

import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from deploy.replica.comment_shapes import page_of
from deploy.replica.containers import container_of, number
from deploy.replica.exchange import Visit
from deploy.replica.gate import IDENTITY
from deploy.replica.hosts import GATE, MOBILE
from deploy.replica.identifiers import post_parts
from deploy.replica.mobile import mid_of
from deploy.replica.timeline_shapes import PAGE
from deploy.replica.view import View

_PATHS: Final = {
    "/api/config": "config",
    "/api/comments/show": "comments",
    "/api/statuses/repostTimeline": "reposts",
    "/api/attitudes/show": "likers",
    "/statuses/show": "show",
    "/statuses/extend": "extend",
    "/comments/hotflow": "hotflow",
    "/comments/hotFlowChild": "children",
}
_CONTAINERS: Final = {
    "100505": "profile",
    "107603": "timeline",
    "230413": "timeline",
    "230283": "hot",
    "231002": "hot",
}
_OTHERS: Final = ("details", "page", "detail", "name", "gate", "other")
ENDPOINTS: Final = frozenset({*_PATHS.values(), *_CONTAINERS.values(), *_OTHERS})
"""What an endpoint is called: `page` is that of an account, `detail` that of a post, `name` leads from a name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visit asks for; `uid` is also that of a post's account.

    `session` is a digest of the visitor's identity ("" without one), `address` where the visitor comes from, `cursor`
    the cursor of a list ("" on a first page), `request` the address without what differs from time to time.
    """

    host: str
    path: str
    endpoint: str
    uid: int | None
    mid: int | None
    cursor: str
    session: str
    address: str
    request: str


def asked_of(visit: Visit, view: View) -> Asked:
    """What a visit asks for, with the ids as the unfaulted world knows them."""
    endpoint, uid, mid = _named(visit, view)
    if uid is None and mid:
        _, index = post_parts(mid)
        uid = view.world.accounts[index].uid if index < len(view.world.accounts) else None
    identity = visit.cookies.get(IDENTITY, "")
    pairs = parse_qsl(visit.query_string, keep_blank_values=True)
    query = sorted(pair for pair in pairs if not pair[0].startswith("_"))
    return Asked(
        host=visit.host,
        path=visit.path,
        endpoint=endpoint,
        uid=uid,
        mid=mid or None,
        cursor=next((visit.query[name] for name in ("since_id", "max_id") if number(visit.query.get(name))), ""),
        session=hashlib.sha256(identity.encode()).hexdigest()[:12] if identity else "",
        address=visit.address,
        request=f"{visit.method} {visit.host}{visit.path}?{urlencode(query)}",
    )


def page_number(visit: Visit, asked: Asked, view: View) -> int:
    """Which page of a list a visit asks for, from 1; also where a cursor names it."""
    if asked.endpoint == "hotflow" and asked.mid:
        post = view.world.post(asked.mid, view.at)
        return page_of(post, number(visit.query.get("max_id"))) if post else 1
    since = number(visit.query.get("since_id"))
    if asked.endpoint == "timeline" and since:
        post = view.world.post(since, view.at)
        return 1 + (view.world.newer(post, view.at) + 1) // PAGE if post else 1
    return number(visit.query.get("page")) or 1


def _named(visit: Visit, view: View) -> tuple[str, int | None, int]:
    """Endpoint, uid and mid of a visit."""
    if visit.host == GATE:
        return "gate", None, 0
    if visit.host != MOBILE:
        return "other", None, 0
    if visit.path == "/api/container/getIndex":
        container = container_of(visit)
        if container is None:
            return "other", None, 0
        endpoint = "details" if container.rest == "_-_INFO" else _CONTAINERS[container.kind]
        return endpoint, container.uid, 0
    if visit.path in _PATHS:
        return _PATHS[visit.path], None, _mid(visit, view)
    _, first, second, *_ = [*visit.path.split("/"), "", ""]
    if first in ("u", "profile") and second.isdecimal():
        return "page", number(second) or None, 0
    if first in ("detail", "status"):
        return "detail", None, mid_of(second)
    return ("name" if first == "n" else "page" if first == "" else "other"), None, 0


def _mid(visit: Visit, view: View) -> int:
    if "cid" in visit.query:
        comment = view.world.comment(number(visit.query["cid"]), view.at)
        return comment.post_mid if comment else 0
    return mid_of(visit.query.get("mid") or visit.query.get("id", ""))
