"""The topics, declared once: the stack creates them, crawler and consumers name them from here."""

from dataclasses import dataclass
from typing import Literal

from schemas.alerts import AlertChanged, AlertDelivery
from schemas.events import (
    AccountSnapshot,
    AnyEvent,
    Comment,
    CrawlReceipt,
    DeadLetter,
    EngagementSample,
    LaneChanged,
    PostEdited,
    PostRemoved,
    PostSeen,
    QuarantinedBody,
    Repost,
)

DAY_MS = 86_400_000

STORY_PARTITIONS = 8
"""Partitions of every topic of an account's story. Fixed at creation: one account, one partition, for good."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. Retention in milliseconds (-1: for ever), sizes in bytes.

    `loaded`: whether the loader writes its events into tables.
    """

    name: str
    partitions: int
    events: tuple[type[AnyEvent], ...]
    cleanup: Literal["delete", "compact"] = "delete"
    retention_ms: int = 365 * DAY_MS
    max_message_bytes: int = 1_048_576
    loaded: bool = True
    #: Only segments that are closed are compacted: of a topic that is written all day, small ones.
    segment_bytes: int | None = None

    def config(self) -> dict[str, str]:
        """The topic's configuration, in Kafka's own names."""
        return {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
            "compression.type": "producer",
            # Events are dated by themselves; what Kafka stamps and expires by is machine time.
            "message.timestamp.type": "LogAppendTime",
            **({"segment.bytes": str(self.segment_bytes)} if self.segment_bytes else {}),
        }


ACCOUNTS = Topic("weibo.accounts", STORY_PARTITIONS, (AccountSnapshot,))
POSTS = Topic("weibo.posts", STORY_PARTITIONS, (PostSeen, PostEdited, PostRemoved))
SAMPLES = Topic("weibo.engagement", STORY_PARTITIONS, (EngagementSample,))
COMMENTS = Topic("weibo.comments", STORY_PARTITIONS, (Comment,))
REPOSTS = Topic("weibo.reposts", STORY_PARTITIONS, (Repost,))
RECEIPTS = Topic("weibo.receipts", STORY_PARTITIONS, (CrawlReceipt,))
LANES = Topic("weibo.lanes", 1, (LaneChanged,))
# Bodies that could not be read are for a mended parser, and for nobody for long: they may hold more than they should.
QUARANTINE = Topic(
    "weibo.quarantine",
    STORY_PARTITIONS,
    (QuarantinedBody,),
    retention_ms=30 * DAY_MS,
    max_message_bytes=2_097_152,
    loaded=False,
)
# The crawler's own memory, one record per account: crawler.memory has its form.
MEMORY = Topic("weibo.crawl-memory", STORY_PARTITIONS, (), cleanup="compact", retention_ms=-1, loaded=False)
# Few and in order: whoever reads them keeps the order of an account's episodes and of a story's.
ALERTS = Topic("weibo.alerts", 1, (AlertChanged,))
# What the alerter remembers: posts, series, episodes and the offsets that all that covers: consumers.alerting.
ALERT_STATE = Topic(
    "weibo.alert-state", 1, (), cleanup="compact", retention_ms=-1, loaded=False, segment_bytes=64 * 2**20
)
# What became of alerts at the channels, and what the sender remembers.
DELIVERIES = Topic("weibo.alert-deliveries", 1, (AlertDelivery,))
SENDER_STATE = Topic(
    "weibo.sender-state", 1, (), cleanup="compact", retention_ms=-1, loaded=False, segment_bytes=64 * 2**20
)
# A dead letter holds a whole message in base64, so it may be larger than any other.
DEAD_LETTERS = Topic("weibo.dead-letters", 1, (DeadLetter,), max_message_bytes=4_194_304)

TOPICS: tuple[Topic, ...] = (
    ACCOUNTS,
    POSTS,
    SAMPLES,
    COMMENTS,
    REPOSTS,
    RECEIPTS,
    LANES,
    QUARANTINE,
    MEMORY,
    ALERTS,
    ALERT_STATE,
    DELIVERIES,
    SENDER_STATE,
    DEAD_LETTERS,
)
LOADED: tuple[Topic, ...] = tuple(topic for topic in TOPICS if topic.loaded)
"""The topics that the loader reads."""

_TOPIC_BY_MODEL = {model: topic for topic in TOPICS for model in topic.events}


def topic_of(event: AnyEvent) -> Topic:
    """The topic that an event is published to."""
    return _TOPIC_BY_MODEL[type(event)]
