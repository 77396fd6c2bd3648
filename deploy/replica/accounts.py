"""The accounts: who they are, when they post, how many follow them, as pure functions of the seed and the moment.

Moments are seconds since 1970 UTC. Weeks and days are Beijing's, counted from the anchor, the end of 31 December 2016.
The list of December 2016 fixes what is true then: followers over the whole of that day, the number of posts at its end.
"""

import csv
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from deploy.replica.chance import Dice, draw, unit
from deploy.replica.errors import AccountListError

DAY = 86_400
WEEK = 7 * DAY
#: 2017-01-01 00:00 in Beijing.
ANCHOR = datetime(2016, 12, 31, 16, tzinfo=UTC).timestamp()
#: The followers of the list hold over 31 December 2016 by Beijing's calendar and by UTC's.
_FLAT = (ANCHOR - DAY, ANCHOR + 8 * 3600)
_WEEKDAYS = (0.35, 1.1, 1.2, 1.25, 1.25, 1.2, 0.65)  # from Sunday, as the anchor is one
_CUMULATIVE = tuple(sum(_WEEKDAYS[:day]) / sum(_WEEKDAYS) for day in range(8))
#: Countries of accounts that fell silent, and when (the end of the day in Beijing).
_SILENT = {
    "EE": datetime(2012, 9, 28, 16, tzinfo=UTC).timestamp(),
    "ID": datetime(2014, 6, 19, 16, tzinfo=UTC).timestamp(),
}
_WEEKLY = {"IL": 13.0, "CA": 25.0, "MC": 12.5}


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the list, with what the seed adds to it."""

    index: int
    uid: int
    name: str
    country: str
    code: str
    verified: bool
    followers: int
    posts: int
    weekly: float
    last_week_at: float
    #: After this moment the account publishes nothing any more.
    last_at: float
    growth: float
    seed: int

    def published(self, moment: float) -> int:
        """How many posts the account has published up to and including a moment."""
        moment = min(moment, self.last_at)
        week = math.floor((moment - self.last_week_at) / WEEK)
        day = int((moment - self.last_week_at - week * WEEK) // DAY)
        before, count = self._day(week, day)
        into = moment - self.last_week_at - week * WEEK - day * DAY
        done = sum(1 for place in range(count) if self._second(week, day, place, count) <= into)
        return max(0, before + done)

    def published_at(self, ordinal: int) -> int:
        """The second at which the post of that ordinal (from 0) was published."""
        week = math.floor((ordinal - self.posts) / self.weekly)
        while self._by_week(week) > ordinal:
            week -= 1
        while self._by_week(week + 1) <= ordinal:
            week += 1
        for day in range(7):
            before, count = self._day(week, day)
            if ordinal < before + count:
                second = self._second(week, day, ordinal - before, count)
                return int(self.last_week_at + week * WEEK + day * DAY + second)
        raise ValueError(f"post {ordinal} of account {self.uid} has no day")

    def exists_ordinal(self, ordinal: int) -> bool:
        """Whether the account will ever publish a post of that ordinal."""
        return ordinal >= 0 and (self.last_at == math.inf or ordinal < self.published(self.last_at))

    def followers_at(self, moment: float) -> int:
        """How many follow the account; exact."""
        start = self.published_at(0) - 5 * DAY
        if _FLAT[0] <= moment <= _FLAT[1]:
            return self.followers
        if moment < _FLAT[0]:
            if moment <= start:
                return 0
            days = (moment - _FLAT[0]) / DAY
            share = ((moment - start) / (_FLAT[0] - start)) ** 1.4
        else:
            days = (moment - _FLAT[1]) / DAY
            share = 1 + self.growth * days / (1 + days / 1500)
        wave = sum(
            size * math.sin(days / length * 2 * math.pi + phase) - size * math.sin(phase)
            for length, size, phase in self._waves()
        )
        return max(0, int(self.followers * (share + wave * min(1.0, share))))

    def follows_at(self, moment: float) -> int:
        """How many accounts this one follows."""
        dice = Dice(self.seed, "follows", self.uid)
        return dice.whole(20, 600) + max(0, int((moment - ANCHOR) // (dice.whole(10, 90) * DAY)))

    def _waves(self) -> tuple[tuple[float, float, float], ...]:
        return _waves(self.seed, self.uid)

    def _by_week(self, week: int) -> int:
        """Posts before the beginning of a week."""
        if week == 0:
            return self.posts
        jitter = (unit(self.seed, "week", self.uid, week) - 0.5) * 0.19
        return self.posts + round(self.weekly * (week + jitter))

    def _day(self, week: int, day: int) -> tuple[int, int]:
        """Posts before a day, and on it."""
        first, last = self._by_week(week), self._by_week(week + 1)
        before = first + round((last - first) * _CUMULATIVE[day])
        return before, first + round((last - first) * _CUMULATIVE[day + 1]) - before

    def _second(self, week: int, day: int, place: int, count: int) -> int:
        """When on the day, between 8:00 and 22:00; posts never share a second."""
        shift = unit(self.seed, "second", self.uid, week, day, place)
        return int(8 * 3600 + (place + shift) * 14 * 3600 / count)


@lru_cache(maxsize=256)
def _waves(seed: int, uid: int) -> tuple[tuple[float, float, float], ...]:
    dice = Dice(seed, "waves", uid)
    lengths = ((1.0, 0.00004), (9.0, 0.0005), (31.0, 0.0012), (170.0, 0.004))
    return tuple(
        (length * dice.between(0.8, 1.3), size * dice.unit(), dice.between(0, 6.28)) for length, size in lengths
    )


def read_accounts(file: Path, seed: int) -> tuple[Account, ...]:
    """The accounts of a list with the columns of December 2016; raises AccountListError."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        used = {int(row["uid"]) for row in rows if row["uid"]}
        accounts = []
        for index, row in enumerate(rows):
            account = _account(index, row, seed, used)
            used.add(account.uid)
            accounts.append(account)
    except (OSError, UnicodeDecodeError) as error:
        raise AccountListError(f"The list of accounts {file} can't be read: {error}.") from error
    except (KeyError, ValueError, TypeError) as error:
        raise AccountListError(f"The list of accounts {file} is not a list of 2016: {error!r}.") from error
    if not accounts or len(accounts) > 128:
        raise AccountListError(f"The list of accounts {file} must name 1 to 128 accounts and names {len(accounts)}.")
    return tuple(accounts)


