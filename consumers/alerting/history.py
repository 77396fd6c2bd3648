"""What was observed in the past, out of ClickHouse, as the events that it was: in event time, day by day.

So a back-test judges with the same code what the alerter would have judged. Repeats of a message are left in: whoever
reads events must bear them anyway.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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

WINDOW = timedelta(days=1)
"""So much is held in memory at a time."""

WHEN = "observed_at >= {since:DateTime64(3, 'UTC')} AND observed_at < {until:DateTime64(3, 'UTC')}"
WHOSE = "(empty({accounts:Array(String)}) OR account_id IN {accounts:Array(String)})"
ORDER = "observed_at, kafka_partition, kafka_offset"
NUMBER = "intDiv(dateDiff('millisecond', {since:DateTime64(3, 'UTC')}, observed_at), 86400000)"


@dataclass(frozen=True, slots=True)
class Source:
    """A table, the columns that are read of it, and how a row becomes an event."""

    table: str
    columns: tuple[str, ...]
    event: Callable[[Mapping[str, Any]], AnyEvent]
    of_accounts: bool = True

    @property
    def sql(self) -> str:
        """What is asked for a stretch of time."""
        return " ".join(("SELECT", ", ".join(self.columns), self._where, "ORDER BY", ORDER))

    @property
    def windows(self) -> str:
        """In which windows of a stretch of time it has anything, by their numbers from 0."""
        return " ".join(("SELECT DISTINCT", NUMBER, self._where))

    def parameters(self, since: datetime, until: datetime, accounts: Sequence[str]) -> dict[str, Any]:
        """What both take."""
        whose = {"accounts": list(accounts)} if self.of_accounts else {}
        return {"since": since, "until": until, **whose}

    @property
    def _where(self) -> str:
        which = f"{WHEN} AND {WHOSE}" if self.of_accounts else WHEN
        return " ".join(("FROM", f"weibo_store.{self.table}", "WHERE", which))


def events(
    client: Client, settings: Settings, since: datetime, until: datetime, accounts: Sequence[str] = ()
) -> Iterator[AnyEvent]:
    """Everything observed from `since` on and before `until` (aware), in the order of its observation.

    Of one moment first what posts say, then their counters. No accounts: all. Raises what `schemas.clickhouse.named`
    names.
    """
    for begin in _days(client, settings, since, until, accounts):
        end = min(begin + WINDOW, until)
        found: list[AnyEvent] = []
        for source in SOURCES:
            found += _of(client, settings, source, begin, end, accounts)
        found.sort(key=attrgetter("observed_at"))
        yield from found


def _days(
    client: Client, settings: Settings, since: datetime, until: datetime, accounts: Sequence[str]
) -> list[datetime]:
    """The beginnings of the windows in which anything was observed, ascending."""
    found: set[int] = set()
    for source in SOURCES:
        for (number,) in _query(client, settings, source.windows, source.parameters(since, until, accounts)):
            found.add(number)
    return [since + number * WINDOW for number in sorted(found)]


def _query(client: Client, settings: Settings, sql: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    try:
        return client.query(sql, parameters=dict(parameters), tz_mode="aware").result_rows
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error


def _of(
    client: Client, settings: Settings, source: Source, since: datetime, until: datetime, accounts: Sequence[str]
) -> Iterator[AnyEvent]:
    rows = _query(client, settings, source.sql, source.parameters(since, until, accounts))
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
        (*_POST_PLAIN, "event", "uid", "post_id", "topics", "previous_version", "changed"),
        _post,
    ),
    Source(
        "comment_versions",
        (
            *("account_id", "post_id", "comment_id", "author_key", "author_account_id", "created_at", "text"),
            *("list_order AS order", "content_version", "observed_at"),
        ),
        _comment,
    ),
    Source(
        "engagement_samples",
        (
            *("account_id", "post_id", "observed_at", "created_at", "via"),
            # Nobody judges views.
            *_counters("reposts", "comments", "likes"),
        ),
        _sample,
    ),
    Source(
        "post_removals",
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
        ("account_id", "observed_at", "uid", "screen_name", "via", *_counters("followers", "posts")),
        _snapshot,
    ),
    Source(
        "receipts",
        (*_RECEIPT_PLAIN, *(f"lists_{name}" for name in _LISTS), *(f"missing_{name}" for name in _MISSING)),
        _receipt,
    ),
    Source(
        "lane_changes",
        ("lane", "worker", "state", "before", "reason", "response_class", "resumes_at", "software", "observed_at"),
        _lane,
        of_accounts=False,
    ),
)
"""In this order, where several were observed at one moment."""
