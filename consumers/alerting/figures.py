"""Numbers, times and durations as people read them, in English or Chinese. Moments are shown in Beijing and in UTC."""

from datetime import UTC, datetime

from schemas.alert_rules import BEIJING, Language

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: From here on digits say nothing any more.
BEYOND = 1e15
MINUTE, HOUR, DAY = 60, 3_600, 86_400
_UNITS: dict[Language, tuple[str, str, str, str, str]] = {
    "en": (" s", " min", " h", " day", " days"),
    "zh": ("秒", "分钟", "小时", "天", "天"),
}


def count(value: float, language: Language) -> str:
    """A count: 1,234; below ten with a decimal where it has one; in Chinese 1.2万 and 3.4亿."""
    if abs(value) >= BEYOND:
        return f"{value:.1e}"
    if abs(value) < 10:
        return "0" if abs(value) < 0.05 else _short(value)
    whole = round(value)
    if language == "zh" and abs(whole) >= 10_000:
        myriads = whole / 10_000
        if abs(myriads) < 9_999.5:
            return f"{_short(myriads)}万"
        return f"{_short(whole / 100_000_000)}亿"
    return f"{whole:,}"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if abs(value) < 99.95 else f"{round(value):,}"


def percent(share: float, language: Language) -> str:
    """A share of 1 in per cent."""
    return f"{count(round(share * 100, 6), language)}{'%' if language == 'zh' else ' %'}"


def duration(seconds: float, language: Language) -> str:
    """A time in its two greatest units: 45 s, 5 min, 2 h 5 min, 3 days 4 h."""
    second, minute, hour, day, days = _UNITS[language]
    gap = " " if language == "en" else ""
    if seconds < 90:
        return f"{count(max(0, round(seconds)), language)}{second}"
    if seconds < 90 * MINUTE:
        return f"{round(seconds / MINUTE)}{minute}"
    if seconds < 2 * DAY:
        hours, minutes = divmod(round(seconds / MINUTE), 60)
        return f"{hours}{hour}" + (f"{gap}{minutes}{minute}" if minutes else "")
    whole, hours = divmod(round(seconds / HOUR), 24)
    # Of months and years nobody counts the hours.
    rest = f"{gap}{hours}{hour}" if hours and whole < 14 else ""
    return f"{count(whole, language)}{days if whole != 1 else day}" + rest


def day(moment: datetime, language: Language) -> str:
    """A day in Beijing."""
    return _day(moment.astimezone(BEIJING), language)


def moment(at: datetime, language: Language) -> str:
    """A moment: Beijing's day and time, and UTC's time, with its day where that is another one."""
    local, utc = at.astimezone(BEIJING), at.astimezone(UTC)
    other = utc.date() != local.date()
    if language == "zh":
        before = f"{utc.month}月{utc.day}日" if other else ""
        return f"{_day(local, language)}{local:%H:%M}（北京时间；UTC {before}{utc:%H:%M}）"
    before = f"{utc.day} {MONTHS[utc.month - 1]} " if other else ""
    return f"{_day(local, language)}, {local:%H:%M} Beijing time ({before}{utc:%H:%M} UTC)"


def _day(local: datetime, language: Language) -> str:
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"
