"""The registry: the accounts that are crawled, and what the site confirmed about them.

The base list is schemas/embassies.toml, or the operator's own (the setting crawl.accounts_file). What `weiplomacy
registry resolve` confirms is laid over it from `registry.json` in the state folder, so that what is confirmed on the
replica stays there.
"""

import difflib
import json
from datetime import datetime
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.account_lists import read
from schemas.accounts import Account, Mission
from schemas.errors import WeiplomacyError, first_reason
from schemas.event_fields import AccountId, Line, Moment, WeiboId
from schemas.settings import Settings

__all__ = [
    "Account",
    "Confirmation",
    "ConfirmationsError",
    "Mission",
    "Registry",
    "UnknownAccountError",
    "confirm",
    "confirmations",
    "load",
]

BASE_LIST = Path(__file__).with_name("embassies.toml")
CONFIRMATIONS = "registry.json"
CONFIRMED = "the site, by its name"


class UnknownAccountError(WeiplomacyError):
    """No account of the registry, or more than one, answers to what was asked."""

    exit_code = 2


class ConfirmationsError(WeiplomacyError):
    """The confirmations in the state folder can't be read or written."""


class Confirmation(BaseModel):
    """What the site said: at `confirmed_at` this name belonged to this uid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: WeiboId
    screen_name: Line
    confirmed_at: Moment


class Confirmations(BaseModel):
    """The content of registry.json: by account id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confirmations: dict[AccountId, Confirmation] = Field(default_factory=dict)


class Registry:
    """The accounts in their order, and the ways to find one."""

    def __init__(self, accounts: tuple[Account, ...]) -> None:
        self.accounts = accounts

    @cached_property
    def by_id(self) -> dict[str, Account]:
        """The accounts by permanent id."""
        return {account.id: account for account in self.accounts}

    @cached_property
    def by_uid(self) -> dict[str, Account]:
        """The accounts whose uid is known, by uid; of several in turn, the one listed last."""
        return {account.uid: account for account in self.accounts if account.uid}

    def find(self, text: str) -> Account:
        """The account with this id, uid, screen name, address, or country code, in this order.

        Raises UnknownAccountError, which names close matches, or the choices where a country has several.
        """
        wanted = text.strip().removeprefix("@").casefold()
        for names in (
            lambda account: (account.id,),
            lambda account: (account.uid, f"uid:{account.uid}"),
            lambda account: (account.screen_name,),
            lambda account: (account.domain,),
            lambda account: (account.country_code,),
            lambda account: (account.printed_screen_name, account.name_en, account.name_zh),
        ):
            found = [a for a in self.accounts if wanted in {name.casefold() for name in names(a) if name}]
            if len(found) == 1:
                return found[0]
            if found:
                ids = ", ".join(account.id for account in found)
                raise UnknownAccountError(f"{text!r} is more than one account: choose one of {ids}")
        raise UnknownAccountError(
            f"{text!r} is not in the registry{self._hint(wanted)}: see `weiplomacy registry list`"
        )

    def _hint(self, wanted: str) -> str:
        names: dict[str, str] = {}
        for account in self.accounts:
            for name in (account.id, account.screen_name, account.country_en, account.name_en, account.name_zh):
                if name:
                    names.setdefault(name.casefold(), account.id)
        close = difflib.get_close_matches(wanted, list(names), n=3, cutoff=0.6)
        close += [name for name in names if wanted and wanted in name]
        ids = list(dict.fromkeys(names[name] for name in close))[:3]
        return f" (did you mean {' or '.join(ids)}?)" if ids else ""


def load(settings: Settings) -> Registry:
    """The registry in force: the list of the settings, with the confirmations of the state folder laid over.

    Raises AccountListError where the list is wrong, ConfirmationsError where the confirmations can't be read.
    """
    accounts = read(settings.crawl.accounts_file or BASE_LIST)
    confirmed = confirmations(settings.home)
    return Registry(tuple(_overlaid(account, confirmed.get(account.id)) for account in accounts))


def confirmations(home: Path) -> dict[str, Confirmation]:
    """What the site confirmed, by account id; empty where nothing is. Raises ConfirmationsError."""
    file = home / CONFIRMATIONS
    try:
        return Confirmations.model_validate_json(file.read_bytes()).confirmations
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise ConfirmationsError(
            f"the confirmations {file} can't be read ({first_reason(error)}): move the file away, then "
            "`weiplomacy registry resolve`"
        ) from error


def confirm(home: Path, account_id: str, uid: str, screen_name: str, moment: datetime) -> None:
    """Remember that at `moment` (offset-aware) the site gave this uid for this name of the account.

    Written in one step that no reader sees half done; an earlier confirmation of the account is replaced. Raises
    ConfirmationsError.
    """
    new = Confirmation(uid=uid, screen_name=screen_name, confirmed_at=moment)
    held = Confirmations(confirmations={**confirmations(home), account_id: new})
    file = home / CONFIRMATIONS
    partial = file.with_name(file.name + ".partial")
    try:
        home.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(held.model_dump(mode="json"), ensure_ascii=False, indent=1), encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise ConfirmationsError(f"the confirmations {file} can't be written: {first_reason(error)}") from error


def _overlaid(account: Account, confirmation: Confirmation | None) -> Account:
    # A list that was edited to another uid since then is newer than the confirmation.
    if confirmation is None or account.uid not in (None, confirmation.uid):
        return account
    return account.model_copy(
        update={
            "uid": confirmation.uid,
            "uid_source": account.uid_source or CONFIRMED,
            "screen_name": confirmation.screen_name,
            "uid_confirmed_at": confirmation.confirmed_at,
        }
    )
