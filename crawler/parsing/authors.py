"""Who wrote something: institutions keep their names, people become keyed hashes."""

from dataclasses import dataclass
from typing import Final

from crawler.parsing.context import Context
from crawler.parsing.fields import Field

#: `verified_type` of institutions: government, enterprise, media, school, website, application, organisation.
#: Not among them: -1 none, 0 a verified person, 8 an enterprise not yet verified, 10 and 2xx people with a badge,
#: 400 the dead.
INSTITUTIONS: Final = frozenset({1, 2, 3, 4, 5, 6, 7})


@dataclass(frozen=True, slots=True)
class Author:
    """An author as events may name one."""

    key: str
    account_id: str | None
    name: str | None
    verified_type: int | None

    @property
    def is_institution(self) -> bool:
        """Whether the name may be kept."""
        return self.name is not None


def author_of(user: Field, context: Context) -> Author:
    """The author by a `user` object. Raises DriftError where it has no id."""
    uid = user["id"].optional_id() or user["idstr"].id()
    verified_type = user["verified_type"].number()
    account_id = context.account_id if uid == context.uid else context.institutions(uid)
    named = account_id is not None or (user["verified"].value is True and verified_type in INSTITUTIONS)
    return Author(
        key=context.people.key_of(uid),
        account_id=account_id,
        name=user["screen_name"].line() if named else None,
        verified_type=verified_type,
    )


def rename_people(context: Context, name: str) -> str:
    """What stands for a mentioned name: the account itself keeps its name, all others become tokens."""
    return name if name == context.screen_name else context.people.name_token(name)
