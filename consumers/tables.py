"""Which events go to which table, and as which columns. The SQL is in schemas/migrations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from consumers.columns import (
    Columns,
    column,
    counter,
    members,
    milliseconds,
    moment,
    number,
    plain,
    seen,
    size,
    small,
    unsigned,
)
from schemas.alerts import AlertChanged, AlertDelivery
from schemas.cloudevents import Provenance
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
    Repost,
)
from schemas.topics import LOADED

#: What every row has besides: its place in Kafka, and the batch that it was written with.
POSITION = ("kafka_partition", "kafka_offset", "batch_first", "batch_last")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of weibo_store and how events become its rows."""

    name: str
    events: tuple[type[AnyEvent], ...]
    columns: tuple[Columns, ...]
    provenance: tuple[str, ...] = ("ce_source", "software", "lane")
    """What it keeps of who observed the event, as the message says it; fewer where the event says the rest itself."""

    @property
    def column_names(self) -> list[str]:
        """The columns that are written, in order."""
        return [*(name for names, _ in self.columns for name in names), *self.provenance, *POSITION]

    def values(self, event: AnyEvent, provenance: Provenance) -> tuple[Any, ...]:
        """The event's values, in the order of the columns, without the position.

        Raises RefusedValueError where a value does not fit.
        """
        row: list[Any] = []
        for _, values in self.columns:
            row += values(event)
        row += provenance[: len(self.provenance)]
        return tuple(row)


def _counts(name: str) -> Columns:
    """Numbers by name, such as answers by class."""

    def value(event: Any) -> dict[str, int]:
        return {key: unsigned(count, 64) for key, count in getattr(event, name).items()}

    return column(name, value)


ACCOUNT_SNAPSHOTS = Table(
    "account_snapshots",
    (AccountSnapshot,),
    (
        plain("account_id"),
        seen("observed_at"),
        number("uid"),
        plain("screen_name"),
        counter("followers"),
        counter("following"),
        counter("posts"),
        counter("reposts_received"),
        counter("comments_received"),
        counter("likes_received"),
        plain("verified"),
        small("verified_type"),
        plain("verified_reason", "description", "region"),
        size("printed_rank", 32),
        plain("via", "source"),
    ),
)

POST_VERSIONS = Table(
    "post_versions",
    (PostSeen, PostEdited),
    (
        plain("account_id"),
        number("post_id"),
        plain("content_version"),
        seen("observed_at"),
        plain("bid", "text", "text_truncated", "kind", "format"),
        column("event", lambda event: event.name),
        number("uid"),
        moment("created_at"),
        column("reposted_post_id", lambda event: int(event.reposted.post_id) if event.reposted else None),
        column("reposted_author_key", lambda event: event.reposted.author_key if event.reposted else None),
        column("reposted_author_name", lambda event: event.reposted.author_name if event.reposted else None),
        column("reposted_text", lambda event: event.reposted.text if event.reposted else None),
        column("reposted_removed", lambda event: event.reposted.removed if event.reposted else None),
        plain("topics", "links"),
        column("media_kinds", lambda event: [medium.kind for medium in event.media]),
        column("media_urls", lambda event: [medium.url for medium in event.media]),
        plain("source", "region"),
        size("edit_count", 32),
        moment("edited_at"),
        plain("pinned"),
        column("previous_version", lambda event: event.previous_version if isinstance(event, PostEdited) else None),
        column("changed", lambda event: event.changed if isinstance(event, PostEdited) else ()),
        plain("via"),
    ),
)

POST_REMOVALS = Table(
    "post_removals",
    (PostRemoved,),
    (
        plain("account_id"),
        number("post_id"),
        seen("observed_at"),
        plain("removal", "notice"),
        moment("last_seen_at"),
        moment("first_missing_at"),
        moment("confirmed_at"),
    ),
)

ENGAGEMENT_SAMPLES = Table(
    "engagement_samples",
    (EngagementSample,),
    (
        plain("account_id"),
        number("post_id"),
        seen("observed_at"),
        moment("created_at"),
        counter("reposts"),
        counter("comments"),
        counter("likes"),
        counter("views"),
        plain("via"),
    ),
)

COMMENT_VERSIONS = Table(
    "comment_versions",
    (Comment,),
    (
        number("post_id"),
        number("comment_id"),
        plain("content_version"),
        seen("observed_at"),
        plain("account_id"),
        number("root_id"),
        plain("author_key", "author_account_id", "author_name"),
        number("author_uid"),
        small("author_verified_type"),
        moment("created_at"),
        plain("text", "region"),
        counter("likes"),
        counter("replies"),
        plain("has_picture"),
        column("list_order", lambda event: event.order),
    ),
)

