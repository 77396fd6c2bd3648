import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from pydantic import SecretStr

from consumers.delivery.channels.feishu import MOST_BYTES, REFUSALS, Feishu
from consumers.delivery.errors import DeliveryError, DeniedError, RejectedError, ThrottledError
from tests.consumers.delivery.examples import HOSTILE, MESSAGE, hostile, messages
from tests.consumers.delivery.imitations.feishu import FeishuRobot, _mentions
from tests.consumers.delivery.imitations.http_server import as_json

TOKEN = "b43e7bea-88fd-436e-9b7c-1f2e3d4c5b6a"
SECRET = "fakeSecretOfTheRobot"


def channel(robot: FeishuRobot, *, secret: str | None = SECRET) -> Feishu:
    hidden = SecretStr(secret) if secret else None
    return Feishu("press", SecretStr(TOKEN), hidden, f"http://{robot.host}", now=robot.now)


def test_a_signed_card_is_taken() -> None:
    with FeishuRobot(TOKEN, secret=SECRET) as robot:
        assert channel(robot).send(MESSAGE).code == "0"
    [(_, asked)] = robot.taken
    card = json.loads(asked.body)["card"]
    assert card["header"]["title"] == {"tag": "plain_text", "content": MESSAGE.title}
    assert card["elements"][-1]["actions"][0]["url"] == "https://weibo.com/1/EalT4?a=1&b=2"


def test_the_old_names_of_a_success_count_too() -> None:
    with FeishuRobot(TOKEN, secret=SECRET) as robot:
        robot.next.append(as_json({"StatusCode": 0, "StatusMessage": "success"}))
        assert channel(robot).send(MESSAGE).words == "success"
        robot.next.append(as_json({"StatusCode": 9499, "StatusMessage": "Bad Request"}))
        with pytest.raises(RejectedError):
            channel(robot).send(MESSAGE)


@pytest.mark.parametrize(
    ("setting", "secret", "code"),
    [
        ({"secret": SECRET}, "another", "19021"),
        ({"secret": SECRET}, None, "19021"),
        ({"keywords": ("应用报警",)}, None, "19024"),
        ({"allowed": False}, None, "19022"),
    ],
)
def test_a_refusal_for_safety_is_a_failure_by_name(setting, secret, code) -> None:
    with FeishuRobot(TOKEN, **setting) as robot, pytest.raises(DeniedError) as caught:
        channel(robot, secret=secret).send(MESSAGE)
    assert caught.value.code == code
    assert robot.taken == []


def test_a_clock_that_is_off_is_a_failure_by_name() -> None:
    with FeishuRobot(TOKEN, secret=SECRET) as robot:
        late = replace(channel(robot), now=lambda: robot.now() - 3_700)
        with pytest.raises(DeniedError, match="this machine's clock"):
            late.send(MESSAGE)


def test_a_wrong_token_is_a_failure_that_does_not_repeat_it() -> None:
    with FeishuRobot("another") as robot, pytest.raises(DeniedError, match="access token invalid") as caught:
        channel(robot).send(MESSAGE)
    assert caught.value.code == "19001"
    assert TOKEN not in f"{caught.value}{channel(robot)!r}"
    assert SECRET not in f"{caught.value}{channel(robot)!r}"


@pytest.mark.parametrize(("over", "wait"), [("11232", 60.0), ("9499", 60.0), ("99991400", 52.0)])
def test_too_fast_is_told_in_each_of_its_three_forms(over, wait) -> None:
    now = 1_475_064_000.0
    with FeishuRobot(TOKEN, secret=SECRET, over=over, now=lambda: now) as robot:
        for _ in range(5):
            channel(robot).send(MESSAGE)
        with pytest.raises(ThrottledError) as caught:
            channel(robot).send(MESSAGE)
        assert (caught.value.code, caught.value.retry_after_s) == (over, wait)
        now += 2
        channel(robot).send(MESSAGE)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_documented_code_in_a_200_is_a_failure(code) -> None:
    with FeishuRobot(TOKEN) as robot:
        robot.next.append(as_json({"code": code, "msg": "its words", "data": {}}))
        with pytest.raises(DeliveryError, match="its words") as caught:
            channel(robot).send(MESSAGE)
    assert type(caught.value) is REFUSALS[code].error


def test_words_of_strangers_mention_nobody() -> None:
    with FeishuRobot(TOKEN, secret=SECRET) as robot:
        channel(robot).send(hostile())
    assert len(robot.taken) == 1
    assert robot.mentions == []


def test_the_imitation_would_notice_a_mention() -> None:
    assert list(_mentions({"tag": "div", "text": {"tag": "lark_md", "content": "<at id=all></at>"}}, "")) == ["all"]
    assert list(_mentions({"text": '<at user_id="all">x</at>'}, "")) == ["all"]


@given(messages)
@settings(max_examples=30)
def test_every_message_fits(message) -> None:
    made = Feishu("press", SecretStr(TOKEN), SecretStr(SECRET)).body(message)
    assert len(made) <= MOST_BYTES
    assert json.loads(made)["card"]["header"]["title"]["tag"] == "plain_text"


def test_a_long_text_is_cut_and_says_so_and_is_taken() -> None:
    with FeishuRobot(TOKEN, secret=SECRET) as robot:
        channel(robot).send(replace(MESSAGE, text='"外交"' * 9_000 + HOSTILE))
    [(_, asked)] = robot.taken
    assert "已截断" in asked.body.decode()
