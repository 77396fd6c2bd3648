-- What is asked about all accounts is found without reading everything: receipts and comments stand by month, comments
-- by account and post, and what an account showed has its days and its months beside it.

-- statement: receipts: by month
CREATE OR REPLACE TABLE weibo_store.receipts
(
    account_id LowCardinality(String),
    observed_at DateTime64(3, 'UTC') COMMENT 'end of the visit' CODEC(T64, ZSTD(1)),
    started_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    cycle String CODEC(ZSTD(1)),
    spider LowCardinality(String),
    lane LowCardinality(String) COMMENT 'lane that the visit used last',
    software LowCardinality(String) COMMENT 'what made the visit',
    planned UInt64,
    fetched UInt64,
    published Map(LowCardinality(String), UInt64),
    acknowledged Map(LowCardinality(String), UInt64),
    responses Map(LowCardinality(String), UInt64),
    stop_reason LowCardinality(String),
    complete Bool,
    problems Array(String) CODEC(ZSTD(3)),
    posts_reported Nullable(UInt64) COMMENT 'posts in all that the account reports' CODEC(Delta, ZSTD(1)),
    posts_reported_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    posts_reported_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    posts_reported_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    posts_captured UInt64,
    comments_reported Nullable(UInt64),
    comments_captured UInt64,
    lists_post_id Array(UInt64) COMMENT 'lists under posts: the post' CODEC(Delta, ZSTD(1)),
    lists_order Array(LowCardinality(String)) COMMENT 'hot, time, reply or repost',
    lists_reported Array(Nullable(UInt64)) COMMENT 'how many the post says there are',
    lists_listed Array(Nullable(UInt64)) COMMENT 'how many the list says of itself',
    lists_captured Array(UInt64) COMMENT 'how many were read',
    lists_pages Array(UInt64) COMMENT 'pages read',
    lists_ended_by Array(LowCardinality(String)) COMMENT 'end, cap, or a class of answers',
    missing_kind Array(LowCardinality(String)) COMMENT 'what is missing: its kind',
    missing_what Array(String) COMMENT 'which one, or which range' CODEC(ZSTD(3)),
    missing_count Array(Nullable(UInt64)) COMMENT 'how many things',
    missing_reason Array(LowCardinality(String)) COMMENT 'class of the answer, or cap, budget, interrupted, kafka',
    missing_remedy Array(LowCardinality(String)) COMMENT 'next_visit, never, operator',
    watermark Nullable(UInt64) COMMENT 'newest post up to which everything is known',
    raw_people Bool DEFAULT false COMMENT 'raw ids and names of people were switched on',
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    kafka_partition UInt16 COMMENT 'partition in weibo.receipts' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1,
    INDEX by_answer mapKeys(responses) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_end lists_ended_by TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(observed_at)
ORDER BY (account_id, observed_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'What one visit to one account planned, did and left undone, one row per message.'
AS SELECT * FROM weibo_store.receipts

-- statement: comment_versions: by month, account and post
CREATE OR REPLACE TABLE weibo_store.comment_versions
(
    post_id UInt64 CODEC(Delta, ZSTD(1)),
    comment_id UInt64 CODEC(Delta, ZSTD(1)),
    content_version String CODEC(ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    account_id LowCardinality(String) COMMENT 'the account whose post it stands under',
    root_id Nullable(UInt64) CODEC(ZSTD(1)),
    author_key String CODEC(ZSTD(1)),
    author_account_id LowCardinality(Nullable(String)),
    author_name Nullable(String) CODEC(ZSTD(3)),
    author_uid Nullable(UInt64) COMMENT 'null unless raw values are switched on' CODEC(ZSTD(1)),
    author_verified_type Nullable(Int32),
    created_at Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    text String CODEC(ZSTD(3)),
    region LowCardinality(Nullable(String)),
    likes Nullable(UInt64) COMMENT '赞' CODEC(Delta, ZSTD(1)),
    likes_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    likes_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    likes_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    replies Nullable(UInt64) COMMENT '回复' CODEC(Delta, ZSTD(1)),
    replies_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    replies_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    replies_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    has_picture Bool,
    list_order LowCardinality(String) COMMENT 'the list that it was read in: hot, time or reply',
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    software LowCardinality(String) COMMENT 'what observed it; empty: older software, which did not say it',
    lane LowCardinality(String) COMMENT 'lane whose answer it was read from; empty: none, or not said',
    kafka_partition UInt16 COMMENT 'partition in weibo.comments' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1,
    INDEX by_post post_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_posts post_id TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(observed_at)
ORDER BY (account_id, post_id, comment_id, content_version)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'What a comment or reply says, one row per message. Authors are keyed hashes.'
AS SELECT * FROM weibo_store.comment_versions

-- statement: snapshot_days: when an account''s followers were known last, per day in Beijing
CREATE TABLE IF NOT EXISTS weibo_store.snapshot_days
(
    account_id LowCardinality(String),
    day Date32 COMMENT 'in Beijing' CODEC(Delta, ZSTD(1)),
    followers_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'newest snapshot with a count of followers; 1970: none' CODEC(Delta, ZSTD(1)),
    printed_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'newest one with a printed rank; 1970: none' CODEC(Delta, ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (account_id, day)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Which snapshot of an account counts at the end of a day in Beijing.'

-- statement: what fills it
CREATE MATERIALIZED VIEW IF NOT EXISTS weibo_store.snapshot_days_feed TO weibo_store.snapshot_days AS
SELECT
    s.account_id AS account_id,
    toDate32(s.observed_at, 'Asia/Shanghai') AS day,
    maxIf(s.observed_at, isNotNull(s.followers)) AS followers_at,
    maxIf(s.observed_at, isNotNull(s.printed_rank)) AS printed_at
FROM weibo_store.account_snapshots AS s
GROUP BY account_id, day

-- statement: snapshot_days: what is there already
INSERT INTO weibo_store.snapshot_days
SELECT
    s.account_id AS account_id,
    toDate32(s.observed_at, 'Asia/Shanghai') AS day,
    maxIf(s.observed_at, isNotNull(s.followers)),
    maxIf(s.observed_at, isNotNull(s.printed_rank))
FROM weibo_store.account_snapshots AS s
GROUP BY account_id, day

-- statement: account_states: names and verification per month
CREATE TABLE IF NOT EXISTS weibo_store.account_states
(
    account_id LowCardinality(String),
    what LowCardinality(String) COMMENT 'screen_name or verified',
    value String CODEC(ZSTD(1)),
    month Date32 COMMENT 'first day of the month, UTC' CODEC(Delta, ZSTD(1)),
    first_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    uids SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)),
    verified AggregateFunction(argMax, Tuple(Nullable(Int32), Nullable(String)), DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (account_id, what, value, month)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'What an account showed of itself, per value and month.'

-- statement: what fills it
CREATE MATERIALIZED VIEW IF NOT EXISTS weibo_store.account_states_feed TO weibo_store.account_states AS
SELECT
    s.account_id AS account_id,
    state.1 AS what,
    assumeNotNull(state.2) AS value,
    toDate32(toStartOfMonth(s.observed_at)) AS month,
    min(s.observed_at) AS first_at,
    max(s.observed_at) AS last_at,
    groupUniqArrayIf(assumeNotNull(s.uid), isNotNull(s.uid)) AS uids,
    argMaxState((s.verified_type, s.verified_reason), s.observed_at) AS verified
FROM weibo_store.account_snapshots AS s
ARRAY JOIN [('screen_name', s.screen_name), ('verified', toString(s.verified))] AS state
WHERE isNotNull(state.2)
GROUP BY account_id, what, value, month

-- statement: account_states: what is there already
INSERT INTO weibo_store.account_states
SELECT
    s.account_id AS account_id,
    state.1 AS what,
    assumeNotNull(state.2) AS value,
    toDate32(toStartOfMonth(s.observed_at)) AS month,
    min(s.observed_at),
    max(s.observed_at),
    groupUniqArrayIf(assumeNotNull(s.uid), isNotNull(s.uid)),
    argMaxState((s.verified_type, s.verified_reason), s.observed_at)
FROM weibo_store.account_snapshots AS s
ARRAY JOIN [('screen_name', s.screen_name), ('verified', toString(s.verified))] AS state
WHERE isNotNull(state.2)
GROUP BY account_id, what, value, month

-- statement: account_days: its newest post and visit, and how many posts it may have at most
ALTER TABLE weibo_store.account_days
    ADD COLUMN IF NOT EXISTS last_post_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)) AFTER posts_published,
    ADD COLUMN IF NOT EXISTS last_post_id Nullable(UInt64) CODEC(Delta, ZSTD(1)) AFTER last_post_at,
    ADD COLUMN IF NOT EXISTS last_snapshot_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)) AFTER followers_at,
    ADD COLUMN IF NOT EXISTS posts_reported_high Nullable(UInt64) CODEC(Delta, ZSTD(1)) AFTER posts_reported,
    ADD COLUMN IF NOT EXISTS last_visit_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)) AFTER visits_complete,
    ADD COLUMN IF NOT EXISTS last_stop_reason LowCardinality(String) AFTER last_visit_at

