"""The events: one frozen model per event type. What they mean is documented on the fields.

What an alert tells is in schemas.alerts; what all events share in schemas.event_fields.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.alerts import AlertChanged, AlertDelivery
from schemas.counts import Counter
from schemas.event_fields import (
    OBSERVED_AT,
    AccountId,
    Code,
    Event,
    Line,
    Moment,
    Name,
    PersonKey,
    Text,
    WeiboId,
    Whole,
    iso_milliseconds,
)

# The lists of names below say what is known today and stay open: a name that a later crawler adds is no reason for an
# older reader to refuse the message.
Via = Literal["profile", "timeline", "status", "detail", "extend", "comments", "dom", "import"] | Name
Format = Literal["text", "picture", "video", "article", "link"] | Name
MediumKind = Literal["picture", "live_photo", "video"] | Name
Removal = Literal["deleted_by_author", "removed_by_platform", "hidden", "account_gone", "unknown"] | Name
ListOrder = Literal["hot", "time", "reply"] | Name
ListKind = Literal["hot", "time", "reply", "repost"] | Name
StopReason = (
    Literal["end_of_list", "page_limit", "caught_up", "blocked", "wrong_account", "failed", "interrupted"] | Name
)
LaneState = Literal["healthy", "degraded", "challenged", "dead"] | Name
MissingKind = (
    Literal["profile", "timeline", "post", "long_text", "comments", "replies", "reposts", "confirmation", "visit"]
    | Name
)
DeadLetterStage = Literal["decode", "validate", "encode", "insert"] | Name
DeadLetterReason = Literal["not_json", "invalid", "unknown_type", "newer_contract", "too_large", "refused"] | Name


class AccountSnapshot(Event):
    """An account's own figures at one moment."""

    name = "account.snapshot"
    type: Literal["weiplomacy.account.snapshot.v1"] = "weiplomacy.account.snapshot.v1"
    uid: WeiboId | None = Field(default=None, description="Weibo's numeric id; null where only the name is known.")
    screen_name: Line | None = Field(default=None, description="The shown name at that moment.")
    followers: Counter | None = Field(default=None, description="粉丝")
    following: Counter | None = Field(default=None, description="关注")
    posts: Counter | None = Field(default=None, description="Posts in all, as the account's page says (微博).")
    reposts_received: Counter | None = Field(
        default=None, description="The account's own total of reposts, where shown."
    )
    comments_received: Counter | None = Field(
        default=None, description="The account's own total of comments, where shown."
    )
    likes_received: Counter | None = Field(default=None, description="The account's own total of likes, where shown.")
    verified: bool | None = Field(default=None, description="Whether it carries a V.")
    verified_type: Code | None = Field(default=None, description="Weibo's own number: 1 government, 2 enterprise, …")
    verified_reason: Line | None = Field(default=None, description="微博认证")
    description: Line | None = Field(default=None, description="The account's own words.")
    region: Line | None = Field(default=None, description="IP属地, where shown.")
    printed_rank: int | None = Field(
        default=None, ge=1, lt=2**31, description="Rank as printed by the source, for imported lists."
    )
    via: Via = Field(description="Where it was read.")
    source: Line | None = Field(default=None, description="The publication, for imported figures.")

    @property
    def event_id(self) -> str:
        return f"account:{self.account_id}:{iso_milliseconds(self.observed_at)}"


class Medium(BaseModel):
    """A picture or video of a post, as a link."""

    model_config = ConfigDict(frozen=True)

    kind: MediumKind = Field(description="What it is.")
    url: Line = Field(description="Where it is.")


class RepostedPost(BaseModel):
    """The post that is passed on. Its author is named only where it is a verified institution."""

    model_config = ConfigDict(frozen=True)

    post_id: WeiboId = Field(description="The id of the original post.")
    author_key: PersonKey | None = Field(
        default=None, description="Keyed hash of the author's uid; null where unknown."
    )
    author_name: Line | None = Field(default=None, description="The author's name: verified institutions only.")
    text: Text | None = Field(default=None, description="Plain text; of a removed post, Weibo's notice.")
    removed: bool = Field(default=False, description="The original is deleted or hidden.")


