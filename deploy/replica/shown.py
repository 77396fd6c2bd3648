"""How Weibo writes numbers and moments, per era of its answers.

Era "2026" has moments like "Sat Jan 14 18:39:37 +0800 2023" and texts such as "105.9万" for followers; era "2019" has
relative moments in timelines ("5分钟前", "06-14") and plain numbers. Both cap reposts and comments at "100万+".
"""

from datetime import datetime, timedelta, timezone
from typing import Final, Literal

Era = Literal["2019", "2026"]

CHINA: Final = timezone(timedelta(hours=8))
CAP: Final = 1_000_000
CAPPED: Final = "100万+"

# Not strftime: its names depend on the machine's language.
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def full_moment(moment: datetime) -> str:
    """A moment in full, in Beijing's time: "Sat Jan 14 18:39:37 +0800 2023"."""
    china = moment.astimezone(CHINA)
    date = f"{_DAYS[china.weekday()]} {_MONTHS[china.month - 1]} {china.day:02d}"
    return f"{date} {china.hour:02d}:{china.minute:02d}:{china.second:02d} +0800 {china.year:04d}"


def relative_moment(moment: datetime, at: datetime) -> str:
    """A moment as seen at another: "刚刚", "5分钟前", "2小时前", "昨天 12:30", "06-14", "2018-06-14"."""
    seconds = (at - moment).total_seconds()
    china, today = moment.astimezone(CHINA), at.astimezone(CHINA)
    days = (today.date() - china.date()).days
    if seconds < 60:
        return "刚刚"
    if seconds < 3600:
        return f"{int(seconds // 60)}分钟前"
    if days == 0:
        return f"{int(seconds // 3600)}小时前"
    if days == 1:
        return f"昨天 {china.hour:02d}:{china.minute:02d}"
    date = f"{china.month:02d}-{china.day:02d}"
    return date if china.year == today.year else f"{china.year:04d}-{date}"


def list_moment(moment: datetime, at: datetime, era: Era) -> str:
    """A moment as timelines write it."""
    return relative_moment(moment, at) if era == "2019" else full_moment(moment)


def rounded(count: int) -> str:
    """A count in words: "298", "105.9万", "1.17亿". What does not fit is cut, as a recording of 2019 shows it."""
    if count < 10_000:
        return str(count)
    if count < 100_000_000:
        return _decimal(count // 1_000, 1) + "万"
    return _decimal(count // 1_000_000, 2) + "亿"


def followers(count: int, era: Era) -> int | str:
    """Followers: a number in 2019, a text since about 2022."""
    return count if era == "2019" else rounded(count)


def capped(count: int) -> int | str:
    """Reposts and comments: a number below a million, "100万+" from there on."""
    return count if count < CAP else CAPPED


def _decimal(parts: int, places: int) -> str:
    whole, rest = divmod(parts, 10**places)
    return f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".") if rest else str(whole)
