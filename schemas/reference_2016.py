"""The list of December 2016 as events: the first known moment of every account of the registry.

"Digital Diplomacy: These Foreign Embassies Are Most (Un)Popular on Weibo", What's on Weibo, December 2016: followers
("1131700+" is a lower bound), whether verified, rank as printed, and posts in all where the article names them. The
EU's delegation has no rank: a reader added it. The article prints names and no uids, so these snapshots carry none.
"""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from schemas.counts import Count, Counter, Precision
from schemas.events import AccountSnapshot

LIST = Path(__file__).parent / "reference_2016" / "embassies.csv"

OBSERVED_AT = datetime(2016, 12, 31, 4, 0, tzinfo=UTC)
"""Noon in Beijing of the last day of the list's month: the article gives no finer date, and at this moment it is the
same day in UTC. One moment for all, so that the list stays one."""

SOURCE = "Digital Diplomacy: These Foreign Embassies Are Most (Un)Popular on Weibo (What's on Weibo, December 2016)"
CE_SOURCE = "urn:weiplomacy:import:whatsonweibo-2016"

ABOUT = 5
""""About 75" is printed where one rounds to fives or tens; we take it as five more or less."""


def snapshots(file: Path = LIST) -> tuple[AccountSnapshot, ...]:
    """The 48 snapshots, in the order of the list. Equal every time, so publishing them again adds nothing."""
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(_snapshot(row) for row in csv.DictReader(lines))


def _snapshot(row: Mapping[str, str]) -> AccountSnapshot:
    return AccountSnapshot(
        account_id=row["account_id"],
        observed_at=OBSERVED_AT,
        screen_name=row["screen_name"],
        followers=_followers(int(row["followers_2016"]), row["followers_is_lower_bound"] == "true"),
        posts=_posts(int(row["posts_2016"]), row["posts_is_about"] == "true") if row["posts_2016"] else None,
        verified=row["verified"] == "true",
        printed_rank=int(row["rank_2016"]) if row["rank_2016"] else None,
        via="import",
        source=SOURCE,
    )


def _followers(number: int, is_lower_bound: bool) -> Counter:
    if not is_lower_bound:
        return number
    return Count(value=number, low=number, high=None, precision=Precision.LOWER_BOUND, raw=f"{number}+")


def _posts(number: int, is_about: bool) -> Counter:
    if not is_about:
        return number
    return Count(
        value=number, low=number - ABOUT, high=number + ABOUT, precision=Precision.ROUNDED, raw=f"about {number}"
    )