class PostContent(Event):
    """A version of a post. Its id comes from its content: the same text seen twice is one version."""

    uid: WeiboId = Field(description="Weibo's numeric id of the account.")
    post_id: WeiboId = Field(description="mid, 16 digits.")
    bid: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,12}$")] | None = Field(
        default=None, description="The id in links."
    )
    created_at: Moment | None = Field(description="When Weibo says that it was published; null where unreadable.")
    text: Text = Field(description="Plain text; emoji as [name]; line breaks kept.")
    text_truncated: bool = Field(description="The rest of a long text is still to come, as a version of its own.")
    kind: Literal["original", "repost"] = Field(description="Own words or passed on.")
    format: Format = Field(description="What it mainly shows.")
    reposted: RepostedPost | None = Field(default=None, description="What is passed on.")
    topics: tuple[Line, ...] = Field(default=(), description="#topics# in the text, without the signs.")
    links: tuple[Line, ...] = Field(default=(), description="Targets of links in the text.")
    media: tuple[Medium, ...] = Field(default=(), description="Pictures and videos.")
    source: Line | None = Field(default=None, description="The device or app shown.")
    region: Line | None = Field(default=None, description="Where it was published from, as shown.")
    edit_count: int | None = Field(default=None, ge=0, lt=2**31, description="How often it was edited, where shown.")
    edited_at: Moment | None = Field(default=None, description="The last edit, where shown.")
    pinned: bool = Field(default=False, description="Shown at the top out of order (置顶); not a part of the version.")
    content_version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] = Field(
        description="Hash of what the post says: see schemas.event_ids.content_version."
    )
    via: Via = Field(description="Where it was read.")

    @property
    def event_id(self) -> str:
        return f"post:{self.post_id}:{self.content_version}"


class PostSeen(PostContent):
    """A version of a post, seen."""

    name = "post.seen"
    type: Literal["weiplomacy.post.seen.v1"] = "weiplomacy.post.seen.v1"


class PostEdited(PostContent):
    """A later version of a post that was known before, with what changed."""

    name = "post.edited"
    type: Literal["weiplomacy.post.edited.v1"] = "weiplomacy.post.edited.v1"
    previous_version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] = Field(
        description="The version before."
    )
    changed: tuple[Line, ...] = Field(description="The names of the fields that changed.")


class PostRemoved(Event):
    """A post that is no longer to be seen."""

    name = "post.removed"
    type: Literal["weiplomacy.post.removed.v1"] = "weiplomacy.post.removed.v1"
    post_id: WeiboId = Field(description="mid, 16 digits.")
    removal: Removal = Field(description="The kind, judged by Weibo's notice.")
    notice: Line | None = Field(default=None, description="Weibo's notice, verbatim.")
    last_seen_at: Moment | None = Field(default=None, description="The last moment at which it was seen.")
    first_missing_at: Moment = Field(description="The first moment at which it was missing.")
    confirmed_at: Moment | None = Field(default=None, description="When the single-post answer said so; null: not yet.")

    @property
    def event_id(self) -> str:
        stage = "missing" if self.confirmed_at is None else self.removal
        return f"removal:{self.post_id}:{iso_milliseconds(self.first_missing_at)}:{stage}"


class EngagementSample(Event):
    """A post's counters at one moment: the truth that every growth curve is derived from."""

    name = "engagement.sample"
    type: Literal["weiplomacy.engagement.sample.v1"] = "weiplomacy.engagement.sample.v1"
    post_id: WeiboId = Field(description="mid, 16 digits.")
    created_at: Moment | None = Field(description="When the post was published: its age needs no other event.")
    reposts: Counter | None = Field(description="转发")
    comments: Counter | None = Field(description="评论")
    likes: Counter | None = Field(description="赞")
    views: Counter | None = Field(default=None, description="阅读 or 播放, where shown.")
    via: Via = Field(description="Where it was read.")

    @property
    def event_id(self) -> str:
        return f"sample:{self.post_id}:{iso_milliseconds(self.observed_at)}"


