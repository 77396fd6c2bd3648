"""Sessions: what SET and USE have changed, kept between requests of the same `session_id`.

A session is its settings and its database, not a connection: every request runs on a fresh handle that starts with
them, so nothing of one request leaks into another, and requests of one session may run side by side. Temporary tables
and `SET param_x` would need a connection of their own and are refused.
"""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.parameters import SessionRequest

_MOST = 10_000  # the one that was used longest ago makes room


@dataclass
class Session:
    """The state of one session; `expires` on the clock of `Sessions`."""

    expires: float = 0.0
    database: str | None = None
    settings: dict[str, str] = field(default_factory=dict)


class Sessions:
    """All sessions of a port, those of each user apart; `clock` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: dict[tuple[str, str], Session] = {}

    def of(self, request: SessionRequest | None, user: str = "") -> Session:
        """The session of a user's request, made when it is new; one without id is forgotten with its request.

        Raises `QueryError` when the client wants an existing one and there is none.
        """
        if request is None:
            return Session()
        now = self._clock()
        key = (user, request.session_id)
        session = self._sessions.pop(key, None)
        if session is not None and session.expires <= now:
            session = None
        if session is None:
            if request.must_exist:
                raise QueryError.named(Code.SESSION_NOT_FOUND, f"Session {request.session_id} not found")
            session = Session()
        session.expires = now + request.timeout
        if not request.close:
            self._make_room(now)
            self._sessions[key] = session
        return session

    def _make_room(self, now: float) -> None:
        """Forget what has expired, as far as it stands at the front, and the oldest when there are too many."""
        for session_id, session in list(itertools.islice(self._sessions.items(), 2)):
            if session.expires <= now:
                del self._sessions[session_id]
        if len(self._sessions) >= _MOST:
            del self._sessions[next(iter(self._sessions))]

    def __len__(self) -> int:
        return len(self._sessions)


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str | None]:
    """What a SET has changed: new values, and None for a setting that went back to its default."""
    delta: dict[str, str | None] = {name: value for name, value in after.items() if before.get(name) != value}
    return delta | {name: None for name in before if name not in after}
