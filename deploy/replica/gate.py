"""The visitor gate: a host of its own whose page runs a script, gets an identity, and goes back.

The identity comes with the answer to the script's request, as cookies of .weibo.cn and as JSONP. m.weibo.cn then adds
its own cookies to the first page. Without an identity, a page leads here and an API path answers 432.
"""

import json
from typing import Any, Final
from urllib.parse import quote, urlsplit

from deploy.replica.assets import asset
from deploy.replica.exchange import Reply, Visit, html_reply, json_reply, redirect
from deploy.replica.hosts import GATE, MOBILE
from deploy.replica.sessions import Sessions

IDENTITY: Final = "SUB"
IDENTITIES: Final = "/visitor/genvisitor2"
"""The path that gives identities."""
_REFUSAL: Final = {"retcode": 50111261, "msg": "params error", "data": None}
_CALLBACK: Final = "visitor_gray_callback"
_YEAR_S: Final = 365 * 86_400


def enter(visit: Visit) -> Reply:
    """Send a visitor without an identity to the gate."""
    query = f"entry=sinawap&a=enter&url={quote(visit.url, safe='')}&domain=.weibo.cn&ua=php-sso_sdk_client-0.6.36"
    return redirect(f"https://{GATE}/visitor/visitor?{query}&_rand={visit.at.timestamp():.4f}")


def refuse() -> Reply:
    """What an API path answers without an identity, or to a page of weibo.com: status 432, no JSON."""
    return html_reply("<html><head><title>432</title></head><body></body></html>", 432)


def is_refused(visit: Visit, sessions: Sessions) -> bool:
    """Whether an API path has to refuse this visit."""
    if not sessions.is_guest(visit.cookies.get(IDENTITY)):
        return True
    host = urlsplit(visit.headers.get("referer", "")).hostname or ""
    return host == "weibo.com" or host.endswith(".weibo.com")


def no_identity() -> Reply:
    """What the gate answers to who gets no identity; its page then shows the message and leads nowhere."""
    return _called_back(_REFUSAL)


def answer(visit: Visit, sessions: Sessions) -> Reply:
    """Everything on the gate's own host."""
    if visit.path == "/visitor/visitor":
        return _page(visit, sessions)
    if visit.path == IDENTITIES:
        return _identity(visit, sessions)
    return html_reply("<h1>404 Not Found</h1>", 404)


def first_cookies(visit: Visit, sessions: Sessions, container: str | None) -> tuple[tuple[str, str], ...]:
    """The cookies that m.weibo.cn adds to a page, as far as the visitor lacks them.

    `container` is the id of the container that the page opens; the cookie M_WEIBOCN_PARAMS tells it on every page.
    """
    wanted = {
        "_T_WM": (sessions.token(), "; Domain=.weibo.cn; HttpOnly"),
        "XSRF-TOKEN": (sessions.token(), "; Domain=.m.weibo.cn"),
        "WEIBOCN_FROM": ("1110006030", "; Domain=.weibo.cn; HttpOnly"),
        "MLOGIN": ("0", "; Domain=.weibo.cn"),
    }
    cookies = [
        f"{name}={value}; Path=/; Max-Age=864000; Secure{rest}"
        for name, (value, rest) in wanted.items()
        if not visit.cookies.get(name)
    ]
    if container is not None:
        opened = quote(f"luicode=20000174&uicode=10000011&fid={container}", safe="")
        cookies.append(f"M_WEIBOCN_PARAMS={opened}; Path=/; Max-Age=600; Secure; Domain=.weibo.cn; HttpOnly")
    return tuple(("Set-Cookie", cookie) for cookie in cookies)


def _page(visit: Visit, sessions: Sessions) -> Reply:
    back = _way_back(visit.query.get("url", ""))
    values = {"request_id": sessions.new_ticket(), "return_url": back, "cb": _CALLBACK}
    # `<` inside a script would let an address end it.
    inline = json.dumps(values).replace("<", "\\u003c")
    return html_reply(asset("visitor.html").replace("{{VALUES}}", inline))


def _way_back(goal: str) -> str:
    """Where the gate leads back to: pages of weibo.cn, and nowhere else."""
    host = urlsplit(goal).hostname or ""
    own = goal.startswith("https://") and (host == "weibo.cn" or host.endswith(".weibo.cn"))
    return goal if own else f"https://{MOBILE}/"


def _identity(visit: Visit, sessions: Sessions) -> Reply:
    if visit.method != "POST" or not sessions.is_ticket(visit.form.get("request_id")):
        return json_reply(_REFUSAL)
    guest = sessions.new_guest()
    answer = {
        "retcode": 20000000,
        "msg": "succ",
        "data": {
            "tid": guest.tid,
            "new_tid": True,
            "alt": "",
            "next": "cross_domain",
            "sub": guest.sub,
            "subp": guest.subp,
            "confidence": 95,
        },
    }
    ends = f"Domain=.weibo.cn; Path=/; Max-Age={_YEAR_S}; Secure; SameSite=None"
    cookies = (("Set-Cookie", f"SUB={guest.sub}; {ends}; HttpOnly"), ("Set-Cookie", f"SUBP={guest.subp}; {ends}"))
    return _called_back(answer, cookies)


def _called_back(answer: dict[str, Any], cookies: tuple[tuple[str, str], ...] = ()) -> Reply:
    """An answer as the script of the gate's page takes it."""
    text = f"window.{_CALLBACK} && {_CALLBACK}({json.dumps(answer, separators=(',', ':'))});"
    return Reply(200, text.encode(), "text/javascript; charset=utf-8", cookies)