-- statement: comments
CREATE OR REPLACE VIEW weibo.comments AS
SELECT
    account_id, post_id, comment_id, root_id, author_key, author_account_id, author_name, author_uid, author_verified_type,
    created_at, toTimeZone(created_at, 'Asia/Shanghai') AS created_at_beijing, text, region,
    likes AS likes,
    likes - likes_below AS likes_low,
    likes + likes_above AS likes_high,
    multiIf(isNull(likes), NULL, isNull(likes_above), 'lower_bound', likes_below = 0 AND likes_above = 0, 'exact', 'rounded') AS likes_precision,
    replies AS replies,
    replies - replies_below AS replies_low,
    replies + replies_above AS replies_high,
    multiIf(isNull(replies), NULL, isNull(replies_above), 'lower_bound', replies_below = 0 AND replies_above = 0, 'exact', 'rounded') AS replies_precision,
    has_picture, list_order, content_version, observed_at, ce_source,
    nullIf(software, '') AS software, nullIf(lane, '') AS lane, ingested_at
FROM weibo_store.comment_versions
ORDER BY account_id, post_id, comment_id, observed_at DESC, kafka_offset DESC
LIMIT 1 BY account_id, post_id, comment_id
COMMENT 'Comments and replies, each in its latest version. Authors are keyed hashes; institutions keep their names. 评论'

