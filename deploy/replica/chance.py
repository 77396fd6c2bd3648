"""Chance as a pure function: the same seed and the same question give the same answer, in any order of asking."""

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_WHOLE = float(1 << 64)


def draw(seed: int, *question: object) -> int:
    """64 random bits that belong to a question."""
    text = "\x1f".join([str(seed), *map(str, question)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


class Dice:
    """A short row of random numbers that belongs to one question; the order of the throws is part of the answer."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, *question: object) -> None:
        self._state = draw(seed, *question)

    def bits(self) -> int:
        """The next 64 bits (splitmix64, Steele et al. 2014)."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        value = self._state
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return value ^ (value >> 31)

    def unit(self) -> float:
        """A number from 0 up to, and not including, 1."""
        return (self.bits() >> 11) / float(1 << 53)

    def between(self, low: float, high: float) -> float:
        """A number from low to high."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return low + self.bits() % (high - low + 1)

    def chance(self, probability: float) -> bool:
        """True in that part of all cases."""
        return self.unit() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.bits() % len(choices)]

    def normal(self) -> float:
        """A number of the standard normal distribution (Box and Muller)."""
        return math.sqrt(-2 * math.log(1 - self.unit())) * math.cos(2 * math.pi * self.unit())


def unit(seed: int, *question: object) -> float:
    """A number from 0 to 1 that belongs to a question."""
    return draw(seed, *question) / _WHOLE
