"""Pages, names, and the other hosts; the page of an account in a real browser."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from deploy.replica.server import Ports, Replica
from tests.deploy.replica.guest import API, Guest, posts_of

Running = tuple[Replica, Ports]
UID = 1743951792


async def test_a_name_leads_to_its_page(guest: Guest) -> None:
    answer = await guest.get(f"{API}/n/{quote('美国驻华大使馆')}")
    assert (answer.status, answer.headers["Location"]) == (302, f"/u/{UID}")
    unknown = await guest.get(f"{API}/n/{quote('没有这个人<b>')}")
    assert unknown.status == 200
    assert '<p class="h5-4con">用户不存在</p>' in unknown.text


async def test_the_page_of_a_post_holds_its_json(guest: Guest) -> None:
    for post in posts_of(await guest.timeline(UID)):
        for path in (f"/detail/{post['mid']}", f"/status/{post['bid']}"):
            page = await guest.get(API + path)
            found = re.search(r"\$render_data = \[(.*)\]\[0\] \|\| \{\};", page.text, re.DOTALL)
            assert found
            status = json.loads(found[1])["status"]
            assert (status["mid"], status["reposts_count"]) == (post["mid"], post["reposts_count"])
            assert page.text.count("</script>") == 1


async def test_what_does_not_exist(guest: Guest) -> None:
    assert (await guest.index(type="uid", value=1))["ok"] == 0
    assert (await guest.index(containerid="1076031")) == {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}
    gone = {"ok": 0, "errno": "20101", "msg": "该微博不存在"}
    for number in ("1", "9" * 16, "4383183661430868", "HyTZc60ew", "zzzzzzzzzzzz", quote("<script>")):
        assert (await guest.get(f"{API}/statuses/show?id={number}")).json == gone
    assert (await guest.get(f"{API}/api/nothing")).status == 404
    assert (await guest.get(f"{API}/robots.txt")).status == 404
    assert (await guest.get(f"{API}/comments/hotFlowChild?cid=1")).json == {"ok": 0}


async def test_the_details_of_an_account(guest: Guest) -> None:
    cards = (await guest.index(containerid=f"230283{UID}_-_INFO"))["data"]["cards"]
    rows = {row["item_name"]: row["item_content"] for row in cards[0]["card_group"] if "item_name" in row}
    assert rows["昵称"] == "美国驻华大使馆"
    assert {"注册时间", "IP属地"} <= set(rows)


async def test_other_hosts_know_no_guest(guest: Guest) -> None:
    refused = await guest.get(f"https://weibo.com/ajax/profile/info?uid={UID}")
    assert refused.json["ok"] == -100
    opened = await guest.get(f"https://weibo.com/ajax/profile/info?uid={UID}", **{"Sec-Fetch-Mode": "navigate"})
    assert (opened.status, opened.json) == (403, {"error": "Forbidden"})
    page = await guest.get(f"https://weibo.com/u/{UID}")
    assert page.headers["Location"].startswith("https://passport.weibo.com/sso/signin?")
    assert (await guest.get(page.headers["Location"])).status == 200
    assert (await guest.get("https://login.sina.com.cn/x")).status == 404
    picture = await guest.get("https://wx1.sinaimg.cn/large/x.jpg")
    assert picture.headers["Content-Type"] == "image/gif"


@pytest.mark.stack
async def test_a_browser_passes_the_gate_and_paints_the_page(running: Running, guest: Guest, browser: Path) -> None:
    from playwright.async_api import async_playwright

    replica, ports = running
    key = (Path(replica.ca_file).parent / "ca.spki").read_text().strip()
    expected = posts_of(await guest.timeline(UID))
    user = (await guest.index(type="uid", value=UID))["data"]["userInfo"]
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(
            executable_path=browser,
            args=["--no-sandbox", f"--ignore-certificate-errors-spki-list={key}"],
            proxy={"server": f"http://127.0.0.1:{ports.proxy}"},
        )
        context = await chromium.new_context(viewport={"width": 412, "height": 915})
        page = await context.new_page()
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("requestfailed", lambda request: failures.append(request.url))
        await page.goto(f"{API}/u/{UID}")
        await page.wait_for_selector(".weibo-main .weibo-text", timeout=60_000)
        assert page.url == f"{API}/u/{UID}"
        assert await page.inner_text(".mod-fil-name .txt-shadow") == user["screen_name"]
        fans = await page.locator(".mod-fil-fans > div.txt-shadow").all_inner_texts()
        assert fans == [f"关注{user['follow_count']}", f"粉丝{user['followers_count']}"]
        cards = page.locator(".wb-item-wrap > .wb-item > .card.m-panel.card9")
        assert await cards.count() == len(expected)
        for place, post in enumerate(expected):
            numbers = await cards.nth(place).locator("footer .m-diy-btn h4").all_inner_texts()
            counts = (post["reposts_count"], post["comments_count"], post["attitudes_count"])
            for shown, count, word in zip(numbers, counts, ("转发", "评论", "赞"), strict=True):
                assert shown == (str(count) if count else word) or "万" in shown
        await page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        await page.wait_for_function(f"document.querySelectorAll('.card9').length > {len(expected)}", timeout=60_000)
        assert failures == []
        await chromium.close()
