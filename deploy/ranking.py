"""The ranking as people look at it: read from the views, one row per embassy, in the terminal or as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError
from rich.table import Table
from rich.text import Text

from schemas.clickhouse import connect, named
from schemas.event_fields import iso_milliseconds
from schemas.settings import Settings

QUERY = """
WITH
    recent AS
    (
        SELECT
            account_id,
            toDate(created_at_beijing) AS day,
            sum(reposts + comments + likes) AS interactions,
            count(reposts + comments + likes) AS known
        FROM weibo.posts
        WHERE created_at > {since:DateTime64(3, 'UTC')} AND created_at <= {at:DateTime64(3, 'UTC')}
        GROUP BY account_id, day
    ),
    per_account AS
    (
        SELECT
            account_id,
            mapFromArrays(groupArray(day), groupArray(interactions)) AS by_day,
            sum(interactions) / nullIf(sum(known), 0) AS per_post
        FROM recent
        GROUP BY account_id
    ),
    newest AS
    (
        SELECT account_id, max(created_at) AS last_post
        FROM weibo.posts
        WHERE created_at <= {at:DateTime64(3, 'UTC')}
        GROUP BY account_id
    ),
    before AS
    (
        SELECT account_id, followers, followers_low, followers_high FROM weibo.ranking(at = {since_text:String})
    ),
    growth AS
    (
        SELECT
            account_id,
            toInt64(ranking.followers_low) - toInt64(before.followers_high) AS low,
            toInt64(ranking.followers_high) - toInt64(before.followers_low) AS high,
            if(
                ifNull(low = high, false) OR ifNull(low > 0, false) OR ifNull(high < 0, false),
                toInt64(ranking.followers) - toInt64(before.followers),
                NULL
            ) AS growth
        FROM weibo.ranking(at = {at_text:String}) AS ranking
        INNER JOIN before USING (account_id)
    )
SELECT
    ranking.rank, ranking.account_id, ranking.name_zh, ranking.name_en, ranking.country_en, ranking.country_code,
    ranking.verified, ranking.followers, ranking.followers_precision != 'exact', growth.growth, per_account.by_day,
    ranking.posts, per_account.per_post, newest.last_post, ranking.printed_rank
FROM weibo.ranking(at = {at_text:String}) AS ranking
LEFT JOIN growth ON growth.account_id = ranking.account_id
LEFT JOIN per_account ON per_account.account_id = ranking.account_id
LEFT JOIN newest ON newest.account_id = ranking.account_id
WHERE has({accounts:Array(String)}, ranking.account_id)
ORDER BY ranking.followers DESC, ranking.account_id
SETTINGS join_use_nulls = 1
"""

BARS = "▁▂▃▄▅▆▇█"
NOTHING = "–"
#: Columns of a terminal from which on the table has room for everything, and what it takes without the names below.
WIDE, OTHERS = 118, 64
#: Days are Beijing's; it has no summer time.
BEIJING = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One embassy in the ranking. Counts that are not known are None; moments are UTC.

    `followers_about` says that the number of followers is rounded or a lower bound; `growth` is the change of
    followers over the period, None where it can't be told; `trend` holds interactions of the period's posts by day
    of publication in Beijing, oldest first.
    """

    rank: int
    account_id: str
    name: str
    name_en: str
    country: str
    country_code: str | None
    verified: bool | None
    followers: int | None
    followers_about: bool
    growth: int | None
    trend: tuple[int, ...]
    posts: int | None
    interactions_per_post: float | None
    last_post: datetime | None
    rank_2016: int | None

    def as_json(self) -> dict[str, Any]:
        """The row as a JSON object."""
        last_post = iso_milliseconds(self.last_post) if self.last_post else None
        return {**asdict(self), "trend": list(self.trend), "last_post": last_post}


