"""Whether the tables hold exactly what was sent, and the rollups exactly what the tables hold."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from consumers import deriving, peers
from schemas.cloudevents import header
from schemas.events import MODEL_BY_TYPE, DeadLetter
from schemas.topics import DEAD_LETTERS, LOADED
from tests.event_reader import every_record
from tests.faults.load import INVALID, Place

KINDS_OF = {
    "account_snapshots": ("account.snapshot",),
    "post_versions": ("post.seen", "post.edited"),
    "post_removals": ("post.removed",),
    "engagement_samples": ("engagement.sample",),
    "comment_versions": ("comment.seen",),
    "repost_versions": ("repost.seen",),
    "receipts": ("crawl.receipt",),
    "lane_changes": ("lane.changed",),
    "alert_changes": ("alert.changed",),
    "alert_deliveries": ("alert.delivery",),
}
"""The tables, each with the events whose messages are its rows. A table's events share one topic."""
OF_SNAPSHOTS = {
    "snapshot_days": (
        "SELECT account_id, day, max(followers_at), max(printed_at) FROM weibo_store.snapshot_days GROUP BY ALL",
        "SELECT account_id, toDate32(observed_at, 'Asia/Shanghai'), maxIf(observed_at, isNotNull(followers)), "
        "maxIf(observed_at, isNotNull(printed_rank)) FROM weibo_store.account_snapshots GROUP BY ALL",
    ),
    "account_states": (
        "SELECT account_id, what, value, month, min(first_at), max(last_at) "
        "FROM weibo_store.account_states GROUP BY ALL",
        "SELECT account_id, state.1 AS what, assumeNotNull(state.2) AS value, toDate32(toStartOfMonth(observed_at)), "
        "min(observed_at), max(observed_at) FROM weibo_store.account_snapshots "
        "ARRAY JOIN [('screen_name', screen_name), ('verified', toString(verified))] AS state "
        "WHERE isNotNull(state.2) GROUP BY ALL",
    ),
}
"""What is rolled up of the snapshots as they come: as it is there, and as the snapshots give it."""
SLICES = 16
COUNTERS = ("reposts", "comments", "likes", "views")


def published(servers: list[str]) -> dict[str, set[Place]]:
    """The positions of all events in the topics that are loaded, by the event's name, dead letters left out."""
    loaded = {topic.name for topic in LOADED}
    found: dict[str, set[Place]] = {}
    for record in every_record(servers):
        model = MODEL_BY_TYPE.get(header(record.headers, "ce_type") or "")
        if record.topic in loaded and model not in (None, DeadLetter):
            found.setdefault(model.name, set()).add((record.topic, record.partition, record.offset))
    return found


def held(client: Client, table: str) -> int:
    """Rows of a source table."""
    return int(client.query(f"SELECT count() FROM weibo_store.{table}").result_rows[0][0])


def caught_up(client: Client, sent: Mapping[str, set[Place]]) -> bool:
    """Whether there are at least as many rows as messages, dead letters included, and all are accounted for."""
    found = accounts(client)
    return (
        letters(client) >= sent.get(INVALID, set())
        and all(held(client, table) >= len(_rows_of(table, sent)) for table in KINDS_OF)
        and all(
            found.get(topic, NOTHING).messages >= len(_messages_of(topic, sent))
            for topic in {topic for places in sent.values() for topic, _, _ in places}
        )
        and found.get(DEAD_LETTERS.name, NOTHING).messages >= held(client, "dead_letters")
    )


@dataclass(frozen=True, slots=True)
class Account:
    """What the table of batches says of a topic."""

    messages: int
    rows: int
    dead_letters: int
    gaps: int
    """Batches that do not begin where the one before ended, or whose figures don't add up."""


NOTHING = Account(0, 0, 0, 0)


def accounts(client: Client) -> dict[str, Account]:
    """The batches, added up by topic."""
    rows = client.query(
        """
        SELECT topic, sum(messages), sum(rows), sum(dead_letters),
            countIf(first != before OR last + 1 - first != messages OR rows + dead_letters != messages)
        FROM
        (
            SELECT *, lagInFrame(last + 1, 1, first) OVER
                (PARTITION BY topic, partition ORDER BY first, last ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
            FROM weibo_store.batches
        )
        GROUP BY topic
        """
    ).result_rows
    return {topic: Account(*figures) for topic, *figures in rows}


def letters(client: Client) -> set[Place]:
    """The original positions of the dead letters."""
    rows = client.query("SELECT topic, partition, `offset` FROM weibo_store.refused_messages").result_rows
    return {(topic, partition, offset) for topic, partition, offset in rows}


