import json
from base64 import b64decode
from dataclasses import replace

import pytest
from hypothesis import given, settings
from pydantic import SecretStr

from consumers.delivery.channels.wecom import MOST_BYTES, REFUSALS, WeCom, content
from consumers.delivery.errors import DeliveryError, DeniedError, RejectedError, ThrottledError, UnavailableError
from tests.consumers.delivery.examples import HOSTILE, MESSAGE, hostile, messages
from tests.consumers.delivery.imitations.http_server import as_json
from tests.consumers.delivery.imitations.wecom import WeComRobot

KEY = "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"x" * 100


def channel(robot: WeComRobot) -> WeCom:
    return WeCom("press", SecretStr(KEY), f"http://{robot.host}")


def test_a_message_is_taken_and_its_picture_after_it() -> None:
    with WeComRobot(KEY) as robot:
        assert channel(robot).send(MESSAGE).code == "0"
        assert channel(robot).send_picture(MESSAGE, PICTURE).code == "0"
    kinds = [json.loads(asked.body)["msgtype"] for _, asked in robot.taken]
    assert kinds == ["markdown", "image"]
    assert b64decode(json.loads(robot.taken[1][1].body)["image"]["base64"]) == PICTURE


def test_a_picture_that_is_refused_has_a_name() -> None:
    with WeComRobot(KEY) as robot:
        sender = channel(robot)
        with pytest.raises(RejectedError, match="2097153 bytes"):
            sender.send_picture(MESSAGE, b"x" * (2 * 1024 * 1024 + 1))
        assert robot.asked == [], "what is too large is not tried"
        for _ in range(20):
            sender.send(MESSAGE)
        with pytest.raises(ThrottledError) as caught:
            sender.send_picture(MESSAGE, PICTURE)
    assert caught.value.code == "45009"
    assert KEY not in str(caught.value)


def test_too_fast_is_told() -> None:
    now = 1_475_064_000.0
    with WeComRobot(KEY, now=lambda: now) as robot:
        for _ in range(20):
            channel(robot).send(MESSAGE)
        with pytest.raises(ThrottledError, match="20 messages in a minute") as caught:
            channel(robot).send(MESSAGE)
        assert (caught.value.code, caught.value.retry_after_s) == ("45009", 60.0)
        now += 61
        channel(robot).send(MESSAGE)


def test_a_wrong_key_is_a_failure_that_does_not_repeat_it() -> None:
    with WeComRobot("another") as robot, pytest.raises(DeniedError, match="invalid webhook url") as caught:
        channel(robot).send(MESSAGE)
    assert KEY not in str(caught.value)
    assert KEY not in repr(channel(robot))


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_documented_code_in_a_200_is_a_failure(code) -> None:
    with WeComRobot(KEY) as robot:
        robot.next.append(as_json({"errcode": code, "errmsg": f"its words, key={KEY}"}))
        with pytest.raises(DeliveryError, match=r"its words, key=\*\*\*") as caught:
            channel(robot).send(MESSAGE)
    assert type(caught.value) is REFUSALS[code].error
    assert KEY not in caught.value.words


@pytest.mark.parametrize("answer", [{}, {"errcode": "0"}, {"errcode": True}, {"errmsg": "ok"}, [0], "ok", None])
def test_an_answer_without_a_code_is_no_success(answer) -> None:
    with WeComRobot(KEY) as robot:
        robot.next.append(as_json(answer))
        with pytest.raises(UnavailableError, match="without a code"):
            channel(robot).send(MESSAGE)


def test_words_of_strangers_mention_nobody() -> None:
    with WeComRobot(KEY) as robot:
        channel(robot).send(hostile())
    [(_, asked)] = robot.taken
    text = json.loads(asked.body)["markdown"]["content"]
    assert robot.mentions == []
    assert text.count("<") == 2, "only our own colour"
    assert text.count("](") == 1


def test_the_imitation_would_notice_a_mention() -> None:
    with WeComRobot(KEY) as robot:
        channel(robot)._call({"msgtype": "markdown", "markdown": {"content": "<@all> look"}})
    assert robot.mentions == ["all"]


@given(messages)
@settings(max_examples=30)
def test_every_message_fits(message) -> None:
    assert 0 < len(content(message).encode()) <= MOST_BYTES


def test_a_long_text_is_cut_and_says_so_and_is_taken() -> None:
    with WeComRobot(KEY) as robot:
        channel(robot).send(replace(MESSAGE, text="外交" * 5_000 + HOSTILE))
    [(_, asked)] = robot.taken
    assert "已截断" in json.loads(asked.body)["markdown"]["content"]