def read_ranking(settings: Settings, accounts: Sequence[str], since: datetime, at: datetime) -> list[RankingRow]:
    """The ranking of some accounts at a moment, with what changed since another; moments are UTC.

    Ranks are among these accounts. Raises what schemas.clickhouse.connect raises.
    """
    client = connect(settings)
    try:
        parameters = {
            "accounts": list(accounts),
            "since": since,
            "at": at,
            "since_text": iso_milliseconds(since),
            "at_text": iso_milliseconds(at),
        }
        rows = client.query(QUERY, parameters=parameters).result_rows
    except ClickHouseError as error:
        raise named(error, settings) from error
    finally:
        client.close()
    first = (since + BEIJING).date()
    days = [first + timedelta(days=place) for place in range(((at + BEIJING).date() - first).days + 1)]
    ranks = [1 + sum(other[7] > row[7] for other in rows) for row in rows]
    return [
        RankingRow(
            rank=rank,
            account_id=row[1],
            name=row[2],
            name_en=row[3],
            country=row[4],
            country_code=row[5],
            verified=row[6],
            followers=row[7],
            followers_about=row[8],
            growth=row[9],
            trend=tuple(int((row[10] or {}).get(day) or 0) for day in days),
            posts=row[11],
            interactions_per_post=row[12],
            last_post=row[13],
            rank_2016=row[14],
        )
        for rank, row in zip(ranks, rows, strict=True)
    ]


def sparkline(values: Sequence[int]) -> str:
    """Values as bars, each relative to the greatest; nothing at all is a blank line of the same length."""
    top = max(values, default=0)
    if top <= 0:
        return " " * len(values)
    return "".join(BARS[min(len(BARS) - 1, value * len(BARS) // (top + 1))] if value > 0 else " " for value in values)


def _count(value: int | None, about: bool = False) -> str:
    return NOTHING if value is None else f"{'~' if about else ''}{value:,}"


def _growth(value: int | None) -> Text:
    if value is None:
        return Text(NOTHING, style="dim")
    return Text(f"{value:+,}", style="green" if value > 0 else "red" if value < 0 else "dim")


def table(rows: Sequence[RankingRow], days: int, width: int) -> Table:
    """The ranking as a table that fits a terminal of `width` columns; names are the registry's, never a page's."""
    wide = width >= WIDE
    picture = Table(box=None, padding=(0, 1) if wide else (0, 1, 0, 0), header_style="bold", expand=False)
    picture.add_column("#", justify="right")
    # The one column that may be cut: what the others say is told nowhere else.
    picture.add_column("embassy", no_wrap=True, overflow="ellipsis", max_width=None if wide else max(8, width - OTHERS))
    picture.add_column("country" if wide else "", no_wrap=True)
    picture.add_column("V", justify="center")
    picture.add_column("followers", justify="right", no_wrap=True)
    picture.add_column(f"{days} days", justify="right", no_wrap=True)
    picture.add_column("by day", no_wrap=True, style="cyan")
    picture.add_column("posts", justify="right", no_wrap=True)
    picture.add_column("per post" if wide else "/post", justify="right", no_wrap=True)
    picture.add_column("last post", no_wrap=True)
    picture.add_column("Dec 2016" if wide else "2016", justify="right")
    for row in rows:
        picture.add_row(
            str(row.rank),
            row.name,
            row.country if wide else row.country_code or "",
            {True: Text("✓", style="blue"), False: Text("·", style="dim"), None: Text("?")}[row.verified],
            _count(row.followers, row.followers_about),
            _growth(row.growth),
            sparkline(row.trend),
            _count(row.posts),
            NOTHING if row.interactions_per_post is None else f"{row.interactions_per_post:,.0f}",
            NOTHING if row.last_post is None else f"{row.last_post:%Y-%m-%d}" if wide else f"{row.last_post:%y-%m-%d}",
            NOTHING if row.rank_2016 is None else str(row.rank_2016),
        )
    return picture


def legend(days: int) -> str:
    """What the columns of the table mean."""
    return (
        f"followers ~ rounded by Weibo · {days} days: change of followers ({NOTHING}: lost in the rounding) · "
        "by day: interactions of the posts published on each day · posts: in all · per post: mean reposts + comments + "
        f"likes of the {days} days' posts · Dec 2016: rank as printed by What's on Weibo"
    )