def _account(index: int, row: dict[str, str], seed: int, used: set[int]) -> Account:
    name, code = row["screen_name"], row["country_code"]
    uid = int(row["uid"]) if row["uid"] else 1_500_000_000 + draw(seed, "uid", name) % 4_000_000_000
    while not row["uid"] and uid in used:
        uid += 1
    dice = Dice(seed, "account", name)
    printed = int(row["followers_2016"])
    more = dice.whole(0, 9) if row["followers_is_lower_bound"] == "true" else 0
    weekly = _WEEKLY.get(code) or max(1.2, min(32.0, printed**0.25 * dice.between(0.25, 0.9)))
    weeks = dice.between(130, 300)
    anchor = ANCHOR
    if code in _SILENT:
        anchor, weeks = _SILENT[code], dice.between(30, 60)
    posts = int(row["posts_2016"]) if row.get("posts_2016") else int(weekly * weeks)
    return Account(
        index=index,
        uid=uid,
        name=name,
        country=row["country"],
        code=code,
        verified=row["verified"] == "true",
        followers=printed + more,
        posts=posts,
        weekly=weekly,
        last_week_at=anchor,
        last_at=anchor if code in _SILENT else math.inf,
        growth=dice.between(-0.0002, 0.0016),
        seed=seed,
    )
