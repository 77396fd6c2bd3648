"""A stream of events with a known content: what is sent is what the tables must hold."""

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from kafka import KafkaProducer

from schemas.cloudevents import encode
from schemas.event_ids import content_version
from schemas.events import (
    AccountSnapshot,
    AnyEvent,
    Comment,
    CrawlReceipt,
    EngagementSample,
    PostEdited,
    PostRemoved,
    PostSeen,
    Repost,
)
from schemas.software import SOFTWARE
from schemas.topics import SAMPLES, topic_of

BEGIN = datetime(2024, 3, 1, tzinfo=UTC)
INVALID = "invalid"
Place = tuple[str, int, int]


class Stream:
    """Sends events at a rate, in the background, until `stop`; then `sent` has every acknowledged position."""

    def __init__(self, servers: list[str], seed: int, rate: int) -> None:
        self._random = random.Random(seed)
        self._rate = rate
        self._producer = KafkaProducer(bootstrap_servers=servers, acks="all", compression_type="lz4", linger_ms=10)
        self._futures: list[tuple[str, object]] = []
        self._number = 0
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.seconds = 0.0

    def start(self) -> "Stream":
        self._thread.start()
        return self

    @property
    def count(self) -> int:
        return len(self._futures)

    def stop(self) -> dict[str, set[Place]]:
        """Stop, and return the positions by kind: an event's name, or "invalid"."""
        self._stopping.set()
        self._thread.join()
        if self._failure:
            raise self._failure
        self._producer.flush()
        sent: dict[str, set[Place]] = {}
        for kind, future in self._futures:
            metadata = future.get(timeout=60)  # type: ignore[attr-defined]
            sent.setdefault(kind, set()).add((metadata.topic, metadata.partition, metadata.offset))
        self._producer.close()
        assert sum(len(places) for places in sent.values()) == len(self._futures), Counter(
            kind for kind, _ in self._futures
        )
        return sent

    def _run(self) -> None:
        began = time.monotonic()
        try:
            while not self._stopping.is_set():
                behind = int((time.monotonic() - began) * self._rate) - self._number
                for _ in range(min(behind, self._rate)):
                    self._send_one()
                self._stopping.wait(0.02)
        except BaseException as error:
            self._failure = error
        self.seconds = time.monotonic() - began

    def _send_one(self) -> None:
        self._number += 1
        dice = self._random.random()
        if dice < 0.03:
            self._put(INVALID, SAMPLES.name, b"a1", self._broken(), [("ce_type", b"weiplomacy.engagement.sample.v1")])
            return
        event = self._event(dice)
        message = encode(event, "urn:weiplomacy:replica", SOFTWARE, f"guest-{self._number % 4}")
        self._put(event.name, topic_of(event).name, message.key, message.value, message.headers)
        if dice > 0.98:
            # The same event once more: another message, counted once by views.
            self._put(event.name, topic_of(event).name, message.key, message.value, message.headers)

    def _put(self, kind: str, topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        self._futures.append((kind, self._producer.send(topic, key=key, value=value, headers=headers)))

    def _broken(self) -> bytes:
        return self._random.choice([b"not json", b"{}", b'{"account_id":"a1","post_id":-5}', b"\xff\xfe"])

    def _event(self, dice: float) -> AnyEvent:
        number = self._number
        account = f"a{number % 48}"
        post = str(5_000_000_000_000_000 + number % 997)
        # Over two months, and not in order: late and repeated hours are what rollups must bear.
        observed = BEGIN + timedelta(seconds=self._random.randrange(60 * 86_400), milliseconds=number % 1000)
        if dice < 0.08:
            states = {"screen_name": f"name {number % 3}", "verified": number % 7 > 0}
            return AccountSnapshot(account_id=account, observed_at=observed, followers=number, via="profile", **states)
        if dice < 0.12:
            return PostSeen(
                account_id=account, observed_at=observed, uid="1", post_id=post, created_at=BEGIN,
                text=f"text {number}", text_truncated=False, kind="original", format="text",
                content_version=content_version(number), via="timeline",
            )  # fmt: skip
        if dice < 0.125:
            return PostEdited(
                account_id=account, observed_at=observed, uid="1", post_id=post, created_at=BEGIN,
                text=f"other text {number}", text_truncated=False, kind="original", format="text",
                content_version=content_version(number), via="timeline", previous_version=content_version("text"),
                changed=("text",),
            )  # fmt: skip
        if dice < 0.13:
            return PostRemoved(
                account_id=account, observed_at=observed, post_id=post, removal="hidden", first_missing_at=observed
            )
        if dice < 0.15:
            return Repost(
                account_id=account, observed_at=observed, post_id=post, repost_id=str(number), author_key="0" * 32,
                created_at=observed, text="repost", content_version=content_version(number),
            )  # fmt: skip
        if dice < 0.2:
            return Comment(
                account_id=account, observed_at=observed, post_id=post, comment_id=str(number), author_key="0" * 32,
                created_at=observed, text="comment", order="hot", content_version=content_version(number),
            )  # fmt: skip
        if dice < 0.21:
            return CrawlReceipt(
                account_id=account, observed_at=observed, cycle=str(number), spider="embassy", lane="1", software="1",
                started_at=observed, planned=1, fetched=1, published={}, acknowledged={}, responses={"ok": 1},
                stop_reason="caught_up", complete=True,
            )  # fmt: skip
        return EngagementSample(
            account_id=account, observed_at=observed, post_id=post, created_at=BEGIN, reposts=number % 1000,
            comments=None if number % 3 else number % 77, likes=number, views=None, via="timeline",
        )  # fmt: skip
