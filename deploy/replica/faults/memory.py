"""What is remembered of visitors and of faults, bounded: the oldest entries are forgotten first."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 50_000
"""Entries of one memory."""


class Memory(Generic[K, V]):
    """Values by key; what was not asked for longest is forgotten beyond `most` entries."""

    def __init__(self, make: Callable[[], V], most: int = MOST) -> None:
        self._make = make
        self._most = most
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __getitem__(self, key: K) -> V:
        """The value of a key, made when it is asked for first."""
        if key in self._entries:
            self._entries.move_to_end(key)
            return self._entries[key]
        self[key] = self._make()
        return self._entries[key]

    def __setitem__(self, key: K, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)
