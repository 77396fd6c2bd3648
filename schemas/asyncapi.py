"""The contract as an AsyncAPI document: topics, keys, headers and messages, made from the models and the topics.

https://www.asyncapi.com/docs/reference/specification/v3.0.0 with the Kafka bindings 0.5.0.
"""

import inspect
from importlib.metadata import version
from typing import Any

from schemas.alerts import AlertChanged, AlertDelivery
from schemas.events import EVENT_MODELS, AnyEvent, Comment, DeadLetter, LaneChanged, Repost, type_of
from schemas.topics import (
    ALERT_STATE,
    ALERTS,
    DELIVERIES,
    MEMORY,
    QUARANTINE,
    SENDER_STATE,
    TOPICS,
    Topic,
)

BINDING = "0.5.0"

KEYS: dict[type[AnyEvent], str] = {
    Comment: "The post id, so that the comments of a post stay in order.",
    Repost: "The post id, so that the reposts of a post stay in order.",
    LaneChanged: "Worker and lane, `worker:lane`.",
    AlertChanged: "The episode, so that its changes stay in order.",
    AlertDelivery: "The channel.",
    DeadLetter: "Topic and partition of the original message, `topic:partition`.",
}
ACCOUNT_KEY = "The account id, so that an account's story stays in order."

#: How the id of each event is made of its fields; moments as in the value.
EVENT_IDS = {
    "account.snapshot": "account:{account_id}:{observed_at}",
    "post.seen": "post:{post_id}:{content_version}",
    "post.edited": "post:{post_id}:{content_version}",
    "post.removed": "removal:{post_id}:{first_missing_at}:{removal, or `missing` until it is confirmed}",
    "engagement.sample": "sample:{post_id}:{observed_at}",
    "comment.seen": "comment:{comment_id}:{content_version}",
    "repost.seen": "repost:{repost_id}:{content_version}",
    "crawl.receipt": "receipt:{account_id}:{spider}:{cycle}",
    "body.quarantined": "quarantine:{account_id}:{observed_at}:{content_version}",
    "lane.changed": "lane:{worker}:{lane}:{observed_at}:{state}",
    "alert.changed": "alert:{episode_id}:{number}",
    "alert.delivery": "delivery:{channel}:{episode_id}:{number}:{outcome}:{attempt}",
    "dead.letter": "dead-letter:{topic}:{partition}:{offset}",
}


def document() -> dict[str, Any]:
    """The AsyncAPI document. Payloads refer to the JSON Schemas beside it, by file name."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Weiplomacy",
            "version": version("weiplomacy"),
            "description": "What the crawler sees on Weibo, as CloudEvents 1.0 in Kafka (binary content mode). "
            "Readers ignore fields that they do not know; a change that would break a reader is a new type.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {
            f"{action}.{topic.name}": {
                "action": action,
                "channel": {"$ref": f"#/channels/{topic.name}"},
                "summary": summary,
            }
            for topic in TOPICS
            for action, summary in _operations(topic)
        },
        "components": {"messages": {model.name: _message(model) for model in EVENT_MODELS}},
    }


def _operations(topic: Topic) -> tuple[tuple[str, str], ...]:
    writer = "The loader writes what it could not load." if DeadLetter in topic.events else "The crawler writes."
    reader = "The loader reads, into ClickHouse."
    if topic is MEMORY:
        reader = "A crawl worker reads the accounts that it is assigned, from the beginning."
    elif topic is QUARANTINE:
        reader = "A mended parser reads."
    elif topic is ALERTS:
        writer, reader = "The alerter writes.", "The loader reads, into ClickHouse; the sender reads, and tells people."
    elif topic is ALERT_STATE:
        writer, reader = (
            "The alerter writes what it remembers.",
            "The alerter reads, from the beginning, when it starts.",
        )
    elif topic is DELIVERIES:
        writer = "The sender writes."
    elif topic is SENDER_STATE:
        writer = "The sender writes what it owes and has told."
        reader = "The sender reads, from the beginning, when it starts."
    return (("send", writer), ("receive", reader))


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "messages": {model.name: {"$ref": f"#/components/messages/{model.name}"} for model in topic.events},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [topic.cleanup],
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.max_message_bytes,
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _message(model: type[AnyEvent]) -> dict[str, Any]:
    kind = type_of(model)
    return {
        "name": kind,
        "title": model.name,
        "summary": inspect.getdoc(model),
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": ["ce_specversion", "ce_type", "ce_id", "ce_source", "ce_time", "content-type"],
            "properties": {
                "ce_specversion": {"const": "1.0"},
                "ce_type": {"const": kind},
                "ce_id": {"type": "string", "description": f"The same event, the same id: {EVENT_IDS[model.name]}."},
                "ce_source": {
                    "type": "string",
                    "description": "Where it comes from: `urn:weiplomacy:live`, `urn:weiplomacy:replica`, "
                    "or `urn:weiplomacy:import:` and the publication.",
                },
                "ce_time": {"type": "string", "format": "date-time", "description": "The event's `observed_at`."},
                "ce_software": {
                    "type": "string",
                    "description": "What observed it, such as `weiplomacy/0.1.0`; older software did not say it.",
                },
                "ce_lane": {
                    "type": "string",
                    "description": "The lane (a session with its way out) whose answer it was read from. Absent where "
                    "there was none: imports, dead letters.",
                },
                "content-type": {"const": "application/json"},
            },
        },
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./{kind}.json"},
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": KEYS.get(model, ACCOUNT_KEY)},
                "bindingVersion": BINDING,
            }
        },
    }
