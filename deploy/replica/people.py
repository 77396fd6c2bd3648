"""The private people of the replica: invented nicknames and numbers, none of whom exists."""

from dataclasses import dataclass

from deploy.replica.chance import Dice
from deploy.replica.wording import NICK_FIRST, NICK_SECOND, PROVINCES

#: Their numbers have ten digits, and begin with 7; no account of the list does.
_FIRST = 7_000_000_000


@dataclass(frozen=True, slots=True)
class Person:
    """One private person."""

    uid: int
    name: str
    followers: int
    posts: int
    follows: int
    gender: str
    province: str


def person(seed: int, number: int) -> Person:
    """The person of that number (0 to 999,999)."""
    dice = Dice(seed, "person", number)
    name = f"{dice.pick(NICK_FIRST)}{dice.pick(NICK_SECOND)}{number:06d}"
    return Person(
        uid=_FIRST + number * 997 + dice.whole(0, 996),
        name=name,
        followers=int(8 / (dice.unit() + 0.001)),
        posts=dice.whole(0, 4000),
        follows=dice.whole(10, 900),
        gender=dice.pick("fm"),
        province=dice.pick(PROVINCES),
    )
