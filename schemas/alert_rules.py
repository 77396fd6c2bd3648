"""The rules of alerts: who wants to hear of what, by which channel, how often, and what is silenced.

An operator's file says them (schemas.alert_rules_file reads it, schemas/alerts.toml documents it); here stands what a
rule may be. All moments are UTC; times of day are those of the rule's time zone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo, model_validator
from pydantic import field_validator as validated

from schemas.alert_subjects import Subjects
from schemas.event_fields import Line

Language = Literal["en", "zh"]
FollowUp = Literal["escalated", "updated", "ended"]

GROUPS: Mapping[str, tuple[str, ...]] = {
    "rises": ("post_rise",),
    "waves": ("account_wave", "country_wave", "general_wave"),
    "followers": ("followers_jump",),
    "removals": ("post_removed", "account_gone"),
    "edits": ("post_edited", "account_renamed"),
    "comments": ("comments_closed",),
    "losses": ("counts_lost",),
    "silence": ("account_silent",),
    "watcher": ("account_overdue", "coverage_low", "lanes_paused"),
}
"""What a rule may be about, and the kinds of alerts that it means. Every kind may be named by itself as well."""

EVERYTHING = "everything"
"""All that concerns those who read about embassies: every group but `watcher`, which is for those who run the crawl."""

KINDS = frozenset(kind for kinds in GROUPS.values() for kind in kinds)
METRICS = ("reposts", "comments", "likes", "interactions", "followers")
#: Kinds that are decided by a counter, and by which.
MEASURED: Mapping[str, frozenset[str]] = {
    "post_rise": frozenset({"reposts", "comments", "likes", "interactions"}),
    "account_wave": frozenset({"comments", "interactions"}),
    "country_wave": frozenset({"comments", "interactions"}),
    "general_wave": frozenset({"comments", "interactions"}),
    "followers_jump": frozenset({"followers"}),
    "counts_lost": frozenset({"reposts", "comments", "likes"}),
}
RANK: Mapping[str, int] = {"notice": 0, "warning": 1, "critical": 2}

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
ZONE = "Asia/Shanghai"
WINDOWS: Mapping[str, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
#: A score beyond it was never reached: a rule with a higher level waits for ever.
MOST_LEVEL = 1000.0
_CAP = re.compile(r"\s*([0-9]{1,6})\s*/\s*(hour|day|week|month)\s*")
_HOURS = re.compile(r"\s*([0-9]{2}:[0-9]{2})\s*-\s*([0-9]{2}:[0-9]{2})\s*")
_SECRET_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/[^\x00-\x1f]+")
_TELLS_A_SECRET = re.compile(r"(?i)pass|secret|token|key|sign")

RuleName = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")]
#: As consumers.delivery knows it: it stands in headers and keys.
ChannelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


@dataclass(frozen=True, slots=True)
class Cap:
    """So many at most within a time that goes back from now."""

    times: int
    per: str

    @property
    def window(self) -> timedelta:
        """How far it goes back; a month has 30 days."""
        return WINDOWS[self.per]

    def __str__(self) -> str:
        return f"{self.times}/{self.per}"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, in a time zone; over midnight where the end comes first."""

    start: time
    end: time

    def hold(self, moment: datetime, zone: str) -> bool:
        """Whether a moment (offset-aware) lies within."""
        now = moment.astimezone(ZoneInfo(zone)).time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def _cap(value: object) -> object:
    if value is None or isinstance(value, Cap):
        return value
    found = _CAP.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("so many per time is expected, such as 3/day, 1/week or 1/month")
    if not int(found[1]):
        raise ValueError("with 0 it can never fire: leave the entry out instead")
    return Cap(int(found[1]), found[2])


