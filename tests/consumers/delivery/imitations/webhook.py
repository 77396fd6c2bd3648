"""A receiver of signed CloudEvents, from the two specifications.

- Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): the headers
  webhook-id, webhook-timestamp (seconds, five minutes of tolerance both ways) and webhook-signature, a list of
  `v1,BASE64` parted by blanks; signed is `id.timestamp.body`; a secret `whsec_BASE64` has the key after its prefix. A
  receiver keeps ids it has seen, and answers 2xx for them too; 410 ends a subscription.
- CloudEvents 1.0.2, JSON format and HTTP binding: content type application/cloudevents+json; specversion, id, source,
  type are required and not empty; `time` in RFC 3339.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime

from tests.consumers.delivery.imitations.http_server import Answered, Asked, Imitation, as_json

TOLERANCE_S = 300


class WebhookReceiver(Imitation):
    def __init__(self, secret: str, *, token: str = "", now=None) -> None:
        super().__init__(*([now] if now else []))
        self.secret, self.token = secret, token
        self.repeated = 0
        self._seen: set[str] = set()

    def answer(self, asked: Asked) -> Answered:
        wrong = self._wrong(asked)
        if wrong:
            self.refused.append((wrong, asked))
            return as_json({"error": wrong[1]}, wrong[0])
        message_id = asked.headers["webhook-id"]
        if message_id in self._seen:
            self.repeated += 1
        else:
            self._seen.add(message_id)
            self.taken.append(json.loads(asked.body))
        return Answered(204)

    def _wrong(self, asked: Asked) -> tuple[int, str] | None:
        if self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
            return 401, "no such token"
        if not asked.headers.get("content-type", "").startswith("application/cloudevents+json"):
            return 415, "not a structured CloudEvent"
        try:
            message_id = asked.headers["webhook-id"]
            stamp = asked.headers["webhook-timestamp"]
            signatures = asked.headers["webhook-signature"].split(" ")
        except KeyError as error:
            return 400, f"no header {error}"
        if abs(int(stamp) - self.now()) > TOLERANCE_S:
            return 400, "timestamp out of tolerance"
        key = base64.b64decode(self.secret[6:]) if self.secret.startswith("whsec_") else self.secret.encode()
        mac = hmac.new(key, b".".join([message_id.encode(), stamp.encode(), asked.body]), hashlib.sha256)
        if "v1," + base64.b64encode(mac.digest()).decode() not in signatures:
            return 401, "wrong signature"
        event = json.loads(asked.body)
        if event.get("specversion") != "1.0" or not all(event.get(name) for name in ("id", "source", "type")):
            return 400, "not a CloudEvent"
        if datetime.fromisoformat(event["time"]).utcoffset() is None:
            return 400, "time without an offset"
        return None
