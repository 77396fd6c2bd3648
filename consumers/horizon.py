"""From which moments on the raw rows are whole: what lies before is not derived again, since it would come out less.

Raw rows go by the retention of the settings, or by somebody's hand; what was derived from them stays. How far they
reach back, the tables say themselves: the newest counters per post remember when a post was seen first, the derived
hours and days until when there were samples and visits before those that are left.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from clickhouse_connect.driver.client import Client

from schemas.retention import clause_of, days_kept

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Beyond all rows, and within the calendar of a DateTime64.
NEVER = datetime(2200, 1, 1, tzinfo=UTC)
#: What an hour gained is the difference to the last known count: so far back it is looked for.
LOOKING_BACK = timedelta(days=30)
#: What may expire while a statement runs counts as expired; and a longer gap before the oldest row is a rest.
MARGIN = timedelta(days=1)

SAMPLES = "SELECT count(), min(observed_at), max(observed_at) FROM weibo_store.engagement_samples"
"""Answered from what the parts say of themselves, whatever their size."""
RECEIPTS = "SELECT count(), min(observed_at), max(observed_at) FROM weibo_store.receipts"
SEEN = "SELECT minOrNull(first_observed_at) FROM weibo_store.post_latest"
SAMPLED = """
SELECT maxOrNull(toDateTime64(hour, 3, 'UTC')) + INTERVAL 1 HOUR
FROM weibo_store.account_hours
WHERE samples > 0 AND hour < toStartOfHour({before:DateTime64(3, 'UTC')})
"""
VISITED = """
SELECT toTimeZone(toDateTime64(maxOrNull(day) + 1, 3, 'Asia/Shanghai'), 'UTC')
FROM weibo_store.account_days
WHERE visits > 0 AND day < toDate32({before:DateTime64(3, 'UTC')}, 'Asia/Shanghai')
"""
TABLES = """
SELECT name, engine_full, (SELECT min(applied_at) FROM weibo_store.migrations), now64(3, 'UTC')
FROM system.tables
WHERE database = 'weibo_store' AND name IN ('engagement_samples', 'receipts')
"""


@dataclass(frozen=True, slots=True)
class Held:
    """Moments, UTC, by the clock of the rows; `EPOCH` where all raw rows are there.

    Of a post that was seen first at `posts` or later all samples are there. Hours and days that begin at `hours` or
    `days` or later come out as they did when they were new; of earlier ones a row may be added, but none replaced.
    """

    posts: datetime = EPOCH
    hours: datetime = EPOCH
    days: datetime = EPOCH


@dataclass(frozen=True, slots=True)
class Rows:
    """What a table holds: its oldest and newest row, None where it is empty; from when on no row expires; and until
    when rows were derived from it that lie before the oldest one, None where there are none.
    """

    oldest: datetime | None
    newest: datetime | None
    safe_from: datetime
    derived_before: datetime | None


def held(client: Client) -> Held:
    """How far the raw rows reach back now. Raises what the client raises."""
    safe = {name: safe_from(engine, made_at, now) for name, engine, made_at, now in client.query(TABLES).result_rows}
    samples = _rows(client, SAMPLES, safe["engagement_samples"], SAMPLED)
    ((seen,),) = client.query(SEEN).result_rows
    if samples.oldest is not None and (seen is None or seen >= samples.oldest):
        # The newest counters know of nothing earlier either, whatever the derived rows say.
        samples = replace(samples, derived_before=None)
    return judged(samples, _rows(client, RECEIPTS, safe["receipts"], VISITED))


def judged(samples: Rows, receipts: Rows) -> Held:
    """What the samples and the receipts allow."""
    posts = _whole_from(samples)
    hours = posts if posts == EPOCH else posts + LOOKING_BACK
    return Held(posts, hours, max(hours, _whole_from(receipts)))


def safe_from(engine: str, made_at: datetime, now: datetime) -> datetime:
    """From when on rows are safe from the table's TTL, machine time; EPOCH where none can have expired yet."""
    days = days_kept(clause_of(engine))
    begin = now - timedelta(days=days) + MARGIN if days is not None else EPOCH
    return EPOCH if made_at >= begin else begin


def _rows(client: Client, sql: str, safe: datetime, derived: str) -> Rows:
    ((count, oldest, newest),) = client.query(sql).result_rows
    before = oldest if count else NEVER
    ((derived_before,),) = client.query(derived, parameters={"before": text_of(before)}).result_rows
    return Rows(oldest if count else None, newest if count else None, safe, derived_before)


def _whole_from(rows: Rows) -> datetime:
    lost = rows.derived_before or EPOCH
    if rows.derived_before is not None and rows.oldest is not None and rows.oldest - rows.derived_before <= MARGIN:
        lost = rows.oldest
    # Rows of another clock than the machine's do not say when they were loaded.
    expiring = rows.safe_from if rows.newest is not None and rows.newest > rows.safe_from else EPOCH
    return max(lost, expiring)


def text_of(moment: datetime) -> str:
    """A moment for a parameter: the client's own text of it ends with the seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
