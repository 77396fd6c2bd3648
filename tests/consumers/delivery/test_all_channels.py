"""The sender's desk and threads with every channel at once, each against the imitation of its provider."""

import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace

from pydantic import SecretStr

from consumers.delivery.channel import Traits
from consumers.delivery.channels.dingtalk import DingTalk
from consumers.delivery.channels.feishu import Feishu
from consumers.delivery.channels.mail import Mail, Server
from consumers.delivery.channels.webhook import Webhook
from consumers.delivery.channels.wecom import WeCom
from consumers.delivery.desk import Desk
from consumers.delivery.log import still_owed
from consumers.delivery.message import Receipt
from consumers.delivery.workers import Workers
from schemas.alert_rules import Channel as ChannelRule
from schemas.alert_rules import Rules
from tests.consumers.delivery.examples import MESSAGE
from tests.consumers.delivery.imitations.dingtalk import DingTalkRobot
from tests.consumers.delivery.imitations.feishu import FeishuRobot
from tests.consumers.delivery.imitations.http_server import Answered, as_json
from tests.consumers.delivery.imitations.smtp_server import SmtpServer
from tests.consumers.delivery.imitations.webhook import WebhookReceiver
from tests.consumers.delivery.imitations.wecom import WeComRobot

TOKEN, SECRET = "a-token-of-a-robot", "a secret of at least 24 bytes"


class Deaf:
    """A channel that answers nothing until it is let go."""

    shown = "deaf"
    traits = Traits()

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def send(self, message, previous=None):
        self.let_go.wait(30)
        return Receipt()


def test_every_provider_gets_its_messages_while_one_is_deaf() -> None:
    desk, log = Desk({}, lambda: 1.0), []
    workers = Workers(desk)
    with ExitStack() as stack:
        dingtalk = stack.enter_context(DingTalkRobot(TOKEN, secret=SECRET))
        wecom = stack.enter_context(WeComRobot(TOKEN))
        feishu = stack.enter_context(FeishuRobot(TOKEN, secret=SECRET))
        receiver = stack.enter_context(WebhookReceiver(SECRET))
        smtp = stack.enter_context(SmtpServer())
        deaf = Deaf()
        stack.callback(workers.stop)
        stack.callback(deaf.let_go.set)
        # Each provider fails in its own way before it takes anything.
        dingtalk.next += [as_json({"errcode": -1, "errmsg": "系统繁忙"})]
        wecom.next += [Answered(200, b"<html>proxy</html>")]
        feishu.next += [Answered(drop=True)]
        receiver.next += [Answered(500)]
        smtp.say["RCPT"] = ["451 4.7.1 Please try again later"]
        token, secret = SecretStr(TOKEN), SecretStr(SECRET)
        channels = {
            "dingtalk": DingTalk("dingtalk", token, secret, f"http://{dingtalk.host}"),
            "wecom": WeCom("wecom", token, f"http://{wecom.host}"),
            "feishu": Feishu("feishu", token, secret, f"http://{feishu.host}"),
            "webhook": Webhook("webhook", f"http://{receiver.host}/", SECRET.encode(), "urn:weiplomacy:replica"),
            "mail": Mail("mail", Server("127.0.0.1", smtp.port, "plain"), "alerts@example.org", "press@example.org"),
            "deaf": deaf,
        }
        rules = Rules(channels=tuple(ChannelRule(name=name, address="dingtalk://") for name in channels))
        with workers.lock:
            desk.follow(rules, {name: channel.traits for name, channel in channels.items()}, time.time())
            workers.serve(channels)
            for number, kind in enumerate(("started", "escalated", "ended"), 1):
                for episode in ("a", "b"):
                    message = replace(MESSAGE, episode_id=episode, number=number, change=kind)
                    for name in channels:
                        desk.note(desk.outbox.offer(name, message, time.time()))
            workers.lock.notify_all()
        # A mail server that greylists is left alone for a minute; all others have it while the deaf one has nothing.
        until = time.monotonic() + 20
        while {channel for channel, _, _ in still_owed(log)} != {"deaf", "mail"}:
            assert time.monotonic() < until, "somebody waited for the deaf one"
            time.sleep(0.01)
            with workers.lock:
                log += desk.records()
    alive = set(channels) - {"deaf", "mail"}
    delivered = Counter(one.channel for one in log if one.outcome == "delivered")
    assert {delivered[name] for name in alive} == {6}
    assert {one.channel for one in log if one.outcome == "retrying"} == {*alive, "mail"}
    assert all(robot.refused == [] for robot in (dingtalk, wecom, feishu, receiver))
    assert {event["data"]["change"] for event in receiver.taken if event["subject"] == "a"} >= {"ended"}
    retry = next(one for one in log if one.channel == "mail" and one.outcome == "retrying")
    assert (retry.code, (retry.retry_at - retry.at).total_seconds() >= 55) == ("451", True)
