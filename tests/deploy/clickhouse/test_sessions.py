"""What a session remembers, and for how long."""

import pytest

from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.parameters import SessionRequest
from deploy.clickhouse.sessions import Sessions, changed


class Clock:
    """Seconds, set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_session_is_kept_until_it_was_idle_for_its_time() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    request = SessionRequest("a", timeout=10)
    sessions.of(request).settings["max_threads"] = "1"
    clock.now += 9
    assert sessions.of(request).settings == {"max_threads": "1"}
    clock.now += 9
    assert sessions.of(request).settings == {"max_threads": "1"}
    clock.now += 10
    assert sessions.of(request).settings == {}


def test_sessions_are_apart_and_none_is_shared_without_id() -> None:
    sessions = Sessions(Clock())
    sessions.of(SessionRequest("a")).database = "x"
    sessions.of(None).database = "y"
    assert sessions.of(SessionRequest("b")).database is None
    assert sessions.of(None).database is None


def test_a_session_that_must_exist() -> None:
    sessions = Sessions(Clock())
    with pytest.raises(QueryError) as caught:
        sessions.of(SessionRequest("a", must_exist=True))
    assert caught.value.code == Code.SESSION_NOT_FOUND
    sessions.of(SessionRequest("a"))
    sessions.of(SessionRequest("a", must_exist=True, close=True))
    with pytest.raises(QueryError):
        sessions.of(SessionRequest("a", must_exist=True))


def test_old_sessions_make_room() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    for number in range(30_000):
        sessions.of(SessionRequest(str(number), timeout=3600))
    assert len(sessions) <= 10_000
    clock.now += 4000
    for _ in range(20_000):
        sessions.of(SessionRequest("one", timeout=1))
    assert len(sessions) == 1


def test_what_a_set_has_changed() -> None:
    assert changed({"a": "1", "b": "2"}, {"a": "1", "c": "3"}) == {"c": "3", "b": None}
