"""Who wrote under an account's posts in some hours, and what: a sample of people, whatever the order they come in.

Of all people those are kept whose hashes are the smallest (a bottom-k sample, Cohen & Kaplan 2007), each with the first
comment of these hours as it was seen last. So the same comments make the same sample in any order and however often
they come, and a number of people in it is never more than there were.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from consumers.turns import State

#: People that are kept.
MOST_PEOPLE = 64


@dataclass(slots=True, order=True)
class Written:
    """A comment: its id, when it was seen (milliseconds since 1970, UTC), its post, and what terms are cut from."""

    comment_id: int
    seen: int
    post_id: int
    pieces: str


class Commenters:
    """People by their hashes, and what each wrote."""

    def __init__(self) -> None:
        self._written: dict[int, Written] = {}
        self._largest = -1

    def __len__(self) -> int:
        return len(self._written)

    def __iter__(self) -> Iterator[tuple[int, Written]]:
        return iter(self._written.items())

    def wants(self, person: int) -> bool:
        """Whether a person is one of the sample, or would be."""
        return len(self._written) < MOST_PEOPLE or person <= self._largest

    def take(self, person: int, written: Written) -> bool:
        """Take in a comment; whether that changed anything."""
        known = self._written.get(person)
        if known is not None and not _replaces(written, known):
            return False
        if known is None and not self.wants(person):
            return False
        self._written[person] = written
        if len(self._written) > MOST_PEOPLE:
            del self._written[self._largest]
        if known is None:
            self._largest = max(self._written)
        return True

    def dump(self) -> State:
        """The state, as JSON has it."""
        return [
            [person, one.comment_id, one.seen, one.post_id, one.pieces] for person, one in sorted(self._written.items())
        ]

    @classmethod
    def load(cls, state: State) -> "Commenters":
        """The people that `dump` wrote."""
        people = cls()
        people._written = {person: Written(*written) for person, *written in state}
        people._largest = max(people._written, default=-1)
        return people


def _replaces(new: Written, known: Written) -> bool:
    """An earlier comment of the person, or a later version of the one that is kept."""
    if new.comment_id != known.comment_id:
        return new.comment_id < known.comment_id
    return new > known
