"""Counts as Weibo shows them: numbers, "1,021,325", "105.9万", "1.2亿", "100万+", or the word on the button at 0.

Whether Weibo rounds or cuts is not documented. Where a recording of 2019 shows both, it cuts: 11365033 views are
"1136万次观看" and 9035434 are "903万次观看". Other figures may be rounded, so the interval of a rounded count covers
both: from half a unit below the number shown to just under a whole unit above it.
"""

import re
from dataclasses import dataclass
from typing import Final

from schemas.counts import Count, Counter, Precision

LARGEST: Final = 10**12
"""More than Weibo has: a larger number is not a count."""

_SHOWN = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,13})(?:\.(?P<fraction>[0-9]{1,4}))?(?P<unit>[万亿]?)(?P<more>\+?)"
)
_UNITS = {"": 1, "万": 10**4, "亿": 10**8}
_ZERO_WORDS = frozenset({"转发", "评论", "赞"})
_VIEW_WORDS = re.compile(r"次?(?:播放|观看|阅读)$")


@dataclass(frozen=True, slots=True)
class Reading:
    """A count that was read. `counter` is None where nothing is shown, or where it is unreadable: then `problem` is
    set, and a 0 is never made of it.
    """

    counter: Counter | None
    problem: str | None = None


NOTHING_SHOWN = Reading(None)


def read_count(value: object) -> Reading:
    """Read a count from JSON or from the page; never raises.

    None and "" show nothing. "转发", "评论", "赞" stand on a button whose count is 0.
    """
    if value is None:
        return NOTHING_SHOWN
    if isinstance(value, bool):
        return _unreadable(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return Reading(value) if 0 <= value <= LARGEST else _unreadable(value)
    return _read_text(value) if isinstance(value, str) else _unreadable(value)


def read_views(value: object) -> Reading:
    """Read how often a video was played: a number, or a text such as "49万次播放"; never raises."""
    return read_count(_VIEW_WORDS.sub("", value.strip()) if isinstance(value, str) else value)


def _read_text(raw: str) -> Reading:
    text = raw.strip()
    if not text:
        return NOTHING_SHOWN
    if text in _ZERO_WORDS:
        return Reading(0)
    shown = _SHOWN.fullmatch(text)
    if shown is None:
        return _unreadable(raw)
    unit = _UNITS[shown["unit"]]
    fraction = shown["fraction"] or ""
    step = unit // 10 ** len(fraction)
    if step == 0:  # "12.5" people are not a count
        return _unreadable(raw)
    value = int(shown["whole"].replace(",", "")) * unit + int(fraction or "0") * step
    if value > LARGEST:
        return _unreadable(raw)
    if shown["more"]:
        return Reading(Count(value=value, low=value, high=None, precision=Precision.LOWER_BOUND, raw=text))
    if unit == 1:
        return Reading(value)
    low, high = max(0, value - step // 2), value + step - 1
    precision = Precision.EXACT if low == high else Precision.ROUNDED
    return Reading(Count(value=value, low=low, high=high, precision=precision, raw=text))


def _unreadable(value: object) -> Reading:
    try:
        shown = repr(value)[:60]
    except (ValueError, RecursionError):  # more digits, or a deeper list, than Python will write
        shown = "a value that is too large to show"
    return Reading(None, f"{shown} is not a count")
