"""What the spiders' arguments (`-a name=value`) mean."""

from datetime import date, datetime, time

from crawler.lists import Order
from crawler.memory.coverage import BEGINNING, first_id_of
from crawler.parsing.times import SHANGHAI
from schemas.errors import WeiplomacyError
from schemas.registry import Account, Registry, UnknownAccountError
from schemas.settings import ALL_PAGES


class ArgumentsError(WeiplomacyError):
    """An argument of a spider (`-a name=value`) is unknown or has no meaning."""

    exit_code = 2


def accounts_of(registry: Registry, text: str) -> tuple[Account, ...]:
    """The accounts that a comma-separated list of ids, uids and screen names means; `all` means the whole registry.

    A uid outside the registry is an account of its own, `uid:N`. Raises ArgumentsError or UnknownAccountError.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise ArgumentsError("which accounts? Give accounts=ID,UID,SCREEN NAME,… or accounts=all")
    found: dict[str, Account] = {}
    for name in names:
        for account in registry.accounts if name == "all" else (_account(registry, name),):
            found[account.id] = account
    return tuple(found.values())


def _account(registry: Registry, name: str) -> Account:
    try:
        return registry.find(name)
    except UnknownAccountError:
        uid = name.removeprefix("uid:")
        if uid.isascii() and uid.isdigit() and 5 <= len(uid) <= 19:
            return Account(uid=uid)
        raise


def number_of(arguments: dict[str, str], name: str, default: int, least: int) -> int:
    """A whole number among the arguments. Raises ArgumentsError."""
    text = arguments.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise ArgumentsError(f"{name}={text!r}: a whole number from {least} on is expected")
    return int(text)


def since_of(text: str | None) -> int | None:
    """The least post id of a day in Beijing (2016-12-01), or of everything (`beginning`). Raises ArgumentsError."""
    if text is None:
        return None
    if text == "beginning":
        return BEGINNING
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentsError(f"since={text!r} is no day: write 2016-12-01, or beginning") from error
    return first_id_of(datetime.combine(day, time(), SHANGHAI))


def pages_of(arguments: dict[str, str], name: str, default: int) -> int:
    """A number of pages among the arguments; `all` stands for as many as there are. Raises ArgumentsError."""
    text = arguments.get(name)
    if text is None:
        return default
    if text == "all":
        return ALL_PAGES
    if not (text.isascii() and text.isdigit() and int(text) <= ALL_PAGES):
        raise ArgumentsError(f"{name}={text!r}: a whole number from 0 on, or all, is expected")
    return int(text)


def orders_of(arguments: dict[str, str], default: tuple[Order, ...]) -> tuple[Order, ...]:
    """The orders in which comments are read. Raises ArgumentsError."""
    known: dict[str, tuple[Order, ...]] = {"hot": ("hot",), "hot,time": ("hot", "time")}
    text = arguments.get("comment_orders")
    if text is not None and text not in known:
        raise ArgumentsError(f"comment_orders={text!r}: hot, or hot,time, is expected")
    return default if text is None else known[text]
