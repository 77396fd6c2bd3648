"""How Weibo says no: one row per signal. The table is the documentation, and classification is its only reader.

The rows are tried from the top; the first that holds decides. What no row knows must have the shape of its endpoint
(crawler.classify), or it is schema drift: nothing unknown is read as "no posts".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from crawler.answers import Answer
from crawler.endpoints import HTML_ENDPOINTS, Endpoint
from crawler.parsing.removals import kind_of_notice


class ResponseClass(StrEnum):
    """What an answer is, before anything in it is read."""

    OK = "ok"
    END_OF_LIST = "end_of_list"
    SUSPICIOUSLY_EMPTY = "suspiciously_empty"
    LOGIN_REQUIRED = "login_required"
    VISITOR_GATE = "visitor_gate"
    CHALLENGE = "challenge"
    BLOCKED = "blocked"
    NOT_FOUND = "not_found"
    REMOVED = "removed"
    ACCOUNT_GONE = "account_gone"
    WRONG_ACCOUNT = "wrong_account"
    ROBOTS = "robots"
    SCHEMA_DRIFT = "schema_drift"
    NETWORK_ERROR = "network_error"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows look at. `document` is the parsed JSON, None where `is_json` is false.

    `host` and `path` are those of the final address, `target` the host and path that a redirect leads to. `message`
    is what the JSON says in words, `classes` the CSS classes and `title` the title of an HTML body. `is_half` holds
    where a body is the beginning of JSON and not the whole of it.
    """

    answer: Answer
    endpoint: Endpoint
    host: str
    path: str
    target: str
    document: Any
    is_json: bool
    message: str
    title: str
    classes: frozenset[str]
    is_half: bool = False

    def member(self, name: str) -> Any:
        """A member of the JSON object; None where there is none."""
        return self.document.get(name) if isinstance(self.document, dict) else None


@dataclass(frozen=True, slots=True)
class Signal:
    """A row. `seen` says where the signal is known from: `recorded`, `quoted` (by crawlers' authors) or `reported`."""

    name: str
    response_class: ResponseClass
    reason: str
    seen: str
    holds: Callable[[Facts], bool]


_VISITOR_HOSTS: Final = frozenset({"visitor.passport.weibo.cn"})
_LOGIN_HOSTS: Final = frozenset({"passport.weibo.com", "passport.weibo.cn", "login.sina.com.cn"})
#: Rendered parts of captchas. Their scripts alone stand on good pages too.
CAPTCHA_CLASSES: Final = frozenset({"geetest_holder", "geetest_panel", "yidun_panel"})
#: Title of the page of the visitor gate.
VISITOR_TITLE: Final = "Sina Visitor System"
_SITES: Final = frozenset({"m.weibo.cn", "weibo.com", "www.weibo.com"})
_LOGIN_WORDS: Final = ("请登录", "请先登录")
_EMPTY_WORDS: Final = ("这里还没有内容", "还没有人转发过", "还没有人赞过", "还没有人评论")
_CLOSED_WORDS: Final = ("不支持查看评论",)
_COMMENT_LISTS: Final = frozenset({Endpoint.HOTFLOW, Endpoint.HOTFLOW_CHILD, Endpoint.COMMENTS_SHOW})


