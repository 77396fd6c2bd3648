"""Blocks: what each answers, where it strikes, and how often."""

import json
from typing import Any

import pytest

from deploy.replica.faults.kinds import KINDS
from tests.deploy.replica.faults.conftest import Controls
from tests.deploy.replica.guest import API, Guest

US = 1743951792
TIMELINE = f"{API}/api/container/getIndex?type=uid&value={US}&containerid=107603{US}"
PROFILE = f"{API}/api/container/getIndex?type=uid&value={US}"
EMPTY = {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}

JSON_BLOCKS = {
    "403": (403, {"error": "Forbidden"}),
    "403-login": (403, {"ok": 0, "message": "前方有点拥堵，请登录后使用"}),
    "login": (200, None),
    "login-older": (200, None),
    "relogin": (200, {"error_code": 21301, "error": "relogin!"}),
    "empty": (200, EMPTY),
    "captcha-json": (200, None),
}


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.group == "block"])
async def test_every_block_answers_as_it_is_known(guest: Guest, controls: Controls, kind: str) -> None:
    peaceful = (await guest.get(TIMELINE)).text
    await controls.add(kind)
    answer = await guest.get(TIMELINE)
    if kind in ("432", "418", "414", "429"):
        assert (answer.status, answer.json) == (int(kind), None)
        assert ("Retry-After" in answer.headers) == (kind == "429")
    elif kind in ("login-page", "gate"):
        host = {"login-page": "passport.weibo.com/sso/signin", "gate": "visitor.passport.weibo.cn/visitor/visitor"}
        assert answer.status == 302
        assert answer.headers["Location"].startswith(f"https://{host[kind]}?")
    elif kind == "captcha":
        assert answer.status == 200
        assert answer.json is None
        assert 'class="geetest_holder' in answer.text
    else:
        status, document = JSON_BLOCKS[kind]
        assert answer.status == status
        assert answer.json == (document or answer.json)
        assert answer.json.get("ok") != 1
    await controls.clear()
    assert (await guest.get(TIMELINE)).text == peaceful
    assert await controls.applied() == {kind: 1}


async def test_the_forms_of_a_login_that_is_asked_for(guest: Guest, controls: Controls, shared_blocks: Any) -> None:
    for kind, known in (("login", "not_logged_in_or_no_visitor_m"), ("login-older", "not_logged_in_m_older")):
        await controls.add(kind)
        answer = (await guest.get(PROFILE)).json
        await controls.clear()
        assert set(answer) == set(shared_blocks[known])
        assert answer["ok"] == shared_blocks[known]["ok"]
        assert answer.get("msg") == shared_blocks[known].get("msg")
        assert answer["url"].startswith(shared_blocks[known]["url"].partition("?")[0])
    await controls.add("captcha-json")
    handed_over = (await guest.get(PROFILE)).json
    assert "data" not in handed_over
    assert handed_over["url"].startswith("https://")


@pytest.fixture
def shared_blocks(shared: Any) -> Any:
    return json.loads((shared / "weibo" / "m_block_bodies.json").read_text(encoding="utf-8"))


async def test_an_empty_list_is_that_of_its_endpoint(guest: Guest, controls: Controls, shared_blocks: Any) -> None:
    [post] = (await controls.get("/truth/posts", uid=US, limit=1))["posts"]
    await controls.add("empty")
    for path, known in (
        (f"/comments/hotflow?id={post['mid']}&mid={post['mid']}&max_id_type=0", "comments_none"),
        (f"/api/statuses/repostTimeline?id={post['mid']}&page=1", "reposts_none"),
        (TIMELINE.removeprefix(API), "empty"),
    ):
        assert (await guest.get(API + path)).json == shared_blocks[known]
    assert (await guest.get(PROFILE)).json["ok"] == 1  # no list


