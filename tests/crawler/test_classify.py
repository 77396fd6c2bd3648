import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import Answer
from crawler.classify import ResponseClass, classify
from crawler.endpoints import HTML_ENDPOINTS, Endpoint, timeline_url
from crawler.signals import SIGNALS

SEEN = datetime(2026, 11, 24, tzinfo=UTC)
TIMELINE = timeline_url("1743951792")
GOOD = (ResponseClass.OK, ResponseClass.END_OF_LIST)


def answer(body=b"", status=200, url=TIMELINE, headers=None):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return Answer(url, status, headers or {}, body, SEEN)


def judged(*arguments, endpoint=Endpoint.TIMELINE, **named):
    return classify(answer(*arguments, **named), endpoint).response_class


NAMES = ["ok", "data", "cards", "list", "url", "msg", "mblog", "text", "id", "user", "cardlistInfo", "max_id", "login"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
ANY_STATUS = st.integers(-5, 700)
ANY_URL = st.just(TIMELINE) | st.text() | st.just("https://[broken") | st.just("https://m.weibo.cn/u/")


@given(st.binary(), ANY_STATUS, ANY_URL, st.sampled_from(Endpoint), st.text())
def test_arbitrary_bytes_never_raise_and_are_never_good(body, status, url, endpoint, location):
    verdict = classify(Answer(url, status, {"location": location}, body, SEEN), endpoint)
    assert verdict.response_class not in GOOD or endpoint is Endpoint.NAME
    assert verdict.reason


@given(JSON, st.sampled_from(Endpoint))
def test_arbitrary_json_is_good_only_with_ok_and_what_the_endpoint_must_have(document, endpoint):
    verdict = classify(answer(document), endpoint)
    if verdict.response_class in GOOD and endpoint not in HTML_ENDPOINTS:
        assert document["ok"] == 1
        assert verdict.data == document


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"\xff\xfe{\x00", b'{"ok": ' + b"9" * 6000 + b"}", b'{"ok": NaN}', b"\xef\xbb\xbf[]"]
)
def test_hostile_bodies_are_drift(body):
    assert judged(body) is ResponseClass.SCHEMA_DRIFT


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0, ResponseClass.NETWORK_ERROR),
        (403, ResponseClass.BLOCKED),
        (404, ResponseClass.NOT_FOUND),
        (414, ResponseClass.BLOCKED),
        (418, ResponseClass.BLOCKED),
        (429, ResponseClass.BLOCKED),
        (432, ResponseClass.VISITOR_GATE),
        (502, ResponseClass.NETWORK_ERROR),
        (204, ResponseClass.SCHEMA_DRIFT),
        (451, ResponseClass.SCHEMA_DRIFT),
    ],
)
def test_status(status, expected):
    assert judged(b"<html>no</html>", status=status) is expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://visitor.passport.weibo.cn/visitor/visitor?entry=sinawap", ResponseClass.VISITOR_GATE),
        ("https://passport.weibo.com/visitor/visitor?a=enter", ResponseClass.VISITOR_GATE),
        ("https://passport.weibo.com/sso/signin?entry=wapsso", ResponseClass.LOGIN_REQUIRED),
        ("https://passport.weibo.cn/signin/welcome", ResponseClass.LOGIN_REQUIRED),
        ("https://login.sina.com.cn/", ResponseClass.LOGIN_REQUIRED),
    ],
)
def test_gates_by_redirect_and_by_final_address(address, expected):
    assert judged(status=302, headers={"location": address}) is expected
    assert judged({"ok": 1, "data": {"cards": [POST]}}, url=address) is expected


def test_a_captcha_is_known_by_its_rendered_panel_and_not_by_its_script():
    page = b'<div class="mod-fil-fans"></div><script src="gt4.js">var c="geetest_panel",CAPTCHA_TYPE="yidun"</script>'
    assert judged(page, endpoint=Endpoint.PAGE) is ResponseClass.OK
    captcha = page + b'<div class="geetest_panel x"></div>'
    assert judged(captcha, endpoint=Endpoint.PAGE) is ResponseClass.CHALLENGE
    assert judged({"ok": 0, "url": "https://m.weibo.cn/verify"}) is ResponseClass.CHALLENGE


def test_the_gates_page_is_the_gate():
    assert judged(b"<title>Sina Visitor System</title>", endpoint=Endpoint.PAGE) is ResponseClass.VISITOR_GATE


