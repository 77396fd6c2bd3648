"""The ranking as people look at it: one row per embassy, in the terminal or as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from schemas.events import iso_milliseconds

BARS = "▁▂▃▄▅▆▇█"
NOTHING = "–"


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
    wide = width >= 118
    picture = Table(box=None, padding=(0, 1), header_style="bold", expand=False)
    picture.add_column("#", justify="right")
    picture.add_column("embassy", no_wrap=True, overflow="ellipsis")
    picture.add_column("country", no_wrap=True)
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
            NOTHING if row.last_post is None else f"{row.last_post:%Y-%m-%d}",
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
