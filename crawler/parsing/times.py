"""Times as Weibo shows them, all of Asia/Shanghai: absolute, or relative to the moment when they were seen."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

#: Asia/Shanghai. It has had no summer time since 1991, long before Weibo.
SHANGHAI: Final = timezone(timedelta(hours=8))

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONG = re.compile(
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}) (?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r" (?P<sign>[+-])(?P<offset_hours>\d{2})(?P<offset_minutes>\d{2}) (?P<year>\d{4})",
    re.ASCII,
)
_AGO = re.compile(r"(?P<number>\d{1,5})\s*(?P<unit>秒|分钟|小时|天)前", re.ASCII)
_NEAR = re.compile(r"(?P<day>今天|昨天|前天)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})", re.ASCII)
_DATE = re.compile(
    r"(?:(?P<year>\d{4})[-年])?(?P<month>\d{1,2})[-月](?P<day>\d{1,2})日?"
    r"(?:\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?",
    re.ASCII,
)
_UNITS = {
    "秒": timedelta(seconds=1),
    "分钟": timedelta(minutes=1),
    "小时": timedelta(hours=1),
    "天": timedelta(days=1),
}
_DAYS_BACK = {"今天": 0, "昨天": 1, "前天": 2}
#: Weibo began in August 2009; what is dated outside these years is a mistake.
_YEARS: Final = (2009, 2099)
#: A shown time is counted from when the page was made, which is a little before it was seen.
JUST_OUTSIDE: Final = timedelta(minutes=2)
_SECOND, _MINUTE, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

#: Bits 22 and up of a post's or comment's id count seconds from here. Checked on 26 recordings of 2019 to 2022: the
#: second so found is the one shown, or the one after it.
_ID_EPOCH: Final = 515_483_463


@dataclass(frozen=True, slots=True)
class ShownTime:
    """A shown time: the moment that it names, and the first and last moment that are shown so, in UTC."""

    moment: datetime
    earliest: datetime
    latest: datetime

    def refined_by(self, post_or_comment_id: str) -> datetime:
        """The moment within what is shown that the id tells, else the moment that is shown.

        "06-14" says a day and "3分钟前" a minute, but the id was given out in the second of publication. An id of
        another making gives a moment outside what is shown, and is not followed; one that is only just outside means
        the end of it.
        """
        if self.latest - self.earliest <= _SECOND or not (
            post_or_comment_id.isascii() and post_or_comment_id.isdigit()
        ):
            return self.moment
        seconds = (int(post_or_comment_id) >> 22) + _ID_EPOCH
        told = datetime.fromtimestamp(seconds, UTC) if seconds < 2**32 else self.latest + _DAY
        if not self.earliest - JUST_OUTSIDE <= told <= self.latest + JUST_OUTSIDE:
            return self.moment
        return min(max(told, self.earliest), self.latest)


def read_time(value: object, observed_at: datetime) -> ShownTime | None:
    """Read a shown time; None where it is unreadable. Never raises. `observed_at` is offset-aware.

    "刚刚" and "3分钟前" name the moment so long before `observed_at`. A date without a time names its first moment.
    A date without a year is the last such date that is not in the future.
    """
    if not isinstance(value, str):
        return None
    text = value.replace("\xa0", " ").partition("来自")[0].strip()
    try:
        shown = _ago(text, observed_at) or _absolute(text) or _near(text, observed_at) or _date(text, observed_at)
    except (ValueError, OverflowError):  # the 31st of February; before the year 1
        return None
    return shown if shown is not None and _YEARS[0] <= shown.moment.year <= _YEARS[1] else None


def _ago(text: str, observed_at: datetime) -> ShownTime | None:
    seen = observed_at.astimezone(UTC)
    if text == "刚刚":
        return ShownTime(seen, seen - _MINUTE, seen)
    shown = _AGO.fullmatch(text)
    if shown is None:
        return None
    unit = _UNITS[shown["unit"]]
    latest = seen - int(shown["number"]) * unit
    return ShownTime(latest, latest - unit, latest)


def _absolute(text: str) -> ShownTime | None:
    shown = _LONG.fullmatch(text)
    if shown is None or shown["month"] not in _MONTHS:
        return None
    offset = timedelta(hours=int(shown["offset_hours"]), minutes=int(shown["offset_minutes"]))
    moment = datetime(
        int(shown["year"]),
        _MONTHS.index(shown["month"]) + 1,
        int(shown["day"]),
        int(shown["hour"]),
        int(shown["minute"]),
        int(shown["second"]),
        tzinfo=timezone(-offset if shown["sign"] == "-" else offset),
    ).astimezone(UTC)
    return ShownTime(moment, moment, moment)


def _near(text: str, observed_at: datetime) -> ShownTime | None:
    shown = _NEAR.fullmatch(text)
    if shown is None:
        return None
    day = observed_at.astimezone(SHANGHAI) - _DAYS_BACK[shown["day"]] * _DAY
    moment = day.replace(hour=int(shown["hour"]), minute=int(shown["minute"]), second=0, microsecond=0)
    return _span(moment, _MINUTE)


def _date(text: str, observed_at: datetime) -> ShownTime | None:
    shown = _DATE.fullmatch(text)
    if shown is None:
        return None
    month, day = int(shown["month"]), int(shown["day"])
    hour, minute, second = (int(shown[part] or 0) for part in ("hour", "minute", "second"))
    width = _SECOND if shown["second"] else _MINUTE if shown["hour"] else _DAY
    if shown["year"]:
        return _span(datetime(int(shown["year"]), month, day, hour, minute, second, tzinfo=SHANGHAI), width)
    now = observed_at.astimezone(SHANGHAI)
    for year in range(now.year, now.year - 9, -1):  # nine years: "02-29" is at most eight years back
        if (month, day) == (2, 29) and not _is_leap(year):
            continue
        moment = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
        if moment <= now:
            return _span(moment, width)
    return None


def _span(moment: datetime, width: timedelta) -> ShownTime:
    """A moment shown with a precision of `width`; an exact second is its own first and last moment."""
    utc = moment.astimezone(UTC)
    return ShownTime(utc, utc, utc if width == _SECOND else utc + width - _SECOND)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
