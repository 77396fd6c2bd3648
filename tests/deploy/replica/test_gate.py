"""Who is let in: gate, cookies, 432."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from deploy.replica.server import Ports, Replica
from tests.deploy.replica.guest import API, Guest

Running = tuple[Replica, Ports]
GATE = "https://visitor.passport.weibo.cn/visitor/visitor"


@pytest.fixture
async def stranger(running: Running) -> AsyncIterator[Guest]:
    replica, ports = running
    async with Guest(ports.proxy, replica.ca_file) as visitor:
        yield visitor


async def test_a_page_leads_a_stranger_to_the_gate(stranger: Guest) -> None:
    answer = await stranger.get(f"{API}/u/1743951792")
    assert answer.status == 302
    assert answer.headers["Location"].startswith(f"{GATE}?entry=sinawap&a=enter&url=https%3A%2F%2Fm.weibo.cn%2Fu%2F")
    page = await stranger.get(answer.headers["Location"])
    assert page.status == 200
    assert "<title>Sina Visitor System</title>" in page.text
    assert stranger.cookies() == {}


@pytest.mark.parametrize(
    "path",
    [
        "/api/container/getIndex?type=uid&value=1743951792",
        "/api/config",
        "/statuses/show?id=1",
        "/comments/hotflow?id=1&mid=1&max_id_type=0",
    ],
)
async def test_the_api_refuses_a_stranger_without_json(stranger: Guest, path: str) -> None:
    answer = await stranger.get(API + path)
    assert answer.status == 432
    assert answer.json is None


async def test_a_made_up_identity_is_refused(guest: Guest) -> None:
    assert (await guest.get(f"{API}/api/config")).status == 200
    guest.set_cookie("SUB", "_2AkM" + "A" * 44)
    assert (await guest.get(f"{API}/api/config")).status == 432
    assert (await guest.get(f"{API}/u/1743951792")).status == 302


async def test_a_referer_of_the_other_site_is_refused(guest: Guest) -> None:
    assert (await guest.get(f"{API}/api/config", Referer="https://weibo.com/u/1")).status == 432
    assert (await guest.get(f"{API}/api/config", Referer="https://m.weibo.cn/u/1")).status == 200


async def test_the_identity_needs_the_ticket_of_the_page(stranger: Guest) -> None:
    answer = await stranger.post("https://visitor.passport.weibo.cn/visitor/genvisitor2", {"request_id": "x" * 44})
    assert answer.json["retcode"] != 20000000
    assert stranger.cookies() == {}


async def test_the_first_page_adds_its_own_cookies(guest: Guest) -> None:
    assert set(guest.cookies()) == {"SUB", "SUBP"}
    page = await guest.get(f"{API}/u/1743951792")
    assert page.status == 200
    cookies = guest.cookies()
    assert {"_T_WM", "XSRF-TOKEN", "WEIBOCN_FROM", "MLOGIN", "M_WEIBOCN_PARAMS"} <= set(cookies)
    assert (cookies["WEIBOCN_FROM"], cookies["MLOGIN"]) == ("1110006030", "0")
    assert "fid%3D1005051743951792" in cookies["M_WEIBOCN_PARAMS"]
    config = await guest.get(f"{API}/api/config")
    assert config.json["data"] == {"login": False, "st": cookies["XSRF-TOKEN"], "uid": ""}


async def test_sessions_outlive_a_restart(running: Running, guest: Guest) -> None:
    replica, _ = running
    await replica.stop()
    again = Replica(replica.options)
    ports = await again.start()
    try:
        async with Guest(ports.proxy, again.ca_file) as visitor:
            await visitor.pass_gate()
            visitor.set_cookie("SUB", guest.cookies()["SUB"])
            assert visitor.cookies()["SUB"] == guest.cookies()["SUB"]
            assert (await visitor.get(f"{API}/api/config")).status == 200
    finally:
        await again.stop()


async def test_the_gate_leads_back_to_weibo_only(stranger: Guest) -> None:
    elsewhere = await stranger.get(f"{GATE}?url=" + quote("https://example.com/</script>", safe=""))
    assert "example.com" not in elsewhere.text
    assert '"return_url": "https://m.weibo.cn/"' in elsewhere.text
    hostile = await stranger.get(f"{GATE}?url=" + quote("https://m.weibo.cn/</script><script>alert(1)", safe=""))
    assert "</script><script>alert" not in hostile.text
