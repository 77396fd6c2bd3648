"""Random values for the parameters of questions, drawn from what the database holds."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

from schemas.errors import WeiplomacyError
from schemas.questions import Parameter, Question
from tests.benchmarks.population import Scale

BEIJING = ZoneInfo("Asia/Shanghai")
ABOUT_ONE = frozenset({"account", "post"})
"""Parameters that make a question one about a single post or account."""
DAYS = (7, 30, 90)


class UndrawableError(WeiplomacyError):
    """A question needs a value that nothing here knows how to draw."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What values are drawn from: accounts, posts, countries, blocs, and the days that have samples."""

    accounts: Sequence[str]
    posts: Sequence[int]
    countries: Sequence[str]
    blocs: Sequence[str]
    first: date
    last: date

    def values(self, question: Question, chance: random.Random) -> dict[str, str | int | float]:
        """Values for all parameters of a question. Raises UndrawableError."""
        return {one.name: self._value(question, one, chance) for one in question.parameters}

    def _value(self, question: Question, one: Parameter, chance: random.Random) -> str | int | float:
        if one.choices:
            return _typed(one, chance.choice(one.choices))
        if one.name == "account":
            return chance.choice(self.accounts)
        if one.name == "post":
            return chance.choice(self.posts)
        # Questions about all are asked about all, and now and then about a country or a bloc.
        if one.name in ("country", "bloc"):
            return (
                chance.choice(self.countries if one.name == "country" else self.blocs) if chance.random() < 0.25 else ""
            )
        if one.type == "Date":
            return self._day(one, chance).isoformat()
        if one.name == "days" and one.default is not None:
            return chance.choice((int(one.default), *DAYS))
        if one.default is None:
            raise UndrawableError(f"{question.name} needs {one.name}, and nothing here draws one")
        return _typed(one, one.default)

    def _day(self, one: Parameter, chance: random.Random) -> date:
        """A day of the period; those before another one are from its first third."""
        span = (self.last - self.first).days
        if one.name == "since":
            return self.first + timedelta(days=chance.randint(0, span // 3))
        return self.last - timedelta(days=chance.randint(0, span // 2))


def stock_of(client: Client, scale: Scale, chance: random.Random) -> Stock:
    """What there is to draw from. `chance` decides which posts."""
    accounts = [row[0] for row in client.query("SELECT DISTINCT account_id FROM weibo.accounts ORDER BY 1").result_rows]
    some = chance.sample(accounts, min(50, len(accounts)))
    posts = client.query(
        "SELECT post_id FROM weibo_store.post_latest WHERE account_id IN {some:Array(String)} GROUP BY post_id "
        "ORDER BY cityHash64(post_id) LIMIT 2000",
        parameters={"some": some},
    ).result_rows
    countries = client.query(
        "SELECT DISTINCT assumeNotNull(country_code) FROM weibo.accounts WHERE isNotNull(country_code) ORDER BY 1"
    ).result_rows
    blocs = client.query("SELECT DISTINCT arrayJoin(bloc) FROM weibo.accounts ORDER BY 1").result_rows
    days = (scale.begin.astimezone(BEIJING).date(), (scale.end - timedelta(seconds=1)).astimezone(BEIJING).date())
    return Stock(accounts, [row[0] for row in posts], *([row[0] for row in rows] for rows in (countries, blocs)), *days)


def is_about_one(question: Question) -> bool:
    """Whether a question is about one post or account."""
    return any(one.name in ABOUT_ONE for one in question.parameters)


def _typed(one: Parameter, text: str) -> str | int | float:
    if one.type.startswith("UInt"):
        return int(text)
    return float(text) if one.type == "Float64" else text
