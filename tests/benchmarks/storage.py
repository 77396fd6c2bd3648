"""What keeping costs: bytes per row of every table, and the bytes of a year for 48 and for 5,000 accounts.

weiplomacy bench storage --url URL [--accounts N …] [--json]

Bytes are measured in a filled database, such as one of `weiplomacy bench questions`: whole rows on disk, with what
stands beside the columns. Rows of a year are projected from the visits that the default limits of the live site allow
to 48 accounts (see tests/benchmarks/live_limits.py) and from the posts of the replica; for more accounts at the same
pace, which takes as many more lanes. What depends on the public (comments, reposts, removals, ages that posts reach) is
taken per post as the database has it. Tables with few rows or none are named: nothing can be said of them.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.table import Table

from crawler.planning.gains import PAGE
from crawler.planning.terms import terms_of
from crawler.planning.watched import Kind
from schemas.clickhouse import connect
from schemas.settings import ClickHouse, Crawl, Settings
from tests.benchmarks.live_limits import Run
from tests.benchmarks.page_plans import World

HOURS, DAYS = 8_760, 365
SIMULATED_H = 24
MEASURED_AT = 48
"""Accounts of the projection's pace: those of the registry."""
LEAST_ROWS = 1_000
"""With fewer, a part's own files are what is measured."""
EXPIRE_AFTER = 30
"""Days that `changes` and `derivations` are kept."""

PROVENANCE = {"via", "source", "ce_source", "software", "lane"}
POSITION = {"kafka_partition", "kafka_offset", "batch_first", "batch_last", "ingested_at"}
IDENTITY = {"account_id", "post_id", "comment_id", "repost_id", "uid", "cycle", "content_version"}
COUNTERS = {
    *("reposts", "comments", "likes", "views", "replies", "followers", "following", "posts"),
    *("reposts_received", "comments_received", "likes_received", "posts_reported"),
}
INTERVALS = ("_below", "_above", "_raw", "_low", "_high")
GROUPS = ("identity", "moments", "counters", "intervals", "provenance", "position", "content", "beside columns")


@dataclass(frozen=True)
class Size:
    """A table: its rows, its bytes on disk, and those of its groups of columns.

    Parts in which all columns share a file have no groups; what is no column's (marks, indices) is `beside columns`.
    """

    table: str
    rows: int
    bytes: int
    groups: dict[str, int] = field(default_factory=dict)

    @property
    def per_row(self) -> float:
        """Bytes per row."""
        return self.bytes / self.rows


@dataclass(frozen=True)
class Pace:
    """Of one account, per hour: pages looked at, those that were rendered among them, single posts sampled, requests;
    per day: posts published.
    """

    looks: float
    rendered: float
    single: float
    requests: float
    posts: float

    @property
    def visits(self) -> float:
        """Visits per hour, each with a receipt."""
        return self.looks + self.single

    @property
    def samples(self) -> float:
        """Samples per hour: a page shows the ten newest posts."""
        return self.looks * PAGE + self.single


@dataclass(frozen=True)
class Year:
    """A table's rows and bytes of a year for so many accounts."""

    table: str
    rows: float
    bytes: float


def group_of(column: str) -> str:
    """The group that a column belongs to."""
    if column.endswith(INTERVALS):
        return "intervals"
    for name, members in (
        ("identity", IDENTITY), ("counters", COUNTERS), ("provenance", PROVENANCE), ("position", POSITION)
    ):  # fmt: skip
        if column in members:
            return name
    return "moments" if column.endswith("_at") or column in ("hour", "day") else "content"


def sizes_of(client: Client) -> list[Size]:
    """What every table of weibo_store that has rows holds, the largest first."""
    where = "WHERE active AND rows > 0 AND database = 'weibo_store'"
    tables = client.query(
        f"SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts {where} GROUP BY table ORDER BY 3 DESC"
    ).result_rows
    columns = client.query(
        "SELECT table, column, sum(column_data_compressed_bytes) FROM system.parts_columns "
        f"{where} AND part_type = 'Wide' GROUP BY table, column"
    ).result_rows
    found = []
    for table, rows, size in tables:
        groups = dict.fromkeys(GROUPS, 0)
        for of, column, compressed in columns:
            if of == table:
                groups[group_of(column)] += compressed
        known = sum(groups.values())
        groups["beside columns"] = size - known
        found.append(Size(table, rows, size, groups if known else {}))
    return found


def pace_of(accounts: int = MEASURED_AT, hours: int = SIMULATED_H) -> Pace:
    """What the default limits of the live site allow to so many accounts, each alike."""
    world = World(accounts)
    terms = terms_of(Settings(home=Path("nowhere"), origin="live", crawl=Crawl()), ["normal"])
    run = Run(world, terms)
    run.go(hours)
    rendered = run.kinds[Kind.RENDERED]
    of_two_days = sum(len(published) for published in world.posts.values())
    each = 1 / hours / accounts
    return Pace(
        (run.kinds[Kind.TIMELINE] + rendered) * each,
        rendered * each,
        run.kinds[Kind.POST] * each,
        run.requests * each,
        of_two_days / 2 / accounts,
    )


