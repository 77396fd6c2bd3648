"""Slack, Teams, Telegram and a hundred more, through apprise; its success is believed only where it looked.

Measured with apprise 2.2: for some services any HTTP 200 is a success to it, also one that carries a refusal. Those
have senders of their own here, or are refused by name (`UNCHECKED`). It sleeps 5.5 s between two requests to a target;
that is switched off, since the rates of a channel are kept before it is called.

It is given plain text in which strangers' markup and mentions are gone. A picture follows on its own, to services whose
plugin takes attachments: one that failed with the words would send them again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import apprise
from apprise.attachment.memory import AttachMemory
from apprise.plugins.slack import NotifySlack, SlackMode
from pydantic import SecretStr

from consumers.delivery.channel import Traits
from consumers.delivery.drawing import described
from consumers.delivery.errors import (
    AddressError,
    DeliveryError,
    DeniedError,
    RejectedError,
    ThrottledError,
    UnavailableError,
)
from consumers.delivery.message import Message, Receipt
from consumers.delivery.phrases import CHANGE, SEVERITY
from consumers.delivery.posting import WORDS_CHARACTERS
from consumers.delivery.rates import Rate
from consumers.delivery.safe_text import bounded, inert, one_line, paragraphs, scrubbed, web_links

#: Schemas of apprise whose plugins take a refusal in a reply of 200 for a success, and what to use instead.
UNCHECKED: Mapping[str, str] = {
    "wecombot": "wecom://",
    "schan": "mailto: or another channel",
}

#: https://docs.slack.dev/apis/web-api/rate-limits, https://core.telegram.org/bots/faq; for others one in three seconds.
RATES: Mapping[str, tuple[Rate, ...]] = {
    "slack": (Rate(1, 1.0),),
    "tgram": (Rate(1, 1.0), Rate(20, 60.0)),
}
OTHERS = (Rate(20, 60.0),)


def traits(schema: str, *, pictures: bool = False) -> Traits:
    """How a service of apprise wants to be treated; `pictures`: whether it takes them."""
    rates = RATES.get(schema, OTHERS)
    return Traits(rates=rates, digest_most=20, digest_characters=80, picture="after" if pictures else "none")


def takes_pictures(made: apprise.NotifyBase) -> bool:
    """Whether a plugin sends attachments. Slack's does through its API, and leaves them out of its webhooks."""
    is_webhook = isinstance(made, NotifySlack) and made.mode != SlackMode.BOT
    return bool(made.attachment_support) and not is_webhook


#: How severe it is, in apprise's names: a colour or a sign where the service has one.
_KIND = {
    "notice": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}

_STATUS = re.compile(r"error=([0-9]{3})\b")


def plugin(url: str, written: str, shown: str) -> apprise.NotifyBase:
    """What apprise makes of a URL. Raises AddressError if that is nothing, or if `written` holds a secret in the clear.

    `url` has the secrets in it, `written` is the rule's address without them; `shown` names the channel.
    """
    schema = url.partition("://")[0].lower()
    if schema in UNCHECKED:
        raise AddressError(
            f"channel {shown}: through {schema}:// nobody can tell whether a message was taken: use {UNCHECKED[schema]}"
        )
    asset = apprise.AppriseAsset(
        async_mode=False, secure_logging=True, interpret_escapes=False, interpret_emojis=False, http_redirects=False
    )
    made = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if not isinstance(made, apprise.NotifyBase):
        raise AddressError(
            f"channel {shown}: apprise can't read this address; its forms are at https://appriseit.com/services/"
        )
    fields = {**made.template_tokens, **made.template_args}
    for name, known in fields.items():
        value = getattr(made, str(known.get("map_to") or name), None) if known.get("private") else None
        if isinstance(value, str) and len(value) > 3 and value in written:
            raise AddressError(
                f"channel {shown}: its {name} is a secret and stands in the address: write {{secret}} in its place, "
                'and name where it is: secret = "file:/etc/…" or "env:NAME"'
            )
    made.request_rate_per_sec = 0.0
    return made


@dataclass(frozen=True)
class LongTail:
    """One target of apprise."""

    shown: str
    plugin: apprise.NotifyBase = field(repr=False)
    hidden: tuple[SecretStr, ...] = ()
    traits: Traits = field(default_factory=lambda: traits(""))
    #: Another one of the same address for pictures, which go out beside the words; None: it takes none.
    illustrator: apprise.NotifyBase | None = field(default=None, repr=False)

    def send(self, message: Message, previous: Message | None = None) -> Receipt:
        title, body = self._texts(message)
        return self._notify(self.plugin, message, title, body)

    def send_picture(self, message: Message, picture: bytes) -> Receipt:
        if self.illustrator is None:
            raise RejectedError(f"{self.shown}: it takes no pictures", words="it takes no pictures")
        file = AttachMemory(picture, name="curve.png", mimetype="image/png")  # type: ignore[no-untyped-call]
        attachment = apprise.AppriseAttachment(file)
        return self._notify(self.illustrator, message, "", inert(described(message)), attachment)

    def _notify(
        self,
        plugin: apprise.NotifyBase,
        message: Message,
        title: str,
        body: str,
        attachment: apprise.AppriseAttachment | None = None,
    ) -> Receipt:
        sender = apprise.Apprise()
        sender.add(plugin)
        result = sender.notify(
            body=body,
            title=title,
            notify_type=_KIND[message.severity],
            body_format=apprise.NotifyFormat.TEXT,
            attach=attachment,
        )
        said = self._said(result)
        if result.status == apprise.AppriseResultStatus.SUCCESS and len(result.results) == 1:
            return Receipt(code="ok")
        raise self._named(said)

    def _texts(self, message: Message) -> tuple[str, str]:
        language = message.language
        head = f"{SEVERITY[language][message.severity]} · {CHANGE[language][message.change]}"
        title = inert(one_line(message.title))
        most_title, most = self.plugin.title_maxlen, self.plugin.body_maxlen

        def text(part: Message) -> str:
            words = inert(paragraphs(part, links=False))
            links = "\n".join(f"{inert(label)}: {url}" for label, url in web_links(part.links))
            above = [] if most_title else [title]
            return "\n\n".join(one for one in [*above, head, words, links] if one)

        cut = bounded(message, lambda part: _units(text(part)) <= most)
        return (one_line(title, most_title) if most_title else ""), text(cut)

    def _said(self, result: apprise.AppriseResult) -> str:
        """What apprise logged of the failure, without secrets."""
        lines = [
            entry.message
            for one in result.results
            for entry in one.logs()
            if entry.level in ("WARNING", "ERROR", "CRITICAL")
        ]
        hidden = [secret.get_secret_value() for secret in self.hidden]
        return one_line(scrubbed(" ".join(lines), hidden), WORDS_CHARACTERS)

    def _named(self, said: str) -> DeliveryError:
        status = _STATUS.search(said)
        code = status[1] if status else ""
        text = f"{self.shown}: {said or 'refused without a word'}"
        if code == "429":
            return ThrottledError(f"{text}: it asks to slow down", code=code, words=said, retry_after_s=60.0)
        if code in ("401", "403", "404", "405", "410"):
            return DeniedError(f"{text}: see the channel's address and secret", code=code, words=said)
        if code.startswith("4") and code not in ("408", "425"):
            return RejectedError(f"{text}: it refuses this message", code=code, words=said)
        return UnavailableError(f"{text}: it may pass later", code=code, words=said)


def _units(text: str) -> int:
    """Length as the strictest service counts: UTF-16 units, signs of HTML written out."""
    return len(text.replace("&", "&amp;").encode("utf-16-le")) // 2
