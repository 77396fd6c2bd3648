"""The kinds of faults: this table is the documentation, and what a scenario file is checked against.

`GET /faults/kinds` on the control port answers with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Group = Literal["block", "session", "transport", "drift", "content"]
Value = bool | int | float | str | tuple[str, ...]

LISTS: Final = frozenset({"timeline", "hot", "hotflow", "children", "comments", "reposts"})
"""Endpoints (asked.py) that answer with a list."""
API: Final = frozenset({"profile", "details", *LISTS, "show", "extend", "likers", "config"})
"""Endpoints that answer in JSON."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a kind: its default has the type that is asked for, and None means that there is no default."""

    name: str
    default: Value
    says: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1e9


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault. Without a word of their own in a fault's match, only `endpoints` are struck (empty: all)."""

    name: str
    group: Group
    says: str
    settings: tuple[Setting, ...] = ()
    endpoints: frozenset[str] = frozenset()


_RETRY = Setting("retry_after_s", 60, "what Retry-After says, in seconds")
_AFTER = Setting("after_h", 0.0, "hours of replica time between the publication of a post and the fault", high=90_000.0)
_FOR = Setting("for_h", 0.0, "hours that it lasts for a post; 0: for good", high=90_000.0)
_PART = Setting("part", 0.5, "which part of the body is sent", high=1.0)
_WINDOW = (
    Setting("requests", 60, "how many are answered in a window", low=1),
    Setting("window_s", 60.0, "seconds of replica time", low=0.001),
    Setting("status", "418", "what the others get", ("414", "418", "429", "432")),
    Setting("retry_after_s", 0, "what Retry-After says with 429; 0: the seconds until the window has room"),
)
_COUNTERS = ("reposts", "comments", "likes")

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("432", "block", "status 432, no JSON: the visitor cookie is missing, stale, or of the other site"),
        Kind("418", "block", "status 418: this address asks too often"),
        Kind("414", "block", "status 414, as some bans are reported"),
        Kind("403", "block", '{"error":"Forbidden"} with status 403'),
        Kind("403-login", "block", "the login wall as JSON with status 403"),
        Kind("429", "block", "status 429 with Retry-After", (_RETRY,)),
        Kind("login", "block", "ok -100 with the address of the login, as m.weibo.cn answers"),
        Kind("login-older", "block", "ok -100 with 请先登录, as it answered in earlier years"),
        Kind("relogin", "block", "error 21301: the login has expired"),
        Kind("login-page", "block", "a redirect to the login page"),
        Kind("gate", "block", "a redirect to the visitor gate, whatever the cookies"),
        Kind(
            "captcha",
            "block",
            "a page with a rendered captcha, status 200",
            (Setting("maker", "geetest", "whose captcha", ("geetest", "yidun")),),
        ),
        Kind("captcha-json", "block", "JSON without data but with the address of a captcha", (), API),
        Kind("empty", "block", "ok 0, as at the end of a list: transient with `times` or `each`", (), LISTS),
        Kind(
            "session-ends",
            "session",
            "after a number of requests a session is as unknown as none: 432, and the gate for pages. A share is one "
            "of sessions, `times` counts sessions",
            (
                Setting("requests", 200, "how many requests a session gets answered", low=0),
                Setting("permanent", False, "the gate gives no identity to who shows a dead one: forget the cookies"),
            ),
        ),
        Kind("session-limit", "session", "a session that asks too often is refused for a while", _WINDOW),
        Kind("address-limit", "session", "an address that asks too often is refused for a while", _WINDOW),
        Kind(
            "server-error",
            "transport",
            "the front server's own error page",
            (Setting("status", "502", "which error", ("500", "502", "503", "504")),),
        ),
        Kind("reset", "transport", "the connection is reset instead of an answer"),
        Kind("loop", "transport", "a redirect to an address that redirects to itself for ever"),
        Kind(
            "slow",
            "transport",
            "the answer comes late; faults of this kind add up",
            (
                Setting("delay_ms", 2000.0, "milliseconds of machine time", high=600_000.0),
                Setting("jitter_ms", 0.0, "up to so many milliseconds more", high=600_000.0),
            ),
        ),
        Kind("cut", "transport", "the whole Content-Length is promised, a part is sent, the connection ends", (_PART,)),
        Kind("truncated", "transport", "the body ends in the middle, and its Content-Length says so too", (_PART,)),
        Kind(
            "hang",
            "transport",
            "the head of the answer, a part of the body, then nothing for ten minutes",
            (
                Setting("part", 0.0, "which part of the body is sent", high=1.0),
                Setting("head", True, "whether the head is sent"),
            ),
        ),
        Kind(
            "renamed-field",
            "drift",
            "a field has another name wherever it stands",
            (
                Setting("field", "attitudes_count", "the field"),
                Setting("to", "like_total", "its new name"),
            ),
            API,
        ),
        Kind("likes-zero", "drift", "all likes of posts and comments are 0", (), API),
        Kind(
            "list-as-object",
            "drift",
            'a list is an object with the keys "0", "1", …',
            (Setting("field", "cards", "the field of the list"),),
            API,
        ),
        Kind(
            "missing-counter",
            "drift",
            "a field is missing on most of the objects that have it",
            (
                Setting("field", "comments_count", "the field"),
                Setting("of", 0.8, "the share of objects, chosen by their ids", high=1.0),
            ),
            API,
        ),
        Kind("missing-list", "drift", "a list is missing", (Setting("field", "cards", "the field of the list"),), API),
        Kind(
            "capped",
            "content",
            "a million more on counters of the chosen posts, which are then shown as 100万+",
            (Setting("counters", ("reposts", "comments"), "which counters", _COUNTERS), _AFTER, _FOR),
        ),
        Kind(
            "pinned",
            "content",
            "an old post is pinned on top of the chosen accounts' lists",
            (Setting("days", 730.0, "how old at least, in days (or its mid in the match)", high=4_000.0),),
        ),
        Kind(
            "removed",
            "content",
            "the chosen posts leave the lists; asked for by id they are gone or a notice stands in their place",
            (
                Setting(
                    "reason",
                    "author",
                    "deleted by the author, removed after complaints, older than half a year, no permission",
                    ("author", "complaints", "half-year", "permission"),
                ),
                Setting(
                    "answer",
                    "usual",
                    "what statuses/show says: error 20101, or the notice; usual: 20101 where the author deleted it",
                    ("usual", "20101", "notice"),
                ),
                _AFTER,
                _FOR,
            ),
        ),
        Kind(
            "edited",
            "content",
            "the chosen posts get another ending, edit_count and edit_at",
            (
                Setting("edits", 1, "how many times", low=1, high=50),
                Setting("every_h", 1.0, "hours of replica time between edits", low=0.01, high=90_000.0),
                _AFTER,
            ),
        ),
        Kind(
            "comments-closed",
            "content",
            "comments of the chosen posts are counted, and no list gives them",
            (
                Setting("form", "curated", "curated: ok 0 alone; forbidden: ok 0 and a word", ("curated", "forbidden")),
                Setting("counter", "keeps", "what the counter does", ("keeps", "zero")),
                _AFTER,
                _FOR,
            ),
        ),
        Kind(
            "falling",
            "content",
            "counters of the chosen posts are lower than they were",
            (
                Setting("factor", 0.5, "what is left of them", high=1.0),
                Setting("counters", ("reposts", "likes"), "which counters", _COUNTERS),
                _AFTER,
                _FOR,
            ),
        ),
        Kind(
            "account-gone",
            "content",
            "the chosen accounts can't be seen, nor can their posts; they return at `until`",
            (
                Setting(
                    "form",
                    "empty",
                    "an empty answer, or the notice of an account that was banned, closed, or is at risk",
                    ("empty", "banned", "closed", "at-risk"),
                ),
            ),
        ),
        Kind(
            "account-renamed",
            "content",
            "the chosen accounts have another name, and the old one leads nowhere; the uid stays",
            (Setting("screen_name", "{name}官微", "the new name; {name} stands for the old one"),),
        ),
    )
}


def documentation() -> list[dict[str, Any]]:
    """The table as plain documents."""
    return [
        {
            "kind": kind.name,
            "group": kind.group,
            "says": kind.says,
            "endpoints": sorted(kind.endpoints),
            "settings": [
                {
                    "name": setting.name,
                    "default": setting.default,
                    "says": setting.says,
                    "choices": list(setting.choices),
                }
                for setting in kind.settings
            ],
        }
        for kind in KINDS.values()
    ]
