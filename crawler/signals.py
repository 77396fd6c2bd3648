"""How Weibo says no: one row per signal. The table is the documentation, and classification is its only reader.

The rows are tried from the top; the first that holds decides. What no row knows must have the shape of its endpoint
(crawler.classify), or it is schema drift: nothing unknown is read as "no posts".
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from crawler.answers import Answer
from crawler.endpoints import Endpoint
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
    is what the JSON says in words, `classes` the CSS classes and `title` the title of an HTML body.
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
_LOGIN_WORDS: Final = ("请登录", "请先登录")
_EMPTY_WORDS: Final = ("这里还没有内容", "还没有人转发过", "还没有人赞过", "还没有人评论")
_COMMENT_LISTS: Final = frozenset({Endpoint.HOTFLOW, Endpoint.HOTFLOW_CHILD, Endpoint.COMMENTS_SHOW})


def _leads_to_visitor_gate(facts: Facts) -> bool:
    return any(
        host in _VISITOR_HOSTS or (host in _LOGIN_HOSTS and path.startswith("/visitor/"))
        for host, path in _places(facts)
    )


def _leads_to_login(facts: Facts) -> bool:
    return any(
        host in _LOGIN_HOSTS or (host in ("weibo.com", "www.weibo.com") and path.startswith("/login.php"))
        for host, path in _places(facts)
    )


def _places(facts: Facts) -> list[tuple[str, str]]:
    host, slash, path = facts.target.partition("/")
    return [(facts.host, facts.path), (host, slash + path)]


def _is_refused(facts: Facts) -> bool:
    return facts.member("ok") in (0, "0", False) and facts.member("ok") is not None


def _has_words(facts: Facts, words: tuple[str, ...]) -> bool:
    return any(word in facts.message for word in words)


def _is_captcha_hand_off(facts: Facts) -> bool:
    return facts.member("data") is None and isinstance(facts.member("url"), str) and facts.member("ok") != 1


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
        _leads_to_visitor_gate,
    ),
    Signal(
        "login_page",
        ResponseClass.LOGIN_REQUIRED,
        "Weibo sends to the login page",
        "reported",
        _leads_to_login,
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
        "ok_minus_100",
        ResponseClass.LOGIN_REQUIRED,
        "Weibo asks for a login or a visitor cookie (ok -100)",
        "recorded 2026 on weibo.com, quoted on m.weibo.cn",
        lambda facts: facts.member("ok") in (-100, "-100"),
    ),
    Signal(
        "relogin",
        ResponseClass.LOGIN_REQUIRED,
        "the login has expired (error 21301)",
        "quoted",
        lambda facts: facts.member("error_code") in (21301, "21301"),
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
        "status_403",
        ResponseClass.BLOCKED,
        "status 403: refused",
        "recorded 2026: {'error': 'Forbidden'}",
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
        "reported",
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
