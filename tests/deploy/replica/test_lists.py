"""Timelines and comments: complete, in order, and equal to the truth of their moment, read by a reader of its own."""

from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.replica.server import Options, Ports, Replica
from tests.deploy.replica.conftest import MOMENT, write_clock
from tests.deploy.replica.guest import API, Guest, posts_of

Running = tuple[Replica, Ports]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


async def truth(running: Running, path: str, **query: object) -> Any:
    address = f"http://127.0.0.1:{running[1].control}{path}"
    async with aiohttp.ClientSession() as session, session.get(address, params=query) as response:
        assert response.status == 200, await response.text()
        return await response.json()


def moment_of(text: str) -> datetime:
    _, month, day, clock, offset, year = text.split()
    assert offset == "+0800"
    naive = datetime.fromisoformat(f"{year}-{_MONTHS.index(month) + 1:02d}-{day}T{clock}+08:00")
    return naive.astimezone(UTC)


def is_count(shown: object, exact: int) -> bool:
    """Whether a shown count can stand for the exact one."""
    if isinstance(shown, int):
        return shown == exact
    text = str(shown)
    if text.endswith("万+"):
        return exact >= int(text[:-2]) * 10_000
    if text.endswith("万"):
        return abs(float(text[:-1]) * 10_000 - exact) < 1_000
    return int(text) == exact


async def _uids(running: Running) -> list[str]:
    return [row["uid"] for row in (await truth(running, "/truth"))["accounts"]]


async def test_paging_gives_each_post_once_newest_first(running: Running, guest: Guest) -> None:
    known = (await truth(running, "/truth"))["accounts"]
    short = [row["uid"] for row in known if row["posts"] < 160]
    assert short
    for uid in short:
        mids: list[str] = []
        since: dict[str, Any] = {}
        while True:
            answer = await guest.timeline(uid, **since)
            assert answer["ok"] == 1
            assert len(posts_of(answer)) <= 11
            mids += [post["mid"] for post in posts_of(answer)]
            info = answer["data"]["cardlistInfo"]
            if "since_id" not in info:
                break
            since = {"since_id": info["since_id"]}
        told = await truth(running, "/truth/posts", uid=uid, limit=1000)
        assert sorted(mids) == sorted(post["mid"] for post in told["posts"])
        assert len(mids) == told["total"] == info["total"]
        ordered = mids[1:] if told["pinned"] else mids
        assert ordered == sorted(ordered, key=int, reverse=True)
        assert mids[0] == (told["pinned"] or max(mids, key=int))
        end = await guest.timeline(uid, since_id=min(mids, key=int))
        assert end == {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}


async def test_pages_by_number_are_the_same_list(running: Running, guest: Guest) -> None:
    uid = 1743951792
    by_since = posts_of(await guest.timeline(uid))
    for _ in range(2):
        by_since += posts_of(await guest.timeline(uid, since_id=by_since[-1]["mid"]))
    by_page = [post for page in (1, 2, 3) for post in posts_of(await guest.timeline(uid, page=page))]
    second = []
    for page in (1, 2, 3):
        container = f"230413{uid}_-_WEIBO_SECOND_PROFILE_WEIBO"
        second += posts_of(await guest.index(containerid=container, page_type="03", page=page))
    assert [post["mid"] for post in by_since] == [post["mid"] for post in by_page]
    assert [post["mid"] for post in by_page] == [post["mid"] for post in second]


