"""An account of the registry: which mission it speaks for, where it is on Weibo, and who says so."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.event_fields import AccountId, Line, Moment, WeiboId
from schemas.event_ids import content_version

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
ScreenName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\s/@]+( [^\s/@]+)*$")]
Domain = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Mission(StrEnum):
    """What kind of mission an account speaks for."""

    EMBASSY = "embassy"
    SECTION = "section"
    TOURISM_OFFICE = "tourism_office"
    DELEGATION = "delegation"
    CHINESE_MISSION = "chinese_mission"
    OTHER = "other"


class Related(BaseModel):
    """Another account of the same mission or country, which is named but not crawled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    relation: Line = Field(description="What it is to the account.")
    screen_name: ScreenName | None = Field(default=None, description="Its name; null where the source gives none.")
    uid: WeiboId | None = Field(default=None, description="Weibo's numeric id, as the source says.")
    source: Line = Field(description="Who says so.")


class Bloc(BaseModel):
    """A group of states and its members as of one date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,15}$")]
    name_en: Line
    name_zh: Line
    as_of: date
    countries: tuple[CountryCode, ...]


class Account(BaseModel):
    """One account that is crawled. Only `uid` or `screen_name` is needed; `id` follows from them where it is missing.

    An id that follows from a uid is `uid:N`; from a name alone it is `name:` and a hash of the name, and stays so when
    the uid becomes known, so that the account's story is not cut in two.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    id: AccountId = Field(default="", validate_default=False, description="Permanent; never reused.")
    country_code: CountryCode | None = Field(
        default=None, description="ISO 3166-1 alpha-2, or EU; of a chinese_mission: where it is."
    )
    country_en: Line = Field(default="", description="The country in English.")
    country_zh: Line = Field(default="", description="The country in Chinese.")
    name_en: Line = Field(default="", description="The mission in English; default: the screen name.")
    name_zh: Line = Field(default="", description="The mission in Chinese; default: the screen name.")
    bloc: tuple[str, ...] = Field(default=(), description="Blocs of the country; none for a chinese_mission.")
    mission: Mission = Field(default=Mission.OTHER, description="The kind of mission.")
    screen_name: ScreenName | None = Field(default=None, description="The name on Weibo, corrected; null: not known.")
    printed_screen_name: Line | None = Field(default=None, description="The name as printed in December 2016.")
    domain: Domain | None = Field(default=None, description="The address weibo.com/DOMAIN, where known.")
    uid: WeiboId | None = Field(default=None, description="Weibo's numeric id; null: not known.")
    uid_source: Line | None = Field(default=None, description="Who says that this is the uid.")
    uid_confirmed_at: Moment | None = Field(default=None, description="When the site said so, UTC; null: never.")
    related: tuple[Related, ...] = Field(default=(), description="Accounts beside it.")
    valid_from: date | None = Field(default=None, description="First day, Beijing; null: not known.")
    valid_to: date | None = Field(default=None, description="Last day, Beijing; null: still valid.")
    tier: Literal["first", "normal", "last"] = Field(default="normal", description="Its turn when requests are short.")
    notes: Line | None = Field(default=None, description="What else is to be known.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.uid is None and self.screen_name is None:
            raise ValueError("needs a uid or a screen_name")
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError(f"valid_from {self.valid_from} is after valid_to {self.valid_to}")
        name = self.screen_name or f"uid {self.uid}"
        defaults = {
            "id": f"uid:{self.uid}" if self.uid else f"name:{content_version(self.screen_name)}",
            "name_en": name,
            "name_zh": name,
        }
        for field, value in defaults.items():
            if not getattr(self, field):
                # The model is frozen for its users; here it is still being made.
                object.__setattr__(self, field, value)
        return self

    @property
    def shown_name(self) -> str:
        """What to call it in a sentence."""
        return self.screen_name or self.name_en

    def overlaps(self, other: "Account") -> bool:
        """Whether there is a day on which both are valid."""
        return (self.valid_from or date.min) <= (other.valid_to or date.max) and (other.valid_from or date.min) <= (
            self.valid_to or date.max
        )