class Comment(Event):
    """A comment or a reply. Private people are keyed hashes; verified institutions keep their names."""

    name = "comment.seen"
    type: Literal["weiplomacy.comment.seen.v1"] = "weiplomacy.comment.seen.v1"
    post_id: WeiboId = Field(description="The post that it stands under.")
    comment_id: WeiboId = Field(description="Weibo's id of the comment.")
    root_id: WeiboId | None = Field(
        default=None, description="The comment that this is a reply under; null at the top."
    )
    author_key: PersonKey = Field(description="Keyed hash of the author's uid.")
    author_account_id: AccountId | None = Field(
        default=None, description="The author, where it is the embassy or another registered account."
    )
    author_name: Line | None = Field(
        default=None, description="The author's name: verified institutions only, unless raw values are switched on."
    )
    author_uid: WeiboId | None = Field(
        default=None, description="The author's uid: null unless the operator switched raw values on."
    )
    author_verified_type: Code | None = Field(default=None, description="Weibo's own number.")
    created_at: Moment | None = Field(description="When Weibo says that it was written.")
    text: Text = Field(description="Plain text; names of people in it are hashed, unless raw values are on.")
    region: Line | None = Field(default=None, description="Where it was written, as shown.")
    likes: Counter | None = Field(default=None, description="Likes when first seen in this version.")
    replies: Counter | None = Field(default=None, description="Replies when first seen in this version.")
    has_picture: bool = Field(default=False, description="Whether it shows a picture.")
    order: ListOrder = Field(description="The list that it was read in.")
    content_version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] = Field(
        description="Hash of what it says."
    )

    @property
    def event_id(self) -> str:
        return f"comment:{self.comment_id}:{self.content_version}"

    @property
    def key(self) -> str:
        return self.post_id


class Repost(Event):
    """Somebody passed a post on: when, and with which words. Private people are keyed hashes, as in comments."""

    name = "repost.seen"
    type: Literal["weiplomacy.repost.seen.v1"] = "weiplomacy.repost.seen.v1"
    post_id: WeiboId = Field(description="The post that is passed on.")
    repost_id: WeiboId = Field(description="Weibo's id of the repost.")
    author_key: PersonKey = Field(description="Keyed hash of the author's uid.")
    author_account_id: AccountId | None = Field(
        default=None, description="The author, where it is a registered account."
    )
    author_name: Line | None = Field(
        default=None, description="The author's name: verified institutions only, unless raw values are switched on."
    )
    author_uid: WeiboId | None = Field(
        default=None, description="The author's uid: null unless the operator switched raw values on."
    )
    author_verified_type: Code | None = Field(default=None, description="Weibo's own number.")
    created_at: Moment | None = Field(description="When Weibo says that it was passed on.")
    text: Text = Field(description="Plain text; names of people in it are hashed, unless raw values are on.")
    region: Line | None = Field(default=None, description="Where it was written, as shown.")
    likes: Counter | None = Field(default=None, description="Likes when first seen in this version.")
    content_version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] = Field(
        description="Hash of what it says."
    )

    @property
    def event_id(self) -> str:
        return f"repost:{self.repost_id}:{self.content_version}"

    @property
    def key(self) -> str:
        return self.post_id


class ListCoverage(BaseModel):
    """How much of a list under a post was read in a visit: its comments in one order, replies, or reposts."""

    model_config = ConfigDict(frozen=True)

    post_id: WeiboId = Field(description="The post.")
    order: ListKind = Field(description="hot, time, reply (all threads of the post together), or repost.")
    reported: Whole | None = Field(
        default=None, description="How many the post says there are; deleted and filtered ones may be among them."
    )
    listed: Whole | None = Field(
        default=None, description="How many the list says of itself; what is less than reported, nobody is shown."
    )
    captured: Whole = Field(
        description="How many were read, each counted once; for hot with their replies, as they are reported."
    )
    pages: Whole = Field(description="Pages read.")
    ended_by: Name = Field(
        description="end, cap (a setting), comments_closed, comments_curated, cursor_loop, interrupted, or the class "
        "of the answer that ended it."
    )


