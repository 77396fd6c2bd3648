"""What was observed in the past, out of ClickHouse, as the events that it was: in event time, a part at a time.

So a back-test judges with the same code what the alerter would have judged, and an alerter that starts for the first
time learns from what Kafka has deleted already. Repeats of a message are left in: whoever reads events must bear them
anyway.
"""

import collections
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from schemas.clickhouse import named
from schemas.counts import Count, Counter, Precision
from schemas.events import (
    AccountSnapshot,
    AnyEvent,
    Comment,
    CrawlReceipt,
    EngagementSample,
    LaneChanged,
    ListCoverage,
    Missing,
    PostEdited,
    PostRemoved,
    PostSeen,
)
from schemas.settings import Settings
from schemas.topics import ACCOUNTS, COMMENTS, LANES, POSTS, RECEIPTS, SAMPLES, Topic

LONGEST = timedelta(days=1)
MOST = 100_000
"""So long a time is read at once, with so many events, where ten minutes have no more: they are held in memory, some
kilobyte each."""
STEP = timedelta(minutes=10)

WHEN = "observed_at >= {since:DateTime64(3, 'UTC')} AND observed_at < {until:DateTime64(3, 'UTC')}"
DELETED = "kafka_offset < {beginnings:Array(UInt64)}[kafka_partition + 1]"
WHOSE = "(empty({accounts:Array(String)}) OR account_id IN {accounts:Array(String)})"
ORDER = "observed_at, kafka_partition, kafka_offset"
SINCE_MS = "dateDiff('millisecond', {since:DateTime64(3, 'UTC')}, observed_at)"
STEPS = f"intDiv({SINCE_MS}, {STEP // timedelta(milliseconds=1)}) AS step, count()"


