"""What follows from an answer's class: one frozen row per class, for spiders, lanes and receipts, and for people.

`as_markdown` writes the table for docs/crawling.md, signals included. A refusal is never answered by asking harder:
what is asked again is asked once, and a lane that is refused pauses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, Literal

from crawler.signals import BESIDE_THE_TABLE, SIGNALS, ResponseClass

Remedy = Literal["none", "next_visit", "never", "operator"]


class Retry(StrEnum):
    """How the same thing is asked for again, within the visit."""

    NO = "no"
    LATER = "by another lane, or after the pause"
    HERE = "in the same session"
    RENEWED = "with a renewed session"
    ELSEWHERE = "in another session"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from one class.

    - `is_read`: its events are parsed and published; `ends_list`: nothing more is asked of its list;
    - `retry` and `tries`: how often a request is made at most, the first time included;
    - `pause`: how long the lane asks for nothing, the first time; again and again, twice as long each time; with
      `obeys_retry_after` as long as Weibo says;
    - `remedy`: what the receipt says will be done about what is missing (schemas.events.Missing);
    - `quarantine`: the body is kept, people masked, for a mended parser;
    - `tells_operator`: somebody has to look, because no visit will mend it;
    - `says`: the same for people, one sentence.
    """

    says: str
    is_read: bool = False
    ends_list: bool = False
    retry: Retry = Retry.NO
    tries: int = 1
    pause: timedelta | None = None
    obeys_retry_after: bool = False
    remedy: Remedy = "next_visit"
    quarantine: bool = False
    tells_operator: bool = False


CONSEQUENCES: Final[Mapping[ResponseClass, Consequence]] = {
    ResponseClass.OK: Consequence("It is read, and the list goes on.", is_read=True, remedy="none"),
    ResponseClass.END_OF_LIST: Consequence(
        "It is read, and its list is complete.", is_read=True, ends_list=True, remedy="none"
    ),
    ResponseClass.SUSPICIOUSLY_EMPTY: Consequence(
        "Asked once more in another session; when that one says the same of a list that may be empty, it is the end.",
        retry=Retry.ELSEWHERE,
        tries=2,
    ),
    ResponseClass.LOGIN_REQUIRED: Consequence(
        "Asked once more with a renewed session; then only a login by hand opens it.",
        retry=Retry.RENEWED,
        tries=2,
        remedy="operator",
        tells_operator=True,
    ),
    ResponseClass.VISITOR_GATE: Consequence(
        "Asked once more with a renewed session; a lane that gets no session that is taken pauses.",
        retry=Retry.RENEWED,
        tries=3,
        pause=timedelta(minutes=10),
    ),
    ResponseClass.CHALLENGE: Consequence(
        "The lane pauses and says so. Asked once more by another lane, or after the pause. Captchas are not solved.",
        retry=Retry.LATER,
        tries=2,
        pause=timedelta(minutes=30),
        tells_operator=True,
    ),
    ResponseClass.BLOCKED: Consequence(
        "The lane pauses, as long as Retry-After says where it says so. Asked once more by another lane, or then.",
        retry=Retry.LATER,
        tries=2,
        pause=timedelta(minutes=30),
        obeys_retry_after=True,
    ),
    ResponseClass.NOT_FOUND: Consequence("Given up: name or address is wrong.", remedy="operator", tells_operator=True),
    ResponseClass.REMOVED: Consequence("Given up: a removal is a fact, and is published as one.", remedy="never"),
    ResponseClass.ACCOUNT_GONE: Consequence(
        "The visit ends; the next one looks whether the account is back.", tells_operator=True
    ),
    ResponseClass.WRONG_ACCOUNT: Consequence(
        "The visit ends, nothing is attributed: `weiplomacy registry resolve` is needed.",
        remedy="operator",
        tells_operator=True,
    ),
    ResponseClass.ROBOTS: Consequence(
        "Not asked for: only the operator may decide otherwise.", remedy="operator", tells_operator=True
    ),
    ResponseClass.SCHEMA_DRIFT: Consequence(
        "Not read; the body goes to quarantine, for a mended parser.",
        remedy="operator",
        quarantine=True,
        tells_operator=True,
    ),
    ResponseClass.NETWORK_ERROR: Consequence(
        "Asked again, at most twice, in the same session, or by another lane.", retry=Retry.HERE, tries=3
    ),
}

PAUSES: Final[Mapping[str, timedelta]] = {"status_429": timedelta(minutes=1), "forbidden": timedelta(minutes=5)}
"""Of signals whose pause is another than that of their class: 429 asks for patience, Forbidden is about one address."""

LONGEST_PAUSE: Final = timedelta(hours=6)
"""However long Retry-After says: a lane that looks dead for a day is one that nobody looks at."""


def first_pause(response_class: ResponseClass, signal: str) -> timedelta | None:
    """How long a lane asks for nothing after the first such answer; None: it need not pause."""
    pause = CONSEQUENCES[response_class].pause
    return None if pause is None else PAUSES.get(signal, pause)


def told_pause(response_class: ResponseClass, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long Weibo says that the lane shall wait, at most LONGEST_PAUSE; None: it does not say.

    `headers` have names in lower case. `now` is offset-aware, for a Retry-After that is a date.
    """
    told = retry_after(headers, now) if CONSEQUENCES[response_class].obeys_retry_after else None
    return None if told is None else min(told, LONGEST_PAUSE)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What Retry-After says, in seconds or as a date (RFC 9110); None where it says nothing that is understood.

    A date counts from the header Date where there is one, which is of the same clock, else from `now`.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return timedelta(seconds=int(text))
    until = _date(text)
    if until is None:
        return None
    return max(until - (_date(headers.get("date", "")) or now), timedelta())


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def as_markdown() -> str:
    """The table for people: each class with what decides for it and what follows."""
    lines = ["| class | decided by | what follows | missing: remedy |", "| --- | --- | --- | --- |"]
    for response_class in ResponseClass:
        row = CONSEQUENCES[response_class]
        signals = [f"`{signal.name}`" for signal in SIGNALS if signal.response_class is response_class]
        decided = [", ".join(signals), BESIDE_THE_TABLE.get(response_class, "")]
        shown = "; ".join(part for part in decided if part)
        pause = f" Pause: {_shown(row.pause)}." if row.pause is not None else ""
        told = " The operator is told." if row.tells_operator else ""
        lines.append(f"| `{response_class}` | {shown} | {row.says}{pause}{told} | {row.remedy} |")
    return "\n".join(lines) + "\n"


def _shown(pause: timedelta) -> str:
    return f"{pause // timedelta(minutes=1)} min"