-- statement: ranking
CREATE OR REPLACE VIEW weibo.ranking AS
WITH
    if(
        length({at:String}) = 10,
        toDateTime64(toDate({at:String}) + 1, 3, 'Asia/Shanghai'),
        parseDateTime64BestEffort({at:String}, 3, 'UTC') + toIntervalMillisecond(1)
    ) AS until,
    toDateTime64(0, 3, 'UTC') AS never,
    -- Whole days are looked up; of the day that is not over at that moment the snapshots are read.
    moments AS
    (
        SELECT account_id, max(followers_at) AS newest_at, max(printed_at) AS newest_printed_at
        FROM
        (
            SELECT account_id, followers_at, printed_at
            FROM weibo_store.snapshot_days
            WHERE day < toDate32(until, 'Asia/Shanghai')
            UNION ALL
            SELECT account_id, if(isNull(followers), never, observed_at), if(isNull(printed_rank), never, observed_at)
            FROM weibo_store.account_snapshots
            WHERE observed_at >= toStartOfDay(toTimeZone(until, 'Asia/Shanghai')) AND observed_at < until
        )
        GROUP BY account_id
    ),
    latest AS
    (
        SELECT account_id, argMax(
            (
                followers, followers_below, followers_above, followers_raw, verified, posts, posts_below, posts_above,
                screen_name, observed_at, ce_source
            ),
            kafka_offset
        ) AS newest
        FROM weibo_store.account_snapshots
        WHERE (account_id, observed_at) IN (SELECT account_id, newest_at FROM moments WHERE newest_at > never)
            AND isNotNull(followers)
        GROUP BY account_id
    ),
    printed AS
    (
        SELECT account_id, argMax(printed_rank, kafka_offset) AS newest_printed_rank
        FROM weibo_store.account_snapshots
        WHERE (account_id, observed_at) IN (SELECT account_id, newest_printed_at FROM moments WHERE newest_printed_at > never)
            AND isNotNull(printed_rank)
        GROUP BY account_id
    )
SELECT
    rank() OVER (ORDER BY latest.newest.1 DESC) AS rank,
    printed.newest_printed_rank AS printed_rank,
    latest.account_id AS account_id,
    accounts.name_en AS name_en,
    accounts.name_zh AS name_zh,
    accounts.country_code AS country_code,
    accounts.country_en AS country_en,
    accounts.country_zh AS country_zh,
    latest.newest.9 AS screen_name,
    latest.newest.5 AS verified,
    latest.newest.1 AS followers,
    latest.newest.1 - latest.newest.2 AS followers_low,
    latest.newest.1 + latest.newest.3 AS followers_high,
    multiIf(isNull(latest.newest.3), 'lower_bound', latest.newest.2 = 0 AND latest.newest.3 = 0, 'exact', 'rounded') AS followers_precision,
    latest.newest.4 AS followers_raw,
    latest.newest.6 AS posts,
    latest.newest.6 - latest.newest.7 AS posts_low,
    latest.newest.6 + latest.newest.8 AS posts_high,
    latest.newest.10 AS observed_at,
    toTimeZone(latest.newest.10, 'Asia/Shanghai') AS observed_at_beijing,
    latest.newest.11 AS ce_source
