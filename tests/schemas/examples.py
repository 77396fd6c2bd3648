"""One event of each type, with every kind of field used."""

from datetime import UTC, datetime, timedelta, timezone

from schemas.alerts import AlertBasis, AlertChanged
from schemas.counts import Count, Precision
from schemas.events import (
    AccountSnapshot,
    AnyEvent,
    Comment,
    CrawlReceipt,
    DeadLetter,
    EngagementSample,
    LaneChanged,
    ListCoverage,
    Medium,
    Missing,
    PostEdited,
    PostRemoved,
    PostSeen,
    QuarantinedBody,
    Repost,
    RepostedPost,
)

MOMENT = datetime(2017, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))
ROUNDED = Count(value=1_059_000, low=1_058_500, high=1_059_499, precision=Precision.ROUNDED, raw="105.9万")

SNAPSHOT = AccountSnapshot(
    account_id="us-embassy",
    observed_at=MOMENT,
    uid="1743951792",
    screen_name="美国驻华大使馆",
    followers=ROUNDED,
    following=0,
    verified=True,
    verified_type=-1,
    via="profile",
)
POST = PostSeen(
    account_id="us-embassy",
    observed_at=MOMENT,
    uid="1743951792",
    post_id="4059000000000001",
    bid="EoZkPAbcd",
    created_at=datetime(2017, 1, 2, 9, tzinfo=BEIJING),
    text="新年快乐 [心]\n#中美关系# <script>",
    text_truncated=False,
    kind="repost",
    format="picture",
    reposted=RepostedPost(post_id="4058000000000001", text="抱歉，此微博已被作者删除", removed=True),
    topics=("中美关系",),
    media=(Medium(kind="picture", url="https://example.com/1.jpg"),),
    content_version="0123456789abcdef",
    via="timeline",
)
EDITED = PostEdited(**POST.model_dump(exclude={"type"}), previous_version="f" * 16, changed=("text",))
MISSING = PostRemoved(
    account_id="us-embassy",
    observed_at=MOMENT,
    post_id="4059000000000001",
    removal="deleted_by_author",
    first_missing_at=MOMENT,
)
REMOVED = MISSING.model_copy(update={"confirmed_at": MOMENT + timedelta(hours=1)})
SAMPLE = EngagementSample(
    account_id="us-embassy",
    observed_at=MOMENT,
    post_id="4059000000000001",
    created_at=None,
    reposts=12,
    comments=ROUNDED,
    likes=None,
    via="timeline",
)
COMMENT = Comment(
    account_id="us-embassy",
    observed_at=MOMENT,
    post_id="4059000000000001",
    comment_id="4059000000000009",
    root_id="4059000000000008",
    author_key="0" * 32,
    created_at=MOMENT,
    text="呵呵",
    order="reply",
    content_version="fedcba9876543210",
)
REPOST = Repost(
    account_id="us-embassy",
    observed_at=MOMENT,
    post_id="4059000000000001",
    repost_id="4059000000000019",
    author_key="0" * 32,
    created_at=MOMENT,
    text="转发微博",
    likes=3,
    content_version="fedcba9876543211",
)
RECEIPT = CrawlReceipt(
    account_id="us-embassy",
    observed_at=MOMENT,
    cycle="2017-01-02T03",
    spider="embassy",
    lane="one",
    software="0.1.0",
    started_at=MOMENT - timedelta(minutes=1),
    planned=3,
    fetched=3,
    published={"post.seen": 10},
    acknowledged={"post.seen": 10},
    responses={"ok": 3},
    stop_reason="page_limit",
    complete=True,
    lists=(
        ListCoverage(
            post_id="4059000000000001", order="hot", reported=9, listed=8, captured=7, pages=1, ended_by="end"
        ),
        ListCoverage(post_id="4059000000000001", order="repost", captured=0, pages=0, ended_by="cap"),
    ),
    missing=(
        Missing(kind="replies", what="thread 4059000000000008", count=2, reason="blocked", remedy="next_visit"),
        Missing(kind="timeline", what="page after 4058000000000001", reason="challenge", remedy="next_visit"),
    ),
    watermark="4059000000000001",
)
QUARANTINED = QuarantinedBody(
    account_id="us-embassy",
    observed_at=MOMENT,
    endpoint="timeline",
    url="https://m.weibo.cn/api/container/getIndex?containerid=1076031743951792",
    status=200,
    response_class="schema_drift",
    reason="$.data.cards: there is no list of posts",
    body='{"ok":1}',
    content_version="00000000deadbeef",
    software="0.1.0",
)
LANE = LaneChanged(
    lane="guest-1",
    worker="1",
    state="challenged",
    before="healthy",
    reason="a captcha stands in place of the page",
    response_class="challenge",
    resumes_at=MOMENT + timedelta(minutes=30),
    software="0.1.0",
    observed_at=MOMENT,
)
ALERT = AlertChanged(
    episode_id="post_rise:4059000000000001:2017-01-02T02:34:05.678Z",
    number=2,
    change="escalated",
    kind="post_rise",
    audience="press",
    severity="warning",
    subject="post",
    account_id="us-embassy",
    post_id="4059000000000001",
    started_at=MOMENT - timedelta(minutes=30),
    observed_at=MOMENT,
    score=2.5,
    peak_score=2.5,
    peak_at=MOMENT,
    metric="comments",
    value=900,
    at_least=True,
    expected=120.5,
    expected_low=60.25,
    expected_high=241,
    peak_value=900,
    age_s=7_445.678,
    per_hour=640.5,
    gap_s=1_800,
    basis=AlertBasis(kind="type", members=18, wanted=20, since=MOMENT - timedelta(days=90), until=MOMENT),
    incomplete=True,
    coverage=0.9,
    detail="at 03:00 in Beijing",
    words="新年快乐 [心]",
    url="https://m.weibo.cn/status/4059000000000001",
    terms=("签证",),
    before="notice",
    muted_by="account_wave:us-embassy:2017-01-02T02:00:00.000Z",
    story="account_wave:gb-embassy:2017-01-02T01:00:00.000Z",
    accounts=("us-embassy", "gb-embassy"),
    software="0.1.0",
)
DEAD = DeadLetter(
    topic="weibo.posts",
    partition=3,
    offset=42,
    message_key=None,
    message_value="bm90IEpTT04=",
    message_headers=(("ce_type", None),),
    message_at=MOMENT,
    stage="decode",
    reason="not_json",
    detail="the value is not JSON",
    software="0.1.0",
    observed_at=MOMENT,
)
EXAMPLES: tuple[AnyEvent, ...] = (
    SNAPSHOT,
    POST,
    EDITED,
    REMOVED,
    SAMPLE,
    COMMENT,
    REPOST,
    RECEIPT,
    QUARANTINED,
    LANE,
    ALERT,
    DEAD,
)
