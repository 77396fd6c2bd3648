"""weibo.com and the login hosts, as they answer without a login: the replica has no accounts to log in with."""

from typing import Final
from urllib.parse import quote

from deploy.replica.exchange import Reply, Visit, html_reply, json_reply, redirect

_LOGIN_PAGE: Final = "https://passport.weibo.com/sso/signin?entry=miniblog&source=miniblog&url="


def answer(visit: Visit) -> Reply:
    """What weibo.com answers: refusals of its ajax paths, and the way to the login for pages."""
    if visit.path.startswith("/ajax/"):
        if visit.headers.get("sec-fetch-mode") == "navigate":
            return json_reply({"error": "Forbidden"}, 403)
        back = quote("https://weibo.com", safe="")
        return json_reply({"ok": -100, "url": f"https://weibo.com/login.php?url={back}"})
    if visit.path == "/login.php":
        return redirect(_LOGIN_PAGE + quote(visit.query.get("url", "https://weibo.com/"), safe=""))
    return redirect(_LOGIN_PAGE + quote(visit.url, safe=""))


def login(visit: Visit) -> Reply:
    """What a login host shows: its page, and nothing to log in with."""
    if visit.path in ("/sso/signin", "/signin/welcome", "/signin/login", "/sso/login.php"):
        return html_reply('<!DOCTYPE html><html><head><meta charset="utf-8"><title>登录 - 微博</title></head></html>')
    return html_reply("<h1>404 Not Found</h1>", 404)
