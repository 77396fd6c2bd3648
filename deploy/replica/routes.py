"""Which host answers what. Everything between a visit and its reply goes through `answer`."""

import re
from typing import Final

from deploy.replica import desktop, gate, mobile
from deploy.replica.assets import PIXEL, asset, content_type
from deploy.replica.exchange import Reply, Visit, html_reply, redirect
from deploy.replica.hosts import DESKTOP, GATE, LOGIN, MOBILE, OLD_MOBILE, PICTURES, STATIC
from deploy.replica.sessions import Sessions
from deploy.replica.view import View

_STATIC: Final = re.compile(r"/marvel/weibo-lite/(?:js|css)/(lite\.(?:js|css))")
_CACHED: Final = (("Cache-Control", "max-age=86400"),)


def answer(view: View, visit: Visit, sessions: Sessions) -> Reply:
    """The reply to a visit of any known host."""
    if visit.path in ("/robots.txt", "/favicon.ico"):
        return Reply(404, b"", "text/plain")
    if visit.host == MOBILE:
        return mobile.answer(view, visit, sessions)
    if visit.host == GATE:
        return gate.answer(visit, sessions)
    if visit.host == STATIC:
        return _static(visit)
    if visit.host in PICTURES:
        return Reply(200, PIXEL, "image/gif", _CACHED)
    if visit.host in DESKTOP:
        return desktop.answer(visit)
    if visit.host in LOGIN:
        return desktop.login(visit)
    if visit.host == OLD_MOBILE and visit.path == "/":
        return redirect(f"https://{MOBILE}/")
    return html_reply("<h1>404 Not Found</h1>", 404)


def _static(visit: Visit) -> Reply:
    found = _STATIC.fullmatch(visit.path)
    if found:
        return Reply(200, asset(found[1]).encode(), content_type(found[1]), _CACHED)
    if visit.path.endswith((".png", ".gif", ".jpg")):
        return Reply(200, PIXEL, "image/gif", _CACHED)
    return html_reply("<h1>404 Not Found</h1>", 404)
