"""Faults on the control port.

    GET    /faults            what is in force, how often each met and was applied, and to which endpoints
    POST   /faults            add or replace: a fault, or a scenario, as JSON or (Content-Type …toml) TOML
    DELETE /faults[?name=]    end one, or all and the latency
    GET    /faults/kinds      the table of kinds
    GET    /faults/journal    what was applied to which request: ?since= an entry's number or a moment, ?limit=
    GET    /faults/seen       ?mid= or ?uid=, ?at=: what an honest visitor sees, in the words of /truth
    GET    /faults/seen/posts, /comments, /reposts   as under /truth, of what can be seen

What was seen at a moment follows from the faults that were in force then, also such as have ended since; at the very
moment at which a standing clock stands, from those that are in force now.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from deploy.replica.catalogue import Catalogue
from deploy.replica.clock import ReplicaClock
from deploy.replica.content import Post
from deploy.replica.errors import ScenarioError
from deploy.replica.faults.choices import interval
from deploy.replica.faults.kinds import documentation
from deploy.replica.faults.layer import Faults
from deploy.replica.faults.scenario import Fault, json_document, scenario_of, toml_document
from deploy.replica.faults.seen import SeenWorld
from deploy.replica.questions import BadQuestionError, answered, moment, number, required
from deploy.replica.shown import capped
from deploy.replica.truth import Truth

_MOST: Final = 1_000

Answering = Callable[[web.Request], Awaitable[web.Response]]


class FaultControl:
    """Answers what concerns faults."""

    def __init__(self, world: Catalogue, clock: ReplicaClock, faults: Faults) -> None:
        self._world = world
        self._clock = clock
        self._faults = faults

    def add_routes(self, application: web.Application) -> None:
        """Add the paths under /faults."""
        router = application.router
        router.add_get("/faults", _asked(self._list))
        router.add_post("/faults", _asked(self._add))
        router.add_delete("/faults", _asked(self._clear))
        router.add_get("/faults/kinds", _asked(self._kinds))
        router.add_get("/faults/journal", _asked(self._journal))
        router.add_get("/faults/seen", _asked(self._seen))
        router.add_get("/faults/seen/posts", _asked(self._seen_posts))
        router.add_get("/faults/seen/comments", _asked(self._seen_comments))
        router.add_get("/faults/seen/reposts", _asked(self._seen_reposts))

    async def _list(self, _: web.Request) -> Any:
        scenario = self._faults.scenario
        return {
            "now": self._clock.now().isoformat(),
            "seed": scenario.seed,
            "latency_ms": scenario.latency_ms,
            "faults": [self._described(fault) for fault in scenario.faults],
            "journal": self._faults.journal.state(),
        }

    def _described(self, fault: Fault) -> dict[str, Any]:
        tally, match = self._faults.tally_of(fault), fault.match
        endpoints = self._faults.journal.endpoints_of(fault.name)
        return {
            "name": fault.name,
            "kind": fault.kind.name,
            "group": fault.kind.group,
            "settings": dict(fault.settings),
            "match": {name: str(value) if isinstance(value, datetime) else value for name, value in match.said.items()},
            "from": match.since.isoformat() if match.since else None,
            "until": match.until.isoformat() if match.until else None,
            "matched": tally.matched if tally else None,
            "applied": sum(endpoints.values()),
            "endpoints": endpoints,
        }

    async def _add(self, request: web.Request) -> Any:
        now = self._clock.now()
        body = await request.read()
        try:
            is_toml = "toml" in request.content_type
            document = toml_document(body.decode("utf-8")) if is_toml else json_document(body)
            self._faults.add(scenario_of(document, now, self._faults.scenario), now)
        except (ScenarioError, UnicodeDecodeError) as error:
            raise BadQuestionError(str(error)) from error
        return await self._list(request)

    async def _clear(self, request: web.Request) -> Any:
        name = request.query.get("name")
        ended = self._faults.clear(self._clock.now(), name)
        if name is not None and not ended:
            raise BadQuestionError(f"there is no fault {name[:80]!r}")
        return {"ended": ended}

    async def _kinds(self, _: web.Request) -> Any:
        return {"kinds": documentation()}

    async def _journal(self, request: web.Request) -> Any:
        since = request.query.get("since", "")
        after = number(request, "since") if since.isdigit() else None
        limit = min(_MOST, number(request, "limit") or _MOST)
        entries = self._faults.journal.entries(after or 0, moment(since) if after is None else None, limit)
        return {**self._faults.journal.state(), "entries": entries}

    async def _seen(self, request: web.Request) -> Any:
        seen, at = self._world_of(request)
        if "uid" in request.query:
            return self._seen_account(seen, at, required(request, "uid"))
        return self._seen_post(seen, at, required(request, "mid"))

    async def _seen_posts(self, request: web.Request) -> Any:
        seen, at = self._world_of(request)
        account = seen.account(required(request, "uid"))
        if account is None:
            return {"at": at.isoformat(), "uid": request.query["uid"], "total": 0, "pinned": None, "posts": []}
        limit = min(_MOST, number(request, "limit") or 10)
        return Truth(seen, at).posts(account, number(request, "before"), limit)

    async def _seen_comments(self, request: web.Request) -> Any:
        seen, at = self._world_of(request)
        post = seen.post(required(request, "mid"), at)
        if post is None:
            return {"at": at.isoformat(), "comments": [], "total": 0}
        limit = min(_MOST, number(request, "limit") or 100)
        return Truth(seen, at).comments(post, number(request, "offset") or 0, limit)

    async def _seen_reposts(self, request: web.Request) -> Any:
        seen, at = self._world_of(request)
        post = seen.post(required(request, "mid"), at)
        if post is None:
            return {"at": at.isoformat(), "reposts": [], "total": 0}
        limit = min(_MOST, number(request, "limit") or 100)
        return Truth(seen, at).reposts(post, number(request, "offset") or 0, limit)

    def _world_of(self, request: web.Request) -> tuple[SeenWorld, datetime]:
        at = moment(request.query.get("at")) or self._clock.now()
        return self._faults.seen(at), at

    def _seen_post(self, seen: SeenWorld, at: datetime, mid: int) -> dict[str, Any]:
        """What can be seen of a post; `post` is in the words of /truth/post, `shown` what the answers write."""
        written = self._world.post(mid, at)
        answer: dict[str, Any] = {"at": at.isoformat(), "mid": str(mid), "exists": written is not None}
        if written is None:
            return answer | {"visible": False, "why": None, "post": None}
        fault = seen.hidden_by(written, at)
        if fault is not None:
            notice = seen.remains(mid, at)
            return answer | _why(fault, written) | {"notice": notice.kind if notice else None, "post": None}
        post = seen.post(mid, at) or written
        closed = seen.comments_closed(post, at)
        counters = seen.counters(post, at)
        return answer | {
            "visible": True,
            "why": None,
            "post": Truth(seen, at).post(post),
            "shown": {
                "reposts_count": capped(counters.reposts),
                "comments_count": capped(counters.comments),
                "attitudes_count": counters.likes,
            },
            "edited_at": post.edited_at.isoformat() if post.edited_at else None,
            "comments": closed.settings["form"] if closed else "open",
            "faults": sorted({name for name, _ in seen.touched}),
        }

    def _seen_account(self, seen: SeenWorld, at: datetime, uid: int) -> dict[str, Any]:
        written = self._world.account(uid)
        answer: dict[str, Any] = {"at": at.isoformat(), "uid": str(uid), "exists": written is not None}
        if written is None:
            return answer | {"visible": False, "why": None}
        account = seen.account(uid)
        if account is None:
            fault = seen.gone_by(written)
            since, until = (fault.match.since, fault.match.until) if fault else (None, None)
            return answer | {
                "visible": False,
                "why": fault.settings["form"] if fault else None,
                "fault": fault.name if fault else None,
                "since": since.isoformat() if since else None,
                "until": until.isoformat() if until else None,
            }
        pinned = seen.pinned(account, at)
        return answer | {
            "visible": True,
            "why": None,
            "screen_name": account.screen_name,
            "posts": seen.figures(account, at).posts,
            "pinned": str(pinned.mid) if pinned else None,
            "faults": sorted({name for name, _ in seen.touched}),
        }


def _why(fault: Fault, post: Post) -> dict[str, Any]:
    since, until = interval(fault, post.created_at)
    removed = fault.kind.name == "removed"
    return {
        "visible": False,
        "why": fault.settings["reason"] if removed else f"account {fault.settings['form']}",
        "fault": fault.name,
        "since": since.isoformat(),
        "until": until.isoformat() if until.year < 9999 else None,
    }


def _asked(question: Callable[[web.Request], Awaitable[Any]]) -> Answering:
    async def answer(request: web.Request) -> web.Response:
        try:
            return answered(await question(request))
        except BadQuestionError as error:
            return answered({"error": str(error)}, 400)

    return answer
