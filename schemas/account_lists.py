"""Reading and checking a list of accounts: a TOML file with `[[account]]` and `[[bloc]]`, which a person edits."""

import tomllib
from collections import defaultdict
from itertools import combinations
from pathlib import Path

from pydantic import ValidationError

from schemas.accounts import Account, Bloc, Mission
from schemas.errors import SettingsError
from schemas.toml_entries import places as places_of
from schemas.toml_entries import problems as problems_of

#: Problems that one message names; the rest are counted.
NAMED_PROBLEMS = 10


class AccountListError(SettingsError):
    """A list of accounts can't be read, or contradicts itself. `problems` are sentences that begin with the line."""

    def __init__(self, file: Path, problems: list[str]) -> None:
        more = len(problems) - NAMED_PROBLEMS
        rest = f"; and {more} more" if more > 0 else ""
        super().__init__(f"the list of accounts {file} is wrong: {'; '.join(problems[:NAMED_PROBLEMS])}{rest}")
        self.problems = tuple(problems)


def read(file: Path) -> tuple[Account, ...]:
    """The accounts of a list, in its order. Raises AccountListError with every problem that it has."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except OSError as error:
        raise AccountListError(file, [f"it can't be read ({error.strerror})"]) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AccountListError(file, [str(error)]) from error
    problems = [f"{name!r} is not known: only account and bloc are" for name in document.keys() - {"account", "bloc"}]
    places = {kind: list(places_of(kind, document.get(kind), text)) for kind in ("account", "bloc")}
    blocs: list[Bloc] = []
    for place, entry in places["bloc"]:
        try:
            blocs.append(Bloc.model_validate(entry))
        except ValidationError as error:
            problems += problems_of(error, place)
    found: list[tuple[str, Account]] = []
    for place, entry in places["account"]:
        try:
            account = Account.model_validate(entry)
        except ValidationError as error:
            problems += problems_of(error, place)
        else:
            found.append((place, _with_blocs(account, blocs)))
    if not places["account"] and not problems:
        problems.append("there is no [[account]] in it")
    problems += contradictions(found)
    if problems:
        raise AccountListError(file, problems)
    return tuple(account for _, account in found)


def contradictions(accounts: list[tuple[str, Account]]) -> list[str]:
    """What contradicts itself among accounts, each with the place where it stands.

    An id belongs to one account for good. A uid, name or address belongs to one account at a time: it may come again
    in another account whose validity does not overlap.
    """
    problems = []
    for field, label in (("id", "id"), ("uid", "uid"), ("screen_name", "screen name"), ("domain", "domain")):
        holders: dict[str, list[tuple[str, Account]]] = defaultdict(list)
        for place, account in accounts:
            value = getattr(account, field)
            if value is not None:
                holders[value.casefold()].append((place, account))
        for same in holders.values():
            for (first_place, first), (place, account) in combinations(same, 2):
                value = getattr(account, field)
                if field == "id":
                    problems.append(f"{place}: the id {value} is taken ({first_place})")
                elif first.overlaps(account):
                    problems.append(
                        f"{place}: {account.id} has the {label} {value} at the same time as {first.id} ({first_place})"
                    )
    return problems


def _with_blocs(account: Account, blocs: list[Bloc]) -> Account:
    if account.bloc or account.mission is Mission.CHINESE_MISSION:
        return account
    return account.model_copy(
        update={"bloc": tuple(bloc.id for bloc in blocs if account.country_code in bloc.countries)}
    )
