"""WeCom's robot of a group (企业微信): a message in its markdown, and the picture as a second one.

The published rules: https://developer.work.weixin.qq.com/document/path/91770 (and 99110), the codes:
https://developer.work.weixin.qq.com/document/path/90455. 20 messages a minute and robot; 4,096 bytes of markdown; a
picture of 2 MiB. There is no signature: whoever has the key may write.
"""

import hashlib
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from pydantic import SecretStr

from consumers.delivery.channel import Traits
from consumers.delivery.channels.robots import Refusal, call, compact
from consumers.delivery.errors import DeniedError, RejectedError, ThrottledError, UnavailableError
from consumers.delivery.message import Message, Receipt, Severity
from consumers.delivery.phrases import CHANGE, EARLIER, SEVERITY
from consumers.delivery.rates import Rate
from consumers.delivery.safe_text import bounded, inert, one_line, web_links

BASE = "https://qyapi.weixin.qq.com"
MOST_BYTES = 4_096
MOST_PICTURE_BYTES = 2 * 1024 * 1024

#: The three colours that its markdown knows.
COLOUR: Mapping[Severity, str] = {"notice": "info", "warning": "warning", "critical": "warning"}

REFUSALS: Mapping[int, Refusal] = {
    -1: Refusal(UnavailableError, "WeCom is busy"),
    6000: Refusal(UnavailableError, "two wrote at once"),
    40008: Refusal(RejectedError, "this kind of message is not known"),
    40009: Refusal(RejectedError, "the picture is too large"),
    40033: Refusal(RejectedError, "a character in it is not allowed"),
    40058: Refusal(RejectedError, "a parameter is wrong or too long"),
    44004: Refusal(RejectedError, "the message is empty"),
    45002: Refusal(RejectedError, "the message is too long"),
    45009: Refusal(ThrottledError, "more than 20 messages in a minute", 60.0),
    45033: Refusal(ThrottledError, "too many requests at once", 5.0),
    93000: Refusal(DeniedError, "there is no such key, or the robot was removed from its group: copy the key again"),
    93004: Refusal(DeniedError, "the robot is switched off"),
    93008: Refusal(DeniedError, "the robot is not in the group"),
}


def refusal(code: int, words: str) -> Refusal | None:
    """What a code stands for; None: not known."""
    return REFUSALS.get(code)


def content(message: Message) -> str:
    """The message in WeCom's markdown, cut to what it takes. Nobody is mentioned: `<@…>` has no `<` any more."""
    return _markdown(bounded(message, lambda part: len(_markdown(part).encode()) <= MOST_BYTES))


def _markdown(message: Message) -> str:
    language = message.language
    head = f"{SEVERITY[language][message.severity]} · {CHANGE[language][message.change]}"
    parts = [f"**{inert(one_line(message.title))}**", f'<font color="{COLOUR[message.severity]}">{head}</font>']
    parts += [inert(line) for line in message.text.splitlines() if line.strip()]
    parts += [f"> {inert(one_line(label))}: {inert(one_line(value, 300))}" for label, value in message.facts]
    if message.earlier:
        parts += [EARLIER[language], *(f"> {inert(one_line(title))}" for title in message.earlier)]
    parts += [f"[{inert(label)}]({url})" for label, url in web_links(message.links)]
    return "\n".join(parts)


@dataclass(frozen=True)
class WeCom:
    """One robot, known by its key."""

    shown: str
    token: SecretStr
    base: str = BASE
    trusted: ssl.SSLContext | None = None
    traits: Traits = field(
        default=Traits(rates=(Rate(20, 60.0),), picture="after", digest_most=15, digest_characters=60)
    )

    def send(self, message: Message, previous: Message | None = None) -> Receipt:
        return self._call({"msgtype": "markdown", "markdown": {"content": content(message)}})

    def send_picture(self, message: Message, picture: bytes) -> Receipt:
        if len(picture) > MOST_PICTURE_BYTES:
            words = f"the picture of {message.id} has {len(picture)} bytes, and WeCom takes {MOST_PICTURE_BYTES}"
            raise RejectedError(f"{self.shown}: {words}", words=words)
        # MD5 is what the provider asks for, as a check sum.
        check_sum = hashlib.md5(picture, usedforsecurity=False).hexdigest()
        image = {"base64": b64encode(picture).decode("ascii"), "md5": check_sum}
        return self._call({"msgtype": "image", "image": image})

    def _call(self, value: object) -> Receipt:
        url = f"{self.base}/cgi-bin/webhook/send?{urlencode({'key': self.token.get_secret_value()})}"
        return call(url, compact(value), self.shown, (("errcode", "errmsg"),), refusal, self.trusted, (self.token,))
