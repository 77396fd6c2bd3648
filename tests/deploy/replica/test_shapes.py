"""The replica's answers against recordings of Weibo, field by field: names and JSON types.

Both are read into a map of paths ("$.data.cards[].mblog.id") to the types seen there. What differs on purpose stands
in the lists below; anything else that differs is a fault of the replica.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.replica.guest import API, Guest, posts_of

Shape = dict[str, set[str]]
_KINDS = {
    type(None): "null",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    list: "list",
    dict: "object",
}

#: Names that the replica leaves out wherever they stand: decoration, advertisements, what a few posts had in 2019.
LEFT_OUT = {
    *("ab_switcher", "ad_state", "cardid", "expire_time", "mark", "mlevelSource", "obj_ext", "promotion_info"),
    *("readtimetype", "safe_tags", "timestamp_text", "version", "comment_badge", "more_info_users", "yellow_pic"),
    *("fid", "extern_safe", "hide_hot_flow", "reply_id", "reply_text", "longText"),
}
#: What only some rows have, in the recordings and in the replica, so that either side may lack it.
SOMETIMES = {
    *("verified_type_ext", "verified_reason", "page_info", "pics", "pic", "picStatus", "thumbnail_pic", "bmiddle_pic"),
    *("original_pic", "retweeted_status", "retweeted", "raw_text", "repost_type", "edit_at", "edit_count", "longText"),
    *("menu_edit_history", "deleted", "state", "list_idstr", "comments[]", "pic_ids[]", "textLength", "darwin_tags"),
    *("pic_ids", "idstr", "edit_config", "mblog_menu_new_style", "weibo_position", "show_attitude_bar"),
}
#: What the recorded lists could not show: pinned posts, groups of cards, figures of members since 2023.
ADDED = {"title", "isTop", "card_group", "svip", "showAppTips", "show_type", "extern_safe", "hide_hot_flow"}
#: Whose insides are not compared: badges are campaigns of their years, the players of 2019 had fifty addresses.
INSIDE = (".badge.", ".media_info.", ".comment_badge", ".page_info.", ".more_info_users", ".promotion_info")
#: Where the recording of 2019 happens to show one of the types that the same field has elsewhere.
_ORIGINAL = "$.data.cards[].mblog.retweeted_status"
MIXED = {
    *(f"{_ORIGINAL}.pics[].large.geo.{side}" for side in ("width", "height")),
    f"{_ORIGINAL}.user",
    "$.data.retweeted_status.user",
}


def shape_of(document: Any, path: str = "$", found: Shape | None = None) -> Shape:
    found = {} if found is None else found
    found.setdefault(path, set()).add(_KINDS[type(document)])
    if isinstance(document, dict):
        for name, value in document.items():
            shape_of(value, f"{path}.{name}", found)
    elif isinstance(document, list):
        for value in document:
            shape_of(value, f"{path}[]", found)
    return found


def compare(recorded: Any, answers: list[Any]) -> list[str]:
    """What differs, apart from what the lists above allow. Paths whose parent one side lacks are not looked at."""
    theirs, ours = shape_of(recorded), shape_of(answers[0])
    for answer in answers[1:]:
        shape_of(answer, "$", ours)
    problems = []
    for path, kinds in theirs.items():
        parent, _, name = path.rpartition(".")
        if any(part in path for part in INSIDE) or parent not in ours:
            continue
        if path not in ours:
            if name not in LEFT_OUT | SOMETIMES and not name.endswith("[]"):
                problems.append(f"missing: {path}")
        elif not ours[path] <= kinds and path not in MIXED:
            problems.append(f"type: {path} is {sorted(ours[path])}, recorded {sorted(kinds)}")
    for path in ours.keys() - theirs.keys():
        parent, _, name = path.rpartition(".")
        known = name.removesuffix("[]") in SOMETIMES | ADDED | {"pics", "card_group"} or name in SOMETIMES
        if parent in theirs and not known and not any(part in path for part in INSIDE):
            problems.append(f"added: {path}")
    return problems


def recorded(shared: Path, name: str) -> Any:
    return json.loads((shared / "weibo" / f"{name}.json").read_text(encoding="utf-8"))


async def _timelines(guest: Guest, pages: tuple[dict[str, int], ...] = ({"page": 1}, {"page": 2})) -> list[Any]:
    uids = (1743951792, 2297867557, 1938487875, 1663026093, 2394895404, 1974271741)
    answers = [await guest.timeline(uid, **page) for uid in uids for page in pages]
    return [answer for answer in answers if answer["ok"] == 1]


def test_the_comparison_finds_differences() -> None:
    theirs = {"id": "1", "text": "a", "user": {"id": 1}}
    assert compare(theirs, [theirs]) == []
    assert compare(theirs, [{"id": 1, "text": "a", "user": {"id": 1}}]) == ["type: $.id is ['int'], recorded ['str']"]
    assert compare(theirs, [{"id": "1", "text": "a", "user": {}}]) == ["missing: $.user.id"]
    assert compare(theirs, [{**theirs, "new": 1}]) == ["added: $.new"]


@pytest.mark.parametrize("era", ["2019"], indirect=True)
async def test_profile_and_timeline_of_2019(guest: Guest, shared: Path) -> None:
    profiles = [await guest.index(type="uid", value=uid) for uid in (1743951792, 2297867557)]
    assert compare(recorded(shared, "m_getIndex_profile_2019"), profiles) == []
    timelines = await _timelines(guest)
    assert compare(recorded(shared, "m_getIndex_timeline_107603_2019"), timelines) == []
    assert timelines[0]["data"]["cardlistInfo"]["page"] == 2
    assert not posts_of(timelines[0])[0]["created_at"].endswith("2017")


@pytest.mark.parametrize("era", ["2019"], indirect=True)
async def test_single_posts_of_2019(guest: Guest, shared: Path) -> None:
    mids = [post["mid"] for answer in (await _timelines(guest))[:6] for post in posts_of(answer)]
    shows = [(await guest.get(f"{API}/statuses/show?id={mid}")).json for mid in mids]
    assert compare(recorded(shared, "m_statuses_show_2019"), shows) == []
    extended = [(await guest.get(f"{API}/statuses/extend?id={mid}")).json for mid in mids]
    assert compare(recorded(shared, "m_statuses_extend_2019"), extended) == []


@pytest.mark.parametrize("era", ["2019"], indirect=True)
async def test_comments_of_2019(guest: Guest, shared: Path) -> None:
    mids = [post["mid"] for answer in (await _timelines(guest))[:3] for post in posts_of(answer)]
    hot = [(await guest.get(f"{API}/comments/hotflow?id={mid}&mid={mid}&max_id_type=0")).json for mid in mids]
    assert compare(recorded(shared, "m_comments_hotflow_2019"), [answer for answer in hot if answer["ok"]]) == []
    shown = [(await guest.get(f"{API}/api/comments/show?id={mid}&page=1")).json for mid in mids]
    assert compare(recorded(shared, "m_comments_show_2019"), [answer for answer in shown if answer["ok"]]) == []


@pytest.mark.parametrize("era", ["2019"], indirect=True)
async def test_posts_that_are_gone(guest: Guest, shared: Path) -> None:
    posts = [post for answer in await _timelines(guest) for post in posts_of(answer)]
    gone = [post["retweeted_status"] for post in posts if "retweeted_status" in post]
    deleted = [post for post in gone if post.get("deleted") == "1"]
    hidden = [post for post in gone if post["visible"].get("list_idstr") == "3"]
    assert deleted
    assert hidden
    whole = recorded(shared, "m_deleted_retweeted_status_2019")
    assert compare(whole, deleted) == []
    assert {post["text"] for post in deleted} == {whole["text"]}
    assert compare(recorded(shared, "m_hidden_halfyear_retweeted_status_2019"), hidden) == []


async def test_timeline_since_2022(guest: Guest, shared: Path) -> None:
    answers = await _timelines(guest, ({},))
    # The recording holds the content of `data` alone.
    one_card = {"ok": 1, "data": recorded(shared, "m_getIndex_timeline_107603_2022_one_card")}
    assert compare(one_card, answers) == []


async def test_comments_since_2026(guest: Guest) -> None:
    rows = []
    for post in posts_of(await guest.timeline(1743951792)):
        answer = (await guest.get(f"{API}/comments/hotflow?id={post['mid']}&mid={post['mid']}&max_id_type=0")).json
        rows += answer["data"]["data"] if answer["ok"] else []
    shape = shape_of(rows)
    numbers = {"$[].id", "$[].rootid", "$[].comments[].id", "$[].comments[].rootid", "$[].reply_count"}
    assert all(shape[path] == {"int"} for path in numbers)
    assert shape["$[].like_count"] == {"str"}
    assert shape["$[].comments"] == {"bool", "list"}
    assert all(row["source"].startswith("来自 ") for row in rows)
