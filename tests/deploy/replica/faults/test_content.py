"""Faults of the content: the answers change together, and `/faults/seen` says what they show; the truth stands."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.replica.conftest import MOMENT, write_clock
from tests.deploy.replica.faults.conftest import Controls
from tests.deploy.replica.guest import API, Guest, posts_of

US = 1743951792
BRAZIL = 2490644882


async def truth_of(controls: Controls, uid: int = US, limit: int = 40) -> list[dict[str, Any]]:
    posts: list[dict[str, Any]] = (await controls.get("/truth/posts", uid=uid, limit=limit))["posts"]
    return posts


async def listed(guest: Guest, uid: int = US, pages: int = 3) -> list[str]:
    """Ids in the timeline, by its cursor; the pinned one left out."""
    found, since = [], {}
    for _ in range(pages):
        page = await guest.timeline(uid, **since)
        found += [post["mid"] for post in posts_of(page) if post["mblogtype"] != 2]
        since = {"since_id": page["data"]["cardlistInfo"]["since_id"]}
    return found


async def show(guest: Guest, mid: str) -> Any:
    return (await guest.get(f"{API}/statuses/show?id={mid}")).json


async def pinned_of(controls: Controls, uid: int = US) -> str | None:
    pinned: str | None = (await controls.get("/truth/posts", uid=uid))["pinned"]
    return pinned


@pytest.mark.parametrize("by_page", [True, False])
async def test_removed_posts_leave_the_lists_and_nothing_else_does(
    guest: Guest, controls: Controls, by_page: bool
) -> None:
    written = await truth_of(controls, limit=60)
    pinned = await pinned_of(controls)
    gone = [written[place]["mid"] for place in (0, 3, 4, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 25)]
    await controls.add("removed", match={"mid": gone})
    wanted = [post["mid"] for post in written if post["mid"] not in (*gone, pinned)][:30]
    if by_page:
        pages = [posts_of(await guest.timeline(US, page=page)) for page in (1, 2, 3)]
        found = [post["mid"] for page in pages for post in page if post["mblogtype"] != 2]
    else:
        found = await listed(guest)
    assert found[:30] == wanted
    seen = (await controls.get("/faults/seen/posts", uid=US, limit=45))["posts"]
    assert [post["mid"] for post in seen] == [post["mid"] for post in written if post["mid"] not in gone]
    assert await truth_of(controls, limit=60) == written


@pytest.mark.parametrize(
    ("reason", "notice", "marks"),
    [
        ("author", None, {}),
        ("complaints", "因被投诉", {"state": 8, "deleted": "1"}),
        ("half-year", "仅展示半年内微博", {"visible": {"type": 0, "list_id": 3, "list_idstr": "3"}}),
        ("permission", "由于作者设置", {"visible": {"type": 1, "list_id": 0}}),
    ],
)
async def test_what_a_removed_post_answers_by_its_reason(
    guest: Guest, controls: Controls, reason: str, notice: str | None, marks: dict[str, Any]
) -> None:
    post = (await truth_of(controls))[2]
    mid = post["mid"]
    await controls.add("removed", name="it", reason=reason, match={"mid": mid})
    answer = await show(guest, mid)
    page = (await guest.get(f"{API}/detail/{mid}")).text
    if notice is None:
        assert answer == {"ok": 0, "errno": "20101", "msg": "该微博不存在"}
        assert "该微博不存在" in page
    else:
        assert notice in answer["data"]["text"]
        assert answer["data"]["user"] is None
        assert {name: answer["data"].get(name) for name in marks} == marks
        assert notice in page
    assert (await guest.get(f"{API}/statuses/extend?id={mid}")).json["ok"] == 0
    assert (await guest.get(f"{API}/comments/hotflow?id={mid}&mid={mid}&max_id_type=0")).json == {"ok": 0}
    seen = await controls.get("/faults/seen", mid=mid)
    assert (seen["exists"], seen["visible"], seen["why"], seen["fault"]) == (True, False, reason, "it")
    assert (seen["notice"] is None) == (notice is None)
    assert (await controls.get("/faults/seen/reposts", mid=mid))["reposts"] == []
    assert len((await controls.get("/truth/reposts", mid=mid, limit=1000))["reposts"]) == post["reposts"] > 0
    assert (await controls.get("/truth/post", mid=mid))["post"] == post


async def test_the_answer_of_a_removed_post_is_a_setting(guest: Guest, controls: Controls) -> None:
    first, second, *_ = await truth_of(controls)
    await controls.add("removed", name="a", answer="notice", match={"mid": first["mid"]})
    await controls.add("removed", name="b", reason="complaints", answer="20101", match={"mid": second["mid"]})
    answer = (await show(guest, first["mid"]))["data"]
    assert (answer["state"], answer["deleted"]) == (7, "1")
    assert "此微博已被作者删除" in answer["text"]
    assert (await show(guest, second["mid"]))["errno"] == "20101"


async def test_whoever_passes_a_removed_post_on_keeps_a_notice(guest: Guest, controls: Controls) -> None:
    posts = await truth_of(controls, limit=200)
    reposting = next(post for post in posts if post["original"] and not post["original_gone"])
    await controls.add("removed", reason="half-year", match={"mid": reposting["original"]})
    original = (await show(guest, reposting["mid"]))["data"]["retweeted_status"]
    assert (original["id"], original["user"]) == (reposting["original"], None)
    assert "仅展示半年内微博" in original["text"]
    seen = (await controls.get("/faults/seen", mid=reposting["mid"]))["post"]
    assert seen == reposting | {"original_gone": "hidden"}


async def test_deleted_posts_are_counted_no_more_and_hidden_ones_are(guest: Guest, controls: Controls) -> None:
    posts = await truth_of(controls)
    before = (await guest.index(type="uid", value=US))["data"]["userInfo"]["statuses_count"]
    await controls.add("removed", name="a", match={"mid": [posts[1]["mid"], posts[2]["mid"]]})
    await controls.add("removed", name="b", reason="half-year", match={"mid": posts[3]["mid"]})
    after = (await guest.index(type="uid", value=US))["data"]["userInfo"]["statuses_count"]
    assert after == before - 2
    assert (await guest.timeline(US))["data"]["cardlistInfo"]["total"] == after
    assert (await controls.get("/faults/seen", uid=US))["posts"] == after


async def test_a_share_is_removed_hours_after_publication_and_returns(
    guest: Guest, controls: Controls, clock_file: Path
) -> None:
    await controls.add("removed", after_h=24, for_h=48, match={"share": 0.5, "from": "2017-01-01T00:00:00Z"})
    history = {}
    for hours in (0, 30, 60):
        at = MOMENT + timedelta(hours=hours)
        write_clock(clock_file, at)
        written = await truth_of(controls)
        visible = set(await listed(guest, pages=3)) | {str(await pinned_of(controls))}
        for post in written[:25]:
            age = (at - datetime.fromisoformat(post["created_at"])) / timedelta(hours=1)
            seen = await controls.get("/faults/seen", mid=post["mid"])
            assert seen["visible"] == (post["mid"] in visible), post
            if not 24 <= age < 72:
                assert seen["visible"]
            history.setdefault(post["mid"], []).append((24 <= age < 72, seen["visible"]))
    struck = [mid for mid, moments in history.items() if (True, False) in moments]
    spared = [mid for mid, moments in history.items() if (True, True) in moments]
    assert struck
    assert spared
    assert not set(struck) & set(spared)
    assert any((False, True) in history[mid][history[mid].index((True, False)) :] for mid in struck)  # they return


async def test_edits(guest: Guest, controls: Controls, clock_file: Path) -> None:
    post = (await truth_of(controls))[5]
    begins = MOMENT + timedelta(hours=1)
    await controls.add("edited", edits=2, every_h=2, match={"mid": post["mid"], "from": begins.isoformat()})
    for hours, edits in ((0, 0), (1, 1), (3, 2), (50, 2)):
        write_clock(clock_file, MOMENT + timedelta(hours=hours))
        shown = (await show(guest, post["mid"]))["data"]
        seen = await controls.get("/faults/seen", mid=post["mid"])
        assert shown.get("edit_count", 0) == seen["post"]["edits"] == post["edits"] + edits
        assert shown["edit_config"]["edited"] == bool(edits)
        assert shown["text"].endswith(f"（第{edits}次修改）") == bool(edits)
        assert seen["post"]["text"] == post["text"] + (f"（第{edits}次修改）" if edits else "")
        if edits:
            assert datetime.fromisoformat(seen["edited_at"]) == begins + timedelta(hours=2 * (edits - 1))
        assert (await controls.get("/truth/post", mid=post["mid"]))["post"]["text"] == post["text"]


@pytest.mark.parametrize("counter", ["keeps", "zero"])
@pytest.mark.parametrize("form", ["curated", "forbidden"])
async def test_closed_comments(guest: Guest, controls: Controls, form: str, counter: str) -> None:
    post = max(await truth_of(controls), key=lambda found: int(found["comments"]))
    mid = post["mid"]
    comments = (await controls.get("/truth/comments", mid=mid, limit=1))["comments"]
    await controls.add("comments-closed", form=form, counter=counter, match={"mid": mid})
    answer = (await guest.get(f"{API}/comments/hotflow?id={mid}&mid={mid}&max_id_type=0")).json
    assert answer["ok"] == 0
    assert ("msg" in answer) == (form == "forbidden")
    assert (await guest.get(f"{API}/api/comments/show?id={mid}&page=1")).json == answer
    cid = comments[0]["id"]
    assert (await guest.get(f"{API}/comments/hotFlowChild?cid={cid}&max_id=0")).json == {"ok": 0}
    counted = post["comments"] if counter == "keeps" else 0
    assert counted > 0 or counter == "zero"
    assert (await show(guest, mid))["data"]["comments_count"] == counted
    seen = await controls.get("/faults/seen", mid=mid)
    assert seen["comments"] == form
    assert seen["post"] == post | {"comments": counted, "listed_comments": 0}
    assert (await controls.get("/faults/seen/comments", mid=mid))["comments"] == []


async def test_falling_and_capped_counters(guest: Guest, controls: Controls) -> None:
    falling, capped, *_ = [post for post in await truth_of(controls) if post["likes"] > 10 and post["reposts"] > 3]
    await controls.add("falling", factor=0.25, match={"mid": falling["mid"]})
    await controls.add("capped", match={"mid": capped["mid"]})
    found = {post["mid"]: post for page in (1, 2, 3, 4) for post in posts_of(await guest.timeline(US, page=page))}
    low = found[falling["mid"]]
    assert low["attitudes_count"] == int(falling["likes"] * 0.25)
    assert low["reposts_count"] == int(falling["reposts"] * 0.25)
    assert low["comments_count"] == falling["comments"]
    # Nobody is shown more reposts than the list counts: it ends where its counter says.
    rows = (await controls.get("/faults/seen/reposts", mid=falling["mid"], limit=1000))["reposts"]
    assert len(rows) == low["reposts_count"] > 0
    assert len((await controls.get("/truth/reposts", mid=falling["mid"], limit=1000))["reposts"]) == falling["reposts"]
    high = found[capped["mid"]]
    assert (high["reposts_count"], high["comments_count"]) == ("100万+", "100万+")
    assert high["attitudes_count"] == capped["likes"]
    for shown in (low, high):
        seen = await controls.get("/faults/seen", mid=shown["mid"])
        assert seen["shown"] == {name: shown[name] for name in seen["shown"]}
        extended = (await guest.get(f"{API}/statuses/extend?id={shown['mid']}")).json["data"]
        assert seen["shown"] == {name: extended[name] for name in seen["shown"]}
    assert {post["mid"]: post for post in await truth_of(controls)}[capped["mid"]] == capped


async def test_a_pinned_old_post(guest: Guest, controls: Controls) -> None:
    before = await listed(guest)
    await controls.add("pinned", days=400, match={"uid": US})
    page = await guest.timeline(US)
    top = page["data"]["cards"][0]
    assert top["profile_type_id"].startswith("proweibotop_")
    assert top["mblog"]["mblogtype"] == 2
    truth = (await controls.get("/truth/post", mid=top["mblog"]["mid"]))["post"]
    age = MOMENT - datetime.fromisoformat(truth["created_at"])
    assert timedelta(days=400) <= age < timedelta(days=430)
    # What was pinned before is back in its own place.
    assert [mid for mid in await listed(guest) if mid in before][:25] == before[:25]
    assert (await controls.get("/faults/seen", uid=US))["pinned"] == truth["mid"]


@pytest.mark.parametrize("place", [8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 21, 24])
async def test_pages_by_number_hold_every_post_once_with_one_pinned_and_some_removed(
    guest: Guest, controls: Controls, place: int
) -> None:
    written = [post["mid"] for post in await truth_of(controls)]
    gone = [written[number] for number in (0, 1, 5, 6, 16)]
    await controls.add("pinned", match={"mid": written[place]})
    await controls.add("removed", match={"mid": gone})
    pages = [[post["mid"] for post in posts_of(await guest.timeline(US, page=page))] for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [11, 10, 10]
    found = [mid for page in pages for mid in page]
    assert found[0] == written[place]
    assert sorted(found, key=int, reverse=True) == [mid for mid in written if mid not in gone][:31]


async def test_an_account_vanishes_and_returns(guest: Guest, controls: Controls, clock_file: Path) -> None:
    [post, *_] = await truth_of(controls)
    words = {"banned": "该账号因被投诉", "closed": "该账号因用户自行申请关闭", "at-risk": "该账号行为异常"}
    for hour, form in enumerate(("empty", *words)):
        begins = MOMENT + timedelta(hours=10 * hour + 1)
        bounds = {"uid": US, "from": begins.isoformat(), "until": (begins + timedelta(hours=3)).isoformat()}
        write_clock(clock_file, begins - timedelta(minutes=1))
        await controls.add("account-gone", name=form, form=form, match=bounds)
        assert (await guest.index(type="uid", value=US))["ok"] == 1
        write_clock(clock_file, begins)
        profile, timeline = await guest.index(type="uid", value=US), await guest.timeline(US)
        assert profile == timeline
        assert profile["ok"] == 0
        assert words.get(form, "这里还没有内容") in profile["msg"]
        answer = await show(guest, post["mid"])
        assert answer == {"ok": 0, "errno": "20101", "msg": "该微博不存在"} or words[form] in answer["data"]["text"]
        named = await guest.get(f"{API}/n/美国驻华大使馆")
        assert named.status == 200
        assert "用户不存在" in named.text
        assert (await controls.get("/faults/seen", uid=US))["why"] == form
        assert (await controls.get("/faults/seen", mid=post["mid"]))["why"] == f"account {form}"
        assert (await guest.index(type="uid", value=BRAZIL))["ok"] == 1
        write_clock(clock_file, begins + timedelta(hours=3))
        assert (await guest.index(type="uid", value=US))["ok"] == 1
        assert (await show(guest, post["mid"]))["ok"] == 1
        past = await controls.get("/faults/seen", uid=US, at=(begins + timedelta(hours=1)).isoformat())
        assert past["visible"] is False


async def test_an_account_has_another_name(guest: Guest, controls: Controls) -> None:
    [post, *_] = await truth_of(controls)
    await controls.add("account-renamed", match={"uid": US})
    assert (await guest.index(type="uid", value=US))["data"]["userInfo"]["screen_name"] == "美国驻华大使馆官微"
    assert (await show(guest, post["mid"]))["data"]["user"]["screen_name"] == "美国驻华大使馆官微"
    assert "用户不存在" in (await guest.get(f"{API}/n/美国驻华大使馆")).text
    answer = await guest.get(f"{API}/n/美国驻华大使馆官微")
    assert (answer.status, answer.headers["Location"]) == (302, f"/u/{US}")
    assert (await controls.get("/faults/seen", uid=US))["screen_name"] == "美国驻华大使馆官微"
    names = {row["uid"]: row["screen_name"] for row in (await controls.get("/truth"))["accounts"]}
    assert names[str(US)] == "美国驻华大使馆"


async def test_what_was_seen_before_a_fault_began_or_after_it_ended_stays(
    guest: Guest, controls: Controls, clock_file: Path
) -> None:
    mid = (await truth_of(controls))[3]["mid"]
    write_clock(clock_file, MOMENT + timedelta(hours=1))
    await controls.add("removed", match={"mid": mid})
    write_clock(clock_file, MOMENT + timedelta(hours=2))
    assert (await show(guest, mid))["ok"] == 0
    await controls.clear(name="removed")
    write_clock(clock_file, MOMENT + timedelta(hours=3))
    assert (await show(guest, mid))["ok"] == 1
    visible = {}
    for hours in (0.5, 1, 1.5, 2, 2.5):
        at = (MOMENT + timedelta(hours=hours)).isoformat()
        visible[hours] = (await controls.get("/faults/seen", mid=mid, at=at))["visible"]
    assert visible == {0.5: True, 1: False, 1.5: False, 2: True, 2.5: True}
