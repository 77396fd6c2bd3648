"""Scrubbing: what of a person is replaced, and what stays, wherever it stands. (Recordings: test_saved_answers.)"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.answers import Answer
from crawler.endpoints import Endpoint
from crawler.people import Pseudonymiser
from crawler.saved_answers import Fixture, SavedAnswerError
from crawler.scrubbing import scrub

SEEN = datetime(2026, 11, 24, 4, tzinfo=UTC)
ACCOUNT = {
    "id": 1743951792,
    "screen_name": "美国驻华大使馆",
    "verified": True,
    "verified_type": 1,
    "description": "使馆",
}
PERSON = {
    "id": 2007341923,
    "screen_name": "代斯daisy",
    "verified": False,
    "verified_type": -1,
    "description": "一个人",
    "avatar_hd": "https://tvax2.sinaimg.cn/crop.0.0.1.jpg?KID=imgbed,tva",
    "followers_count": "105.9万",
}


def scrubbed(document: Any, **headers: str) -> Fixture:
    body = json.dumps(document, ensure_ascii=False).encode()
    answer = Answer("https://m.weibo.cn/x", 200, headers, body, SEEN)
    return scrub(answer, Endpoint.TIMELINE, Pseudonymiser(b"k" * 32), "1743951792")


def test_a_person_is_replaced_wherever_it_is_named_and_is_the_same_everywhere() -> None:
    body = scrubbed(
        {
            "user": PERSON,
            "likers": ["2007341923", 2007341923],
            "title": "代斯daisy 赞过",
            "scheme": "sinaweibo://userinfo?uid=2007341923",
        }
    ).body
    number = str(body["user"]["id"])
    assert number != "2007341923"
    assert len(number) == 10
    assert body["likers"] == [number, int(number)]
    assert body["title"] == f"user{number} 赞过"
    assert body["scheme"] == f"sinaweibo://userinfo?uid={number}"
    assert body["user"]["followers_count"] == "105.9万"
    assert body["user"]["avatar_hd"] == "https://tvax1.sinaimg.cn/default.jpg"
    assert body["user"]["description"] == "今天天"


def test_words_of_a_person_are_filler_of_the_same_build_and_those_of_the_account_stay() -> None:
    html = "回复<a href='/n/代斯daisy'>@代斯daisy</a>:好! <span class=\"url-icon\"><img alt=[心]></span> 12 abc"
    body = scrubbed(
        {"text": html, "user": PERSON, "reply": {"text": "谢谢", "user": ACCOUNT}, "retweeted_status": {"text": "原文"}}
    ).body
    assert body["text"] == (
        "今天<a href='/n/USER'>@天气aaaaa</a>:很! <span class=\"url-icon\"><img alt=[心]></span> 12 aaa"
    )
    assert body["retweeted_status"]["text"] == "原文"
    own = scrubbed({"text": "使馆的话", "user": ACCOUNT}).body
    assert own == {"text": "使馆的话", "user": ACCOUNT}


def test_an_institution_stays_named_and_a_verified_person_does_not() -> None:
    paper = PERSON | {"id": 2656274875, "screen_name": "央视新闻", "verified": True, "verified_type": 3}
    star = PERSON | {"id": 1669879400, "screen_name": "Dear-某", "verified": True, "verified_type": 0}
    body = scrubbed({"users": [paper, star]}).body
    assert body["users"][0]["screen_name"] == "央视新闻"
    assert body["users"][1]["screen_name"].startswith("user")


def test_the_account_itself_stays_named_although_nobody_has_verified_it() -> None:
    account = ACCOUNT | {"verified": False, "verified_type": -1}
    assert scrubbed({"text": "使馆的话", "user": account}).body == {"text": "使馆的话", "user": account}


def test_secrets_of_the_session_are_gone() -> None:
    fixture = scrubbed(
        {"st": "a1b2c3", "data": {"token": "", "rid": "7_0_8"}}, **{"set-cookie": "SUB=x", "content-type": "text/html"}
    )
    assert fixture.body == {"st": "redacted", "data": {"token": "", "rid": "redacted"}}
    assert fixture.headers == {"content-type": "text/html"}


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(SavedAnswerError, match="is not JSON and can't be scrubbed"):
        scrub(Answer("", 200, {}, body, SEEN), Endpoint.HOTFLOW, Pseudonymiser(b"k" * 32))