async def test_pages_by_number_skip_only_the_pinned_post(running: Running, guest: Guest) -> None:
    places = []
    for row in (await truth(running, "/truth"))["accounts"]:
        told = await truth(running, "/truth/posts", uid=row["uid"], limit=320)
        order = [post["mid"] for post in told["posts"]]
        if told["pinned"] not in order[:290]:
            continue
        place = order.index(told["pinned"])
        order.remove(told["pinned"])
        for page in (max(1, place // 10), place // 10 + 1, place // 10 + 2):
            shown = [post["mid"] for post in posts_of(await guest.timeline(row["uid"], page=page))]
            assert [mid for mid in shown if mid != told["pinned"]] == order[page * 10 - 10 : page * 10]
        places.append(place)
    assert len(places) > 3


async def test_a_pinned_post_stands_on_top_once(running: Running, guest: Guest) -> None:
    pinned = []
    for uid in await _uids(running):
        told = await truth(running, "/truth/posts", uid=uid, limit=1)
        answer = await guest.timeline(uid)
        marked = [post["mid"] for post in posts_of(answer) if post["mblogtype"] == 2]
        assert marked == ([told["pinned"]] if told["pinned"] else [])
        if told["pinned"]:
            first = answer["data"]["cards"][0]
            assert first["profile_type_id"] == f"proweibotop_{told['pinned']}"
            pinned.append(uid)
    assert 3 <= len(pinned) < 40


async def test_every_answer_is_the_truth_of_its_moment(running: Running, guest: Guest, clock_file: Path) -> None:
    for days in (0, 1, 6):
        write_clock(clock_file, MOMENT + timedelta(days=days, seconds=days * 1234.567))
        for row in (await truth(running, "/truth"))["accounts"]:
            user = (await guest.index(type="uid", value=row["uid"]))["data"]["userInfo"]
            assert is_count(user["followers_count"], row["followers"])
            assert (user["statuses_count"], user["follow_count"]) == (row["posts"], row["following"])
            assert (user["screen_name"], user["verified"]) == (row["screen_name"], row["verified"])
            for shown in posts_of(await guest.timeline(row["uid"]))[:2]:
                exact = (await truth(running, "/truth/post", mid=shown["mid"]))["post"]
                assert is_count(shown["reposts_count"], exact["reposts"])
                assert is_count(shown["comments_count"], exact["comments"])
                assert shown["attitudes_count"] == exact["likes"]
                assert (shown["bid"], shown["isLongText"]) == (exact["bid"], exact["is_long"])
                assert moment_of(shown["created_at"]).isoformat() == exact["created_at"]
                assert moment_of(shown["created_at"]) <= MOMENT + timedelta(days=days + 1)
                assert ("edit_at" in shown) == bool(exact["edits"])


async def test_long_texts_are_cut_and_extended(running: Running, guest: Guest) -> None:
    found = 0
    since: dict[str, Any] = {}
    for _ in range(4):
        answer = await guest.timeline(1743951792, **since)
        since = {"since_id": answer["data"]["cardlistInfo"]["since_id"]}
        for shown in posts_of(answer):
            long = shown["isLongText"]
            assert shown["text"].endswith(f'<a href="/status/{shown["mid"]}">全文</a>') == long
            whole = (await guest.get(f"{API}/statuses/extend?id={shown['mid']}")).json["data"]
            by_bid = (await guest.get(f"{API}/statuses/show?id={shown['bid']}")).json["data"]
            assert by_bid["text"] == whole["longTextContent"]
            assert by_bid["mid"] == shown["mid"]
            assert ("longText" in by_bid) == long
            if long:
                found += 1
                assert len(whole["longTextContent"]) > len(shown["text"])
                assert whole["longTextContent"].startswith(shown["text"].partition("...<a")[0][:60])
            exact = (await truth(running, "/truth/post", mid=shown["mid"]))["post"]
            assert unescape(whole["longTextContent"]).count("<script>") == exact["text"].count("<script>")
            assert "<script" not in whole["longTextContent"]
    assert found


async def test_hot_comments_and_replies_are_complete(running: Running, guest: Guest) -> None:
    deep = False
    for shown in posts_of(await guest.timeline(1743951792))[:6]:
        mid = shown["mid"]
        told = await truth(running, "/truth/comments", mid=mid, limit=1000)
        roots: dict[str, Any] = {}
        replies: dict[str, Any] = {}
        cursor = "max_id_type=0"
        while True:
            answer = (await guest.get(f"{API}/comments/hotflow?id={mid}&mid={mid}&{cursor}")).json
            data = answer["data"]
            for row in data["data"]:
                assert str(row["id"]) not in roots
                roots[str(row["id"])] = row
                child = (await guest.get(f"{API}/comments/hotFlowChild?cid={row['id']}&max_id=0&max_id_type=0")).json
                children = child.get("data", [])
                assert len(children) == row["total_number"]
                assert [c["id"] for c in children][:2] == [c["id"] for c in row["comments"] or []]
                replies |= {str(c["id"]): c for c in children}
            if data["max_id"] == 0:
                break
            deep = deep or data["max_id_type"] == 1
            without_type = f"{API}/comments/hotflow?id={mid}&mid={mid}&max_id={data['max_id']}"
            assert (await guest.get(without_type)).json["ok"] == 1 - data["max_id_type"]
            cursor = f"max_id={data['max_id']}&max_id_type={data['max_id_type']}"
        assert {row["id"]: str(row["likes"]) for row in told["comments"]} == {
            key: row["like_count"] for key, row in roots.items()
        }
        assert {reply["id"] for row in told["comments"] for reply in row["children"]} == set(replies)
        assert len(roots) + len(replies) == told["total"] == data["total_number"]
        exact = (await truth(running, "/truth/post", mid=mid))["post"]
        assert exact["comments"] >= told["total"]
        first = (await guest.get(f"{API}/api/comments/show?id={mid}&page=1")).json["data"]
        by_time = first["data"]
        for page in range(2, first["max"] + 1):
            by_time += (await guest.get(f"{API}/api/comments/show?id={mid}&page={page}")).json["data"]["data"]
        everything = [*told["comments"], *(reply for row in told["comments"] for reply in row["children"])]
        assert [str(row["id"]) for row in by_time] == sorted((row["id"] for row in everything), key=int, reverse=True)
        assert {str(row["id"]): str(row["reply_id"]) for row in by_time if "reply_id" in row} == {
            reply["id"]: row["id"] for row in told["comments"] for reply in row["children"]
        }
        people = {person["uid"] for person in (await truth(running, "/truth/people", mid=mid))["people"]}
        seen = {str(row["user"]["id"]) for row in [*roots.values(), *replies.values()]}
        # Who passed the post on is among them too.
        assert people >= seen - {"1743951792"}
    assert deep


async def test_hot_comments_end_at_the_deepest_page(tmp_path: Path, clock_file: Path) -> None:
    replica = Replica(Options(tmp_path / "shallow", clock_file=clock_file, deepest_page=2))
    ports = await replica.start()
    try:
        async with Guest(ports.proxy, replica.ca_file) as visitor:
            await visitor.pass_gate()
            posts = posts_of(await visitor.timeline(1743951792))
            mid = max(posts, key=lambda post: post["comments_count"])["mid"]
            cursor, seen = "max_id_type=0", []
            for _ in range(3):
                answer = (await visitor.get(f"{API}/comments/hotflow?id={mid}&mid={mid}&{cursor}")).json
                seen.append(answer["ok"])
                data = answer.get("data", {"max_id": 0, "max_id_type": 0})
                cursor = f"max_id={data['max_id']}&max_id_type={data['max_id_type']}"
            assert seen == [1, 1, -100]
    finally:
        await replica.stop()


@pytest.mark.parametrize("path", ["/api/comments/show", "/api/statuses/repostTimeline"])
async def test_too_deep_asks_for_a_login(guest: Guest, path: str) -> None:
    mid = posts_of(await guest.timeline(1743951792))[0]["mid"]
    assert (await guest.get(f"{API}{path}?id={mid}&page=101")).json["ok"] == -100


async def test_who_passed_a_post_on_is_told_by_truth_and_list_alike(running: Running, guest: Guest) -> None:
    posts = (await truth(running, "/truth/posts", uid="1743951792", limit=30))["posts"]
    post = next(post for post in posts if 20 < post["reposts"] < 200)
    told = await truth(running, "/truth/reposts", mid=post["mid"], limit=1000)
    assert told["total"] == post["reposts"]
    shown: list[dict[str, Any]] = []
    for page in range(1, -(-post["reposts"] // 10) + 1):
        answer = (await guest.get(f"{API}/api/statuses/repostTimeline?id={post['mid']}&page={page}")).json
        shown += answer["data"]["data"]
    assert [(str(row["id"]), str(row["user"]["id"])) for row in shown] == [
        (row["id"], row["author"]) for row in told["reposts"]
    ]
    part = await truth(running, "/truth/reposts", mid=post["mid"], offset=5, limit=3)
    assert part["reposts"] == told["reposts"][5:8]
