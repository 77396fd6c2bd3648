"""A lane as it runs: what it tells of its health."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from crawler.lanes.lane import Lane
from crawler.signals import ResponseClass as R
from schemas.events import LaneChanged
from tests.crawler.lanes.hands import NOW, Hands, cookie, lane


def states(told: list[LaneChanged]) -> list[tuple[str | None, str]]:
    return [(event.before, event.state) for event in told]


def test_each_change_is_told_once_with_its_reason() -> None:
    clock, told = Hands(), list[LaneChanged]()
    guest = lane("guest", clock, told)
    guest.answered(R.OK)
    assert told == []
    guest.take([cookie("SUB", "s")])
    guest.take([cookie("SUB", "s"), cookie("M_WEIBOCN_PARAMS", "p")])
    guest.answered(R.OK)
    guest.answered(R.BLOCKED, "status 418:\nthis address asks too often")
    guest.answered(R.BLOCKED, "status 418")
    clock.shows += timedelta(minutes=30)
    assert guest.probed(R.OK)
    for _ in range(5):
        guest.answered(R.OK)
    assert states(told) == [
        (None, "healthy"),
        ("healthy", "challenged"),
        ("challenged", "degraded"),
        ("degraded", "healthy"),
    ]
    challenged = told[1]
    assert challenged.reason == "status 418: this address asks too often"
    assert challenged.response_class == "blocked"
    assert challenged.resumes_at == NOW + timedelta(minutes=30)
    assert challenged.key == "1:guest"
    assert len({event.event_id for event in told}) == 4


def test_a_probe_in_vain_is_a_longer_pause_and_told() -> None:
    clock, told = Hands(), list[LaneChanged]()
    guest = lane("guest", clock, told)
    guest.answered(R.CHALLENGE, "a captcha")
    for response_class in (R.SCHEMA_DRIFT, R.NETWORK_ERROR, R.BLOCKED):
        clock.shows = guest.health.resumes_at or NOW
        assert not guest.probed(response_class, "still")
        assert not guest.may_ask()
    assert states(told) == [(None, "challenged"), *[("challenged", "challenged")] * 3]


def with_profile(told: list[LaneChanged]) -> Lane:
    plan = replace(lane("mine", Hands()).plan, profile=Path("profile"))
    return Lane(plan, Hands(), "1", told.append)


def test_an_expired_login_is_for_the_operator() -> None:
    told = list[LaneChanged]()
    mine = with_profile(told)
    mine.take([cookie("SUB", "s"), cookie("MLOGIN", "1")])
    assert "signed in" in told[0].reason
    mine.answered(R.LOGIN_REQUIRED, "ok -100")
    assert mine.health.state == "dead"
    assert "weiplomacy crawl login --lane mine" in told[-1].reason


def test_a_profile_that_nobody_signed_in_to_is_a_guest_and_says_so() -> None:
    told = list[LaneChanged]()
    mine = with_profile(told)
    mine.take([cookie("SUB", "s"), cookie("MLOGIN", "0")])
    assert "nobody is signed in" in told[0].reason
    mine.answered(R.VISITOR_GATE, "432")
    assert mine.health.state == "degraded"
    assert mine.may_renew()
