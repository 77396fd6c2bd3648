"""Values of parameters: what a person may write, what is refused and with which words, and literals of SQL."""

from datetime import date

import pytest

from schemas import registry
from schemas.question_values import (
    CountryWithoutAccountsError,
    MissingParameterError,
    ParameterValueError,
    UnknownParameterError,
    filled,
    literal,
    values_of,
)
from schemas.questions import parse
from schemas.registry import UnknownAccountError
from schemas.settings import Settings

TODAY = date(2016, 12, 31)
HEAD = "-- group: audience\n-- english: x\n-- chinese: 中\n"
TYPES = {
    "country": "String = ''",
    "account": "String = ''",
    "bloc": "String = ''",
    "text": "String = ''",
    "day": "Date = today-30",
    "days": "UInt8 = 30",
    "post": "UInt64 = 1",
    "times": "Float64 = 2",
    "side": "String in over|under = over",
}
LINES = "".join(f"-- parameter: {name} {kind}; what; 何\n" for name, kind in TYPES.items())
USES = ", ".join(f"{{{name}:{kind.split()[0]}}}" for name, kind in TYPES.items())
QUESTION = parse("x.sql", f"{HEAD}{LINES}SELECT {USES} FROM weibo.accounts")
NEEDY = parse(
    "y.sql",
    f"{HEAD}-- parameter: account String required; the account; 帐号\nSELECT {{account:String}} FROM weibo.posts",
)


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    return registry.load(Settings(home=tmp_path_factory.mktemp("home")))


def test_defaults(accounts):
    assert values_of(QUESTION, {}, accounts, TODAY) == {
        "country": "",
        "account": "",
        "bloc": "",
        "text": "",
        "day": date(2016, 12, 1),
        "days": 30,
        "post": 1,
        "times": 2.0,
        "side": "over",
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("country", "us", "US"),
        ("country", "United States", "US"),
        ("country", "美国", "US"),
        ("country", "European union", "EU"),
        ("account", "us-embassy", "us-embassy"),
        ("account", "1743951792", "us-embassy"),
        ("account", "uid:1743951792", "us-embassy"),
        ("account", "@美国驻华大使馆", "us-embassy"),
        ("account", "uid:1", "uid:1"),
        ("bloc", "g7", "G7"),
        ("text", " '; DROP ", "'; DROP"),
        ("day", "2012-02-29", date(2012, 2, 29)),
        ("day", "today", TODAY),
        ("day", "today-1", date(2016, 12, 30)),
        ("days", "255", 255),
        ("post", "18446744073709551615", 2**64 - 1),
        ("times", "1e-3", 0.001),
        ("side", "under", "under"),
    ],
)
def test_what_a_person_may_write(accounts, name, text, value):
    assert values_of(QUESTION, {name: text}, accounts, TODAY)[name] == value


@pytest.mark.parametrize(
    ("name", "text", "error", "words"),
    [
        ("day", "2016-02-30", ParameterValueError, "--day '2016-02-30' is no day: write it as 2016-12-31"),
        ("day", "31.12.2016", ParameterValueError, "is no day"),
        ("day", "20161231", ParameterValueError, "is no day"),
        ("day", "2016-12-31T00:00", ParameterValueError, "is no day"),
        ("day", "today--1", ParameterValueError, "is no day"),
        ("day", "today-9999999999", ParameterValueError, "is no day"),
        ("day", "1066-10-14", ParameterValueError, "is not between 1970-01-01 and 2149-06-06"),
        ("days", "256", ParameterValueError, "--days '256' is no whole number from 0 to 255"),
        ("days", "-1", ParameterValueError, "is no whole number"),
        ("days", "1.5", ParameterValueError, "is no whole number"),
        ("days", "٣", ParameterValueError, "is no whole number"),
        ("days", "", ParameterValueError, "is no whole number"),
        ("post", "1" * 5000, ParameterValueError, "is no whole number"),
        ("times", "nan", ParameterValueError, "'nan' is no number"),
        ("times", "many", ParameterValueError, "'many' is no number"),
        ("side", "both", ParameterValueError, "--side 'both' is none of over, under"),
        ("bloc", "OPEC", ParameterValueError, "there are ASEAN, BRICS, EU, G7, NATO, SCO"),
        ("country", "Narnia", CountryWithoutAccountsError, "no account of the registry belongs to 'Narnia'"),
        ("country", "Untied States", CountryWithoutAccountsError, r"did you mean US\?"),
        ("account", "us-embasy", UnknownAccountError, "did you mean us-embassy"),
        (
            "contry",
            "US",
            UnknownParameterError,
            r"no parameter --contry \(did you mean --country\?\); it has: --country",
        ),
    ],
)
def test_what_is_refused(accounts, name, text, error, words):
    with pytest.raises(error, match=words):
        values_of(QUESTION, {name: text}, accounts, TODAY)


@pytest.mark.parametrize("given", [{}, {"account": " "}])
def test_what_has_no_default_is_needed(accounts, given):
    with pytest.raises(MissingParameterError, match=r"--account.*the account \(帐号\)"):
        values_of(NEEDY, given, accounts, TODAY)


def test_literals_stand_in_any_client():
    assert literal("it's \\ 中\n\r", "String") == r"'it\'s \\ 中\n\r'"
    assert literal(date(2016, 12, 31), "Date") == "toDate('2016-12-31')"
    assert (literal(7, "UInt8"), literal(2.0, "Float64"), literal(0.001, "Float64")) == ("7", "2.0", "0.001")


def test_a_value_is_never_filled_in_twice(accounts):
    values = values_of(QUESTION, {"text": "{post:UInt64}"}, accounts, TODAY)
    assert filled(QUESTION, values) == (
        "SELECT '', '', '', '{post:UInt64}', toDate('2016-12-01'), 30, 1, 2.0, 'over' FROM weibo.accounts"
    )
