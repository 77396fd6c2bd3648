"""What failed is tried again: later each time, never later than promised, and as before once it succeeds."""

from datetime import UTC, datetime, timedelta

from crawler.planning.promises import Promise
from crawler.planning.retries import PART, Retries
from crawler.planning.watched import Kind

NOW = datetime(2016, 6, 1, tzinfo=UTC)
PROMISE = Promise(timedelta(hours=2), timedelta(days=2))


def test_each_failure_doubles_the_wait_up_to_what_is_promised() -> None:
    retries = Retries()
    waits = []
    for _ in range(PART):
        retries.ended("a", Kind.TIMELINE, False, PROMISE, NOW)
        waits.append((retries.again_at("a")[Kind.TIMELINE] - NOW) / timedelta(minutes=1))
    assert waits == [15, 30, 60, 120, 120, 120, 120, 120]


def test_kinds_and_accounts_wait_for_themselves() -> None:
    retries = Retries()
    retries.ended("a", Kind.RENDERED, False, PROMISE, NOW)
    assert retries.again_at("a") == {Kind.RENDERED: NOW + timedelta(hours=6)}
    retries.ended("a", Kind.TIMELINE, True, PROMISE, NOW)
    assert retries.again_at("a") == {Kind.RENDERED: NOW + timedelta(hours=6)}
    assert retries.again_at("b") == {}


def test_a_success_ends_the_waiting() -> None:
    retries = Retries()
    for succeeded in (False, False, True):
        retries.ended("a", Kind.RENDERED, succeeded, PROMISE, NOW)
    assert retries.again_at("a") == {}
    retries.ended("a", Kind.RENDERED, False, PROMISE, NOW)
    assert retries.again_at("a")[Kind.RENDERED] == NOW + timedelta(hours=6)
