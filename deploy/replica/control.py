"""The control port: the truth of any moment in exact numbers, the clock, and a sign of life. Never a part of Weibo."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from deploy.replica.catalogue import Catalogue
from deploy.replica.clock import ReplicaClock
from deploy.replica.truth import Truth

MOST = 1_000
"""Rows in one answer."""


class BadQuestionError(Exception):
    """A query that can't be answered; the message says what is wrong with it."""


class Control:
    """Answers the questions of tests and of the command line."""

    def __init__(self, world: Catalogue, clock: ReplicaClock) -> None:
        self._world = world
        self._clock = clock

    def application(self) -> web.Application:
        """The paths of the control port."""
        application = web.Application()
        for path, question in (
            ("/truth", self._accounts),
            ("/truth/posts", self._posts),
            ("/truth/post", self._post),
            ("/truth/comments", self._comments),
            ("/truth/people", self._people),
            ("/clock", self._time),
            ("/healthz", self._health),
        ):
            application.router.add_get(path, self._answering(question))
        return application

    def _answering(self, question: Callable[[Truth, web.Request], Any]) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.Response:
            try:
                at = _moment(request.query.get("at")) or self._clock.now()
                document, status = question(Truth(self._world, at), request), 200
                stamp = at.isoformat(timespec="milliseconds")
            except BadQuestionError as error:
                document, status, stamp = {"error": str(error)}, 400, ""
            text = json.dumps(document, ensure_ascii=False)
            headers = {"X-Replica-Time": stamp} if stamp else {}
            return web.Response(text=text, status=status, content_type="application/json", headers=headers)

        return answer

    def _accounts(self, truth: Truth, _: web.Request) -> Any:
        return truth.accounts()

    def _posts(self, truth: Truth, request: web.Request) -> Any:
        account = self._world.account(_required(request, "uid"))
        if account is None:
            raise BadQuestionError(f"there is no account with uid {request.query['uid']}")
        limit = min(MOST, _number(request, "limit") or 10)
        return truth.posts(account, _number(request, "before"), limit)

    def _post(self, truth: Truth, request: web.Request) -> Any:
        post = self._world.post(_required(request, "mid"), truth.at)
        return {"at": truth.at.isoformat(), "post": truth.post(post) if post else None}

    def _comments(self, truth: Truth, request: web.Request) -> Any:
        post = self._world.post(_required(request, "mid"), truth.at)
        if post is None:
            return {"at": truth.at.isoformat(), "comments": [], "total": 0}
        return truth.comments(post, _number(request, "offset") or 0, min(MOST, _number(request, "limit") or 100))

    def _people(self, truth: Truth, request: web.Request) -> Any:
        post = self._world.post(_required(request, "mid"), truth.at)
        return {
            "at": truth.at.isoformat(),
            "people": truth.people(post, _number(request, "limit") or MOST) if post else [],
        }

    def _time(self, truth: Truth, _: web.Request) -> Any:
        setting = self._clock.setting()
        speed = setting.speed if setting else 1.0
        return {"now": truth.at.isoformat(), "speed": speed, "follows": "file" if setting else "machine"}

    def _health(self, truth: Truth, _: web.Request) -> Any:
        return {"ok": True, "now": truth.at.isoformat(), "accounts": len(self._world.accounts)}


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        # A "+" that was not escaped arrives as a blank.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise BadQuestionError(f"{text[:60]!r} is not a moment in ISO 8601") from error
    if moment.tzinfo is None:
        raise BadQuestionError(f"{text[:60]!r} has no offset: append Z")
    return moment.astimezone(UTC)


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadQuestionError(f"{name}={text[:60]!r} is not a number")
    return int(text)


def _required(request: web.Request, name: str) -> int:
    found = _number(request, name)
    if found is None:
        raise BadQuestionError(f"{request.path} needs {name}=…")
    return found
