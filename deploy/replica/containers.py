"""/api/container/getIndex: which list or profile a container's id names."""

import re
from dataclasses import dataclass
from typing import Any, Final

from deploy.replica.content import Account
from deploy.replica.exchange import Visit
from deploy.replica.notices import WORDS
from deploy.replica.profile_shapes import profile, profile_detail
from deploy.replica.timeline_shapes import NOTHING, hot_posts, second_form, timeline
from deploy.replica.view import View

_CONTAINER: Final = re.compile(
    r"(?P<kind>100505|107603|230413|230283|231002)(?P<uid>[0-9]{5,10})(?P<rest>_-_[A-Z_]+)?", re.ASCII
)
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Container:
    """What a container's id names: its kind (the first six digits), whose it is, and the rest."""

    kind: str
    uid: int
    rest: str


def container_of(visit: Visit) -> Container | None:
    """The container that a getIndex asks for; None where it is none of an account."""
    named = visit.query.get("containerid", "")
    if not named and visit.query.get("type") == "uid":
        named = f"100505{visit.query.get('value', '')}"
    found = _CONTAINER.fullmatch(named)
    return Container(found["kind"], int(found["uid"]), found["rest"] or "") if found else None


def get_index(view: View, visit: Visit) -> dict[str, Any]:
    """The answer to a getIndex; what names no account that exists gets the answer of an empty list."""
    container = container_of(visit)
    if container is None:
        return NOTHING
    account = view.world.account(container.uid)
    if account is not None:
        return _listed(view, visit, account, container.kind, container.rest)
    closed = view.world.closed(container.uid)
    return NOTHING if closed is None else {"ok": 0, "msg": WORDS[closed]}


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
