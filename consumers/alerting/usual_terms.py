"""How many of an account's usual commenters write a term: counts in a table of fixed size, by hashes of terms.

A count-min sketch (Cormode & Muthukrishnan 2005): a term has a cell in each row, and the least of its cells is at
least what it was counted. So it may pass for more usual than it is, by about a hundredth of the people, and never for
less: what marks a wave is found too rarely rather than wrongly. A Chinese term is no more usual than the terms in it.

What is old counts half after each 30 days, and all does once 2,000 people are counted.
"""

from array import array
from base64 import b64decode, b64encode
from collections.abc import Set
from sys import byteorder
from zlib import crc32

from consumers.alerting.term_cutting import parts_of
from consumers.turns import State

CELLS, ROWS = 2_048, 2
#: A person is so many units, so that halves of one are kept for four halvings.
UNITS = 16
MOST_PEOPLE = 2_000
_MOST = 2**16 - 1 - UNITS


class UsualTerms:
    """The counts of one account."""

    def __init__(self) -> None:
        self._people = 0
        self._cells = array("H", bytes(2 * CELLS * ROWS))

    @property
    def people(self) -> float:
        """How many people are counted; someone who comes on two days is two."""
        return self._people / UNITS

    def learn(self, terms: Set[str]) -> None:
        """Count a person who wrote these terms."""
        if self._people >= MOST_PEOPLE * UNITS:
            self.halve()
        self._people += UNITS
        cells = self._cells
        for term in terms:
            for cell in _places(term):
                count = cells[cell]
                if count <= _MOST:
                    cells[cell] = count + UNITS

    def of(self, term: str) -> float:
        """How many of the people wrote a term, at most."""
        least = min(self._cells[cell] for part in parts_of(term) for cell in _places(part))
        return min(least, self._people) / UNITS

    def halve(self) -> None:
        """Let all that was counted so far count half."""
        self._people >>= 1
        self._cells = array("H", [count >> 1 for count in self._cells])

    def dump(self) -> State:
        """The state, as JSON has it."""
        cells = self._cells
        if byteorder == "big":
            cells = array("H", cells)
            cells.byteswap()
        return [self._people, b64encode(cells.tobytes()).decode() if any(cells) else ""]

    @classmethod
    def load(cls, state: State) -> "UsualTerms":
        """The counts that `dump` wrote."""
        usual = cls()
        usual._people = state[0]
        if state[1]:
            usual._cells = array("H", b64decode(state[1]))
            if byteorder == "big":
                usual._cells.byteswap()
        return usual


def _places(term: str) -> tuple[int, int]:
    number = crc32(term.encode())
    return number % CELLS, CELLS + (number >> 16) % CELLS
