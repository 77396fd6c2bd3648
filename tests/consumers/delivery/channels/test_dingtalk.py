import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from pydantic import SecretStr

from consumers.delivery.channels.dingtalk import MOST_BYTES, REFUSALS, SILENCE_S, DingTalk, body
from consumers.delivery.errors import DeliveryError, DeniedError, RejectedError, ThrottledError, UnavailableError
from tests.consumers.delivery.examples import HOSTILE, MESSAGE, hostile, messages
from tests.consumers.delivery.imitations.dingtalk import DingTalkRobot
from tests.consumers.delivery.imitations.http_server import as_json

TOKEN = "9f1c2a7e5b3d4c6f8a0b1c2d3e4f5a6b"
SECRET = "SEC0d6e79b42bd94be0d0d603843651aa2c"


def channel(robot: DingTalkRobot, *, secret: str | None = SECRET, token: str = TOKEN) -> DingTalk:
    hidden = SecretStr(secret) if secret else None
    return DingTalk("press", SecretStr(token), hidden, f"http://{robot.host}", now=robot.now)


def test_a_signed_message_is_taken() -> None:
    with DingTalkRobot(TOKEN, secret=SECRET) as robot:
        receipt = channel(robot).send(MESSAGE)
    assert (receipt.code, receipt.words) == ("0", "ok")
    [(_, asked)] = robot.taken
    sent = json.loads(asked.body)
    assert sent["msgtype"] == "markdown"
    assert "转发是往常的 14 倍" in sent["markdown"]["text"]
    assert "- **转发**: 2,140" in sent["markdown"]["text"]
    assert "[微博](https://weibo.com/1/EalT4?a=1&b=2)" in sent["markdown"]["text"]


@pytest.mark.parametrize(
    ("setting", "secret", "words"),
    [
        ({"secret": SECRET}, "SEC-another-one", "sign not match"),
        ({"secret": SECRET}, None, "invalid timestamp"),
        ({"keywords": ("天气",)}, None, "keywords not in content"),
        ({"allowed": False}, None, "not in whitelist"),
    ],
)
def test_a_refusal_for_safety_is_a_failure_by_name(setting, secret, words) -> None:
    with DingTalkRobot(TOKEN, **setting) as robot, pytest.raises(DeniedError, match=words) as caught:
        channel(robot, secret=secret).send(MESSAGE)
    assert caught.value.code == "310000"
    assert not caught.value.retryable
    assert robot.taken == []


def test_a_clock_that_is_off_is_a_failure_by_name() -> None:
    with DingTalkRobot(TOKEN, secret=SECRET) as robot:
        late = replace(channel(robot), now=lambda: robot.now() - 3_700)
        with pytest.raises(DeniedError, match="this machine's clock"):
            late.send(MESSAGE)


def test_a_wrong_token_is_a_failure_that_does_not_repeat_it() -> None:
    with DingTalkRobot("another") as robot, pytest.raises(DeniedError, match="no such token") as caught:
        channel(robot).send(MESSAGE)
    assert TOKEN not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_too_fast_is_told_with_the_silence_that_follows() -> None:
    now = 1_475_064_000.0
    with DingTalkRobot(TOKEN, secret=SECRET, now=lambda: now) as robot:
        for _ in range(20):
            channel(robot).send(MESSAGE)
        with pytest.raises(ThrottledError, match="20 messages in a minute") as caught:
            channel(robot).send(MESSAGE)
        assert (caught.value.code, caught.value.retry_after_s, caught.value.retryable) == ("130101", SILENCE_S, True)
        now += SILENCE_S + 1
        channel(robot).send(MESSAGE)
    assert len(robot.taken) == 21


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_documented_code_in_a_200_is_a_failure(code) -> None:
    with DingTalkRobot(TOKEN, secret=SECRET) as robot:
        robot.next.append(as_json({"errcode": code, "errmsg": "words of the provider"}))
        with pytest.raises(DeliveryError, match="words of the provider") as caught:
            channel(robot).send(MESSAGE)
    assert type(caught.value) is REFUSALS[code].error
    assert caught.value.code == str(code)


def test_a_code_that_nobody_knows_is_tried_again() -> None:
    with DingTalkRobot(TOKEN, secret=SECRET) as robot:
        robot.next.append(as_json({"errcode": 777, "errmsg": "?"}))
        with pytest.raises(UnavailableError, match="777"):
            channel(robot).send(MESSAGE)


def test_a_message_is_refused_by_its_form_alone() -> None:
    with DingTalkRobot(TOKEN) as robot:
        robot.next.append(as_json({"errcode": 430102, "errmsg": "含有不合适的文本"}))
        with pytest.raises(RejectedError):
            channel(robot, secret=None).send(MESSAGE)


def test_words_of_strangers_mention_nobody_and_make_no_markup() -> None:
    with DingTalkRobot(TOKEN, secret=SECRET) as robot:
        channel(robot).send(hostile())
    [(_, asked)] = robot.taken
    text = json.loads(asked.body)["markdown"]["text"]
    assert robot.mentions == []
    assert "@" not in text
    assert "](https://evil" not in text
    assert "<" not in text
    # The only link is the one that leads to the web; what strangers wrote stands as words.
    assert text.count("](") == 1
    assert len(json.loads(asked.body)["markdown"]["title"]) <= 64


@given(messages)
@settings(max_examples=30)
def test_every_message_fits(message) -> None:
    made = body(message)
    assert len(made) <= MOST_BYTES
    assert json.loads(made)["markdown"]["text"]


def test_a_long_text_is_cut_and_says_so() -> None:
    made = body(replace(MESSAGE, text=HOSTILE * 200, language="en"))
    assert len(made) > MOST_BYTES - 300
    assert "more characters" in made.decode()


def test_its_repr_holds_no_secret() -> None:
    shown = repr(DingTalk("press", SecretStr(TOKEN), SecretStr(SECRET)))
    assert TOKEN not in shown
    assert SECRET not in shown
