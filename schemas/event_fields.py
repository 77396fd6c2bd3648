"""What the fields of events are made of, and what all events share.

All moments are offset-aware and written in UTC with milliseconds at most. `created_at` is what Weibo says,
`observed_at` is when we saw it; when ClickHouse got it (`ingested_at`) is not known here. Readers ignore fields that
they do not know, so that the contract can grow; a change that would break a reader is a new type (`….v2`).
"""

from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from schemas.counts import MAX_COUNT


def iso_milliseconds(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: the one form in which moments are written; finer digits are cut."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:-6] + "Z"


EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

# Moments and integers are bounded, so that whatever satisfies the contract can also be written in UTC and stored.
Moment = Annotated[
    AwareDatetime,
    Field(ge=EARLIEST, lt=LATEST),
    PlainSerializer(iso_milliseconds, return_type=str, when_used="json"),
]
Whole = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Code = Annotated[int, Field(ge=-(2**31), lt=2**31)]
AccountId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9:_-]{0,63}$")]
WeiboId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$")]
PersonKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Text = Annotated[str, StringConstraints(max_length=100_000)]
Line = Annotated[str, StringConstraints(max_length=2_000)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

ACCOUNT_ID = "The registry's permanent id of the account; `uid:N` outside the registry."
OBSERVED_AT = "When we saw it, UTC."


class Event(BaseModel):
    """What all events share: the key that orders them in Kafka and the id that makes a repeat recognisable."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    #: The unversioned name, for the topic declaration and the documentation.
    name: ClassVar[str]

    account_id: AccountId = Field(description=ACCOUNT_ID)
    observed_at: Moment = Field(description=OBSERVED_AT)

    @property
    def event_id(self) -> str:
        """Deterministic: the same thing published twice is the same event."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """The Kafka key: one account's story stays in order."""
        return self.account_id
