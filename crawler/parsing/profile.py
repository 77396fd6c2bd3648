"""The account's own figures: getIndex on m.weibo.cn, profile/info on weibo.com, and the rendered page's numbers."""

from dataclasses import dataclass
from typing import Any

from crawler.parsing.context import Context
from crawler.parsing.counts import read_count
from crawler.parsing.errors import DriftError, WrongAccountError
from crawler.parsing.fields import Field, payload
from schemas.counts import Counter
from schemas.events import AccountSnapshot, Via


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """What a profile says. `timeline_container` is the container of its posts, where the answer names it."""

    snapshot: AccountSnapshot
    uid: str
    screen_name: str
    timeline_container: str | None
    problems: tuple[str, ...] = ()


def parse_profile(data: Any, context: Context) -> ProfilePage:
    """The snapshot of a profile, of either site.

    Raises WrongAccountError where uid or screen name are not the expected ones, DriftError where there is no user.
    """
    profile = payload(data)
    user = profile["userInfo"] if profile["userInfo"] else profile["user"]
    if not user.is_object:
        raise DriftError(profile["userInfo"].path, "there is no user")
    uid = user["id"].optional_id() or user["idstr"].id()
    screen_name = user["screen_name"].line()
    if screen_name is None:
        raise DriftError(user["screen_name"].path, "there is no screen name")
    require_account(context, uid, screen_name)
    problems: list[str] = []
    snapshot = snapshot_of(user, context, uid, "profile", problems)
    return ProfilePage(snapshot, uid, screen_name, _timeline_container(profile["tabsInfo"]), tuple(problems))


def require_account(context: Context, uid: str | None, screen_name: str | None) -> None:
    """Refuse another account's answer. Names are compared without regard to case. Raises WrongAccountError.

    An account that was read before, and has the same uid under a new name, was renamed.
    """
    if context.uid is not None and uid is not None:
        if uid != context.uid:
            raise WrongAccountError(context.account_id, f"uid {context.uid}", f"uid {uid}")
        if context.known:
            return
    if (
        context.screen_name is not None
        and screen_name is not None
        and screen_name.casefold() != context.screen_name.casefold()
    ):
        raise WrongAccountError(context.account_id, context.screen_name, screen_name)


def snapshot_of(user: Field, context: Context, uid: str, via: Via, problems: list[str]) -> AccountSnapshot:
    """The figures of a user's object. Unreadable counts are None and are added to `problems`."""

    def count(*fields: Field) -> Counter | None:
        for field in fields:
            reading = read_count(field.value)
            if reading.problem:
                problems.append(f"{field.path}: {reading.problem}")
            if reading.counter is not None:
                return reading.counter
        return None

    totals = user["status_total_counter"]
    totals = totals if totals.is_object else Field(totals.path, {})
    verified = user["verified"].value
    return AccountSnapshot(
        account_id=context.account_id,
        observed_at=context.observed_at,
        uid=uid,
        screen_name=user["screen_name"].line(),
        followers=count(user["followers_count"], user["followers_count_str"]),
        following=count(user["follow_count"], user["friends_count"]),
        posts=count(user["statuses_count"]),
        reposts_received=count(totals["repost_cnt"]),
        comments_received=count(totals["comment_cnt"]),
        likes_received=count(totals["like_cnt"]),
        verified=verified if isinstance(verified, bool) else None,
        verified_type=user["verified_type"].number(),
        verified_reason=user["verified_reason"].line(),
        description=user["description"].line(),
        region=_region(user["ip_location"]),
        via=via,
    )


def _region(field: Field) -> str | None:
    line = field.line()
    return line.removeprefix("IP属地").lstrip("：: ") or None if line else None


def _timeline_container(tabs_info: Field) -> str | None:
    """The container of the tab with the posts; `tabs` is a list or an object."""
    if not tabs_info.is_object:
        return None
    for tab in tabs_info["tabs"].entries():
        if tab.is_object and tab["tab_type"].value == "weibo":
            return tab["containerid"].line()
    return None
