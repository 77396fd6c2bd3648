"""A burst through the outbox into each robot, with one clock for all: the providers' limits are never met."""

import json
import random
from dataclasses import replace

import pytest
from pydantic import SecretStr

from consumers.delivery.channels.dingtalk import DingTalk
from consumers.delivery.channels.feishu import Feishu
from consumers.delivery.channels.wecom import WeCom
from consumers.delivery.outbox import Outbox
from tests.consumers.delivery.examples import MESSAGE
from tests.consumers.delivery.imitations.dingtalk import DingTalkRobot
from tests.consumers.delivery.imitations.feishu import FeishuRobot
from tests.consumers.delivery.imitations.wecom import WeComRobot

TOKEN, SECRET = "a-token-of-a-robot", "a secret of a robot"
START = 1_475_064_000.0
EPISODES = 130
WORDS = "德国驻华大使馆的一条微博正在被大量转发,超出该账号同类微博在此时刻的正常范围" * 4


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def dingtalk(clock):
    robot = DingTalkRobot(TOKEN, secret=SECRET, now=clock)
    return robot, lambda: DingTalk("x", SecretStr(TOKEN), SecretStr(SECRET), f"http://{robot.host}", now=clock)


def wecom(clock):
    robot = WeComRobot(TOKEN, now=clock)
    return robot, lambda: WeCom("x", SecretStr(TOKEN), f"http://{robot.host}")


def feishu(clock):
    robot = FeishuRobot(TOKEN, secret=SECRET, now=clock)
    return robot, lambda: Feishu("x", SecretStr(TOKEN), SecretStr(SECRET), f"http://{robot.host}", now=clock)


@pytest.mark.parametrize("made", [dingtalk, wecom, feishu])
def test_a_burst_is_told_within_the_limits_and_all_of_it(made) -> None:
    clock = Clock()
    robot, channel_of = made(clock)
    outbox = Outbox(random.Random(1).random)
    with robot:
        channel = channel_of()
        outbox.open("x", channel.traits)
        for number in range(EPISODES):
            severity = "critical" if number % 40 == 0 else "notice"
            message = replace(MESSAGE, episode_id=f"e{number}", severity=severity, title=f"({number}) {WORDS}")
            outbox.offer("x", message, clock())
        while outbox.owes():
            attempt = outbox.next("x", clock())
            if attempt is None:
                clock.now = outbox.wake_at("x", clock())
                continue
            outbox.delivered("x", attempt, channel.send(attempt.message), clock())
    assert robot.refused == []
    bodies = [json.dumps(json.loads(asked.body), ensure_ascii=False) for _, asked in robot.taken]
    assert all(any(f"({number}) " in body for body in bodies) for number in range(EPISODES)), "cut, or lost"
    # The severe ones come first and on their own; the others share what room is left.
    assert all(f"({number}) " in bodies[number // 40] for number in range(0, EPISODES, 40))
    assert sum("条警报合并为一条" in body for body in bodies) >= 1
    assert clock() - START < 240


def test_the_imitations_would_notice() -> None:
    for made, most in ((dingtalk, 20), (wecom, 20), (feishu, 5)):
        clock = Clock()
        robot, channel_of = made(clock)
        with robot:
            for _ in range(most):
                channel_of().send(MESSAGE)
            with pytest.raises(Exception, match="code"):
                channel_of().send(MESSAGE)
        assert len(robot.refused) == 1
