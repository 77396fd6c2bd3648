"""The values of a question's parameters: from a person's words to what ClickHouse is sent, or to literals of SQL."""

import difflib
import math
from collections.abc import Mapping
from datetime import date, timedelta

from schemas.questions import USED, Parameter, Question, QuestionError
from schemas.registry import Registry

Value = str | int | float | date

#: What ClickHouse's Date holds.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2149, 6, 6)
TODAY = "today"


class UnknownParameterError(QuestionError):
    """The question has no parameter of that name."""


class MissingParameterError(QuestionError):
    """A parameter has no default and got no value."""


class ParameterValueError(QuestionError):
    """A value is not of its parameter's type."""


class CountryWithoutAccountsError(QuestionError):
    """No account of the registry belongs to the country."""


def values_of(question: Question, given: Mapping[str, str], registry: Registry, today: date) -> dict[str, Value]:
    """The value of every parameter of a question, from what was given by name.

    `today` is the day in Beijing that defaults count from. Raises UnknownParameterError, MissingParameterError,
    ParameterValueError, CountryWithoutAccountsError, or UnknownAccountError.
    """
    names = [parameter.name for parameter in question.parameters]
    for name in given:
        if name not in names:
            there = ", ".join(f"--{one}" for one in names) or "none"
            close = difflib.get_close_matches(name, names, n=1)
            hint = f" (did you mean --{close[0]}?)" if close else ""
            raise UnknownParameterError(f"{question.name} has no parameter --{name}{hint}; it has: {there}")
    found: dict[str, Value] = {}
    for parameter in question.parameters:
        text = given.get(parameter.name, parameter.default)
        if text is None:
            raise MissingParameterError(
                f"{question.name} needs --{parameter.name}: {parameter.english} ({parameter.chinese})"
            )
        found[parameter.name] = _value(parameter, text, registry, today)
    return found


def filled(question: Question, values: Mapping[str, Value]) -> str:
    """The question's SQL with its values as literals: what runs in any client."""
    return USED.sub(lambda match: literal(values[match[1]], match[2]), question.sql)


def literal(value: Value, type_name: str) -> str:
    """A value as a literal of ClickHouse's SQL."""
    if isinstance(value, date):
        return f"toDate('{value.isoformat()}')"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
        return f"'{escaped}'"
    return repr(float(value)) if type_name == "Float64" else str(value)


def _value(parameter: Parameter, text: str, registry: Registry, today: date) -> Value:
    text = text.strip()
    if parameter.choices and text not in parameter.choices:
        raise ParameterValueError(f"--{parameter.name} {text!r} is none of {', '.join(parameter.choices)}")
    if parameter.type == "Date":
        return day_of(parameter.name, text, today)
    if parameter.type == "Float64":
        return _number(parameter, text)
    if parameter.type.startswith("UInt"):
        return _whole(parameter, text)
    if not text:
        if parameter.default is None:
            raise MissingParameterError(f"--{parameter.name} is empty: {parameter.english} ({parameter.chinese})")
        return text
    resolve = {"country": _country, "account": _account, "bloc": _bloc}.get(parameter.name)
    return resolve(text, registry) if resolve else text


def day_of(name: str, text: str, today: date) -> date:
    """A day as people write it: 2016-12-31, today, today-30. `name` is the option's. Raises ParameterValueError."""
    base, _, back = text.partition("-")
    try:
        if base == TODAY and (not back or back.isdecimal()):
            day = today - timedelta(days=int(back or 0))
        elif len(text) == 10:
            day = date.fromisoformat(text)
        else:
            raise ValueError
    except (ValueError, OverflowError):
        raise ParameterValueError(
            f"--{name} {text!r} is no day: write it as 2016-12-31, or today, or today-30"
        ) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ParameterValueError(f"--{name} {text!r} is not between {FIRST_DAY} and {LAST_DAY}")
    return day


def _number(parameter: Parameter, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ParameterValueError(f"--{parameter.name} {text!r} is no number")
    return number


def _whole(parameter: Parameter, text: str) -> int:
    greatest = 2 ** int(parameter.type.removeprefix("UInt")) - 1
    if not (text.isascii() and text.isdecimal() and len(text) <= 20 and int(text) <= greatest):
        raise ParameterValueError(f"--{parameter.name} {text!r} is no whole number from 0 to {greatest}")
    return int(text)


def _country(text: str, registry: Registry) -> str:
    wanted = text.casefold()
    names: dict[str, str] = {}
    for account in registry.accounts:
        if account.country_code:
            for name in (account.country_code, account.country_en, account.country_zh):
                names.setdefault(name.casefold(), account.country_code)
    if wanted in names:
        return names[wanted]
    close = dict.fromkeys(names[name] for name in difflib.get_close_matches(wanted, names, n=3, cutoff=0.7))
    hint = f" (did you mean {' or '.join(close)}?)" if close else ""
    raise CountryWithoutAccountsError(
        f"no account of the registry belongs to {text!r}{hint}: `weiplomacy registry list` shows which there are"
    )


def _account(text: str, registry: Registry) -> str:
    # An account that is in no list of ours may be in the tables all the same.
    if text.startswith("uid:") and text[4:].isdecimal() and text[4:] not in registry.by_uid:
        return text
    return registry.find(text).id


def _bloc(text: str, registry: Registry) -> str:
    blocs = {bloc for account in registry.accounts for bloc in account.bloc}
    if text.upper() in blocs:
        return text.upper()
    raise ParameterValueError(
        f"no account of the registry is in the bloc {text!r}: there are {', '.join(sorted(blocs))}"
    )