async def test_a_retry_is_answered_after_an_empty_page(guest: Guest, controls: Controls) -> None:
    await controls.add("empty", match={"each": 2, "page": 1, "endpoint": "timeline"})
    answers = [(await guest.get(TIMELINE)).json["ok"] for _ in range(4)]
    other = (await guest.get(TIMELINE.replace(str(US), "2490644882"))).json["ok"]
    assert (answers, other) == ([0, 0, 1, 1], 0)


async def test_retry_after_is_a_setting(guest: Guest, controls: Controls) -> None:
    await controls.add("429", retry_after_s=7)
    assert (await guest.get(PROFILE)).headers["Retry-After"] == "7"


async def test_another_maker_of_captchas(guest: Guest, controls: Controls) -> None:
    await controls.add("captcha", maker="yidun", match={"endpoint": "page"})
    page = await guest.get(f"{API}/u/{US}")
    assert 'class="yidun_panel"' in page.text
    assert "geetest" not in page.text


async def test_matches_bound_what_is_struck(guest: Guest, controls: Controls) -> None:
    posts = (await controls.get("/truth/posts", uid=US, limit=25))["posts"]
    second = f"{TIMELINE}&since_id={(await guest.timeline(US))['data']['cardlistInfo']['since_id']}"
    show = f"{API}/statuses/show?id="
    everything = {
        "timeline": TIMELINE,
        "second": second,
        "profile": PROFILE,
        "show": show + posts[0]["mid"],
        "bid": show + posts[0]["bid"],
        "other": show + posts[1]["mid"],
        "comments": f"{API}/comments/hotflow?id={posts[0]['mid']}&mid={posts[0]['mid']}",
        "page": f"{API}/u/{US}",
        "detail": f"{API}/detail/{posts[0]['mid']}",
        "config": f"{API}/api/config",
        "brazil": PROFILE.replace(str(US), "2490644882"),
        "name": f"{API}/n/x",
        "desktop": "https://weibo.com/ajax/x",
    }
    on_m = set(everything) - {"desktop"}
    for match, struck in (
        ({}, on_m),
        ({"host": "*"}, set(everything)),
        ({"host": "weibo.com"}, {"desktop"}),
        ({"endpoint": "show"}, {"show", "bid", "other"}),
        ({"endpoint": ["page", "detail"]}, {"page", "detail"}),
        ({"path": "/api/*"}, {"timeline", "second", "profile", "config", "brazil"}),
        ({"uid": US}, on_m - {"config", "brazil", "name"}),
        ({"mid": posts[0]["mid"]}, {"show", "bid", "comments", "detail"}),
        ({"page": 2}, {"second"}),
        ({"cursor": second.rpartition("=")[2]}, {"second"}),
        ({"session": 1, "endpoint": "config"}, {"config"}),
        ({"session": 2}, set()),
        ({"address": "127.0.0.1", "endpoint": "config"}, {"config"}),
        ({"address": "127.0.0.2"}, set()),
        ({"from": "2017-01-05T06:30:00Z", "until": "+1s", "endpoint": "config"}, {"config"}),
        ({"from": "+1s"}, set()),
        ({"until": "2017-01-05T06:30:00Z"}, set()),
        ({"share": 0}, set()),
    ):
        await controls.add("418", match=match)
        found = {name for name, url in everything.items() if (await guest.get(url)).status == 418}
        await controls.clear()
        assert found == struck, match


async def test_counts_bound_what_is_struck(guest: Guest, controls: Controls) -> None:
    await controls.add("418", match={"after": 2, "times": 3})
    statuses = [(await guest.get(PROFILE)).status for _ in range(8)]
    assert statuses == [200, 200, 418, 418, 418, 200, 200, 200]


async def test_a_share_by_request_is_the_same_for_every_retry(guest: Guest, controls: Controls) -> None:
    await controls.add("418", match={"share": 0.5, "by": "request"})
    urls = [f"{API}/statuses/show?id={number}" for number in range(4 * 10**15, 4 * 10**15 + 20)]
    first, again = [[(await guest.get(url)).status for url in urls] for _ in range(2)]
    assert first == again
    assert 0 < first.count(418) < 20
