"""Alertmanager, API v2: what lasts is kept firing, what ended is resolved; routes and silences are made there.

https://prometheus.io/docs/alerting/latest/alerts_api: an alert is known by its labels; it must be sent again while it
lasts, for it counts as resolved when `endsAt` passes; Prometheus repeats a resolved one for 15 minutes, in case
Alertmanager is started anew before it told anybody. `endsAt` of what lasts is 15 minutes ahead, not Prometheus' four:
an update of the sender must not resolve everything.

Episodes are in event time, Alertmanager in machine time: a start that lies ahead of the machine's clock (an accelerated
replica) is said as now.
"""

import json
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from consumers.delivery.channel import Traits
from consumers.delivery.message import Message, Receipt
from consumers.delivery.phrases import CHANGE
from consumers.delivery.posting import check, post
from consumers.delivery.safe_text import clean, one_line, paragraphs, web_links
from schemas.event_fields import iso_milliseconds

REPEAT_S = 60.0
LASTS = timedelta(minutes=15)


def alert(message: Message, now: datetime) -> dict[str, Any]:
    """The alert of a message, machine time. A label without a value is none: Alertmanager drops it."""
    started = min(message.starts_at, now)
    ended = max(min(message.ends_at or now, now), started)
    ends = ended if message.change == "ended" else now + LASTS
    links = web_links(message.links)
    return {
        "labels": {name: clean(value) for name, value in message.labels if value},
        "annotations": {
            "summary": one_line(message.title),
            "description": paragraphs(message),
            "episode": message.episode_id,
            "change": CHANGE[message.language][message.change],
        },
        "startsAt": iso_milliseconds(started),
        "endsAt": iso_milliseconds(ends),
        **({"generatorURL": links[0][1]} if links else {}),
    }


def alerts(message: Message, previous: Message | None, now: datetime) -> list[dict[str, Any]]:
    """The alert of a message, and the end of the one before if it was known by other labels (another severity)."""
    current = alert(message, now)
    if previous is None or previous.change == "ended":
        return [current]
    before = alert(previous, now)
    if before["labels"] == current["labels"]:
        return [current]
    return [{**before, "endsAt": iso_milliseconds(now)}, current]


@dataclass(frozen=True)
class Alertmanager:
    """One Alertmanager. Of a cluster each is a channel of its own: they ask to be told all of them."""

    shown: str
    base: str
    user: str = ""
    password: SecretStr | None = None
    token: SecretStr | None = None
    trusted: ssl.SSLContext | None = None
    now: Callable[[], float] = time.time
    traits: Traits = field(
        default=Traits(digests=False, repeat_s=REPEAT_S, repeat_end_s=LASTS.total_seconds()),
    )

    def send(self, message: Message, previous: Message | None = None) -> Receipt:
        found = alerts(message, previous, datetime.fromtimestamp(self.now(), UTC))
        headers = {"Content-Type": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.get_secret_value()}"
        elif self.password is not None:
            pair = f"{self.user}:{self.password.get_secret_value()}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode('ascii')}"
        body = json.dumps(found, ensure_ascii=False).encode()
        reply = post(
            f"{self.base}/api/v2/alerts",
            body,
            headers,
            self.shown,
            trusted=self.trusted,
            hidden=(self.password, self.token),
        )
        check(reply, self.shown)
        return Receipt(code=str(reply.status), words=reply.words)
