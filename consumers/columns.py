"""Values of events as ClickHouse stores them, checked: what does not fit is refused here, one event at a time."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.counts import Count, Counter

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
#: What DateTime64(3) holds, ours and its text form and months: the years 1900 to 2299.
MOMENTS = range(
    (datetime(1900, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND, (datetime(2300, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND
)
#: What an hour of the rollups (DateTime) holds: the years 1970 to 2105.
SEEN = range((datetime(2106, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND)

Columns = tuple[tuple[str, ...], Callable[[Any], Sequence[Any]]]
"""Columns that are read of an event in one go: their names, and their values of it."""


class RefusedValueError(ValueError):
    """A value satisfies the contract and does not fit its column."""


def milliseconds(moment: datetime, within: range = MOMENTS) -> int:
    """A moment as milliseconds since 1970, UTC; finer digits are cut. Raises RefusedValueError outside the range."""
    ticks = (moment - EPOCH) // MILLISECOND
    if ticks not in within:
        raise RefusedValueError(f"{moment.isoformat()} is no moment that a table can hold there")
    return ticks


def maybe_milliseconds(moment: datetime | None) -> int | None:
    """As `milliseconds`; None stays None."""
    return None if moment is None else milliseconds(moment)


def unsigned(value: int, bits: int) -> int:
    """A count that fits so many bits. Raises RefusedValueError."""
    if value >> bits:
        raise RefusedValueError(f"{value} does not fit {bits} bits")
    return value


def signed(value: int | None) -> int | None:
    """A small number such as Weibo's own codes, Int32. Raises RefusedValueError."""
    if value is not None and not -(1 << 31) <= value < 1 << 31:
        raise RefusedValueError(f"{value} does not fit 32 bits")
    return value


def column(name: str, value: Callable[[Any], Any]) -> Columns:
    """One column, and how its value is read of an event."""
    return (name,), lambda event: (value(event),)


def counter(name: str) -> Columns:
    """The four columns of a counter: value, distance to the least and to the greatest true count, text as shown."""

    def values(event: Any) -> tuple[int | None, int, int | None, str]:
        count: Counter | None = getattr(event, name)
        if count is None:
            return None, 0, 0, ""
        if not isinstance(count, Count):
            return unsigned(count, 64), 0, 0, ""
        return (
            unsigned(count.value, 64),
            unsigned(count.value - count.low, 32),
            None if count.high is None else unsigned(count.high - count.value, 32),
            count.raw if count.raw != str(count.value) else "",
        )

    return (name, f"{name}_below", f"{name}_above", f"{name}_raw"), values


def plain(*names: str) -> Columns:
    """Columns whose value is the event's field of that name."""
    return names, lambda event: [getattr(event, name) for name in names]


def moment(name: str) -> Columns:
    """A column of moments, from a field that may be null."""
    return column(name, lambda event: maybe_milliseconds(getattr(event, name)))


def seen(name: str) -> Columns:
    """A column of moments at which something was seen, which rollups are cut by."""
    return column(name, lambda event: milliseconds(getattr(event, name), SEEN))


def number(name: str) -> Columns:
    """A column of Weibo's ids, which travel as text, from a field that may be null."""

    def value(event: Any) -> int | None:
        text = getattr(event, name)
        return None if text is None else int(text)

    return column(name, value)


def small(name: str) -> Columns:
    """A column of codes, Int32, from a field that may be null."""
    return column(name, lambda event: signed(getattr(event, name)))


def size(name: str, bits: int = 64) -> Columns:
    """A column of unsigned numbers, from a field that may be null."""

    def value(event: Any) -> int | None:
        count = getattr(event, name)
        return None if count is None else unsigned(count, bits)

    return column(name, value)


def members(name: str, *fields: str) -> Columns:
    """Columns of arrays, one per field of the entries of a list: `lists` with `pages` becomes `lists_pages`."""

    def values(event: Any) -> list[list[Any]]:
        entries = getattr(event, name)
        return [[_member(getattr(entry, field), field) for entry in entries] for field in fields]

    return tuple(f"{name}_{field}" for field in fields), values


def _member(value: Any, field: str) -> Any:
    return int(value) if field.endswith("_id") else value
