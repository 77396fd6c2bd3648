"""The events of alerts: one for every change of an episode, with all that a message needs, and the delivery log.

An episode is one story about one subject: it starts, may escalate, and ends. Who is told of it is not decided here.
"""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from schemas.event_fields import OBSERVED_AT, AccountId, Line, Moment, Name, WeiboId, Whole

Kind = Literal[
    "post_rise",
    "account_wave",
    "country_wave",
    "general_wave",
    "followers_jump",
    "post_removed",
    "post_edited",
    "comments_closed",
    "counts_lost",
    "account_gone",
    "account_renamed",
    "account_silent",
    "account_overdue",
    "coverage_low",
    "lanes_paused",
]
AlertKind = Kind | Name
BasisKind = Literal["type", "account", "peers", "curve", "series"]
Change = Literal["started", "escalated", "updated", "ended"] | Name
Severity = Literal["notice", "warning", "critical"] | Name
Audience = Literal["press", "ops"] | Name
Outcome = Literal["owed", "delivered", "retrying", "dead", "repeat_failed", "picture_sent", "picture_left_out"] | Name


class AlertBasis(BaseModel):
    """What an expectation rests on."""

    model_config = ConfigDict(frozen=True)

    kind: BasisKind | Name = Field(
        description="Posts of the same account and type, of the account, of its peers; a general growth curve; or the "
        "history of a series."
    )
    members: Whole = Field(description="So many posts, or buckets of a series.")
    wanted: Whole = Field(description="With fewer it is provisional.")
    since: Moment | None = Field(default=None, description="The oldest of them, UTC.")
    until: Moment | None = Field(default=None, description="The newest of them, UTC.")


class CurvePoint(BaseModel):
    """A post's counter at an age, or what came within a bucket of a series, beside what is usual then."""

    model_config = ConfigDict(frozen=True)

    age_s: FiniteFloat = Field(
        description="Seconds since the post's publication; of a series, from the observation to the bucket's end: 0 "
        "and below."
    )
    value: FiniteFloat | None = Field(
        default=None, description="What the post had by then, or came within the bucket; null: it was not seen."
    )
    low: FiniteFloat = Field(description="The lower end of the usual range.")
    expected: FiniteFloat = Field(description="What was to be expected.")
    high: FiniteFloat = Field(description="The upper end of the usual range.")