def differences(client: Client, sent: Mapping[str, set[Place]]) -> list[str]:
    """What is wrong, in sentences; empty where everything is exact."""
    wrong = []
    for table in KINDS_OF:
        expected = _rows_of(table, sent)
        rows = [tuple(row) for row in client.query(
            f"SELECT kafka_partition, kafka_offset FROM weibo_store.{table}"
        ).result_rows]  # fmt: skip
        if len(rows) != len(expected) or set(rows) != expected:
            wrong.append(
                f"{table}: {len(rows)} rows, {len(set(rows))} positions, {len(expected)} sent, "
                f"{len(expected - set(rows))} lost, {len(rows) - len(set(rows))} double"
            )
    rows = client.query("SELECT kafka_partition, kafka_offset FROM weibo_store.dead_letters").result_rows
    if len(rows) != len({tuple(row) for row in rows}):
        wrong.append(f"dead_letters: {len(rows)} rows, {len({tuple(row) for row in rows})} positions")
    found, expected_letters = letters(client), sent.get(INVALID, set())
    if found != expected_letters:
        wrong.append(f"dead letters: {len(found)} of {len(expected_letters)} rejected messages")
    wrong += _unaccounted(client, sent)
    wrong += _rollup(client, "post_latest", "account_id, post_id", "account_id, post_id")
    wrong += [line for table, sides in OF_SNAPSHOTS.items() for line in _compared(client, table, *sides)]
    return wrong


def _unaccounted(client: Client, sent: Mapping[str, set[Place]]) -> list[str]:
    """What the batches don't account for: ranges that overlap or leave something out, sums that are others."""
    found = accounts(client)
    invalid = Counter(topic for topic, _, _ in sent.get(INVALID, ()))
    wrong = []
    for topic in sorted({topic for places in sent.values() for topic, _, _ in places} | found.keys()):
        account, messages = found.get(topic, NOTHING), len(_messages_of(topic, sent))
        expected = Account(messages, messages - invalid[topic], invalid[topic], 0)
        if topic == DEAD_LETTERS.name:
            rows = held(client, "dead_letters")
            expected = Account(rows, rows, 0, 0)
        if account != expected:
            wrong.append(f"the batches of {topic}: {account}, and it is {expected}")
    return wrong


def _messages_of(topic: str, sent: Mapping[str, set[Place]]) -> set[Place]:
    """The positions of all messages of a topic."""
    return {place for places in sent.values() for place in places if place[0] == topic}


def forgotten(client: Client) -> list[str]:
    """What a deriver forgot, once it has looked again: derived rows that a computation from all raw rows changes."""
    scopes, _ = deriving.changed(client, deriving.begin(client))
    deriving.derive(client, scopes)
    peers.refresh(client, peers.begin(client))
    followed = {table: _derived(client, table) for table in (*deriving.DERIVED, "peer_expectations")}
    deriving.derive(client, deriving.everything(client))
    peers.refresh(client, deriving.EPOCH)
    return [
        f"{table}: {found[0]} rows where everything gives {whole[0]}, or others"
        for table, found in followed.items()
        if found != (whole := _derived(client, table))
    ]


def _derived(client: Client, table: str) -> tuple[int, int]:
    """How many rows a derived table has, and a sum over what they say."""
    rows = client.query(
        f"SELECT count(), sum(cityHash64(toString(tuple(* EXCEPT derived_at)))) FROM weibo_store.{table} FINAL"
    ).result_rows
    return int(rows[0][0]), int(rows[0][1])


def _rows_of(table: str, sent: Mapping[str, set[Place]]) -> set[tuple[int, int]]:
    """Partition and offset of each message that belongs into a table."""
    return {(partition, offset) for kind in KINDS_OF[table] for _, partition, offset in sent.get(kind, ())}


def _compared(client: Client, table: str, merged: str, plain: str) -> list[str]:
    """What one of two questions answers and the other does not."""
    strange = int(client.query(f"SELECT count() FROM ({merged} EXCEPT {plain})").result_rows[0][0])
    missing = int(client.query(f"SELECT count() FROM ({plain} EXCEPT {merged})").result_rows[0][0])
    return [f"{table}: {strange} rows that its source does not give, {missing} missing"] if strange or missing else []


def _rollup(client: Client, table: str, key: str, computed_key: str) -> list[str]:
    """Compare a rollup with a plain GROUP BY over its source, slice by slice, so that memory does not matter."""
    merges = ", ".join(f"argMaxIfMerge(r.{c})" for c in COUNTERS)
    states = ", ".join(
        f"argMaxIf((assumeNotNull(s.{c}), s.{c}_below, s.{c}_above, s.observed_at), (s.observed_at, s.kafka_offset), "
        f"isNotNull(s.{c}))"
        for c in COUNTERS
    )
    strange = missing = 0
    for part in range(SLICES):
        merged = (
            f"SELECT {key}, max(r.observed_at) AS o, {merges} FROM weibo_store.{table} AS r "
            f"WHERE post_id % {SLICES} = {part} GROUP BY {key}"
        )
        plain = (
            f"SELECT {computed_key}, max(s.observed_at) AS o, {states} FROM weibo_store.engagement_samples AS s "
            f"WHERE post_id % {SLICES} = {part} GROUP BY {key}"
        )
        strange += int(client.query(f"SELECT count() FROM ({merged} EXCEPT {plain})").result_rows[0][0])
        missing += int(client.query(f"SELECT count() FROM ({plain} EXCEPT {merged})").result_rows[0][0])
    if strange or missing:
        return [f"{table}: {strange} rows that the samples don't give, {missing} missing"]
    return []