FROM latest
LEFT JOIN printed ON printed.account_id = latest.account_id
LEFT JOIN weibo.accounts AS accounts ON accounts.account_id = latest.account_id
ORDER BY rank, account_id
COMMENT 'Who leads at a moment, by followers: ranking(at = ''2016-12-31'') takes the end of that day in Beijing, ranking(at = ''2016-12-31T08:00:00Z'') that moment. printed_rank is the rank that an imported list gave (December 2016), rank is computed; equal counts share a rank. 任意日期的粉丝排名'

-- statement: account_states
CREATE OR REPLACE VIEW weibo.account_states AS
SELECT
    account_id,
    what,
    value,
    month,
    min(first_at) AS seen_from,
    max(last_at) AS seen_until,
    groupUniqArrayArray(s.uids) AS uids,
    if(what = 'verified', argMaxMerge(s.verified).1, NULL) AS verified_type,
    if(what = 'verified', argMaxMerge(s.verified).2, NULL) AS verified_reason
FROM weibo_store.account_states AS s
GROUP BY account_id, what, value, month
COMMENT 'Names and verification of each account: per value and month the first and the last moment at which it was seen so. Two values in one month: the snapshots say which was when. 每月所见昵称与认证'

-- statement: post_versions: edits are few
ALTER TABLE weibo_store.post_versions ADD INDEX IF NOT EXISTS by_event event TYPE set(4) GRANULARITY 1

-- statement: post_versions: edits are few, what is there
ALTER TABLE weibo_store.post_versions MATERIALIZE INDEX by_event

-- statement: the words of comments
ALTER TABLE weibo.comments
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `comment_id` 'Weibo''s id of the comment 评论编号',
    COMMENT COLUMN `root_id` 'the comment that this is a reply under; null at the top 所属主评论',
    COMMENT COLUMN `author_key` 'keyed hash of the author''s uid 作者标识（加密哈希）',
    COMMENT COLUMN `author_account_id` 'the author, where it is a registered account 作者的登记帐号',
    COMMENT COLUMN `author_name` 'the author: verified institutions only, unless raw values are switched on 作者名称（仅认证机构）',
    COMMENT COLUMN `author_verified_type` 'Weibo''s own number 认证类型',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC 发布时间',
    COMMENT COLUMN `created_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `text` 'plain text 正文',
    COMMENT COLUMN `region` 'where, as Weibo shows it IP属地',
    COMMENT COLUMN `likes` 'likes 赞',
    COMMENT COLUMN `likes_low` 'least true count that it may stand for 赞下限',
    COMMENT COLUMN `likes_high` 'greatest true count that it may stand for; null: no upper bound 赞上限',
    COMMENT COLUMN `likes_precision` 'exact, rounded or lower_bound 赞精度',
    COMMENT COLUMN `replies` 'replies 回复',
    COMMENT COLUMN `replies_low` 'least true count that it may stand for 回复下限',
    COMMENT COLUMN `replies_high` 'greatest true count that it may stand for; null: no upper bound 回复上限',
    COMMENT COLUMN `replies_precision` 'exact, rounded or lower_bound 回复精度',
    COMMENT COLUMN `has_picture` 'whether it shows a picture 是否带图',
    COMMENT COLUMN `list_order` 'the list that it was read in: hot, time, reply 所读列表',
    COMMENT COLUMN `content_version` 'hash of what it says 内容版本',
    COMMENT COLUMN `observed_at` 'when we saw it, UTC 观察时间',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from 数据来源',
    COMMENT COLUMN `author_uid` 'the author''s uid: null unless the operator switched raw values on 作者编号（默认不存）',
    COMMENT COLUMN `software` 'what observed it, such as weiplomacy/0.1.0; null: not said 采集软件',
    COMMENT COLUMN `lane` 'lane that saw it; null: none, as in imports 会话通道',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC 入库时间'

-- statement: the words of account_states
ALTER TABLE weibo.account_states
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `what` 'screen_name or verified 类别',
    COMMENT COLUMN `value` 'the name, or true or false 取值',
    COMMENT COLUMN `month` 'first day of the month, UTC 月份',
    COMMENT COLUMN `seen_from` 'first moment of the month at which it was seen so, UTC 首次所见',
    COMMENT COLUMN `seen_until` 'last one, UTC 末次所见',
    COMMENT COLUMN `uids` 'Weibo''s numeric ids under which it was seen 所见UID',
    COMMENT COLUMN `verified_type` 'Weibo''s own number, newest of the month; null: another kind of state, or not said 认证类型',
    COMMENT COLUMN `verified_reason` 'the words beside the V, newest of the month; null: another kind of state, or not said 认证说明'
