"""Whom a rule of alerts is about: from words that a person writes to accounts, countries and posts."""

import re
from dataclasses import dataclass

from schemas.accounts import Account
from schemas.alerts import AlertChanged
from schemas.registry import Registry, UnknownAccountError

ALL = "all"
TIERS = ("first", "normal", "last")
_OUTSIDE = re.compile(r"uid:[0-9]{1,19}")
_POST = re.compile(r"post:([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Subjects:
    """Accounts by id, countries by code and posts by id, or everybody."""

    everybody: bool = False
    accounts: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.everybody or bool(self.accounts or self.countries or self.posts)

    def concerned(self, alert: AlertChanged) -> bool:
        """Whether an alert concerns any of them; what is about no single account concerns each that shares in it."""
        shares = alert.account_id is None and not self.accounts.isdisjoint(alert.accounts)
        return shares or self.covers(alert)

    def covers(self, alert: AlertChanged) -> bool:
        """Whether an alert is about them and nobody else."""
        if self.everybody or (alert.post_id is not None and alert.post_id in self.posts):
            return True
        if alert.account_id is not None:
            return alert.account_id in self.accounts
        if alert.country is not None:
            return alert.country in self.countries
        return bool(alert.accounts) and self.accounts.issuperset(alert.accounts)


def resolve(words: tuple[str, ...], registry: Registry) -> tuple[Subjects, list[str]]:
    """Whom the words name, and a sentence for each that names nobody.

    A word is `all`, a country by code or name, `bloc:EU`, `tier:first`, an account by id, name, address or uid, or
    `post:` with a post's id.
    """
    if ALL in words:
        return Subjects(everybody=True), []
    accounts: set[str] = set()
    posts: set[str] = set()
    problems = []
    for word in words:
        if found := _POST.fullmatch(word.strip()):
            posts.add(found[1])
            continue
        try:
            accounts.update(_accounts(word.strip(), registry))
        except UnknownAccountError as error:
            problems.append(str(error))
    return Subjects(False, frozenset(accounts), _countries(accounts, registry), frozenset(posts)), problems


def _accounts(word: str, registry: Registry) -> set[str]:
    kind, _, name = word.partition(":")
    if kind == "tier":
        if name not in TIERS:
            raise UnknownAccountError(f"{word!r} is no tier: there are {', '.join(f'tier:{one}' for one in TIERS)}")
        # A tier or bloc without accounts names nobody; that is said by who asks.
        return {account.id for account in registry.accounts if account.tier == name}
    if kind == "bloc":
        found = {account.id for account in registry.accounts if name.upper() in account.bloc}
        if not found:
            blocs = sorted({bloc for account in registry.accounts for bloc in account.bloc})
            raise UnknownAccountError(f"{word!r} has no account: there are {', '.join(f'bloc:{b}' for b in blocs)}")
        return found
    wanted = word.casefold()
    of_country = {account.id for account in registry.accounts if wanted in _country_names(account)}
    if of_country:
        return of_country
    if _OUTSIDE.fullmatch(word) and word[4:] not in registry.by_uid:
        return {word}
    return {registry.find(word).id}


def _country_names(account: Account) -> set[str]:
    names = (account.country_code, account.country_en, account.country_zh)
    return {name.casefold() for name in names if name}


def _countries(accounts: set[str], registry: Registry) -> frozenset[str]:
    """The countries of which all accounts are named: a country's wave is theirs."""
    of_country: dict[str, set[str]] = {}
    for account in registry.accounts:
        if account.country_code:
            of_country.setdefault(account.country_code, set()).add(account.id)
    return frozenset(code for code, ids in of_country.items() if ids <= accounts)