@dataclass(frozen=True, slots=True)
class Source:
    """A table, the topic that it is loaded from, the columns that are read, and how a row becomes an event."""

    table: str
    topic: Topic
    columns: tuple[str, ...]
    event: Callable[[Mapping[str, Any]], AnyEvent]
    of_accounts: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is asked for: observed from `since` on and before `until` (aware), of these accounts; none: of all.

    `beginnings`: only what lies before these offsets, per topic and partition; None: whatever offset it has.
    """

    since: datetime
    until: datetime
    accounts: Sequence[str] = ()
    beginnings: Mapping[str, Sequence[int]] | None = None

    def sql(self, source: Source, what: str, order: str = "") -> str:
        """The question to a source."""
        conditions = [WHEN, *([WHOSE] if source.of_accounts else []), *([DELETED] if self.beginnings else [])]
        asked = ("SELECT", what, "FROM", f"weibo_store.{source.table}", "WHERE", " AND ".join(conditions), order)
        return " ".join(asked).rstrip()

    def parameters(self, source: Source) -> dict[str, Any]:
        """What it takes."""
        found: dict[str, Any] = {"since": self.since, "until": self.until}
        if source.of_accounts:
            found["accounts"] = list(self.accounts)
        if self.beginnings:
            found["beginnings"] = list(self.beginnings.get(source.topic.name, ()))
        return found


def events(client: Client, settings: Settings, stretch: Stretch) -> Iterator[AnyEvent]:
    """Everything in a stretch, in the order of its observation; of one moment what posts say before their counters.

    Raises what `schemas.clickhouse.named` names.
    """
    for begin, end in _windows(client, settings, stretch):
        part = replace(stretch, since=begin, until=end)
        found: list[AnyEvent] = []
        for source in SOURCES:
            found += _of(client, settings, source, part)
        found.sort(key=attrgetter("observed_at"))
        yield from found


def newest(client: Client, settings: Settings, stretch: Stretch) -> datetime | None:
    """When the last of it was observed; None where there is nothing. Raises as `events`."""
    moments = []
    for source in SOURCES:
        ((count, moment),) = _query(client, settings, source, stretch, "count(), max(observed_at)")
        moments += [moment] if count else []
    return max(moments, default=None)


def _windows(client: Client, settings: Settings, stretch: Stretch) -> list[tuple[datetime, datetime]]:
    """The parts of a stretch in which anything was observed, ascending: each from its begin to before its end."""
    counts: collections.Counter[int] = collections.Counter()
    for source in SOURCES:
        for step, count in _query(client, settings, source, stretch, STEPS, "GROUP BY step"):
            counts[step] += count
    found: list[tuple[int, int]] = []
    held = 0
    for step in sorted(counts):
        begin = found[-1][0] if found else step
        if found and step - begin < LONGEST // STEP and held + counts[step] <= MOST:
            found[-1] = begin, step + 1
        else:
            found.append((step, step + 1))
            held = 0
        held += counts[step]
    return [(stretch.since + begin * STEP, min(stretch.since + end * STEP, stretch.until)) for begin, end in found]


def _query(
    client: Client, settings: Settings, source: Source, stretch: Stretch, what: str, order: str = ""
) -> Sequence[Sequence[Any]]:
    try:
        rows: Sequence[Sequence[Any]] = client.query(
            stretch.sql(source, what, order), parameters=stretch.parameters(source), tz_mode="aware"
        ).result_rows
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error
    return rows


def _of(client: Client, settings: Settings, source: Source, stretch: Stretch) -> Iterator[AnyEvent]:
    rows = _query(client, settings, source, stretch, ", ".join(source.columns), f"ORDER BY {ORDER}")
    names = [column.rpartition(" AS ")[2] for column in source.columns]
    for row in rows:
        yield source.event(dict(zip(names, row, strict=True)))


def _counter(row: Mapping[str, Any], name: str) -> Counter | None:
    value, below, above = row[name], row[f"{name}_below"], row[f"{name}_above"]
    if value is None or (below == 0 and above == 0):
        return None if value is None else int(value)
    return Count.model_construct(
        value=value,
        low=value - below,
        high=None if above is None else value + above,
        precision=Precision.LOWER_BOUND if above is None else Precision.ROUNDED,
        raw=row[f"{name}_raw"],
    )


def _counters(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}{end}" for name in names for end in ("", "_below", "_above", "_raw"))


# What is in the tables satisfied the contract when it was loaded: it is not validated a second time.
def _sample(row: Mapping[str, Any]) -> AnyEvent:
    return EngagementSample.model_construct(
        account_id=row["account_id"],
        post_id=str(row["post_id"]),
        observed_at=row["observed_at"],
        created_at=row["created_at"],
        reposts=_counter(row, "reposts"),
        comments=_counter(row, "comments"),
        likes=_counter(row, "likes"),
        via=row["via"],
    )


def _post(row: Mapping[str, Any]) -> AnyEvent:
    fields = {
        **{name: row[name] for name in _POST_PLAIN},
        "uid": str(row["uid"]),
        "post_id": str(row["post_id"]),
        "topics": tuple(row["topics"]),
    }
    if row["event"] == PostEdited.name:
        return PostEdited.model_construct(
            **fields, previous_version=row["previous_version"], changed=tuple(row["changed"])
        )
    return PostSeen.model_construct(**fields)


def _comment(row: Mapping[str, Any]) -> AnyEvent:
    return Comment.model_construct(**{**row, "post_id": str(row["post_id"]), "comment_id": str(row["comment_id"])})


def _removal(row: Mapping[str, Any]) -> AnyEvent:
    return PostRemoved.model_construct(**{**row, "post_id": str(row["post_id"])})


def _snapshot(row: Mapping[str, Any]) -> AnyEvent:
    return AccountSnapshot.model_construct(
        account_id=row["account_id"],
        observed_at=row["observed_at"],
        uid=None if row["uid"] is None else str(row["uid"]),
        screen_name=row["screen_name"],
        followers=_counter(row, "followers"),
        posts=_counter(row, "posts"),
        via=row["via"],
    )


def _receipt(row: Mapping[str, Any]) -> AnyEvent:
    lists = zip(*(row[f"lists_{name}"] for name in _LISTS), strict=True)
    missing = zip(*(row[f"missing_{name}"] for name in _MISSING), strict=True)
    return CrawlReceipt.model_construct(
        **{name: row[name] for name in _RECEIPT_PLAIN},
        lists=tuple(
            ListCoverage.model_construct(**{**dict(zip(_LISTS, one, strict=True)), "post_id": str(one[0])})
            for one in lists
        ),
        missing=tuple(Missing.model_construct(**dict(zip(_MISSING, one, strict=True))) for one in missing),
    )


def _lane(row: Mapping[str, Any]) -> AnyEvent:
    return LaneChanged.model_construct(**row)


_POST_PLAIN = (
    *("account_id", "observed_at", "bid", "created_at", "text", "text_truncated", "kind", "format", "edit_count"),
    *("edited_at", "pinned", "content_version", "via"),
)
_LISTS = ("post_id", "order", "reported", "listed", "captured", "pages", "ended_by")
_MISSING = ("kind", "what", "count", "reason", "remedy")
_RECEIPT_PLAIN = (
    *("account_id", "observed_at", "started_at", "cycle", "spider", "lane", "software", "planned", "fetched"),
    *("published", "acknowledged", "responses", "stop_reason", "complete", "posts_captured", "comments_reported"),
    *("comments_captured", "raw_people"),
)

SOURCES: tuple[Source, ...] = (
    Source(
        "post_versions",
        POSTS,
        (*_POST_PLAIN, "event", "uid", "post_id", "topics", "previous_version", "changed"),
        _post,
    ),
    Source(
        "comment_versions",
        COMMENTS,
        (
            *("account_id", "post_id", "comment_id", "author_key", "author_account_id", "created_at", "text"),
            *("list_order AS order", "content_version", "observed_at"),
        ),
        _comment,
    ),
    Source(
        "engagement_samples",
        SAMPLES,
        (
            *("account_id", "post_id", "observed_at", "created_at", "via"),
            # Nobody judges views.
            *_counters("reposts", "comments", "likes"),
        ),
        _sample,
    ),
    Source(
        "post_removals",
        POSTS,
        (
            "account_id",
            "post_id",
            "observed_at",
            "removal",
            "notice",
            "last_seen_at",
            "first_missing_at",
            "confirmed_at",
        ),
        _removal,
    ),
    Source(
        "account_snapshots",
        ACCOUNTS,
        ("account_id", "observed_at", "uid", "screen_name", "via", *_counters("followers", "posts")),
        _snapshot,
    ),
    Source(
        "receipts",
        RECEIPTS,
        (*_RECEIPT_PLAIN, *(f"lists_{name}" for name in _LISTS), *(f"missing_{name}" for name in _MISSING)),
        _receipt,
    ),
    Source(
        "lane_changes",
        LANES,
        ("lane", "worker", "state", "before", "reason", "response_class", "resumes_at", "software", "observed_at"),
        _lane,
        of_accounts=False,
    ),
)
"""In this order, where several were observed at one moment."""
