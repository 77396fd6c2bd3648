"""Accounts that never were, with posts, visits and samples of realistic shape, made inside ClickHouse.

Everything follows from numbers: account a, post i, visit v. So the same scale is the same rows on any machine, any part
can be made by itself, and nothing is kept in memory here. What is true of embassies on Weibo, as far as it matters to
the speed of questions and to what a row costs:

- an account publishes one to six posts a day, between 8 and 23 o'clock in Beijing;
- a visit, every half an hour, samples the ten newest posts of an account at one moment;
- counters grow like a cascade, steeply and then for weeks, by day faster than by night; sizes are log-normal per
  account and per post, with a giant now and then;
- large counters are rounded or capped as Weibo shows them; a few fall; a few are not shown at all.

The statements are in population_sql.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "population_sql"
POSTS_PER_VISIT = 10
VISIT_S = 1_800
LEAD = timedelta(days=20)
"""Before the first visit the accounts have published for so long: a visit finds ten posts."""
LEAST_ACCOUNTS = 48
"""As in the registry."""
MOST_ACCOUNTS = 5_000
BESIDE = ("accounts", "snapshots", "posts", "removals", "comments", "receipts")
"""What stands beside the samples."""
ACCOUNTS_AT_ONCE = 64
"""Accounts of one part: with a month of visits nearly a million samples, which are one part of the table."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much there is: accounts, visits to each of them, and when the first visit began (UTC)."""

    accounts: int
    visits: int
    begin: datetime

    @property
    def samples(self) -> int:
        """Samples in all."""
        return self.accounts * self.visits * POSTS_PER_VISIT

    @property
    def end(self) -> datetime:
        """When the last visit ends."""
        return self.begin + timedelta(seconds=self.visits * VISIT_S)

    @property
    def published_from(self) -> datetime:
        """Before the first posts: a midnight UTC."""
        return (self.begin - LEAD).replace(hour=0, minute=0, second=0, microsecond=0)

    def months(self) -> list[tuple[int, int]]:
        """The visits of each month, as the first and the one behind the last: a partition of the table is a month."""
        found = []
        first = 0
        while first < self.visits:
            moment = self.begin + timedelta(seconds=first * VISIT_S)
            following = datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1, tzinfo=UTC)
            behind = -int((self.begin - following).total_seconds() // VISIT_S)
            found.append((first, min(max(behind, first + 1), self.visits)))
            first = found[-1][1]
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the population: what it is called, and the statement that makes it."""

    name: str
    sql: str
    parameters: dict[str, Any]


def scale_of(samples: int, end: datetime, accounts: int | None = None) -> Scale:
    """The scale with about so many samples whose last visit ends at a moment.

    Accounts are as many as make a good year, at least those of the registry and at most 5,000.
    """
    if accounts is None:
        accounts = max(LEAST_ACCOUNTS, min(MOST_ACCOUNTS, samples // 200_000))
    visits = max(1, round(samples / (accounts * POSTS_PER_VISIT)))
    return Scale(accounts, visits, end - timedelta(seconds=visits * VISIT_S))


def parts(scale: Scale, names: Sequence[str]) -> Iterator[Part]:
    """All parts. `names` are the ids of the first accounts; those beyond are called by numbers."""
    for first in range(0, scale.accounts, ACCOUNTS_AT_ONCE):
        some = parameters(scale, names, first, min(ACCOUNTS_AT_ONCE, scale.accounts - first))
        for kind in BESIDE:
            yield Part(f"{kind}-{first}", statement(kind), some)
        for begin, behind in scale.months():
            yield Part(f"samples-{first}-{begin}", statement("samples"), {**some, "v0": begin, "vn": behind - begin})


def parameters(scale: Scale, names: Sequence[str], first: int, count: int) -> dict[str, Any]:
    """What the statements take for some accounts; those of samples take visits besides, v0 and vn."""
    return {
        "names": list(names),
        "accounts": scale.accounts,
        "published_from": int(scale.published_from.timestamp()),
        "begin": int(scale.begin.timestamp()),
        "end": int(scale.end.timestamp()),
        "days": (scale.end - scale.published_from).days + 1,
        "a0": first,
        "an": count,
    }


def statement(kind: str) -> str:
    """The statement that makes one kind of rows: its file, with what several of them share put in."""
    text = (FOLDER / f"{kind}.sql").read_text(encoding="utf-8")
    numbers, published = ((FOLDER / f"{name}.sql").read_text(encoding="utf-8") for name in ("numbers", "published"))
    return text.replace("-- numbers\n", numbers.rstrip("\n") + ",\n").replace("-- posts\n", published)
