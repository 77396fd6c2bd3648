from dataclasses import replace

import pytest

from crawler.endpoints import CommentCursor
from crawler.parsing.comments import parse_children, parse_comments
from crawler.parsing.errors import DriftError
from crawler.people import Pseudonymiser

POST = "5335770762054635"
PERSON = {"id": 7001, "screen_name": "张三", "verified": False, "verified_type": -1}


def row(number, **changes):
    return {
        "id": number,
        "rootid": number,
        "created_at": "Tue Nov 24 11:00:00 +0800 2026",
        "text": "好",
        "source": "来自 北京",
        "like_count": "2007",
        "total_number": 0,
        "user": PERSON,
    } | changes


def listed(*rows, **data):
    return {"ok": 1, "data": {"data": list(rows), "max_id": 0} | data}


def test_a_person_leaves_no_name_and_no_id(context):
    rows = [
        row(1, text="回复<a href='/n/李四'>@李四</a>:对 @王五 //@赵六:嗯 <a href='/n/x'>@美国驻华大使馆</a>"),
        row(2, comments=[row(3, rootid=2, text="@张三 好")], total_number=1),
    ]
    page = parse_comments(listed(*rows), context, POST)
    written = "".join(event.model_dump_json() for event in page.events)
    for raw in ("张三", "李四", "王五", "赵六", "7001"):
        assert raw not in written
    assert "@美国驻华大使馆" in written
    assert len({event.author_key for event in page.events}) == 1


def test_the_operator_may_want_people_as_they_are(context):
    rows = [row(1, text="回复<a href='/n/李四'>@李四</a>:对 weibo.com/u/7000000017")]
    plain, raw = (
        parse_comments(listed(*rows), replace(context, people=Pseudonymiser(b"0123456789abcdef", raw)), POST).events[0]
        for raw in (False, True)
    )
    assert (plain.author_name, plain.author_uid) == (None, None)
    assert (raw.author_name, raw.author_uid) == ("张三", "7001")
    assert raw.text == "回复@李四:对 weibo.com/u/7000000017"
    assert raw.author_key == plain.author_key


def test_a_drifted_author_is_not_quoted(context):
    page = parse_comments(listed(row(1), row(2, user={"id": "张三", "screen_name": "张三"})), context, POST)
    assert page.problems
    assert not any("张三" in problem for problem in page.problems)


def test_institutions_and_registered_accounts_are_named(context):
    rows = [
        row(1, user={"id": 5, "screen_name": "新华社", "verified": True, "verified_type": 3}),
        row(2, user={"id": 1743951792, "screen_name": "美国驻华大使馆"}),
        row(3, user={"id": 1918101143, "screen_name": "澳大利亚"}),
        row(4),
    ]
    page = parse_comments(listed(*rows), context, POST)
    assert [(event.author_name, event.author_account_id) for event in page.events] == [
        ("新华社", None),
        ("美国驻华大使馆", "us-embassy"),
        ("澳大利亚", "au-embassy"),
        (None, None),
    ]


def test_inline_children_and_threads_that_go_on(context):
    page = parse_comments(
        listed(row(1, comments=[row(2, rootid=1)], total_number=3), row(3, comments=False), max_id=9, max_id_type=1),
        context,
        POST,
    )
    assert [(event.comment_id, event.root_id, event.order) for event in page.events] == [
        ("1", None, "hot"),
        ("2", "1", "reply"),
        ("3", None, "hot"),
    ]
    assert page.truncated_threads == (("1", 3),)
    assert page.cursor == CommentCursor("9", 1)
    assert (page.events[0].likes, page.events[0].region) == (2007, "北京")


@pytest.mark.parametrize(
    "data",
    [
        {"ok": 1, "data": [row(2, rootid=1)], "max_id": 5, "total_number": 4, "rootComment": row(1)},
        {"ok": 1, "data": {"data": [row(2, rootid=1)], "max_id": 5, "total_number": 4}},
    ],
)
def test_both_shapes_of_child_comments(context, data):
    page = parse_children(data, context, POST, "1")
    assert [(event.comment_id, event.root_id, event.order) for event in page.events] == [("2", "1", "reply")]
    assert (page.cursor, page.total) == (CommentCursor("5", 0), 4)


def test_pages_of_comments_show(context):
    data = {"ok": 1, "data": {"data": [row(1)], "hot_data": [row(1, text="好"), row(2)], "max": 2, "total_number": 3}}
    first = parse_comments(data, context, POST, "time", page=1)
    assert [(event.comment_id, event.order) for event in first.events] == [("1", "hot"), ("2", "hot")]
    assert first.cursor == CommentCursor("2")
    assert parse_comments(data, context, POST, "time", page=2).cursor is None


def test_the_version_is_what_it_says(context):
    def version(**changes):
        return parse_comments(listed(row(1, **changes)), context, POST).events[0].content_version

    assert version() == version(like_count=5, total_number=8, source="", created_at="刚刚")
    assert version() != version(text="坏")
    assert version() != version(pic={"pid": "x"})


def test_a_drifted_comment_loses_no_other(context):
    page = parse_comments(listed(row(1, user=None), row(2), row(3, like_count="?")), context, POST)
    assert [event.comment_id for event in page.events] == ["2", "3"]
    assert page.events[1].likes is None
    assert len(page.problems) == 2
    with pytest.raises(DriftError):
        parse_comments(listed(row(1, user=None)), context, POST)
    with pytest.raises(DriftError):
        parse_comments({"ok": 1, "data": {}}, context, POST)


def test_rows_of_the_list_itself_are_told_from_what_stands_beside_them(context):
    data = {"ok": 1, "data": {"data": [row(1), row(3, user=None)], "hot_data": [row(1), row(2)], "max": 1}}
    page = parse_comments(data, context, POST, "time")
    assert (page.rows, page.unreadable) == (("1",), 1)
    page = parse_comments(listed(row(1, comments=[row(2, rootid=1)], total_number=1), row(3)), context, POST)
    assert page.rows == ("1", "3")
