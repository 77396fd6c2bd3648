"""The answers of blocks, as far as they are known: recorded, or quoted by crawlers' authors. No captcha is recorded."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from deploy.replica import comment_shapes, gate
from deploy.replica.exchange import Reply, Visit, html_reply, json_reply, redirect
from deploy.replica.faults.asked import Asked
from deploy.replica.faults.scenario import Fault
from deploy.replica.hosts import MOBILE
from deploy.replica.mobile import LOGIN_WALL
from deploy.replica.status_shapes import NO_REPOSTS
from deploy.replica.timeline_shapes import NOTHING

_HOME: Final = quote(f"https://{MOBILE}/", safe="")
_CROWDED: Final = {"ok": 0, "message": "前方有点拥堵，请登录后使用"}
_OLDER: Final = {
    "ok": -100,
    "msg": "请先登录",
    "url": f"https://passport.weibo.cn/signin/welcome?entry=mweibo&r={_HOME}",
}
_SIGN_IN: Final = "https://passport.weibo.com/sso/signin?entry=wapsso&source=wapssowb&url="
_EMPTY: Final[Mapping[str, dict[str, Any]]] = {
    "hotflow": comment_shapes.NO_COMMENTS,
    "children": comment_shapes.NO_COMMENTS,
    "comments": comment_shapes.NO_COMMENTS,
    "reposts": NO_REPOSTS,
}
_ERRORS: Final = {
    "500": "Internal Server Error",
    "502": "Bad Gateway",
    "503": "Service Unavailable",
    "504": "Gateway Time-out",
}
_PANELS: Final = {
    "geetest": '<div class="geetest_holder geetest_wind"><div class="geetest_panel"></div></div>',
    "yidun": '<div class="yidun yidun--light"><div class="yidun_panel"></div></div>',
}


def status_page(status: int, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A refusal of the server in front: a status, and no JSON."""
    words = {414: "Request-URI Too Large", 418: "I'm a teapot", 429: "Too Many Requests", 432: "432"}
    said = f"{status} {words.get(status, 'Error')}" if status != 432 else "432"
    return html_reply(f"<html><head><title>{said}</title></head><body></body></html>", status, headers)


def too_many(status: int, retry_after_s: int) -> Reply:
    """A refusal for asking too often; Retry-After comes with 429 only."""
    return status_page(status, (("Retry-After", str(retry_after_s)),) if status == 429 else ())


def no_session(visit: Visit, asked: Asked) -> Reply:
    """What who has no session gets: the way to the gate for pages, 432 for the API."""
    return gate.enter(visit) if asked.endpoint in ("page", "detail", "name") else gate.refuse()


def blocked(fault: Fault, visit: Visit, asked: Asked) -> Reply:
    """The answer of a fault of the group "block"."""
    return _BLOCKS[fault.kind.name](fault, visit, asked)


def server_error(fault: Fault) -> Reply:
    """The error page of the server in front."""
    status = fault.settings["status"]
    said = f"{status} {_ERRORS[status]}"
    page = f"<html><head><title>{said}</title></head><body><center><h1>{said}</h1></center><hr></body></html>"
    return html_reply(page, int(status))


def _captcha(fault: Fault, _visit: Visit, _asked: Asked) -> Reply:
    panel = _PANELS[fault.settings["maker"]]
    head = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>微博</title></head>'
    return html_reply(f'{head}<body><div class="verify-box">{panel}</div></body></html>')


def _captcha_json(_fault: Fault, visit: Visit, _asked: Asked) -> Reply:
    back = quote(visit.url, safe="")
    return json_reply({"ok": 0, "msg": "", "url": f"https://{MOBILE}/security?captcha=geetest&r={back}"})


_BLOCKS: Final[Mapping[str, Callable[[Fault, Visit, Asked], Reply]]] = {
    "432": lambda fault, visit, asked: gate.refuse(),
    "418": lambda fault, visit, asked: status_page(418),
    "414": lambda fault, visit, asked: status_page(414),
    "403": lambda fault, visit, asked: json_reply({"error": "Forbidden"}, 403),
    "403-login": lambda fault, visit, asked: json_reply(_CROWDED, 403),
    "429": lambda fault, visit, asked: too_many(429, fault.settings["retry_after_s"]),
    "login": lambda fault, visit, asked: json_reply(LOGIN_WALL),
    "login-older": lambda fault, visit, asked: json_reply(_OLDER),
    "relogin": lambda fault, visit, asked: json_reply({"error_code": 21301, "error": "relogin!"}),
    "login-page": lambda fault, visit, asked: redirect(_SIGN_IN + quote(visit.url, safe="")),
    "gate": lambda fault, visit, asked: gate.enter(visit),
    "captcha": _captcha,
    "captcha-json": _captcha_json,
    "empty": lambda fault, visit, asked: json_reply(_EMPTY.get(asked.endpoint, NOTHING)),
}
