"""What a channel is given: a change of an episode, already worded, and what a channel gives back."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

Change = Literal["started", "escalated", "updated", "ended", "digest", "test"]
Severity = Literal["notice", "warning", "critical"]
Language = Literal["en", "zh"]
Pairs = tuple[tuple[str, str], ...]

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""From the lowest to the highest."""

CurvePoints = tuple[tuple[float, float | None, float, float, float], ...]
"""Age in seconds, value (None: not seen), lower end of the usual range, expected, upper end."""

MOST_CURVE_POINTS = 100


@dataclass(frozen=True, slots=True)
class Message:
    """One change of one episode in words. Moments are event time, UTC.

    Words of strangers may stand in every text of it. Channels make all of them harmless but `markdown`: whoever writes
    that has passed strangers' words through `safe_text.inert`.
    """

    episode_id: str
    #: The change's number in its episode, from 1, ascending.
    number: int
    change: Change
    severity: Severity
    #: One line.
    title: str
    #: Plain paragraphs, an empty line between two.
    text: str
    starts_at: datetime
    ends_at: datetime | None = None
    language: Language = "en"
    #: The text in CommonMark, for receivers that are programs.
    markdown: str = ""
    #: Label and value.
    facts: Pairs = ()
    #: Label and URL; only http and https are shown.
    links: Pairs = ()
    #: For machines that route: alertname, account, country, severity, post, audience.
    labels: Pairs = ()
    #: A PNG, where its channel takes one within: drawn from the curve when it is sent, and never written down.
    picture: bytes | None = None
    #: Titles of earlier changes that this message tells too, because they had not gone out on their own.
    earlier: tuple[str, ...] = ()
    #: What a picture is drawn from; empty: there is none.
    curve: CurvePoints = ()
    #: Why there is none, although a message of its kind has one.
    uncurved: str = ""

    @property
    def id(self) -> str:
        """Unique among all messages, and the same when it is sent again."""
        return f"{self.episode_id}:{self.number}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider took a message: its code and words, and what it did not take of it (a picture)."""

    code: str = ""
    words: str = ""


_MOMENTS = ("starts_at", "ends_at")
_NAMES = tuple(one.name for one in fields(Message))


def pack(message: Message) -> list[Any]:
    """A message as a compact JSON-able list."""
    values: list[Any] = []
    for name in _NAMES:
        value = getattr(message, name)
        if name in _MOMENTS:
            value = value and round(value.timestamp() * 1000)
        elif name == "picture":
            value = None
        values.append(value)
    return values


def unpack(values: list[Any]) -> Message:
    """The message that `pack` wrote down, milliseconds of its moments kept."""
    # What was written before a field was there lacks it.
    found = dict(zip(_NAMES, values, strict=False))
    for name in _MOMENTS:
        if found[name] is not None:
            found[name] = datetime.fromtimestamp(found[name] / 1000, UTC)
    for name in ("facts", "links", "labels"):
        found[name] = tuple((str(label), str(value)) for label, value in found[name])
    found["earlier"] = tuple(found["earlier"])
    found["picture"] = None
    found["curve"] = tuple(tuple(point) for point in found.get("curve", ()))
    return Message(**found)
