"""/api/container/getIndex: which list or profile a container's id names."""

import re
from typing import Any, Final

from deploy.replica.content import Account
from deploy.replica.exchange import Visit
from deploy.replica.profile_shapes import profile, profile_detail
from deploy.replica.timeline_shapes import NOTHING, hot_posts, second_form, timeline
from deploy.replica.view import View

_CONTAINER: Final = re.compile(
    r"(?P<kind>100505|107603|230413|230283|231002)(?P<uid>[0-9]{5,10})(?P<rest>_-_[A-Z_]+)?", re.ASCII
)
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


def get_index(view: View, visit: Visit) -> dict[str, Any]:
    """The answer to a getIndex; what names no account that exists gets the answer of an empty list."""
    container = visit.query.get("containerid", "")
    if not container and visit.query.get("type") == "uid":
        container = f"100505{visit.query.get('value', '')}"
    named = _CONTAINER.fullmatch(container)
    account = view.world.account(int(named["uid"])) if named else None
    if named is None or account is None:
        return NOTHING
    return _listed(view, visit, account, named["kind"], named["rest"] or "")


def _listed(view: View, visit: Visit, account: Account, kind: str, rest: str) -> dict[str, Any]:
    page = number(visit.query.get("page")) or None
    if kind == "100505":
        return profile(view, account)
    if kind == "107603":
        since = number(visit.query.get("since_id")) or None
        return timeline(view, account, since=since if view.era == "2026" else None, page=page)
    if kind == "230413":
        return second_form(view, account, page or 1)
    if kind == "230283" and rest == "_-_INFO":
        return profile_detail(view, account)
    if (kind == "230283" and not rest) or (kind == "231002" and rest == "_-_HOTMBLOG"):
        return hot_posts(view, account)
    return NOTHING


def number(text: str | None) -> int:
    """A number of at most 18 digits in a query; 0 for anything else."""
    return int(text) if text and _NUMBER.fullmatch(text) else 0