def _hours(value: object) -> object:
    if value is None or isinstance(value, QuietHours):
        return value
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    try:
        hours = QuietHours(time.fromisoformat(found[1]), time.fromisoformat(found[2])) if found else None
    except ValueError:
        hours = None
    if hours is None:
        raise ValueError("two times of day are expected, such as 22:00-07:00")
    if hours.start == hours.end:
        raise ValueError("quiet hours that never end: nothing would ever be told at once")
    return hours


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def moment_of(value: object) -> object:
    """A moment as people write it, offset-aware; without an offset it is Beijing's, a day ends with its last moment.

    Raises ValueError.
    """
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value.strip()) == 10 else datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("a moment is expected, such as 2016-12-31 or 2016-12-31T18:00+08:00") from None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=BEIJING)).astimezone(UTC)
    if isinstance(value, date):
        return (datetime.combine(value, time(), BEIJING) + timedelta(days=1)).astimezone(UTC)
    return value


Several = Annotated[tuple[Line, ...], BeforeValidator(_several)]
Until = Annotated[datetime, BeforeValidator(moment_of)]


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Subscription(_Rule):
    """`[[subscription]]`: who is to hear of what. `who` is resolved by schemas.alert_rules_file into `subjects`."""

    name: RuleName = Field(description="Its name in lists and logs.")
    who: Several = Field(default=("all",), min_length=1, description="Accounts, countries, blocs, tiers, or all.")
    about: Several = Field(default=(EVERYTHING,), min_length=1, description="Groups or kinds of alerts.")
    level: float = Field(default=1.0, le=MOST_LEVEL, description="Score from which on it is told.")
    metrics: Several = Field(default=(), description="Only by these counters; none: by any.")
    channels: Annotated[tuple[ChannelName, ...], BeforeValidator(_several)] = Field(
        min_length=1, description="Names of channels."
    )
    at_most: Annotated[Cap, BeforeValidator(_cap)] = Field(
        default=Cap(3, "day"), description="Episodes told at once; the others go into the digest."
    )
    quiet: Annotated[QuietHours | None, BeforeValidator(_hours)] = Field(
        default=None, description="Hours in which only what `comes_through` is told at once."
    )
    timezone: str = Field(default=ZONE, description="The time zone of `quiet` and `digest_at`.")
    comes_through: Literal["notice", "warning", "critical"] = Field(
        default="critical", description="From this severity on, quiet hours don't count."
    )
    digest_at: time = Field(default=time(9), description="When what was held back is told in one message.")
    follow_ups: Annotated[tuple[FollowUp, ...], BeforeValidator(_several)] = Field(
        default=("escalated", "ended"), description="What is told of an episode after its first message."
    )
    language: Language = Field(default="en", description="Language of the messages.")
    subjects: Subjects = Field(default=Subjects(), exclude=True, repr=False)

    @validated("level")
    @classmethod
    def _can_differ(cls, value: float) -> float:
        if not value >= 1:
            raise ValueError("an episode begins at 1, so that a lower level always fires: write 1, 1.4, 2, 2.8, 4 …")
        return value

    @validated("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("no such time zone; Asia/Shanghai and Europe/Berlin are") from None
        return value

    @validated("subjects", mode="before")
    @classmethod
    def _is_ours(cls, value: object) -> object:
        if not isinstance(value, Subjects):
            raise ValueError("is not a field of it")
        return value

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of alerts that it is about, without those that `everything` stands for."""
        return kinds_of(self.about)

    def is_about(self, kind: str, audience: str) -> bool:
        """Whether it is about a kind of alert, of which the audience is known."""
        return kind in self.kinds or (EVERYTHING in self.about and audience == "press")


class Channel(_Rule):
    """`[[channel]]`: where messages go. Any further name with a value `file:…` or `env:…` says where a secret is."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: ChannelName = Field(description="Its name.")
    address: Line = Field(description="A URL without any secret, such as mailto:press@example.org or dingtalk://.")
    at_most: Annotated[Cap | None, BeforeValidator(_cap)] = Field(
        default=None, description="Messages at most, of all subscriptions; the others go into the digest."
    )

    @validated("address")
    @classmethod
    def _holds_no_secret(cls, value: str) -> str:
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value) or not value.isprintable() or " " in value:
            raise ValueError("a URL is expected, such as mailto:press@example.org or webhook+https://host/path")
        parts = urlsplit(value)
        has_secret = any(_TELLS_A_SECRET.search(key) for key, _ in parse_qsl(parts.query))
        if parts.password is not None or has_secret:
            raise ValueError('a secret stands in it: take it out and name it, such as secret = "file:/etc/…"')
        return value

    @model_validator(mode="after")
    def _names_secrets(self) -> Self:
        for name, value in (self.model_extra or {}).items():
            if not _SECRET_NAME.fullmatch(name):
                raise ValueError(f"{name[:40]!r} is not a field of it")
            if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
                raise ValueError(
                    f"{name!r} is neither a field of it nor says where a secret is: file:/absolute/path or env:NAME is "
                    "expected (what stands there is not repeated here, in case it is the secret itself)"
                )
        return self

    @property
    def secrets(self) -> dict[str, str]:
        """Where its secrets are, by name: `file:…` or `env:…`, never the secrets themselves."""
        return {name: str(value) for name, value in (self.model_extra or {}).items()}


