import pytest

from crawler.endpoints import CommentCursor
from crawler.parsing.errors import DriftError
from crawler.parsing.reposts import parse_reposts

POST = "5335770762054635"
PERSON = {"id": 7001, "screen_name": "张三", "verified": False, "verified_type": -1}


def row(number, **changes):
    return {
        "id": number,
        "raw_text": "转发微博",
        "text": "转发微博",
        "created_at": "刚刚",
        "user": PERSON,
        "like_counts": 2,
        "liked": False,
    } | changes


def listed(*rows, **data):
    inner = {"data": list(rows), "total_number": 21, "hot_total_number": 0, "max": 3} | data
    return {"ok": 1, "msg": "数据获取成功", "data": inner}


def test_a_repost_says_when_and_with_which_words_and_not_who(context):
    text = "好 //<a href='/n/李四'>@李四</a>:嗯//@王五 :哈"
    page = parse_reposts(listed(row(1, text=text), row(2, source="来自 北京")), context, POST)
    written = "".join(event.model_dump_json() for event in page.events)
    for raw in ("张三", "李四", "王五", "7001"):
        assert raw not in written
    first, second = page.events
    assert (first.post_id, first.repost_id, first.likes, first.created_at) == (POST, "1", 2, context.observed_at)
    assert first.author_key == second.author_key
    assert (first.region, second.region) == (None, "北京")
    assert first.event_id == f"repost:1:{first.content_version}"
    assert first.key == POST


def test_institutions_are_named(context):
    press = {"id": 5, "screen_name": "新华社", "verified": True, "verified_type": 3}
    embassy = {"id": 1918101143, "screen_name": "澳大利亚"}
    page = parse_reposts(listed(row(1, user=press), row(2, user=embassy)), context, POST)
    assert [(event.author_name, event.author_account_id) for event in page.events] == [
        ("新华社", None),
        ("澳大利亚", "au-embassy"),
    ]


def test_pages_end_where_the_list_says(context):
    assert parse_reposts(listed(row(1)), context, POST, 2).cursor == CommentCursor("3")
    assert parse_reposts(listed(row(1)), context, POST, 3).cursor is None
    assert parse_reposts(listed(), context, POST, 1).cursor is None
    assert parse_reposts(listed(row(1)), context, POST).total == 21


def test_a_drifted_repost_loses_no_other(context):
    page = parse_reposts(listed(row(1, user=None), row(2), row(2), row(3, text=None, raw_text=None)), context, POST)
    assert [event.repost_id for event in page.events] == ["2"]
    assert (page.unreadable, len(page.problems)) == (2, 2)
    with pytest.raises(DriftError):
        parse_reposts(listed(row(1, user=None)), context, POST)
    with pytest.raises(DriftError):
        parse_reposts({"ok": 1, "data": {}}, context, POST)
