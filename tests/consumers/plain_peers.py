"""What is to be expected by the posts of other accounts, computed in plain Python: slow, and written another way."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from statistics import mean
from typing import Any

from tests.consumers.plain_measures import BEIJING, THREE, Plain

MASK = (1 << 64) - 1


def hashed(post: int) -> int:
    """The last step of MurmurHash3 (github.com/aappleby/smhasher), after a constant: what ClickHouse's intHash64 is."""
    post ^= 0x4CF2D2BAAE6DA887
    post = (post ^ post >> 33) * 0xFF51AFD7ED558CCD & MASK
    post = (post ^ post >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return post ^ post >> 33


class PlainPeers:
    """All accounts, by their ids."""

    def __init__(self, accounts: Mapping[str, Plain]) -> None:
        self.accounts = accounts
        self._own = {account: plain.ages() for account, plain in accounts.items()}
        self._known: dict[tuple[int, int, date], list[tuple[int, str, float]]] = defaultdict(list)
        for account, rows in self._own.items():
            for (post, age), row in rows.items():
                if _known(row):
                    key = (self.group(account, post), age, self._day(account, post))
                    self._known[key].append((hashed(post), account, sum(row[name] for name in THREE)))

    def group(self, account: str, post: int) -> int:
        followers = self.accounts[account].followers_at_posting(post)
        return 0 if followers is None else len(str(followers))

    def _day(self, account: str, post: int) -> date:
        return (self.accounts[account].created(post) + BEIJING).date()  # type: ignore[operator]

    def expectation(self, group: int, age: int, day: date) -> dict[str, Any] | None:
        """What a post of the group that is published on a day should have at an age; None: not known."""
        if group == 0:
            return None
        pool = [
            one
            for before in range(1, 31)
            for one in sorted(self._known.get((group, age, day - timedelta(days=before)), ()))[:100]
        ]
        accounts = {account for _, account, _ in pool}
        if len(pool) < 20 or len(accounts) < 3:
            return None
        values = sorted(value for _, _, value in pool)
        cut = len(values) // 4
        return {
            "expected": mean(values[cut : len(values) - cut]), "posts": len(pool), "accounts": len(accounts)
        }  # fmt: skip

    def expectations(self) -> dict[tuple[int, int, date], dict[str, Any]]:
        """All that there are: by group, age and day."""
        keys = {(group, age, day + timedelta(days=after)) for group, age, day in self._known for after in range(1, 31)}
        return {key: row for key in keys if (row := self.expectation(*key)) is not None}

    def ages(self, account: str) -> dict[tuple[int, int], dict[str, Any]]:
        """Of each post and age of an account, what its own posts let expect, and where they do not, others'."""
        rows = {}
        for (post, age), own in self._own[account].items():
            found = self.expectation(self.group(account, post), age, self._day(account, post))
            rows[post, age] = own
            if not own["benchmark"] and found:
                rows[post, age] = own | {
                    "benchmark": "peers", "benchmark_posts": found["posts"], "expected": found["expected"]
                }  # fmt: skip
        return rows

    def measures(self, account: str) -> dict[int, dict[str, Any]]:
        """Of each post of an account its measures, with the score at the greatest age whose counters are known."""
        rows = self.accounts[account].measures()
        ages = self.ages(account)
        for post, row in rows.items():
            known = [age for of, age in ages if of == post and _known(ages[of, age])]
            score = ages[post, max(known)] if known else {"expected": None, "benchmark": "", "benchmark_posts": 0}
            row["score_age_s"] = max(known, default=None)
            row |= {name: score[name] for name in ("expected", "benchmark", "benchmark_posts")}
        return rows


def _known(row: Mapping[str, Any]) -> bool:
    """Whether the counters at an age are known well enough to count for an expectation, or to have a score."""
    return row["gap_s"] <= row["age_s"] and all(row[name] is not None for name in THREE)
