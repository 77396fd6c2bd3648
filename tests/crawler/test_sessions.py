"""Lanes: which cookies they take, what they send, and how often they may ask for a session."""

from datetime import UTC, datetime, timedelta

from crawler.sessions import COOL_DOWN, MOST_RENEWALS, Lane

NOW = datetime(2017, 1, 2, tzinfo=UTC)


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.shows = NOW

    def now(self) -> datetime:
        return self.shows


def cookie(name: str, value: str, domain: str) -> dict[str, str]:
    return {"name": name, "value": value, "domain": domain}


def test_a_lane_sends_the_cookies_of_the_site_and_its_token() -> None:
    lane = Lane("guest", Hands())
    assert not lane.is_open
    assert lane.headers() == {}
    lane.take([cookie("SUB", "s", ".weibo.cn"), cookie("XSRF-TOKEN", "x", "m.weibo.cn")])
    assert lane.is_open
    assert lane.headers() == {"Cookie": "SUB=s; XSRF-TOKEN=x", "X-XSRF-TOKEN": "x"}


def test_cookies_of_other_hosts_stay_where_they_are() -> None:
    lane = Lane("guest", Hands())
    lane.take(
        [
            cookie("SUB", "s", ".weibo.com"),
            cookie("tid", "t", "visitor.passport.weibo.cn"),
            cookie("a", "b", "evilweibo.cn"),
        ]
    )
    assert lane.headers() == {}


def test_a_new_session_is_a_new_generation_and_the_same_one_is_not() -> None:
    lane = Lane("guest", Hands())
    lane.take([cookie("SUB", "one", ".weibo.cn")])
    lane.take([cookie("SUB", "one", ".weibo.cn")])
    assert lane.generation == 1
    lane.take([cookie("SUB", "two", ".weibo.cn")])
    assert lane.generation == 2


def test_renewals_have_a_cool_down_and_a_bound() -> None:
    clock = Hands()
    lane = Lane("guest", clock)
    for _ in range(MOST_RENEWALS):
        assert lane.may_renew()
        lane.renewing()
        assert not lane.may_renew()
        clock.shows += COOL_DOWN - timedelta(milliseconds=1)
        assert not lane.may_renew()
        clock.shows += timedelta(milliseconds=1)
    assert not lane.may_renew()
