"""The control port: the truth of any moment in exact numbers, the clock, the faults, a sign of life. Not Weibo."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from deploy.replica.catalogue import Catalogue
from deploy.replica.clock import ReplicaClock
from deploy.replica.faults.control import FaultControl
from deploy.replica.questions import BadQuestionError, answered, moment, number, required
from deploy.replica.truth import Truth

MOST = 1_000
"""Rows in one answer."""


class Control:
    """Answers the questions of tests and of the command line."""

    def __init__(self, world: Catalogue, clock: ReplicaClock, faults: FaultControl) -> None:
        self._world = world
        self._clock = clock
        self._faults = faults

    def application(self) -> web.Application:
        """The paths of the control port."""
        application = web.Application()
        for path, question in (
            ("/truth", self._accounts),
            ("/truth/posts", self._posts),
            ("/truth/post", self._post),
            ("/truth/comments", self._comments),
            ("/truth/reposts", self._reposts),
            ("/truth/people", self._people),
            ("/truth/effects", self._effects),
            ("/clock", self._time),
            ("/healthz", self._health),
        ):
            application.router.add_get(path, self._answering(question))
        self._faults.add_routes(application)
        return application

    def _answering(self, question: Callable[[Truth, web.Request], Any]) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.Response:
            try:
                at = moment(request.query.get("at")) or self._clock.now()
                return answered(question(Truth(self._world, at), request), at=at)
            except BadQuestionError as error:
                return answered({"error": str(error)}, 400)

        return answer

    def _accounts(self, truth: Truth, _: web.Request) -> Any:
        return truth.accounts()

    def _posts(self, truth: Truth, request: web.Request) -> Any:
        account = self._world.account(required(request, "uid"))
        if account is None:
            raise BadQuestionError(f"there is no account with uid {request.query['uid']}")
        limit = min(MOST, number(request, "limit") or 10)
        return truth.posts(account, number(request, "before"), limit)

    def _post(self, truth: Truth, request: web.Request) -> Any:
        post = self._world.post(required(request, "mid"), truth.at)
        return {"at": truth.at.isoformat(), "post": truth.post(post) if post else None}

    def _comments(self, truth: Truth, request: web.Request) -> Any:
        post = self._world.post(required(request, "mid"), truth.at)
        if post is None:
            return {"at": truth.at.isoformat(), "comments": [], "total": 0}
        return truth.comments(post, number(request, "offset") or 0, min(MOST, number(request, "limit") or 100))

    def _reposts(self, truth: Truth, request: web.Request) -> Any:
        post = self._world.post(required(request, "mid"), truth.at)
        if post is None:
            return {"at": truth.at.isoformat(), "reposts": [], "total": 0}
        return truth.reposts(post, number(request, "offset") or 0, min(MOST, number(request, "limit") or 100))

    def _people(self, truth: Truth, request: web.Request) -> Any:
        post = self._world.post(required(request, "mid"), truth.at)
        return {
            "at": truth.at.isoformat(),
            "people": truth.people(post, number(request, "limit") or MOST) if post else [],
        }

    def _effects(self, truth: Truth, _: web.Request) -> Any:
        return truth.effects(self._world.effects)

    def _time(self, truth: Truth, _: web.Request) -> Any:
        setting = self._clock.setting()
        speed = setting.speed if setting else 1.0
        return {"now": truth.at.isoformat(), "speed": speed, "follows": "file" if setting else "machine"}

    def _health(self, truth: Truth, _: web.Request) -> Any:
        return {"ok": True, "now": truth.at.isoformat(), "accounts": len(self._world.accounts)}
