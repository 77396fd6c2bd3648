"""Who wrote something: institutions keep their names, people become keyed hashes."""

from dataclasses import dataclass
from typing import Final

from crawler.parsing.context import Context
from crawler.parsing.errors import DriftError
from crawler.parsing.fields import Field

#: `verified_type` of institutions: government, enterprise, media, school, website, application, organisation.
#: Not among them: -1 none, 0 a verified person, 8 an enterprise not yet verified, 10 and 2xx people with a badge,
#: 400 the dead.
INSTITUTIONS: Final = frozenset({1, 2, 3, 4, 5, 6, 7})


@dataclass(frozen=True, slots=True)
class Author:
    """An author as events may name one. `uid` is None unless the operator switched raw values on."""

    key: str
    account_id: str | None
    name: str | None
    verified_type: int | None
    is_institution: bool
    uid: str | None = None


def author_of(user: Field, context: Context) -> Author:
    """The author by a `user` object. Raises DriftError where it has no id, without a word of what is there instead."""
    uid = user["id"].optional_id() or user["idstr"].optional_id()
    if uid is None:
        raise DriftError(user["id"].path, "there is no id of a person")
    verified_type = user["verified_type"].number()
    account_id = context.account_id if uid == context.uid else context.institutions(uid)
    is_institution = account_id is not None or (user["verified"].value is True and verified_type in INSTITUTIONS)
    raw = context.people.raw
    return Author(
        key=context.people.key_of(uid),
        account_id=account_id,
        name=user["screen_name"].line() if is_institution or raw else None,
        verified_type=verified_type,
        is_institution=is_institution,
        uid=uid if raw else None,
    )


def rename_people(context: Context, name: str) -> str:
    """What stands for a name in a text, or for the uid in the address of a profile.

    The account itself keeps its name, it and registered accounts keep their uids; all others become tokens, unless the
    operator switched raw values on.
    """
    is_known = name == context.screen_name or (
        name.isascii() and name.isdigit() and (name == context.uid or context.institutions(name) is not None)
    )
    return name if is_known or context.people.raw else context.people.name_token(name)