REPOST_VERSIONS = Table(
    "repost_versions",
    (Repost,),
    (
        number("post_id"),
        number("repost_id"),
        plain("content_version"),
        seen("observed_at"),
        plain("account_id", "author_key", "author_account_id", "author_name"),
        number("author_uid"),
        small("author_verified_type"),
        moment("created_at"),
        plain("text", "region"),
        counter("likes"),
    ),
)

RECEIPTS = Table(
    "receipts",
    (CrawlReceipt,),
    (
        plain("account_id"),
        seen("observed_at"),
        moment("started_at"),
        plain("cycle", "spider", "lane", "software"),
        size("planned"),
        size("fetched"),
        _counts("published"),
        _counts("acknowledged"),
        _counts("responses"),
        plain("stop_reason", "complete", "problems"),
        counter("posts_reported"),
        size("posts_captured"),
        size("comments_reported"),
        size("comments_captured"),
        members("lists", "post_id", "order", "reported", "listed", "captured", "pages", "ended_by"),
        members("missing", "kind", "what", "count", "reason", "remedy"),
        number("watermark"),
        plain("raw_people"),
    ),
    provenance=("ce_source",),
)

LANE_CHANGES = Table(
    "lane_changes",
    (LaneChanged,),
    (
        plain("lane", "worker"),
        seen("observed_at"),
        plain("state", "before", "reason", "response_class"),
        moment("resumes_at"),
        plain("software"),
    ),
    provenance=("ce_source",),
)


def _basis(name: str, value: Callable[[Any], Any] = lambda found: found) -> Columns:
    """What the basis of an alert says; null where it has none."""

    def values(event: Any) -> Any:
        found = getattr(event.basis, name) if event.basis else None
        return None if found is None else value(found)

    return column(f"basis_{name}", values)


ALERT_CHANGES = Table(
    "alert_changes",
    (AlertChanged,),
    (
        plain("episode_id"),
        size("number", 32),
        plain("change", "kind", "audience", "severity", "subject", "account_id"),
        number("post_id"),
        plain("country", "lane"),
        moment("started_at"),
        seen("observed_at"),
        moment("ended_at"),
        plain("score", "peak_score"),
        moment("peak_at"),
        plain("metric", "value", "at_least", "expected", "expected_low", "expected_high", "peak_value"),
        plain("age_s", "per_hour", "gap_s"),
        _basis("kind"),
        _basis("members"),
        _basis("wanted"),
        _basis("since", milliseconds),
        _basis("until", milliseconds),
        plain("incomplete", "coverage", "detail", "words", "url", "topics", "terms", "before", "muted_by"),
        plain("story", "accounts"),
        column("behind", lambda event: [int(post_id) for post_id in event.behind]),
        plain("software"),
    ),
    provenance=("ce_source",),
)

ALERT_DELIVERIES = Table(
    "alert_deliveries",
    (AlertDelivery,),
    (
        plain("channel", "episode_id"),
        size("number", 32),
        plain("outcome"),
        size("attempt", 32),
        plain("reason"),
        size("told_by", 32),
        plain("digest", "code", "words", "latency_ms", "waited_ms"),
        moment("retry_at"),
        plain("software"),
        seen("observed_at"),
    ),
    provenance=("ce_source",),
)

DEAD_LETTERS = Table(
    "dead_letters",
    (DeadLetter,),
    (
        plain("topic"),
        size("partition", 16),
        size("offset"),
        plain("message_key", "message_value"),
        column("message_header_names", lambda event: [name for name, _ in event.message_headers]),
        column("message_header_values", lambda event: [value for _, value in event.message_headers]),
        moment("message_at"),
        plain("stage", "reason", "detail", "software"),
        seen("observed_at"),
    ),
    provenance=("ce_source",),
)

TABLES: tuple[Table, ...] = (
    ACCOUNT_SNAPSHOTS,
    POST_VERSIONS,
    POST_REMOVALS,
    ENGAGEMENT_SAMPLES,
    COMMENT_VERSIONS,
    REPOST_VERSIONS,
    RECEIPTS,
    LANE_CHANGES,
    ALERT_CHANGES,
    ALERT_DELIVERIES,
    DEAD_LETTERS,
)

TABLE_BY_EVENT: dict[type[AnyEvent], Table] = {event: table for table in TABLES for event in table.events}

TABLES_BY_TOPIC: dict[str, tuple[Table, ...]] = {
    topic.name: tuple(table for table in TABLES if set(table.events) & set(topic.events)) for topic in LOADED
}


def columns_of(rows: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
    """Rows turned into columns, for an insert by columns."""
    return list(zip(*rows, strict=True))
