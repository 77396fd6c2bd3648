"""Each known form of a refusal, of an empty list and of a removal, with its class and the signal that decides."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import Answer
from crawler.classify import Verdict, classify
from crawler.endpoints import (
    Endpoint,
    comments_show_url,
    extend_url,
    hotflow_url,
    profile_url,
    status_url,
    timeline_url,
)
from crawler.signals import SIGNALS, ResponseClass

SEEN = datetime(2026, 11, 24, tzinfo=UTC)
UID = "1743951792"
URLS = {
    Endpoint.TIMELINE: timeline_url(UID),
    Endpoint.PROFILE: profile_url(UID),
    Endpoint.STATUS: status_url("4059000000000001"),
    Endpoint.EXTEND: extend_url("4059000000000001"),
    Endpoint.HOTFLOW: hotflow_url("4059000000000001"),
    Endpoint.COMMENTS_SHOW: comments_show_url("4059000000000001"),
    Endpoint.REPOSTS: "https://m.weibo.cn/api/statuses/repostTimeline?id=4059000000000001&page=1",
    Endpoint.PAGE: f"https://m.weibo.cn/u/{UID}",
    Endpoint.DETAIL: "https://m.weibo.cn/detail/4059000000000001",
    Endpoint.AJAX_TIMELINE: f"https://weibo.com/ajax/statuses/mymblog?uid={UID}&page=1",
    Endpoint.AJAX_PROFILE: f"https://weibo.com/ajax/profile/info?uid={UID}",
}
HTML = b"<html><head><title>x</title></head><body></body></html>"
SIGN_IN = "https://passport.weibo.com/sso/signin?entry=wapsso&source=wapssowb&url=x"
GATE = "https://visitor.passport.weibo.cn/visitor/visitor?entry=sinawap&a=enter"
CAPTCHA = "https://m.weibo.cn/security?captcha=geetest"

Case = tuple[str, str, Endpoint, Any, int, dict[str, str]]


def case(
    response_class: str,
    signal: str,
    body: Any = HTML,
    status: int = 200,
    endpoint: Endpoint = Endpoint.TIMELINE,
    **headers: str,
) -> Case:
    return response_class, signal, endpoint, body, status, headers


def notice(words: str) -> dict[str, Any]:
    return {"ok": 0, "msg": words}


CASES = [
    # 432, 418, 414, 429, 403: refusals of the server in front, and of what is behind it
    case("visitor_gate", "status_432", status=432),
    case("visitor_gate", "status_432", b"", 432),
    case("blocked", "status_418", status=418),
    case("blocked", "status_414", status=414),
    case("blocked", "status_429", status=429, retry_after="7"),
    case("blocked", "status_403", status=403),
    case("blocked", "forbidden", {"error": "Forbidden"}, 403),
    case("blocked", "forbidden", {"error": "Forbidden"}, 200, Endpoint.AJAX_PROFILE),
    case("login_required", "login_words", {"ok": 0, "message": "前方有点拥堵，请登录后使用"}, 403),
    case("login_required", "login_words", {"ok": 0, "message": "前方有点拥堵，请登录后使用"}, 200, Endpoint.HOTFLOW),
    # redirects
    case("visitor_gate", "visitor_gate", b"", 302, location=GATE),
    case("visitor_gate", "visitor_gate", b"", 302, location="https://passport.weibo.com/visitor/visitor?a=enter"),
    case("login_required", "login_page", b"", 302, location=SIGN_IN),
    case("login_required", "login_page", b"", 302, location="https://login.sina.com.cn/sso/login.php"),
    case("login_required", "login_page", b"", 302, location="https://weibo.com/login.php?url=x"),
    case("login_required", "login_page", b"", 302, location="https://weibo.com/signup/signup.php"),
    case("network_error", "redirect_loop", b"", 302, location=URLS[Endpoint.TIMELINE]),
    case("network_error", "redirect_loop", b"", 302, location="/api/container/getIndex?again=1"),
    case("schema_drift", "shape", b"", 302, location="https://m.weibo.cn/elsewhere"),
    # ok -100 in its forms
    case("login_required", "ok_minus_100", {"ok": -100, "url": SIGN_IN}),
    case("login_required", "ok_minus_100", {"ok": -100, "url": SIGN_IN}, 200, Endpoint.PROFILE),
    case("login_required", "ok_minus_100", {"ok": -100, "url": "https://weibo.com/login.php?url=x"}),
    case(
        "login_required", "ok_minus_100", {"ok": -100, "msg": "请先登录", "url": "https://passport.weibo.cn/signin/x"}
    ),
    case("login_required", "ok_minus_100", {"ok": "-100"}),
    case("challenge", "ok_minus_100_captcha", {"ok": -100, "url": CAPTCHA}),
    case("login_required", "relogin", {"error_code": 21301, "error": "relogin!"}),
    case("login_required", "relogin", {"error": "relogin!"}),
    # captchas
    case("challenge", "captcha_panel", b'<html><div class="geetest_holder x"></div></html>'),
    case("challenge", "captcha_panel", b'<div class="geetest_panel"></div>', 200, Endpoint.PAGE),
    case("challenge", "captcha_panel", b'<div class="yidun_panel"></div>', 200, Endpoint.DETAIL),
    case("challenge", "captcha_hand_off", {"ok": 0, "msg": "", "url": CAPTCHA}),
    case("challenge", "captcha_hand_off", {"url": CAPTCHA, "data": {}}),
    # what is empty, perhaps only now
    case("suspiciously_empty", "empty_words", {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}),
    case("suspiciously_empty", "empty_words", {"ok": 0, "msg": "还没有人转发过"}, 200, Endpoint.REPOSTS),
    case("suspiciously_empty", "empty_words", {"ok": 0, "msg": "还没有人赞过"}, 200, Endpoint.REPOSTS),
    case("suspiciously_empty", "no_comments", {"ok": 0}, 200, Endpoint.HOTFLOW),
    case(
        "suspiciously_empty",
        "comments_closed",
        notice("由于博主设置，目前该内容暂不支持查看评论"),
        200,
        Endpoint.HOTFLOW,
    ),
    case("schema_drift", "shape", {"ok": 0}, 200, Endpoint.TIMELINE),
    # what is gone, and why
    case("removed", "post_gone", {"ok": 0, "errno": "20101", "msg": "该微博不存在"}, 200, Endpoint.STATUS),
    case("removed", "removed_words", notice("抱歉，此微博已被作者删除。查看帮助"), 200, Endpoint.STATUS),
    case(
        "removed", "removed_words", notice("抱歉，由于作者设置，你暂时没有这条微博的查看权限哦。"), 200, Endpoint.STATUS
    ),
    case("removed", "removed_words", notice("根据博主设置，此内容无法访问"), 200, Endpoint.EXTEND),
    case(
        "removed", "removed_words", notice("抱歉，作者已设置仅展示半年内微博，此微博已不可见。"), 200, Endpoint.STATUS
    ),
    case(
        "account_gone",
        "account_gone_words",
        notice("该账号因被投诉违反法律法规和《微博社区公约》的相关规定，现已无法查看。"),
    ),
    case(
        "account_gone", "account_gone_words", notice("该账号因用户自行申请关闭，现已无法查看。"), 200, Endpoint.PROFILE
    ),
    case("account_gone", "account_gone_words", notice("该账号行为异常，存在安全风险，用户验证之前暂时不能查看。")),
    case("account_gone", "account_gone_words", notice("抱歉，您当前访问的用户状态异常，暂时无法访问。")),
    case("not_found", "unknown_user", notice("该用户不存在(20003)"), 200, Endpoint.AJAX_PROFILE),
    case("not_found", "status_404", status=404),
    case("not_found", "status_404", status=410),
    # the way there and back
    case("network_error", "no_answer", b"", 0),
    case("network_error", "server_error", status=502),
    case("network_error", "server_error", {"ok": 0}, 504),
    case("network_error", "half_json", b'{"ok": 1, "data": {"cards": [{"card_ty'),
    case("network_error", "half_json", b"", 200, Endpoint.HOTFLOW),
    case("network_error", "half_page", b"<html><body><script>var $render_data = [{", 200, Endpoint.DETAIL),
    case("network_error", "half_page", b"<html><head>", 200, Endpoint.DETAIL),
    case("schema_drift", "shape", b'{"ok": 1, "data": oops}'),
    case("schema_drift", "shape", b"<html></html>", 200, Endpoint.DETAIL),
    case("schema_drift", "shape"),
]


def judged(endpoint: Endpoint, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    names = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
    return classify(Answer(URLS[endpoint], status, names, raw, SEEN), endpoint)


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one[0]}-{one[1]}-{one[2]}")
def test_every_known_form_has_its_class(one: Case) -> None:
    response_class, signal, endpoint, body, status, headers = one
    verdict = judged(endpoint, body, status, headers)
    assert (verdict.response_class.value, verdict.signal) == (response_class, signal), verdict.reason
    assert verdict.reason


def test_no_signal_is_without_a_case() -> None:
    elsewhere = {"visitor_system_page"}  # tests/crawler/test_classify.py
    assert {one[1] for one in CASES} | elsewhere >= {signal.name for signal in SIGNALS}


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("抱歉，此微博已被作者删除。", "deleted_by_author"),
        ("抱歉，此微博因被投诉违反《微博社区公约》的相关规定，现已无法查看。", "removed_by_platform"),
        ("抱歉，由于作者设置，你暂时没有这条微博的查看权限哦。", "hidden"),
        ("该账号因用户自行申请关闭，现已无法查看。", "account_gone"),
    ],
)
def test_a_removal_says_its_reason_by_its_text(words: str, kind: str) -> None:
    verdict = judged(Endpoint.STATUS, notice(words))
    assert verdict.response_class in (ResponseClass.REMOVED, ResponseClass.ACCOUNT_GONE)
    assert f"({kind})" in verdict.reason
    in_place = judged(Endpoint.STATUS, {"ok": 1, "data": {"id": "5", "text": words, "user": None}})
    assert in_place.response_class is verdict.response_class


@given(st.data())
def test_an_answer_that_is_cut_anywhere_is_a_network_error(data: st.DataObject) -> None:
    text = {"ok": 1, "data": {"cards": [{"n": -12.5e-3, "t": '中 "\\ \n', "b": [True, False, None, {}]}]}}
    body = json.dumps(text, ensure_ascii=data.draw(st.booleans())).encode()
    verdict = judged(Endpoint.TIMELINE, body[: data.draw(st.integers(0, len(body) - 1))])
    assert verdict.response_class is ResponseClass.NETWORK_ERROR


def test_recorded_answers_are_whole(shared: Path) -> None:
    body = (shared / "weibo" / "m_getIndex_timeline_107603_2019.json").read_bytes()
    assert judged(Endpoint.TIMELINE, body).response_class is ResponseClass.OK
    for place in range(0, len(body), len(body) // 50 + 1):
        assert judged(Endpoint.TIMELINE, body[:place]).response_class is ResponseClass.NETWORK_ERROR
