"""A count as Weibo shows it: exact, rounded, a lower bound, or not shown at all.

Null is not 0: a count that is not shown is `None`. An exact count travels as a plain integer; only a count that is
not exact, or whose text says more than its digits, travels as a `Count` with its interval and its raw text.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_COUNT = 2**53 - 1
"""The greatest integer that every reader of JSON keeps exactly; nothing on Weibo comes near it."""

MAX_WIDTH = 2**32 - 1
"""The farthest that an end of an interval may lie from the value: what the tables hold."""


class Precision(StrEnum):
    """How well a shown count determines the true one."""

    EXACT = "exact"
    ROUNDED = "rounded"
    LOWER_BOUND = "lower_bound"


class Count(BaseModel):
    """A shown count with the interval that the true one lies in.

    `value` is the number that the text names (1059000 for "105.9万", 1000000 for "100万+"). `low` and `high` are
    inclusive; `high` is None for a lower bound. `raw` is the text as shown.
    """

    model_config = ConfigDict(frozen=True)

    value: int = Field(ge=0, le=MAX_COUNT, description="The number that the text names.")
    low: int = Field(ge=0, le=MAX_COUNT, description="The least true count that is shown so, inclusive.")
    high: int | None = Field(
        ge=0, le=MAX_COUNT, description="The greatest true count that is shown so, inclusive; null: unbounded."
    )
    precision: Precision = Field(description="exact, rounded or lower_bound.")
    raw: str = Field(max_length=64, description="The text as shown.")

    @model_validator(mode="after")
    def _interval_fits_precision(self) -> Self:
        expected = (
            Precision.LOWER_BOUND
            if self.high is None
            else Precision.EXACT
            if self.low == self.high
            else Precision.ROUNDED
        )
        if self.precision is not expected:
            raise ValueError(f"a count from {self.low} to {self.high} is {expected}, not {self.precision}")
        if not self.low <= self.value <= (self.value if self.high is None else self.high):
            raise ValueError(f"{self.value} lies outside {self.low} to {self.high}")
        if max(self.value - self.low, (self.high or self.value) - self.value) > MAX_WIDTH:
            raise ValueError(f"the interval from {self.low} to {self.high} is wider than {MAX_WIDTH} to a side")
        return self


Counter = Annotated[int, Field(ge=0, le=MAX_COUNT)] | Count
"""A shown count: a plain integer is exact. Optional fields of this type are null where nothing is shown."""


def value_of(counter: Counter | None) -> int | None:
    """The number that a counter names, or None where nothing is shown."""
    return counter.value if isinstance(counter, Count) else counter


def interval_of(counter: Counter) -> tuple[int, int | None]:
    """The inclusive interval that the true count lies in; the upper end is None for a lower bound."""
    return (counter.low, counter.high) if isinstance(counter, Count) else (counter, counter)


def contains(counter: Counter, truth: int) -> bool:
    """Whether `truth` is possible, given what was shown."""
    low, high = interval_of(counter)
    return low <= truth and (high is None or truth <= high)
