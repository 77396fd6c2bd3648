"""DingTalk's custom robot of a group: a signed request with a message in its markdown.

The published rules: https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages (codes),
https://open.dingtalk.com/document/robots/customize-robot-security-settings (signature). 20 messages a minute and
robot, beyond that 10 minutes of silence; 20,000 bytes a request.
"""

import hmac
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from pydantic import SecretStr

from consumers.delivery.channel import Traits
from consumers.delivery.channels.robots import Refusal, call, compact
from consumers.delivery.errors import DeniedError, RejectedError, ThrottledError, UnavailableError
from consumers.delivery.message import Message, Receipt
from consumers.delivery.phrases import CHANGE, EARLIER, SEVERITY
from consumers.delivery.rates import Rate
from consumers.delivery.safe_text import bounded, inert, one_line, web_links

BASE = "https://oapi.dingtalk.com"
MOST_BYTES = 20_000
SILENCE_S = 600.0

REFUSALS: Mapping[int, Refusal] = {
    -1: Refusal(UnavailableError, "DingTalk is busy"),
    40035: Refusal(RejectedError, "a parameter is missing"),
    43004: Refusal(RejectedError, "the content type is wrong"),
    101002: Refusal(RejectedError, "the message is too long"),
    130101: Refusal(ThrottledError, "more than 20 messages in a minute", SILENCE_S),
    300001: Refusal(DeniedError, "there is no such token: copy it again from the robot's settings"),
    300005: Refusal(DeniedError, "there is no such token: copy it again from the robot's settings"),
    310000: Refusal(
        DeniedError,
        "the robot's security settings refuse it: the signing secret, this machine's clock, a keyword that no message "
        "has, or this machine's address; sign, and set no keyword",
    ),
    400013: Refusal(DeniedError, "the group is dissolved"),
    400101: Refusal(DeniedError, "there is no such token: copy it again from the robot's settings"),
    400102: Refusal(DeniedError, "the robot is switched off: its group's owner can switch it on"),
    400105: Refusal(RejectedError, "this kind of message is not known"),
    400106: Refusal(DeniedError, "the robot is no longer in the group"),
    410100: Refusal(ThrottledError, "too fast", SILENCE_S),
    430101: Refusal(RejectedError, "DingTalk holds a link in it to be unsafe"),
    430102: Refusal(RejectedError, "DingTalk holds its words to be unfit"),
    430103: Refusal(RejectedError, "DingTalk holds a picture in it to be unfit"),
    430104: Refusal(RejectedError, "DingTalk holds its content to be unfit"),
    460101: Refusal(RejectedError, "the message is larger than 20,000 bytes"),
}


def refusal(code: int, words: str) -> Refusal | None:
    """What a code stands for; None: not known."""
    return REFUSALS.get(code)


def signature(timestamp_ms: int, secret: str) -> str:
    r"""HMAC-SHA256 of `timestamp\nsecret` under the secret, in base64: the parameter `sign` before URL encoding."""
    return b64encode(hmac.digest(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), "sha256")).decode("ascii")


def body(message: Message) -> bytes:
    """The request's body, cut to what DingTalk takes. Nobody is mentioned."""
    return _made(bounded(message, lambda part: len(_made(part)) <= MOST_BYTES))


def _made(message: Message) -> bytes:
    return compact(
        {
            "msgtype": "markdown",
            "markdown": {"title": inert(one_line(message.title, 64)), "text": _markdown(message)},
            "at": {"atMobiles": [], "atUserIds": [], "isAtAll": False},
        }
    )


def _markdown(message: Message) -> str:
    language = message.language
    head = f"{SEVERITY[language][message.severity]} · {CHANGE[language][message.change]}"
    parts = [f"#### {inert(one_line(message.title))}", f"**{head}**"]
    # A single line end is no line end in its markdown.
    parts += [inert(line) for line in message.text.splitlines() if line.strip()]
    parts += [f"- **{inert(one_line(label))}**: {inert(one_line(value, 300))}" for label, value in message.facts]
    if message.earlier:
        parts += [EARLIER[language], *(f"- {inert(one_line(title))}" for title in message.earlier)]
    parts += [f"[{inert(label)}]({url})" for label, url in web_links(message.links)]
    return "\n\n".join(parts)


@dataclass(frozen=True)
class DingTalk:
    """One robot. Without a secret it must be guarded by a keyword or by this machine's address."""

    shown: str
    token: SecretStr
    secret: SecretStr | None = None
    base: str = BASE
    trusted: ssl.SSLContext | None = None
    now: Callable[[], float] = time.time
    traits: Traits = field(default=Traits(rates=(Rate(20, 60.0),), digest_most=50, digest_characters=100))

    def send(self, message: Message, previous: Message | None = None) -> Receipt:
        query = {"access_token": self.token.get_secret_value()}
        if self.secret is not None:
            timestamp_ms = round(self.now() * 1000)
            query["timestamp"] = str(timestamp_ms)
            query["sign"] = signature(timestamp_ms, self.secret.get_secret_value())
        url = f"{self.base}/robot/send?{urlencode(query)}"
        return call(
            url, body(message), self.shown, (("errcode", "errmsg"),), refusal, self.trusted, (self.token, self.secret)
        )