class AlertChanged(BaseModel):
    """An episode changed. Figures are those of the observation that changed it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: ClassVar[str] = "alert.changed"
    type: Literal["weiplomacy.alert.changed.v1"] = "weiplomacy.alert.changed.v1"
    episode_id: Line = Field(
        description="What happened, to whom, since when: `kind:subject:start`. The same after restart and replay."
    )
    number: int = Field(ge=1, lt=2**31, description="The how-manieth change of the episode this is, from 1.")
    change: Change = Field(description="What changed.")
    kind: AlertKind = Field(description="What happened.")
    audience: Audience = Field(
        description="Whom it concerns: those who read about embassies, or those who run the crawl."
    )
    severity: Severity = Field(description="How grave it is: of a score from 1, 2 or 4 on, unless provisional.")
    subject: Literal["post", "account", "country", "all", "lane"] | Name = Field(description="What kind of subject.")
    account_id: AccountId | None = Field(default=None, description="The account, where it is about one or its post.")
    post_id: WeiboId | None = Field(default=None, description="The post, where it is about one.")
    country: Line | None = Field(default=None, description="ISO 3166 code, where it is about a country's accounts.")
    lane: Line | None = Field(default=None, description="The lane, where it is about one: `worker:lane`.")
    started_at: Moment = Field(description="The observation that began the episode, UTC.")
    observed_at: Moment = Field(description=OBSERVED_AT)
    ended_at: Moment | None = Field(default=None, description="When it was over; null: it is not.")
    score: FiniteFloat = Field(
        ge=0, description="How far from what is expected: 1 is where the default rule tells somebody."
    )
    peak_score: FiniteFloat = Field(ge=0, description="The highest score of the episode so far.")
    peak_at: Moment = Field(description="When that was observed, UTC.")
    metric: Name | None = Field(
        default=None, description="What decided: reposts, comments, likes, interactions, followers; null: a mere fact."
    )
    value: FiniteFloat | None = Field(default=None, description="Its value.")
    at_least: bool = Field(default=False, description="The counter is capped: the value is at least that.")
    expected: FiniteFloat | None = Field(default=None, description="What was to be expected at this age and hour.")
    expected_low: FiniteFloat | None = Field(default=None, description="The lower end of the usual range.")
    expected_high: FiniteFloat | None = Field(default=None, description="The upper end of the usual range.")
    peak_value: FiniteFloat | None = Field(default=None, description="The highest value of the episode so far.")
    age_s: FiniteFloat | None = Field(default=None, ge=0, description="Of a post: seconds since its publication.")
    per_hour: FiniteFloat | None = Field(default=None, description="How fast the metric grows, per hour.")
    gap_s: FiniteFloat | None = Field(default=None, ge=0, description="Seconds since the observation before.")
    basis: AlertBasis | None = Field(default=None, description="What the expectation rests on.")
    incomplete: bool = Field(default=False, description="Data were late or missing: this may change.")
    coverage: FiniteFloat | None = Field(
        default=None, ge=0, description="Share of what the last visit should have read that it read, 0 to 1."
    )
    detail: Line | None = Field(default=None, description="Of a fact: what exactly, such as the kind of a removal.")
    words: Line | None = Field(default=None, description="The first words of the post, plain text from Weibo.")
    url: Line | None = Field(default=None, description="The post or account on Weibo.")
    topics: tuple[Line, ...] = Field(
        default=(), description="Topics (#…#) of the posts behind a rise, or of its story."
    )
    terms: tuple[Line, ...] = Field(
        default=(), description="Words that mark a wave or its story, each from at least five commenters of an account."
    )
    before: Severity | None = Field(default=None, description="The severity that was told before; null: none.")
    muted_by: Line | None = Field(
        default=None, description="The episode of the account that speaks for this one; null: none."
    )
    story: Line | None = Field(
        default=None, description="The first episode of a story that several accounts share; null: none."
    )
    accounts: tuple[AccountId, ...] = Field(default=(), description="The accounts that share in it, where several do.")
    behind: tuple[WeiboId, ...] = Field(
        default=(),
        description="Of an account's wave: the posts that gained most of it lately, the one with the most first.",
    )
    curve: tuple[CurvePoint, ...] = Field(
        default=(),
        description="Of a post's rise or a wave: the metric up to now beside what is usual, for a picture. In no "
        "table: the samples are.",
    )
    software: Line = Field(description="Version of the alerter.")

    @property
    def event_id(self) -> str:
        """From the episode and the number of the change: a replay makes the same event."""
        return f"alert:{self.episode_id}:{self.number}"

    @property
    def key(self) -> str:
        """An episode's changes stay in order."""
        return self.episode_id


class AlertDelivery(BaseModel):
    """What became of a change of an episode at a channel: owed, tried, delivered or given up."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: ClassVar[str] = "alert.delivery"
    type: Literal["weiplomacy.alert.delivery.v1"] = "weiplomacy.alert.delivery.v1"
    channel: Line = Field(description="The channel, by its name in the rules.")
    episode_id: Line = Field(description="The episode.")
    number: Whole = Field(description="The change of the episode; of a digest or a test, its own number.")
    outcome: Outcome = Field(
        description="What is known of it now: a change is owed until it is delivered or dead (given up). What became "
        "of a picture that followed it is said besides."
    )
    attempt: Whole = Field(description="Attempts so far, this one among them.")
    reason: Name | None = Field(default=None, description="Why it was given up; null: it was not.")
    told_by: Whole | None = Field(default=None, description="The later change whose message told this one too.")
    digest: Line | None = Field(default=None, description="The digest that told it, where one did.")
    code: Line | None = Field(default=None, description="The provider's own code.")
    words: Line | None = Field(default=None, description="The provider's own words, without any secret.")
    latency_ms: FiniteFloat | None = Field(default=None, ge=0, description="How long the provider took to answer.")
    waited_ms: FiniteFloat | None = Field(
        default=None, ge=0, description="From when the sender had the change until the attempt was over."
    )
    retry_at: Moment | None = Field(default=None, description="When it is tried again, UTC, machine time.")
    software: Line = Field(description="Version of the sender.")
    observed_at: Moment = Field(description="When it was so, UTC, machine time.")

    @property
    def event_id(self) -> str:
        """From the change, its outcome and the attempt: a repeat is the same event."""
        return f"delivery:{self.channel}:{self.episode_id}:{self.number}:{self.outcome}:{self.attempt}"

    @property
    def key(self) -> str:
        """What went to one channel stays in order."""
        return self.channel