class Missing(BaseModel):
    """Something that a visit should have read and did not: by name, or as a counted range."""

    model_config = ConfigDict(frozen=True)

    kind: MissingKind = Field(description="What it is.")
    what: Line = Field(description="Which one: a post, a thread, a page with its cursor, or a range of posts.")
    count: Whole | None = Field(default=None, description="How many things that is; null: not known.")
    reason: Name = Field(description="The class of the answer, or cap, budget, interrupted, kafka.")
    remedy: Name = Field(description="What will be done about it: next_visit, never (with the reason), operator.")


class CrawlReceipt(Event):
    """What one visit to one account planned, did and left undone. `observed_at` is the end of the visit."""

    name = "crawl.receipt"
    type: Literal["weiplomacy.crawl.receipt.v1"] = "weiplomacy.crawl.receipt.v1"
    cycle: Line = Field(description="The cycle that the visit belongs to: one receipt per account, spider and cycle.")
    spider: Line = Field(description="Which spider made the visit.")
    lane: Line = Field(description="The session that it used last.")
    software: Line = Field(description="Version of the crawler.")
    started_at: Moment = Field(description="Begin of the visit, UTC.")
    planned: Whole = Field(description="Requests that the visit planned.")
    fetched: Whole = Field(description="Answers that came, of any class.")
    published: dict[str, Whole] = Field(description="Events handed to Kafka, by event name.")
    acknowledged: dict[str, Whole] = Field(description="Events that Kafka acknowledged, by event name.")
    responses: dict[str, Whole] = Field(description="Answers by response class.")
    stop_reason: StopReason = Field(description="Why the visit ended.")
    complete: bool = Field(description="Nothing that was planned is missing, and all of it is acknowledged.")
    problems: tuple[Line, ...] = Field(default=(), description="What went wrong, in sentences.")
    posts_reported: Counter | None = Field(default=None, description="Posts in all that the account's page reports.")
    posts_captured: Whole = Field(default=0, description="Posts read in this visit.")
    comments_reported: Whole | None = Field(
        default=None, description="Comments reported by the posts whose comments were read."
    )
    comments_captured: Whole = Field(default=0, description="Comments and replies read in this visit.")
    lists: tuple[ListCoverage, ...] = Field(default=(), description="Lists under posts, each with its coverage.")
    missing: tuple[Missing, ...] = Field(
        default=(), description="What is missing, why, and what will be done about it."
    )
    watermark: WeiboId | None = Field(
        default=None,
        description="Newest post up to which everything is known and acknowledged after this visit; null: none yet.",
    )
    raw_people: bool = Field(default=False, description="The operator switched raw ids and names of people on.")

    @property
    def event_id(self) -> str:
        return f"receipt:{self.account_id}:{self.spider}:{self.cycle}"


class QuarantinedBody(Event):
    """An answer that could not be read, people masked, to be read again by a mended parser."""

    name = "body.quarantined"
    type: Literal["weiplomacy.body.quarantined.v1"] = "weiplomacy.body.quarantined.v1"
    endpoint: Name = Field(description="Which endpoint answered so.")
    url: Line = Field(description="The address that was asked for.")
    status: int = Field(ge=0, lt=1000, description="HTTP status; 0: no answer.")
    response_class: Name = Field(description="How it was classified.")
    reason: Line = Field(description="Why it could not be read.")
    body: Annotated[str, StringConstraints(max_length=1_500_000)] = Field(
        description="The body as text, people masked, cut at the limit."
    )
    content_version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] = Field(
        description="Hash of address and body."
    )
    post_id: WeiboId | None = Field(default=None, description="The post that was asked about, where it was one.")
    software: Line = Field(description="Version of the crawler.")

    @property
    def event_id(self) -> str:
        return f"quarantine:{self.account_id}:{iso_milliseconds(self.observed_at)}:{self.content_version}"


