"""How an answer is sent: whole, late, or not as it should be."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Sending:
    """How an answer is sent; `delay_s` in seconds of machine time.

    whole      as it is
    cut        its whole length is promised, `part` of the body sent, and the connection ends
    hang       its head and `part` of the body, then nothing
    silent     nothing, not even a head
    reset      the connection is reset
    """

    form: Literal["whole", "cut", "hang", "silent", "reset"] = "whole"
    part: float = 0.0
    delay_s: float = 0.0


WHOLE: Final = Sending()
HANG_S: Final = 600.0
"""Seconds of machine time after which a hanging connection ends."""