def place_of(url: str, base_host: str = "") -> tuple[str, str]:
    """Host and path of an address; a path alone belongs to `base_host`. Never raises."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or base_host, parts.path)
    except ValueError:
        return ("", "")


def _is_visitor_gate(host: str, path: str) -> bool:
    return host in _VISITOR_HOSTS or (host in _LOGIN_HOSTS and path.startswith("/visitor/"))


def _is_login(host: str, path: str) -> bool:
    return host in _LOGIN_HOSTS or (host in _SITES and path.startswith(("/login", "/signup/")))


def _places(facts: Facts) -> list[tuple[str, str]]:
    host, slash, path = facts.target.partition("/")
    return [(facts.host, facts.path), (host, slash + path)]


def _is_minus_100(facts: Facts) -> bool:
    return facts.member("ok") in (-100, "-100")


def _hands_over_to(facts: Facts) -> tuple[str, str] | None:
    """Host and path of the address that the JSON sends to; None where it names none."""
    url = facts.member("url")
    return place_of(url, facts.host) if isinstance(url, str) and url else None


def _is_minus_100_for_a_captcha(facts: Facts) -> bool:
    place = _hands_over_to(facts)
    return _is_minus_100(facts) and place is not None and bool(place[0]) and not _is_login(*place)


def _is_loop(facts: Facts) -> bool:
    return facts.target != "" and facts.target == f"{facts.host}{facts.path}"


def _is_refused(facts: Facts) -> bool:
    return facts.member("ok") in (0, "0", False) and facts.member("ok") is not None


def _has_words(facts: Facts, words: tuple[str, ...]) -> bool:
    return any(word in facts.message for word in words)


def _is_captcha_hand_off(facts: Facts) -> bool:
    return not facts.member("data") and bool(_hands_over_to(facts)) and facts.member("ok") != 1


SIGNALS: Final[tuple[Signal, ...]] = (
    Signal(
        "no_answer",
        ResponseClass.NETWORK_ERROR,
        "no answer came",
        "own convention: status 0",
        lambda facts: facts.answer.status <= 0,
    ),
    Signal(
        "visitor_gate",
        ResponseClass.VISITOR_GATE,
        "Weibo sends to the visitor gate: the session has no visitor cookie, or a stale one",
        "reported 2026",
        lambda facts: any(_is_visitor_gate(*place) for place in _places(facts)),
    ),
    Signal(
        "login_page",
        ResponseClass.LOGIN_REQUIRED,
        "Weibo sends to the login page",
        "reported",
        lambda facts: any(_is_login(*place) for place in _places(facts)),
    ),
    Signal(
        "redirect_loop",
        ResponseClass.NETWORK_ERROR,
        "the address leads to itself",
        "reported outside the mainland",
        _is_loop,
    ),
    Signal(
        "visitor_system_page",
        ResponseClass.VISITOR_GATE,
        "the page is the visitor gate's",
        "reported 2026: title of the gate's page",
        lambda facts: VISITOR_TITLE in facts.title,
    ),
    Signal(
        "captcha_panel",
        ResponseClass.CHALLENGE,
        "the page shows a captcha",
        "reported: rendered panels of two captcha makers",
        lambda facts: bool(facts.classes & CAPTCHA_CLASSES),
    ),
    Signal(
        "ok_minus_100_captcha",
        ResponseClass.CHALLENGE,
        "ok -100 with an address that is no login: a captcha is waiting there",
        "reported",
        _is_minus_100_for_a_captcha,
    ),
    Signal(
        "ok_minus_100",
        ResponseClass.LOGIN_REQUIRED,
        "Weibo asks for a login or a visitor cookie (ok -100)",
        "recorded 2026 on weibo.com, quoted on m.weibo.cn",
        _is_minus_100,
    ),
    Signal(
        "relogin",
        ResponseClass.LOGIN_REQUIRED,
        "the login has expired (error 21301)",
        "quoted",
        lambda facts: facts.member("error_code") in (21301, "21301") or facts.message == "relogin!",
    ),
    Signal(
        "login_words",
        ResponseClass.LOGIN_REQUIRED,
        "Weibo asks for a login",
        "recorded 2026: with status 403",
        lambda facts: facts.member("ok") != 1 and _has_words(facts, _LOGIN_WORDS),
    ),
    Signal(
        "status_432",
        ResponseClass.VISITOR_GATE,
        "status 432: no visitor cookie, a stale one, or a wrong referer",
        "reported since October 2025",
        lambda facts: facts.answer.status == 432,
    ),
    Signal(
        "status_418",
        ResponseClass.BLOCKED,
        "status 418: this address asks too often",
        "reported",
        lambda facts: facts.answer.status == 418,
    ),
    Signal(
        "status_414",
        ResponseClass.BLOCKED,
        "status 414: a ban, or an address that is too long",
        "reported, in both readings",
        lambda facts: facts.answer.status == 414,
    ),
    Signal(
        "status_429",
        ResponseClass.BLOCKED,
        "status 429: too many requests",
        "reported",
        lambda facts: facts.answer.status == 429,
    ),
    Signal(
        "forbidden",
        ResponseClass.BLOCKED,
        "Weibo says Forbidden: an address of its script that is opened like a page, or not for this session",
        "recorded 2026: {'error': 'Forbidden'} with status 403",
        lambda facts: facts.member("error") == "Forbidden",
    ),
    Signal(
        "status_403",
        ResponseClass.BLOCKED,
        "status 403: this address is refused",
        "reported",
        lambda facts: facts.answer.status == 403,
    ),
    Signal(
        "server_error",
        ResponseClass.NETWORK_ERROR,
        "Weibo's server failed",
        "HTTP",
        lambda facts: facts.answer.status >= 500,
    ),
    Signal(
        "half_json",
        ResponseClass.NETWORK_ERROR,
        "the body ends before its JSON does",
        "HTTP: Weibo writes whole JSON, so what is cut was cut on the way",
        lambda facts: facts.is_half and facts.answer.status == 200 and facts.endpoint not in HTML_ENDPOINTS,
    ),
    Signal(
        "post_gone",
        ResponseClass.REMOVED,
        "the post does not exist any more",
        "recorded 2026: errno 20101",
        lambda facts: facts.member("errno") in (20101, "20101"),
    ),
    Signal(
        "account_gone_words",
        ResponseClass.ACCOUNT_GONE,
        "Weibo says that the account is gone",
        "reported",
        lambda facts: _is_refused(facts) and kind_of_notice(facts.message) == "account_gone",
    ),
    Signal(
        "removed_words",
        ResponseClass.REMOVED,
        "Weibo says that the post is deleted or hidden",
        "reported",
        lambda facts: _is_refused(facts) and kind_of_notice(facts.message) is not None,
    ),
    Signal(
        "unknown_user",
        ResponseClass.NOT_FOUND,
        "Weibo knows no such user",
        "quoted: 该用户不存在(20003)",
        lambda facts: "用户不存在" in facts.message,
    ),
    Signal(
        "captcha_hand_off",
        ResponseClass.CHALLENGE,
        "JSON without data but with an address: a captcha is waiting there",
        "reported",
        _is_captcha_hand_off,
    ),
    Signal(
        "empty_words",
        ResponseClass.SUSPICIOUSLY_EMPTY,
        "Weibo says that there is nothing here: the end, another account, or a throttle",
        "quoted",
        lambda facts: _is_refused(facts) and _has_words(facts, _EMPTY_WORDS),
    ),
    Signal(
        "comments_closed",
        ResponseClass.SUSPICIOUSLY_EMPTY,
        "Weibo says that the comments of this post are not shown",
        "reported",
        lambda facts: _is_refused(facts) and _has_words(facts, _CLOSED_WORDS),
    ),
    Signal(
        "no_comments",
        ResponseClass.SUSPICIOUSLY_EMPTY,
        "ok 0 without a word: no comments, or a refusal",
        "quoted",
        lambda facts: _is_refused(facts) and not facts.message and facts.endpoint in _COMMENT_LISTS,
    ),
    Signal(
        "status_404",
        ResponseClass.NOT_FOUND,
        "status 404: nothing at this address",
        "HTTP",
        lambda facts: facts.answer.status in (404, 410),
    ),
)


BESIDE_THE_TABLE: Final[Mapping[ResponseClass, str]] = {
    ResponseClass.OK: "ok 1 and the shape of the endpoint",
    ResponseClass.END_OF_LIST: "no cursor leads on, or it is -1 or 0; an empty list that another session repeats",
    ResponseClass.SUSPICIOUSLY_EMPTY: "a list without entries and without a word of its end; a long text that is none",
    ResponseClass.REMOVED: "a notice in place of the post, its words tell the reason",
    ResponseClass.ACCOUNT_GONE: "a notice about the account in place of the post",
    ResponseClass.NOT_FOUND: "a name that leads nowhere",
    ResponseClass.WRONG_ACCOUNT: "another uid than was asked for, or another screen name on the first visit",
    ResponseClass.ROBOTS: "robots.txt, before anything is asked",
    ResponseClass.SCHEMA_DRIFT: "everything else; a field or a counter that is missing on most posts",
    ResponseClass.NETWORK_ERROR: "no connection, no answer in time, a page that ends in the middle",
}
"""What else decides for a class: the shape of an answer (crawler.classify), its parsing, or what is not an answer."""
