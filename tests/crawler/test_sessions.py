"""Sessions: which cookies they take, and what they send."""

from crawler.sessions import Session
from tests.crawler.lanes.hands import cookie


def test_a_session_sends_the_cookies_of_the_site_and_its_token() -> None:
    session = Session()
    assert not session.is_open
    assert session.headers() == {}
    session.take([cookie("SUB", "s"), cookie("XSRF-TOKEN", "x", "m.weibo.cn")])
    assert session.is_open
    assert session.headers() == {"Cookie": "SUB=s; XSRF-TOKEN=x", "X-XSRF-TOKEN": "x"}


def test_cookies_of_other_hosts_stay_where_they_are() -> None:
    session = Session()
    session.take(
        [
            cookie("SUB", "s", ".weibo.com"),
            cookie("tid", "t", "visitor.passport.weibo.cn"),
            cookie("SUB", "b", "evilweibo.cn"),
        ]
    )
    assert session.headers() == {}
    assert not session.is_open


def test_a_new_identity_is_a_new_generation_and_other_cookies_are_not() -> None:
    session = Session()
    session.take([cookie("SUB", "one")])
    session.take([cookie("SUB", "one"), cookie("M_WEIBOCN_PARAMS", "page")])
    assert session.generation == 1
    assert "M_WEIBOCN_PARAMS=page" in session.headers()["Cookie"]
    session.take([cookie("SUB", "two")])
    assert session.generation == 2


def test_the_identity_alone_is_no_login() -> None:
    session = Session()
    session.take([cookie("SUB", "s"), cookie("MLOGIN", "0")])
    assert not session.is_signed_in
    for login in (cookie("MLOGIN", "1"), cookie("SSOLoginState", "1"), cookie("ALF", "1")):
        session.take([cookie("SUB", "s"), login])
        assert session.is_signed_in
