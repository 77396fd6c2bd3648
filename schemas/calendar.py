"""The calendar: what happened, or comes round, on which day in Beijing, for analysts to lay beside waves.

The base list is schemas/calendar.toml; the operator's own (the setting calendar.file) is added to it.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from schemas.accounts import CountryCode
from schemas.errors import SettingsError
from schemas.event_fields import Line
from schemas.settings import Settings
from schemas.toml_entries import places, problems

BASE_LIST = Path(__file__).with_name("calendar.toml")
#: Weibo began in August of this year.
FIRST_YEAR = 2009
#: What ClickHouse's Date holds.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2149, 6, 6)
#: Problems that one message names; the rest are counted.
NAMED_PROBLEMS = 10

Words = Annotated[Line, StringConstraints(min_length=1)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]


class CalendarError(SettingsError):
    """A calendar can't be read, or contradicts itself. `problems` are sentences that begin with the line."""

    def __init__(self, file: Path, found: list[str]) -> None:
        more = len(found) - NAMED_PROBLEMS
        rest = f"; and {more} more" if more > 0 else ""
        super().__init__(f"the calendar {file} is wrong: {'; '.join(found[:NAMED_PROBLEMS])}{rest}")
        self.problems = tuple(found)


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name_en: Words = Field(description="What it is, in English.")
    name_zh: Words = Field(description="What it is, in Chinese.")
    country_code: CountryCode | None = Field(default=None, description="Whose accounts it concerns; null: all.")
    kind: Kind = Field(description="death, vote, holiday, anniversary, or another word.")
    source: Words = Field(description="Who says so.")


class Event(_Entry):
    """Something that happened. Days are Beijing's."""

    day: date = Field(ge=FIRST_DAY, le=LAST_DAY, description="First day.")
    until: date | None = Field(default=None, le=LAST_DAY, description="Last day; null: the first.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until and self.until < self.day:
            raise ValueError(f"until {self.until} is before day {self.day}")
        return self

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.until or self.day


class Yearly(_Entry):
    """Something that comes round every year on the same day."""

    month_day: Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$")] = Field(description="MM-DD, in Beijing.")
    since: int | None = Field(default=None, ge=FIRST_DAY.year, lt=LAST_DAY.year, description="First year.")
    until: int | None = Field(default=None, ge=FIRST_DAY.year, lt=LAST_DAY.year, description="Last year.")

    @model_validator(mode="after")
    def _is_a_day(self) -> Self:
        try:
            # A year with a 29 February.
            date.fromisoformat(f"2016-{self.month_day}")
        except ValueError:
            raise ValueError(f"month_day {self.month_day!r} is no day") from None
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since {self.since} is after until {self.until}")
        return self

    def events(self, this_year: int) -> Iterator[Event]:
        """One event for each of its years, next year's included; none in years that lack the day."""
        shared = self.model_dump(exclude={"month_day", "since", "until"})
        for year in range(max(FIRST_YEAR, self.since or 0), min(self.until or this_year + 1, this_year + 1) + 1):
            try:
                day = date.fromisoformat(f"{year}-{self.month_day}")
            except ValueError:
                continue
            yield Event(day=day, **shared)


EVENT: TypeAdapter[Event | Yearly] = TypeAdapter(Event)
YEARLY: TypeAdapter[Event | Yearly] = TypeAdapter(Yearly)


def load(settings: Settings, today: date) -> tuple[Event, ...]:
    """The calendar in force, in order of days: ours and the operator's. What both have is the operator's.

    `today` is the day in Beijing: yearly ones go on until the year after. Raises CalendarError.
    """
    files = [BASE_LIST, *([settings.calendar.file] if settings.calendar.file else [])]
    found = {_same(event): event for file in files for event in read(file, today.year)}
    return tuple(sorted(found.values(), key=lambda event: (event.day, event.last_day, event.name_en)))


def read(file: Path, this_year: int) -> tuple[Event, ...]:
    """The events of a calendar file, yearly ones for each year. Raises CalendarError with every problem it has."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except OSError as error:
        raise CalendarError(file, [f"it can't be read ({error.strerror})"]) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CalendarError(file, [str(error)]) from error
    wrong = [f"{name!r} is not known: only event and yearly are" for name in document.keys() - {"event", "yearly"}]
    seen: dict[tuple[Any, ...], str] = {}
    events: list[Event] = []
    single = ((place, EVENT, entry) for place, entry in places("event", document.get("event"), text))
    yearly = ((place, YEARLY, entry) for place, entry in places("yearly", document.get("yearly"), text))
    for place, kind, entry in chain[tuple[str, TypeAdapter[Event | Yearly], Any]](single, yearly):
        try:
            valid = kind.validate_python(entry)
        except ValidationError as error:
            wrong += problems(error, place)
            continue
        own = [valid] if isinstance(valid, Event) else list(valid.events(this_year))
        for event in own:
            if (first := seen.setdefault(_same(event), place)) != place:
                wrong.append(f"{place}: {event.name_en} on {event.day} stands there twice ({first})")
                break
        events += own
    if wrong:
        raise CalendarError(file, wrong)
    return tuple(events)


def _same(event: Event) -> tuple[Any, ...]:
    return event.day, event.name_en.casefold(), event.country_code
