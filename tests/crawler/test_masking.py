"""Nobody is left in a body that is kept in quarantine, wherever a drifted schema puts them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import Answer
from crawler.classify import classify
from crawler.masking import masked, masked_sentence
from crawler.parsing.context import Context
from crawler.people import Pseudonymiser
from crawler.saved_answers import SavedAnswer, events_of
from tests.crawler.test_recordings import RECORDINGS, Recording, answer_of

SEEN = datetime(2026, 11, 24, 4, tzinfo=UTC)
UID, NAME = "1743951792", "美国驻华大使馆"
PERSON, NICK = 7000000997, "小王Wang_2016🐰"
STAR_POST = "4383183661430868"


def context(uid: str | None = UID, name: str | None = NAME) -> Context:
    registered = {"1987630007": "fr-embassy"}
    return Context("us-embassy", uid, name, SEEN, Pseudonymiser(b"k" * 32), registered.get)


def text_of(document: Any) -> str:
    return masked(json.dumps(document, ensure_ascii=False).encode(), context())


def recording(name: str) -> Recording:
    return next(one for one in RECORDINGS if one.name == name)


PEOPLE = {"id": PERSON, "screen_name": NICK, "verified": False, "verified_type": -1}
EMBASSY = {"id": int(UID), "screen_name": NAME, "verified": True, "verified_type": 1}
PLACES = [
    {"user": PEOPLE},
    {"user": {"uid": PERSON, "nick": NICK}},
    {"author": {"idstr": str(PERSON), "name": NICK, "avatar": f"https://tvax.sinaimg.cn/{PERSON}.jpg"}},
    {"owner_id": PERSON, "owner": NICK},
    {"likers": [[PERSON, NICK]]},
    {"text": f"<a href='/n/{NICK}'>@{NICK}</a>: 你好 {PERSON}", "user": PEOPLE},
    {"text": f"回复@{NICK}:谢谢", "user": PEOPLE},
    {"content": f"{NICK} 说 {PERSON}"},
    {"scheme": f"https://m.weibo.cn/profile/{PERSON}?name={NICK}"},
    {"containerid": f"107603{PERSON}", "itemid": f"107603{PERSON}_-_4059000000000001"},
    {"analysis_extra": f"author_uid:{PERSON}|mid:4059000000000001"},
    {NICK: {"count": 5}, str(PERSON): 1},
    {"type": NICK, "bid": NICK, "created_at": NICK},
    # Words of the embassy that speak of a person.
    {"text": f"感谢<a href='/n/{NICK}'>@{NICK}</a>，<a href='/u/{PERSON}'>主页</a>//@{NICK}:转", "user": EMBASSY},
    {"text": "早", "user": EMBASSY, "liked_by": [{"nick": NICK, "number": PERSON}]},
]


def assert_nobody(text: str) -> None:
    assert NICK not in text
    assert "小王" not in text
    assert "Wang" not in text
    assert "🐰" not in text
    assert str(PERSON) not in text


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ",".join(map(str, place))[:30])
def test_nobody_is_left_wherever_they_stand(place: dict[str, Any]) -> None:
    assert_nobody(text_of({"ok": 1, "data": {"data": [place], "max_id": 0}}))
    assert_nobody(text_of({"ok": 2, "msg": "x", **place}))
    assert_nobody(masked(b"<p>" + json.dumps([place], ensure_ascii=False).encode() + b"</p>", context()))


@pytest.mark.parametrize(
    "page",
    [
        f'<div class="m-text-box"><h3 class="m-text-cut">{NICK}</h3><img src="https://x/{PERSON}.jpg" alt="{NICK}">',
        f'<a href="/u/{PERSON}" data-name="{NICK}">{NICK}</a> {NICK}<!-- {NICK} -->',
        f'<script>var $render_data = [{{"user":{{"id":{PERSON},"screen_name":"{NICK}"}}]</script>',
        f"{NICK} {PERSON}",
        f'{{"nick": "{NICK}", "id": {PERSON}',
    ],
)
def test_what_is_not_json_keeps_its_build_alone(page: str) -> None:
    assert_nobody(masked(page.encode(), context()))


def test_what_is_kept_says_what_the_page_was() -> None:
    page = (
        f'<title>x</title><div class="mod-fil-fans"><div class="txt-shadow">粉丝<span>105.9万</span></div>{NAME}</div>'
    )
    kept = masked(page.encode(), context())
    assert '<div class="mod-fil-fans"><div class="txt-shadow">粉丝<span>105.9万</span></div>' in kept
    assert NAME in kept
    assert "$render_data" in masked(b"<script>var $render_data = oops</script>", context())


def test_the_words_of_institutions_stay() -> None:
    other = {"id": 1987630007, "screen_name": "法国驻华大使馆"}
    document = {
        "ok": 1,
        "data": {
            "cards": [
                {
                    "mblog": {
                        "id": "4059000000000001",
                        "text": f"签证 @{NAME} @{NICK}",
                        "user": EMBASSY,
                        "like_total": 12,
                    }
                },
                {"mblog": {"id": "4059000000000002", "text": "你好", "user": other}},
            ]
        },
    }
    text = text_of(document)
    assert f"签证 @{NAME} @~" in text
    assert "法国驻华大使馆" in text
    assert "你好" in text
    assert '"like_total": 12' in text
    assert "4059000000000002" in text
    assert_nobody(text)


def test_weibos_own_words_stay_at_the_top() -> None:
    assert "服务升级" in text_of({"ok": 2, "msg": "服务升级"})
    assert "服务升级" not in text_of({"ok": 2, "data": {"msg": "服务升级"}})
    assert "secret" not in text_of({"ok": 2, "st": "secret", "data": {"user_token": "secret"}})


@pytest.mark.parametrize("name", ["hotflow_2019", "comments_show_2019", "timeline_2019", "profile_2019", "show_2019"])
def test_a_masked_recording_is_read_like_the_recording(shared: Path, name: str) -> None:
    one = recording(name)
    answer = answer_of(one, shared)
    known = Context(f"uid:{one.uid}", one.uid, None, one.seen, Pseudonymiser(b"k" * 32), lambda _: None)
    body = masked(answer.body, known)
    again = Answer(answer.url, answer.status, {}, body.encode(), answer.observed_at)
    before, after = classify(answer, one.endpoint), classify(again, one.endpoint)
    assert after.response_class is before.response_class
    assert after.coverage == before.coverage
    numbers = []
    for one_answer, verdict in ((answer, before), (again, after)):
        events, problems = events_of(SavedAnswer(one_answer, one.endpoint), verdict, known, one.post or STAR_POST)
        assert not problems
        numbers.append(
            [
                (
                    event.type,
                    *[getattr(event, field, None) for field in ("created_at", "reposts", "likes", "followers")],
                )
                for event in events
            ]
        )
    assert numbers[0] == numbers[1]


def test_no_commenter_of_a_recording_is_left(shared: Path) -> None:
    body = (shared / "weibo" / "m_comments_hotflow_2019.json").read_bytes()
    text = masked(body, context("1669879400", "Dear-迪丽热巴"))
    for row in json.loads(body)["data"]["data"]:
        if row["user"]["verified_type"] not in range(1, 8):
            assert row["user"]["screen_name"] not in text
            assert str(row["user"]["id"]) not in text


@given(st.binary())
def test_any_bytes_are_masked(body: bytes) -> None:
    masked(body, context())


@given(
    st.recursive(
        st.just(NICK) | st.just(PERSON) | st.just(f"x{NICK}y") | st.integers() | st.text(max_size=4) | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["user", "id", "text", "msg", "data", "nick", "source"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_nobody_is_left_in_any_document(document: Any) -> None:
    text = text_of({"data": document})
    assert NICK not in text
    assert str(PERSON) not in text


def test_a_deep_document_is_dropped() -> None:
    assert masked(b"[" * 900 + b"]" * 900, context()) in ("", "[" * 900 + "]" * 900)
    masked(b"[" * 50_000, context())


def test_a_sentence_loses_what_it_quotes() -> None:
    assert (
        masked_sentence(f"$.data.user.id: '{NICK}' is not an id", context())
        == "$.data.user.id: " + masked_sentence(f"'{NICK}'", context()) + " is not an id"
    )
    assert_nobody(masked_sentence(f"'{NICK}' and '{PERSON}", context()))
