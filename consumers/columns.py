"""Values of events as ClickHouse stores them, checked: what does not fit is refused here, one event at a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.counts import Count, Counter, value_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
#: What DateTime64(3) holds, ours and its text form and months: the years 1900 to 2299.
MOMENTS = range(
    (datetime(1900, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND, (datetime(2300, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND
)
#: What an hour of the rollups (DateTime) holds: the years 1970 to 2105.
SEEN = range((datetime(2106, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND)

Column = tuple[str, Callable[[Any], Any]]
"""A column's name, and its value of an event."""


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


def counter(name: str) -> tuple[Column, ...]:
    """The four columns of a counter: value, distance to the least and to the greatest true count, text as shown."""

    def shown(event: Any) -> Counter | None:
        return getattr(event, name)  # type: ignore[no-any-return]

    def value(event: Any) -> int | None:
        number = value_of(shown(event))
        return None if number is None else unsigned(number, 64)

    def below(event: Any) -> int:
        count = shown(event)
        return unsigned(count.value - count.low, 32) if isinstance(count, Count) else 0

    def above(event: Any) -> int | None:
        count = shown(event)
        if not isinstance(count, Count):
            return 0
        return None if count.high is None else unsigned(count.high - count.value, 32)

    def raw(event: Any) -> str:
        count = shown(event)
        return count.raw if isinstance(count, Count) and count.raw != str(count.value) else ""

    return ((name, value), (f"{name}_below", below), (f"{name}_above", above), (f"{name}_raw", raw))


def plain(*names: str) -> tuple[Column, ...]:
    """Columns whose value is the event's field of that name."""

    def field(name: str) -> Column:
        return name, lambda event: getattr(event, name)

    return tuple(field(name) for name in names)


def moment(name: str) -> Column:
    """A column of moments, from a field that may be null."""
    return name, lambda event: maybe_milliseconds(getattr(event, name))


def seen(name: str) -> Column:
    """A column of moments at which something was seen, which rollups are cut by."""
    return name, lambda event: milliseconds(getattr(event, name), SEEN)


def number(name: str) -> Column:
    """A column of Weibo's ids, which travel as text, from a field that may be null."""

    def value(event: Any) -> int | None:
        text = getattr(event, name)
        return None if text is None else int(text)

    return name, value


def small(name: str) -> Column:
    """A column of codes, Int32, from a field that may be null."""
    return name, lambda event: signed(getattr(event, name))


def size(name: str, bits: int = 64) -> Column:
    """A column of unsigned numbers, from a field that may be null."""

    def value(event: Any) -> int | None:
        count = getattr(event, name)
        return None if count is None else unsigned(count, bits)

    return name, value


def members(name: str, *fields: str) -> tuple[Column, ...]:
    """Columns of arrays, one per field of the entries of a list: `lists` with `pages` becomes `lists_pages`."""

    def column(field: str) -> Column:
        def values(event: Any) -> list[Any]:
            return [_member(getattr(entry, field), field) for entry in getattr(event, name)]

        return f"{name}_{field}", values

    return tuple(column(field) for field in fields)


def _member(value: Any, field: str) -> Any:
    return int(value) if field.endswith("_id") else value
