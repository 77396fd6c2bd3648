"""The custom robot of a group in Feishu (飞书) and in Lark: a signed request with a card of plain text.

The published rules: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (Feishu),
https://open.larksuite.com/document/client-docs/bot-v3/add-custom-bot (Lark). 100 requests a minute and 5 a second;
20 KB a request; a signature is good for an hour. Pictures need an app of one's own and are left out.
"""

import hmac
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from consumers.delivery.channel import Traits
from consumers.delivery.channels.robots import Refusal, call, compact
from consumers.delivery.errors import DeniedError, RejectedError, ThrottledError
from consumers.delivery.message import Message, Receipt, Severity
from consumers.delivery.phrases import CHANGE, EARLIER, SEVERITY
from consumers.delivery.rates import Rate
from consumers.delivery.safe_text import bounded, clean, one_line, web_links

FEISHU = "https://open.feishu.cn"
LARK = "https://open.larksuite.com"
MOST_BYTES = 20_000

COLOUR: Mapping[Severity, str] = {"notice": "blue", "warning": "orange", "critical": "red"}

REFUSALS: Mapping[int, Refusal] = {
    9499: Refusal(RejectedError, "the request has a wrong form, or is larger than 20 KB"),
    11232: Refusal(ThrottledError, "too many requests, of ours or of everybody at a full or half hour", 60.0),
    19001: Refusal(DeniedError, "there is no such token: copy it again from the robot's settings"),
    19002: Refusal(RejectedError, "a parameter is wrong"),
    19007: Refusal(DeniedError, "robots are switched off"),
    19021: Refusal(DeniedError, "the signature does not fit: see the signing secret and this machine's clock"),
    19022: Refusal(DeniedError, "this machine's address is not on the robot's list"),
    19024: Refusal(DeniedError, "no message has the robot's keyword: sign instead, and set no keyword"),
    99991400: Refusal(ThrottledError, "too many requests", 60.0),
}


#: One code for two things; only the words tell them apart (seen: https://github.com/ccfos/nightingale/issues/1437).
_TOO_MANY = Refusal(ThrottledError, "too many requests", 60.0)


def refusal(code: int, words: str) -> Refusal | None:
    """What a code stands for; None: not known."""
    return _TOO_MANY if code == 9499 and "too many" in words.lower() else REFUSALS.get(code)


def signature(timestamp_s: int, secret: str) -> str:
    r"""HMAC-SHA256 of nothing under the key `timestamp\nsecret`, in base64."""
    return b64encode(hmac.digest(f"{timestamp_s}\n{secret}".encode(), b"", "sha256")).decode("ascii")


def card(message: Message) -> dict[str, Any]:
    """A card in which every word is `plain_text`: nothing in it is read as markup or as a mention."""
    language = message.language
    head = f"{SEVERITY[language][message.severity]} · {CHANGE[language][message.change]}"
    elements: list[dict[str, Any]] = [_words(part) for part in [head, clean(message.text).strip()] if part]
    facts = [f"{one_line(label, 60)}: {one_line(value, 300)}" for label, value in message.facts]
    if facts:
        elements.append(_words("\n".join(facts)))
    if message.earlier:
        elements.append(_words("\n".join([EARLIER[language], *(f"- {one_line(title)}" for title in message.earlier)])))
    buttons = [
        {"tag": "button", "text": _plain(one_line(label, 40)), "url": url, "type": "default"}
        for label, url in web_links(message.links)
    ]
    if buttons:
        elements.append({"tag": "action", "actions": buttons})
    return {
        "config": {"wide_screen_mode": True},
        "header": {"title": _plain(one_line(message.title)), "template": COLOUR[message.severity]},
        "elements": elements,
    }


def _plain(text: str) -> dict[str, str]:
    return {"tag": "plain_text", "content": text}


def _words(text: str) -> dict[str, Any]:
    return {"tag": "div", "text": _plain(text)}


@dataclass(frozen=True)
class Feishu:
    """One robot; `base` says whether it is Feishu's or Lark's."""

    shown: str
    token: SecretStr
    secret: SecretStr | None = None
    base: str = FEISHU
    trusted: ssl.SSLContext | None = None
    now: Callable[[], float] = time.time
    traits: Traits = field(default=Traits(rates=(Rate(5, 1.0), Rate(100, 60.0)), digest_most=50, digest_characters=100))

    def body(self, message: Message) -> bytes:
        """The request's body, cut to what is taken, with the signature of this moment."""
        signed: dict[str, str] = {}
        if self.secret is not None:
            timestamp_s = int(self.now())
            signed = {
                "timestamp": str(timestamp_s),
                "sign": signature(timestamp_s, self.secret.get_secret_value()),
            }

        def made(part: Message) -> bytes:
            return compact({**signed, "msg_type": "interactive", "card": card(part)})

        return made(bounded(message, lambda part: len(made(part)) <= MOST_BYTES))

    def send(self, message: Message, previous: Message | None = None) -> Receipt:
        url = f"{self.base}/open-apis/bot/v2/hook/{quote(self.token.get_secret_value(), safe='')}"
        names = (("code", "msg"), ("StatusCode", "StatusMessage"))
        return call(url, self.body(message), self.shown, names, refusal, self.trusted, (self.token, self.secret))