class LaneChanged(BaseModel):
    """A lane (one session with its way out) changed its health. It belongs to no account."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: ClassVar[str] = "lane.changed"
    type: Literal["weiplomacy.lane.changed.v1"] = "weiplomacy.lane.changed.v1"
    lane: Line = Field(description="The lane.")
    worker: Line = Field(description="The worker that owns it.")
    state: LaneState = Field(description="Its health from now on.")
    before: LaneState | None = Field(default=None, description="Its health before; null: it is new.")
    reason: Line = Field(description="Why, as a sentence.")
    response_class: Name | None = Field(default=None, description="The class of the answer that decided.")
    resumes_at: Moment | None = Field(default=None, description="When it is tried again, UTC, the crawl's clock.")
    software: Line = Field(description="Version of the crawler.")
    observed_at: Moment = Field(description=OBSERVED_AT)

    @property
    def event_id(self) -> str:
        return f"lane:{self.worker}:{self.lane}:{iso_milliseconds(self.observed_at)}:{self.state}"

    @property
    def key(self) -> str:
        """A lane's story stays in order."""
        return f"{self.worker}:{self.lane}"


class DeadLetter(BaseModel):
    """A message that could not be loaded, with its original bytes and position. It belongs to no account."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: ClassVar[str] = "dead.letter"
    type: Literal["weiplomacy.dead.letter.v1"] = "weiplomacy.dead.letter.v1"
    topic: Line = Field(description="The topic of the original message.")
    partition: int = Field(ge=0, lt=2**16, description="Its partition.")
    offset: int = Field(ge=0, lt=2**63, description="Its offset.")
    message_key: str | None = Field(description="Its key in base64; null: none.")
    message_value: str | None = Field(description="Its value in base64; null: none.")
    message_headers: tuple[tuple[str, str | None], ...] = Field(
        default=(), description="Its headers, values in base64."
    )
    message_at: Moment = Field(description="Its Kafka timestamp, UTC.")
    stage: DeadLetterStage = Field(description="Where it failed.")
    reason: DeadLetterReason = Field(description="Why, as a name.")
    detail: Line = Field(description="Why, as a sentence.")
    software: Line = Field(description="Version of the loader.")
    observed_at: Moment = Field(description="When it failed, UTC, machine time.")

    @property
    def event_id(self) -> str:
        """From the position of the original: a replay of the same batch makes the same dead letter."""
        return f"dead-letter:{self.topic}:{self.partition}:{self.offset}"

    @property
    def key(self) -> str:
        """Dead letters of one partition stay in order."""
        return f"{self.topic}:{self.partition}"


AnyEvent = (
    AccountSnapshot
    | PostSeen
    | PostEdited
    | PostRemoved
    | EngagementSample
    | Comment
    | Repost
    | CrawlReceipt
    | QuarantinedBody
    | LaneChanged
    | AlertChanged
    | AlertDelivery
    | DeadLetter
)
EVENT_MODELS: tuple[type[AnyEvent], ...] = (
    AccountSnapshot,
    PostSeen,
    PostEdited,
    PostRemoved,
    EngagementSample,
    Comment,
    Repost,
    CrawlReceipt,
    QuarantinedBody,
    LaneChanged,
    AlertChanged,
    AlertDelivery,
    DeadLetter,
)


def type_of(model: type[AnyEvent]) -> str:
    """The CloudEvents type of a model, such as `weiplomacy.post.seen.v1`."""
    return str(model.model_fields["type"].default)


MODEL_BY_TYPE: dict[str, type[AnyEvent]] = {type_of(model): model for model in EVENT_MODELS}