MBLOG = {
    "id": "1",
    "text": "a",
    "created_at": "Sat Jan 14 18:39:37 +0800 2023",
    "user": {"id": 1743951792},
    "reposts_count": 1,
    "comments_count": 1,
    "attitudes_count": 1,
}
POST = {"card_type": 9, "mblog": MBLOG}
COMMENT = {"id": 1, "text": "a", "created_at": "06-23", "user": {"id": 5, "screen_name": "x"}, "like_count": 0}


@pytest.mark.parametrize(
    ("info", "cards", "expected"),
    [
        ({"since_id": 4781413147084961}, [POST], ResponseClass.OK),
        ({"page": 2}, [POST], ResponseClass.OK),
        ({}, [POST], ResponseClass.END_OF_LIST),
        ({"total": 5}, [], ResponseClass.SUSPICIOUSLY_EMPTY),
        ({"total": 5}, [{"card_type": 99}], ResponseClass.SCHEMA_DRIFT),
        ({"total": 0}, [{"card_type": 4}], ResponseClass.SUSPICIOUSLY_EMPTY),
    ],
)
def test_timelines(info, cards, expected):
    assert judged({"ok": 1, "data": {"cardlistInfo": info, "cards": cards}}) is expected


@pytest.mark.parametrize("ok", [0, 2, None, True, "1", [1], {}])
def test_without_ok_nothing_is_good(ok):
    good = {"data": {"cardlistInfo": {"since_id": 5}, "cards": [POST]}}
    assert judged(good | {"ok": 1}) is ResponseClass.OK
    assert judged(good | {"ok": ok}) is ResponseClass.SCHEMA_DRIFT
    assert judged(good) is ResponseClass.SCHEMA_DRIFT


def test_only_the_cursor_says_that_comments_have_ended():
    def listed(**data):
        return judged({"ok": 1, "data": data}, endpoint=Endpoint.HOTFLOW)

    assert listed(data=[COMMENT], max_id=0) is ResponseClass.END_OF_LIST
    assert listed(data=[COMMENT], max_id=5) is ResponseClass.OK
    assert listed(data=[], max_id=5) is ResponseClass.SUSPICIOUSLY_EMPTY
    assert judged({"ok": 0}, endpoint=Endpoint.HOTFLOW) is ResponseClass.SUSPICIOUSLY_EMPTY


def test_a_profile_of_another_uid_is_the_wrong_account():
    body = {"ok": 1, "data": {"userInfo": {"id": 2, "screen_name": "x"}}}
    url = "https://m.weibo.cn/api/container/getIndex?type=uid&value=1"
    assert judged(body, url=url, endpoint=Endpoint.PROFILE) is ResponseClass.WRONG_ACCOUNT


def test_names():
    url = "https://m.weibo.cn/n/x"
    found = classify(answer(status=302, url=url, headers={"location": "/u/1743951792"}), Endpoint.NAME)
    assert (found.response_class, found.data) == (ResponseClass.OK, {"uid": "1743951792"})
    assert classify(answer(url="https://m.weibo.cn/u/17"), Endpoint.NAME).data == {"uid": "17"}
    nobody = '<p class="h5-4con">用户不存在</p>'.encode()
    assert judged(nobody, url=url, endpoint=Endpoint.NAME) is ResponseClass.NOT_FOUND
    assert judged(b"<p>?</p>", url=url, endpoint=Endpoint.NAME) is ResponseClass.SCHEMA_DRIFT


def test_detail_pages():
    status = json.dumps(MBLOG | {"id": "5"})
    script = f'<script>var $render_data = [{{"status":{status},"call":1}}][0] || {{}};</script>'
    verdict = classify(answer(script.encode()), Endpoint.DETAIL)
    assert verdict.response_class is ResponseClass.OK
    assert verdict.data["status"]["id"] == "5"
    assert judged(b"<script>var $render_data = [</script>", endpoint=Endpoint.DETAIL) is ResponseClass.SCHEMA_DRIFT


def test_the_table_says_what_it_is():
    assert len({signal.name for signal in SIGNALS}) == len(SIGNALS)
    assert all(signal.reason and signal.seen for signal in SIGNALS)
    assert not {signal.response_class for signal in SIGNALS} & set(GOOD)
