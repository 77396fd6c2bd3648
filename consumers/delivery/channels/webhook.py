"""Any program that takes HTTP: CloudEvents 1.0 in structured JSON, signed as Standard Webhooks says.

The body is one CloudEvent (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md), sent as
`application/cloudevents+json`. Three headers beside it (https://github.com/standard-webhooks/standard-webhooks):

- `webhook-id`: the message's id, the same when it is sent again: a receiver that knows it has nothing to do;
- `webhook-timestamp`: seconds of the Unix clock; a receiver refuses what is older than five minutes;
- `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body` under the secret.

The secret is that of the file or variable: `whsec_` and base64, or text as it stands, 24 bytes at least.
"""

import binascii
import hmac
import json
import ssl
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from consumers.delivery.channel import Traits
from consumers.delivery.errors import SecretError
from consumers.delivery.message import Message, Receipt
from consumers.delivery.posting import check, post
from consumers.delivery.safe_text import clean, one_line, web_links
from schemas.event_fields import iso_milliseconds

TYPE = "weiplomacy.alert.message.v1"
LEAST_SECRET_BYTES = 24
#: What a point of the curve says: a program draws for itself, and nobody waits for a picture.
CURVE = ("age_s", "value", "low", "expected", "high")


def key_of(secret: SecretStr, shown: str) -> bytes:
    """The key of a signing secret. Raises SecretError if it is too short to protect anything."""
    value = secret.get_secret_value()
    try:
        key = b64decode(value[6:], validate=True) if value.startswith("whsec_") else value.encode()
    except binascii.Error:
        raise SecretError(f"channel {shown}: its secret begins with whsec_, but what follows is not base64") from None
    if len(key) < LEAST_SECRET_BYTES:
        raise SecretError(
            f"channel {shown}: its secret has {len(key)} bytes, at least {LEAST_SECRET_BYTES} are needed: make one "
            "with `openssl rand -base64 32` and give it to the receiver too"
        )
    return key


def signature(message_id: str, timestamp_s: int, body: bytes, key: bytes) -> str:
    """The header webhook-signature of Standard Webhooks, version 1."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode("ascii")


def cloud_event(message: Message, source: str, sent_at: datetime) -> dict[str, Any]:
    """The event of a message. Texts are cleaned of control characters; they are text, not markup."""
    return {
        "specversion": "1.0",
        "id": message.id,
        "type": TYPE,
        "source": source,
        "subject": message.episode_id,
        "time": iso_milliseconds(sent_at),
        "datacontenttype": "application/json",
        "data": {
            "episode_id": message.episode_id,
            "number": message.number,
            "change": message.change,
            "severity": message.severity,
            "language": message.language,
            "title": one_line(message.title, 1_000),
            "text": clean(message.text),
            "markdown": clean(message.markdown),
            "facts": [[clean(label), clean(value)] for label, value in message.facts],
            "links": [[label, url] for label, url in web_links(message.links)],
            "labels": dict(message.labels),
            "earlier": [clean(title) for title in message.earlier],
            "starts_at": iso_milliseconds(message.starts_at),
            "ends_at": iso_milliseconds(message.ends_at) if message.ends_at else None,
            "curve": [dict(zip(CURVE, point, strict=True)) for point in message.curve],
        },
    }


@dataclass(frozen=True)
class Webhook:
    """One receiver. `token`, where it wants one, goes out as a bearer token beside the signature."""

    shown: str
    url: str
    key: bytes = field(repr=False)
    source: str
    token: SecretStr | None = None
    trusted: ssl.SSLContext | None = None
    now: Callable[[], float] = time.time
    traits: Traits = field(default=Traits(digests=False))

    def send(self, message: Message, previous: Message | None = None) -> Receipt:
        now = self.now()
        event = cloud_event(message, self.source, datetime.fromtimestamp(now, UTC))
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now)),
            "webhook-signature": signature(message.id, int(now), body, self.key),
        }
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.get_secret_value()}"
        reply = post(self.url, body, headers, self.shown, trusted=self.trusted, hidden=(self.token,))
        check(reply, self.shown)
        return Receipt(code=str(reply.status), words=reply.words)