def rows_of_a_year(pace: Pace, sizes: Mapping[str, Size]) -> dict[str, float]:
    """Rows of one account and year, of each table that has enough rows and of which something can be said."""
    sizes = {table: size for table, size in sizes.items() if size.rows >= LEAST_ROWS}
    posts = pace.posts * DAYS
    known_posts = sizes["post_latest"].rows if "post_latest" in sizes else 0
    by_time = {
        "engagement_samples": pace.samples * HOURS,
        # What the rendered page shows, and what its profile says.
        "account_snapshots": 2 * pace.rendered * HOURS,
        "receipts": pace.visits * HOURS,
        "account_hours": HOURS,
        "account_days": DAYS,
        # Samples and receipt of a visit come by topics of their own.
        "batches": 2 * pace.visits * HOURS,
        "changes": 2 * pace.visits * 24 * EXPIRE_AFTER,
    }
    by_post = ("post_versions", "post_removals", "comment_versions", "repost_versions", "post_latest", "post_ages",
               "post_measures")  # fmt: skip
    rows = {table: float(count) for table, count in by_time.items() if table in sizes}
    for table in by_post:
        if table in sizes and known_posts:
            rows[table] = posts * sizes[table].rows / known_posts
    return rows


def year_of(accounts: int, rows: Mapping[str, float], sizes: Mapping[str, Size]) -> list[Year]:
    """The year of so many accounts, the largest table first."""
    found = [Year(table, accounts * count, accounts * count * sizes[table].per_row) for table, count in rows.items()]
    return sorted(found, key=lambda year: -year.bytes)


def total(years: Sequence[Year]) -> float:
    """The bytes of all tables."""
    return sum(year.bytes for year in years)


def shown(size: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1_000:
            return f"{size:.3g} {unit}"
        size /= 1_000
    return f"{size:.3g} TB"


def say(
    sizes: Sequence[Size], rows: Mapping[str, float], years: Mapping[int, Sequence[Year]], missing: Sequence[str]
) -> None:
    """Print the tables."""
    console = Console()
    console = console if console.is_terminal else Console(width=200)
    table = Table(title="bytes per row, measured", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("table", "rows", "whole", *GROUPS):
        table.add_column(name, justify="left" if name == "table" else "right")
    for size in sizes:
        parts = [f"{size.groups[group] / size.rows:.2f}" if size.groups else "" for group in GROUPS]
        table.add_row(size.table, f"{size.rows:,}", f"{size.per_row:.2f}", *parts)
    console.print(table)
    table = Table(title="a year, projected", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("table", "rows per account", *(f"{accounts:,} accounts" for accounts in years)):
        table.add_column(name, justify="left" if name == "table" else "right")
    by_table = {accounts: {year.table: year for year in some} for accounts, some in years.items()}
    for year in next(iter(years.values())):
        cells = [shown(some[year.table].bytes) for some in by_table.values()]
        table.add_row(year.table, f"{rows[year.table]:,.0f}", *cells)
    console.print(table)
    if missing:
        console.print(f"not in the sum, since it is not known: {', '.join(missing)}", style="dim")


def line(pace: Pace, years: Mapping[int, Sequence[Year]], samples: Size) -> str:
    """The result in a line."""
    all_years = "; ".join(
        f"{accounts:,} accounts {shown(total(some))} a year ({accounts * pace.samples * HOURS / 1e6:,.0f} million "
        f"samples, {accounts * pace.requests:,.0f} requests per hour)"
        for accounts, some in years.items()
    )
    return f"{samples.per_row:.2f} bytes per sample; {pace.visits:.2f} visits per hour and account: {all_years}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where the database has no samples."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", required=True, help="a filled database, http(s)://host:port")
    parser.add_argument("--accounts", type=int, action="append", help="accounts of a year (default: 48 and 5000)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args(arguments)
    client = connect(Settings(home=Path("nowhere"), clickhouse=ClickHouse(url=options.url)))
    try:
        sizes = sizes_of(client)
        names = client.query(
            "SELECT name FROM system.tables WHERE database = 'weibo_store' AND engine LIKE '%MergeTree' ORDER BY name"
        ).result_rows
    finally:
        client.close()
    by_name = {size.table: size for size in sizes}
    if "engagement_samples" not in by_name:
        print(f"{options.url} holds no samples: fill it first, for example by `weiplomacy bench questions`")
        return 1
    pace = pace_of()
    rows = rows_of_a_year(pace, by_name)
    years = {accounts: year_of(accounts, rows, by_name) for accounts in options.accounts or (MEASURED_AT, 5_000)}
    missing = [name for (name,) in names if name not in rows]
    if options.json:
        document = {
            "tables": [{**asdict(size), "bytes_per_row": size.per_row} for size in sizes],
            "pace": asdict(pace),
            "rows_per_account_and_year": rows,
            "years": {accounts: {"bytes": total(some), "tables": [asdict(year) for year in some]}
                      for accounts, some in years.items()},
            "not_projected": missing,
        }  # fmt: skip
        print(json.dumps(document))
        return 0
    say(sizes, rows, years, missing)
    print(line(pace, years, by_name["engagement_samples"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
