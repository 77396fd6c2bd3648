from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.endpoints import (
    CommentCursor,
    Endpoint,
    TimelineCursor,
    child_url,
    comments_show_url,
    config_url,
    endpoint_of,
    extend_url,
    hotflow_url,
    name_url,
    page_url,
    profile_detail_url,
    profile_url,
    reposts_url,
    status_url,
    timeline_url,
    uid_of,
)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        (profile_url("17"), Endpoint.PROFILE),
        (profile_detail_url("17"), Endpoint.PROFILE_DETAIL),
        (page_url("17"), Endpoint.PAGE),
        (timeline_url("17"), Endpoint.TIMELINE),
        (timeline_url("17", TimelineCursor(since_id="5")), Endpoint.TIMELINE),
        (extend_url("5"), Endpoint.EXTEND),
        (status_url("5"), Endpoint.STATUS),
        (hotflow_url("5"), Endpoint.HOTFLOW),
        (child_url("5"), Endpoint.HOTFLOW_CHILD),
        (comments_show_url("5"), Endpoint.COMMENTS_SHOW),
        (reposts_url("5", 2), Endpoint.REPOSTS),
        (config_url(), Endpoint.CONFIG),
        (name_url("美国驻华大使馆"), Endpoint.NAME),
        ("https://m.weibo.cn/detail/5335770762054635", Endpoint.DETAIL),
        ("https://m.weibo.cn/api/container/getIndex?containerid=10050517", Endpoint.PROFILE),
        ("https://weibo.com/ajax/statuses/buildComments?id=5", Endpoint.AJAX_COMMENTS),
        ("https://m.weibo.cn/api/container/getIndex", None),
        ("https://evil.example/api/config", None),
        ("https://m.weibo.cn/", None),
        ("https://[", None),
    ],
)
def test_each_address_is_known_again(url, endpoint):
    assert endpoint_of(url) is endpoint


@given(st.text())
def test_any_text_is_no_address_or_one(text):
    for url in (text, f"https://m.weibo.cn/{text}", f"https://m.weibo.cn/api/container/getIndex?containerid={text}"):
        endpoint_of(url)
        uid = uid_of(url)
        assert uid is None or (uid.isascii() and uid.isdigit())


def test_the_uid_in_an_address():
    for url in (profile_url("17"), timeline_url("17"), page_url("17"), profile_detail_url("17")):
        assert uid_of(url) == "17"
    assert uid_of("https://m.weibo.cn/api/container/getIndex?containerid=10760317_-_X") == "17"
    assert uid_of(status_url("5")) is None


def test_cursors_go_back_whole():
    query = parse_qs(urlsplit(hotflow_url("5", CommentCursor("9", 1))).query)
    assert query == {"id": ["5"], "mid": ["5"], "max_id": ["9"], "max_id_type": ["1"]}
    assert "max_id=" not in hotflow_url("5")
    assert timeline_url("17", TimelineCursor(page=3)).endswith("&page=3")
    assert "max_id=0&max_id_type=0" in child_url("5")