class Silence(_Rule):
    """`[[silence]]`: what is not told for a time. It is recorded all the same, and goes on."""

    who: Several = Field(min_length=1, description="Accounts, countries, blocs, tiers, a post, or all.")
    about: Several = Field(default=(EVERYTHING, "watcher"), min_length=1, description="Groups or kinds of alerts.")
    author: Annotated[Line, StringConstraints(min_length=1)] = Field(description="Who silenced it.")
    reason: Annotated[Line, StringConstraints(min_length=1)] = Field(description="Why.")
    since: Until | None = Field(default=None, description="From when on; null: from its entry on.")
    until: Until = Field(description="Until when.")
    subjects: Subjects = Field(default=Subjects(), exclude=True, repr=False)

    @validated("until")
    @classmethod
    def _after_since(cls, value: datetime, info: ValidationInfo) -> datetime:
        if (since := info.data.get("since")) and since > value:
            raise ValueError("it ends before it begins")
        return value

    @validated("subjects", mode="before")
    @classmethod
    def _is_ours(cls, value: object) -> object:
        if not isinstance(value, Subjects):
            raise ValueError("is not a field of it")
        return value

    def is_about(self, kind: str, audience: str) -> bool:
        """Whether it is about a kind of alert, of which the audience is known."""
        return kind in kinds_of(self.about) or (EVERYTHING in self.about and audience == "press")

    def holds(self, now: datetime) -> bool:
        """Whether it is in force at a moment."""
        return (self.since is None or self.since <= now) and now < self.until


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules in force, in the order of their file."""

    subscriptions: tuple[Subscription, ...] = ()
    channels: tuple[Channel, ...] = ()
    silences: tuple[Silence, ...] = ()

    def channel(self, name: str) -> Channel | None:
        """The channel of that name."""
        return next((channel for channel in self.channels if channel.name == name), None)


def kinds_of(about: tuple[str, ...]) -> frozenset[str]:
    """The kinds that words of `about` name; `everything` names none by itself."""
    return frozenset(kind for word in about for kind in GROUPS.get(word, (word,)) if kind in KINDS)


def document(rule: BaseModel) -> dict[str, Any]:
    """A rule as a JSON object, in the words of the file; secrets stay where they are."""
    found: dict[str, Any] = {}
    for name, value in rule:
        if name == "subjects" or value is None:
            continue
        if isinstance(value, datetime):
            found[name] = value.isoformat()
        elif isinstance(value, time):
            found[name] = f"{value:%H:%M}"
        elif isinstance(value, Cap | QuietHours):
            found[name] = str(value)
        else:
            found[name] = list(value) if isinstance(value, tuple) else value
    return found
