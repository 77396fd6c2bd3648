"""The health of lanes, by plain calls."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.lanes.health import (
    GOOD,
    LOST,
    REFUSED,
    Health,
    HealthPolicy,
    answered,
    may_renew,
    not_renewed,
    renewed,
    renewing,
)
from crawler.signals import ResponseClass as R

POLICY = HealthPolicy()
NOW = datetime(2017, 1, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def after(health: Health, *classes: R, now: datetime = NOW) -> Health:
    for response_class in classes:
        health = answered(health, POLICY, now, response_class, "why")
    return health


def resumed(health: Health) -> datetime:
    assert health.resumes_at is not None
    return health.resumes_at


@pytest.mark.parametrize(
    ("response_class", "state", "pause"),
    [
        *((one, "healthy", None) for one in sorted(GOOD)),
        (R.SCHEMA_DRIFT, "healthy", None),
        (R.ROBOTS, "healthy", None),
        (R.NETWORK_ERROR, "healthy", None),
        (R.SUSPICIOUSLY_EMPTY, "healthy", None),
        (R.VISITOR_GATE, "degraded", None),
        (R.LOGIN_REQUIRED, "degraded", None),
        (R.BLOCKED, "challenged", 30 * MINUTE),
        (R.CHALLENGE, "challenged", 30 * MINUTE),
    ],
)
def test_what_one_answer_does_to_a_healthy_lane(response_class: R, state: str, pause: timedelta | None) -> None:
    health = after(Health(), response_class)
    assert health.state == state
    assert health.resumes_at == (NOW + pause if pause else None)


def test_no_class_is_in_two_kinds() -> None:
    assert not (GOOD & LOST or GOOD & REFUSED or LOST & REFUSED)


def test_a_pause_doubles_up_to_a_bound_until_the_lane_is_dead() -> None:
    health, now, pauses = Health(), NOW, []
    while health.state != "dead":
        health = after(health, R.BLOCKED, now=now)
        if health.state == "challenged":
            pauses.append((resumed(health) - now) / MINUTE)
            assert not health.may_ask(now)
            now = resumed(health)
            assert health.may_ask(now)
    assert pauses == [30, 60, 120, 240, *[360] * 8]
    assert "12 pauses in a row" in health.reason
    assert not health.may_ask(now + timedelta(days=365))
    assert after(health, R.OK, now=now) is health


def test_retry_after_is_honoured_within_six_hours() -> None:
    for asked, waited in [(0, 1), (90, 90), (7200, 7200), (10**8, 21_600)]:
        health = answered(Health(), POLICY, NOW, R.BLOCKED, "why", timedelta(seconds=asked))
        assert resumed(health) - NOW == timedelta(seconds=waited)


def test_answers_to_what_was_asked_before_a_pause_do_not_strike_again() -> None:
    health = after(Health(), R.BLOCKED)
    assert after(health, R.BLOCKED, R.CHALLENGE, R.NETWORK_ERROR, R.VISITOR_GATE, R.OK) == health
    longer = answered(health, POLICY, NOW, R.BLOCKED, "why", timedelta(hours=2))
    assert (longer.strikes, longer.resumes_at) == (1, NOW + timedelta(hours=2))


def test_a_probe_that_is_answered_makes_it_degraded_and_five_answers_healthy() -> None:
    health = after(Health(), R.BLOCKED)
    later = resumed(health)
    health = after(health, R.OK, now=later)
    assert (health.state, health.strikes, health.resumes_at) == ("degraded", 1, None)
    # A block before it has recovered is the second one in a row.
    assert resumed(after(health, R.BLOCKED, now=later)) - later == 60 * MINUTE
    health = after(health, R.OK, R.END_OF_LIST, R.REMOVED, now=later)
    assert health.state == "degraded"
    health = after(health, R.OK, now=later)
    assert (health.state, health.strikes, health.cause) == ("healthy", 0, None)


def test_silence_pauses_a_lane_when_it_lasts() -> None:
    health = after(Health(), R.NETWORK_ERROR, R.NETWORK_ERROR)
    assert health.state == "healthy"
    assert after(health, R.OK, R.NETWORK_ERROR, R.NETWORK_ERROR).state == "healthy"
    health = after(health, R.NETWORK_ERROR)
    assert (health.state, health.cause) == ("challenged", R.NETWORK_ERROR)
    assert "3 times in a row no answer came: why" in health.reason
    # As a probe one silence is enough.
    assert after(health, R.NETWORK_ERROR, now=resumed(health)).strikes == 2


def test_empty_answers_in_a_row_slow_it_down() -> None:
    health = after(Health(), *[R.SUSPICIOUSLY_EMPTY] * 4)
    assert health.state == "healthy"
    assert after(health, R.OK, R.SUSPICIOUSLY_EMPTY).state == "healthy"
    assert after(health, R.SUSPICIOUSLY_EMPTY).state == "degraded"


def test_a_lost_session_is_renewed_after_the_cool_down() -> None:
    health = after(Health(), R.VISITOR_GATE)
    assert may_renew(health, POLICY, NOW)
    health = renewing(health, NOW)
    assert not may_renew(health, POLICY, NOW + timedelta(days=1)), "it is being renewed"
    assert after(health, R.LOGIN_REQUIRED) == health, "answers to the old session change nothing"
    health = renewed(health)
    assert health.state == "degraded"
    early = NOW + MINUTE
    assert not may_renew(health, POLICY, early)
    health = after(health, R.VISITOR_GATE, now=early)
    assert (health.state, health.resumes_at) == ("challenged", NOW + POLICY.cool_down)
    assert health.strikes == 0
    assert may_renew(health, POLICY, resumed(health))


def test_sessions_that_serve_may_be_renewed_for_ever_and_others_may_not() -> None:
    health, now = Health(), NOW
    for _ in range(50):
        health = after(renewed(renewing(health, now)), *[R.OK] * POLICY.recovery, now=now)
        now += POLICY.cool_down
        health = after(health, R.VISITOR_GATE, now=now)
    for _ in range(POLICY.most_renewals):
        assert may_renew(health, POLICY, now)
        health = after(renewed(renewing(health, now)), R.OK, now=now)
        now += POLICY.cool_down
        health = after(health, R.VISITOR_GATE, now=now)
    assert health.state == "dead"
    assert not may_renew(health, POLICY, now)


def test_a_browser_that_gets_no_session_makes_the_lane_wait() -> None:
    health = not_renewed(renewing(Health(), NOW), POLICY, NOW, R.VISITOR_GATE, "no cookies")
    assert (health.state, health.resumes_at) == ("challenged", NOW + 10 * MINUTE)
    assert health.reason == "it gets no session: no cookies"


@given(st.lists(st.tuples(st.sampled_from(list(R)), st.integers(0, 4000), st.none() | st.integers(0, 10**9))))
def test_whatever_comes_a_lane_that_is_not_dead_resumes_within_a_day(
    answers: list[tuple[R, int, int | None]],
) -> None:
    health, now = Health(), NOW
    for response_class, seconds, retry in answers:
        now += timedelta(seconds=seconds)
        before = health
        wait = timedelta(seconds=retry) if retry is not None else None
        health = answered(health, POLICY, now, response_class, "why", wait)
        assert (health.resumes_at is not None) == (health.state == "challenged")
        if health.resumes_at is not None:
            assert health.resumes_at <= now + timedelta(days=1)
        # From challenged nothing leads back to healthy at once, and nothing revives the dead.
        assert (before.state, health.state) != ("challenged", "healthy")
        assert before.state != "dead" or health is before
