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

-- statement: snapshots
CREATE OR REPLACE VIEW weibo.snapshots AS
SELECT
    account_id, observed_at, toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, uid, screen_name,
    followers AS followers,
    followers - followers_below AS followers_low,
    followers + followers_above AS followers_high,
    multiIf(isNull(followers), NULL, isNull(followers_above), 'lower_bound', followers_below = 0 AND followers_above = 0, 'exact', 'rounded') AS followers_precision,
    following AS following,
    following - following_below AS following_low,
    following + following_above AS following_high,
    multiIf(isNull(following), NULL, isNull(following_above), 'lower_bound', following_below = 0 AND following_above = 0, 'exact', 'rounded') AS following_precision,
    posts AS posts,
    posts - posts_below AS posts_low,
    posts + posts_above AS posts_high,
    multiIf(isNull(posts), NULL, isNull(posts_above), 'lower_bound', posts_below = 0 AND posts_above = 0, 'exact', 'rounded') AS posts_precision,
    reposts_received AS reposts_received,
    reposts_received - reposts_received_below AS reposts_received_low,
    reposts_received + reposts_received_above AS reposts_received_high,
    multiIf(isNull(reposts_received), NULL, isNull(reposts_received_above), 'lower_bound', reposts_received_below = 0 AND reposts_received_above = 0, 'exact', 'rounded') AS reposts_received_precision,
    comments_received AS comments_received,
    comments_received - comments_received_below AS comments_received_low,
    comments_received + comments_received_above AS comments_received_high,
    multiIf(isNull(comments_received), NULL, isNull(comments_received_above), 'lower_bound', comments_received_below = 0 AND comments_received_above = 0, 'exact', 'rounded') AS comments_received_precision,
    likes_received AS likes_received,
    likes_received - likes_received_below AS likes_received_low,
    likes_received + likes_received_above AS likes_received_high,
    multiIf(isNull(likes_received), NULL, isNull(likes_received_above), 'lower_bound', likes_received_below = 0 AND likes_received_above = 0, 'exact', 'rounded') AS likes_received_precision,
    followers_raw, posts_raw, verified, verified_type, verified_reason, description, region, printed_rank, via,
    source, ce_source, nullIf(software, '') AS software, nullIf(lane, '') AS lane, ingested_at
FROM weibo_store.account_snapshots
ORDER BY account_id, observed_at, kafka_offset DESC
LIMIT 1 BY account_id, observed_at
COMMENT 'An account at every moment at which it was seen, once per moment. 帐号快照：粉丝、关注、微博数'

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

-- statement: receipts
CREATE OR REPLACE VIEW weibo.receipts AS
SELECT
    account_id, cycle, spider, lane, software, started_at, observed_at AS ended_at,
    toTimeZone(observed_at, 'Asia/Shanghai') AS ended_at_beijing, planned, fetched, published, acknowledged, responses,
    stop_reason, complete, problems,
    posts_reported AS posts_reported,
    posts_reported - posts_reported_below AS posts_reported_low,
    posts_reported + posts_reported_above AS posts_reported_high,
    multiIf(isNull(posts_reported), NULL, isNull(posts_reported_above), 'lower_bound', posts_reported_below = 0 AND posts_reported_above = 0, 'exact', 'rounded') AS posts_reported_precision,
    posts_captured, comments_reported, comments_captured,
    lists_post_id, lists_order, lists_reported, lists_listed, lists_captured, lists_pages, lists_ended_by,
    missing_kind, missing_what, missing_count, missing_reason, missing_remedy, watermark, raw_people,
    ce_source, ingested_at
FROM weibo_store.receipts
ORDER BY account_id, observed_at, kafka_offset DESC
LIMIT 1 BY account_id, observed_at, spider, cycle
COMMENT 'What each visit to an account planned, fetched and published, what is missing, and why it ended. 每次采集的回执'

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

-- statement: account_days
CREATE OR REPLACE VIEW weibo.account_days AS
SELECT
    account_id,
    day,
    posts_published,
    last_post_at,
    last_post_id,
    posts_sampled,
    samples,
    reposts_gained,
    comments_gained,
    likes_gained,
    reposts_gained + comments_gained + likes_gained AS interactions_gained,
    interactions_gained_low,
    interactions_gained_high,
    deltas_unknown,
    most_moved,
    newest_sample_at,
    followers,
    followers - followers_below AS followers_low,
    followers + followers_above AS followers_high,
    multiIf(isNull(followers), NULL, isNull(followers_above), 'lower_bound', followers_below = 0 AND followers_above = 0, 'exact', 'rounded') AS followers_precision,
    followers_at,
    last_snapshot_at,
    posts_reported,
    posts_reported_high,
    visits,
    visits_complete,
    last_visit_at,
    last_stop_reason,
    comments_reported,
    comments_captured,
    derived_at
FROM weibo_store.account_days FINAL
COMMENT 'Each account per day in Beijing: what its posts gained, its followers by the end of the day, and how well it was watched. A day without visit, post or figure has no row. 每个帐号每天（北京）'

-- statement: post_versions: edits are few
ALTER TABLE weibo_store.post_versions ADD INDEX IF NOT EXISTS by_event event TYPE set(4) GRANULARITY 1

-- statement: post_versions: edits are few, what is there
ALTER TABLE weibo_store.post_versions MATERIALIZE INDEX by_event

-- statement: interference
CREATE OR REPLACE VIEW weibo.interference AS
WITH
    sightings AS
    (
        SELECT account_id, post_id, groupUniqArray(seen_at) AS seen
        FROM
        (
            SELECT r.account_id AS account_id, r.post_id AS post_id, max(r.observed_at) AS seen_at
            FROM weibo_store.post_latest AS r
            WHERE (r.account_id, r.post_id) IN (SELECT account_id, post_id FROM weibo_store.post_removals)
            GROUP BY r.account_id, r.post_id
            UNION ALL
            SELECT account_id, post_id, max(observed_at)
            FROM weibo_store.post_versions
            WHERE (account_id, post_id) IN (SELECT account_id, post_id FROM weibo_store.post_removals)
            GROUP BY account_id, post_id
        )
        GROUP BY account_id, post_id
    ),
    removed AS
    (
        SELECT account_id, post_id, first_missing_at, argMax((removal, notice, confirmed_at), (isNotNull(confirmed_at), observed_at, kafka_offset)) AS gone
        FROM weibo_store.post_removals
        GROUP BY account_id, post_id, first_missing_at
    ),
    gone_visits AS
    (
        SELECT account_id, observed_at FROM weibo_store.receipts WHERE mapContains(responses, 'account_gone') AND responses['account_gone'] > 0
    ),
    good_visits AS
    (
        SELECT account_id, observed_at
        FROM weibo_store.receipts
        WHERE complete AND responses['account_gone'] = 0 AND account_id IN (SELECT account_id FROM gone_visits)
    ),
    incidents AS
    (
        SELECT
            r.account_id AS account_id,
            CAST(r.post_id, 'Nullable(UInt64)') AS post_id,
            'removed' AS what,
            r.first_missing_at AS first_seen_at,
            r.gone.3 AS confirmed_at,
            concat(r.gone.1, if(ifNull(r.gone.2, '') = '', '', concat(': ', r.gone.2))) AS detail,
            CAST(NULL, 'Nullable(UInt64)') AS before,
            CAST(NULL, 'Nullable(UInt64)') AS after,
            if(arrayMax(s.seen) > r.first_missing_at, arrayMax(s.seen), NULL) AS ended_at
        FROM removed AS r
        LEFT JOIN sightings AS s ON s.account_id = r.account_id AND s.post_id = r.post_id
        UNION ALL
        SELECT account_id, post_id, 'edited', min(observed_at), NULL, arrayStringConcat(arraySort(groupUniqArrayArray(changed)), ', '), NULL, NULL, NULL
        FROM weibo_store.post_versions
        WHERE event = 'post.edited'
        GROUP BY account_id, post_id, content_version
        UNION ALL
        SELECT account_id, under, ended, min(observed_at), NULL, concat('list by ', listed), NULL, NULL, NULL
        FROM weibo_store.receipts
        ARRAY JOIN lists_post_id AS under, lists_order AS listed, lists_ended_by AS ended
        WHERE hasAny(lists_ended_by, ['comments_closed', 'comments_curated']) AND ended IN ('comments_closed', 'comments_curated')
        GROUP BY account_id, under, ended, listed
        UNION ALL
        SELECT account_id, post_id, fall.1, fall.4, NULL, '', fall.2, fall.3, NULL
        FROM weibo_store.post_measures FINAL
        ARRAY JOIN [
            ('reposts_lost', reposts_lost + reposts_high, reposts, reposts_most_at),
            ('comments_lost', comments_lost + comments_high, comments, comments_most_at),
            ('likes_lost', likes_lost + likes_high, likes, likes_most_at)
        ] AS fall
        WHERE (fall.1 = 'reposts_lost' AND reposts_lost > 0) OR (fall.1 = 'comments_lost' AND comments_lost > 0) OR (fall.1 = 'likes_lost' AND likes_lost > 0)
        UNION ALL
        SELECT v.account_id, NULL, 'account_gone', min(v.observed_at), NULL, '', NULL, NULL, if(toUnixTimestamp64Milli(g.observed_at) = 0, NULL, g.observed_at)
        FROM gone_visits AS v
        ASOF LEFT JOIN good_visits AS g ON g.account_id = v.account_id AND g.observed_at > v.observed_at
        GROUP BY v.account_id, g.observed_at
    )
SELECT
    account_id, post_id, what, first_seen_at, toTimeZone(first_seen_at, 'Asia/Shanghai') AS first_seen_at_beijing, confirmed_at, detail, before, after, ended_at
FROM incidents
COMMENT 'What was taken away or changed: posts removed and edited, comments closed or curated, counters that fell, accounts gone; each incident once. 删除、编辑、评论关闭或精选、计数下降、帐号消失'

-- statement: the words of snapshots
ALTER TABLE weibo.snapshots
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `observed_at` 'when we saw it, UTC 观察时间',
    COMMENT COLUMN `observed_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `uid` 'Weibo''s numeric id 微博用户编号',
    COMMENT COLUMN `screen_name` 'name on Weibo 昵称',
    COMMENT COLUMN `followers` 'followers 粉丝',
    COMMENT COLUMN `followers_low` 'least true count that it may stand for 粉丝下限',
    COMMENT COLUMN `followers_high` 'greatest true count that it may stand for; null: no upper bound 粉丝上限',
    COMMENT COLUMN `followers_precision` 'exact, rounded or lower_bound 粉丝精度',
    COMMENT COLUMN `following` 'accounts followed 关注',
    COMMENT COLUMN `following_low` 'least true count that it may stand for 关注下限',
    COMMENT COLUMN `following_high` 'greatest true count that it may stand for; null: no upper bound 关注上限',
    COMMENT COLUMN `following_precision` 'exact, rounded or lower_bound 关注精度',
    COMMENT COLUMN `posts` 'posts in all 微博',
    COMMENT COLUMN `posts_low` 'least true count that it may stand for 微博数下限',
    COMMENT COLUMN `posts_high` 'greatest true count that it may stand for; null: no upper bound 微博数上限',
    COMMENT COLUMN `posts_precision` 'exact, rounded or lower_bound 微博数精度',
    COMMENT COLUMN `reposts_received` 'reposts of all posts, as the account shows them 获转发',
    COMMENT COLUMN `reposts_received_low` 'least true count that it may stand for 获转发下限',
    COMMENT COLUMN `reposts_received_high` 'greatest true count that it may stand for; null: no upper bound 获转发上限',
    COMMENT COLUMN `reposts_received_precision` 'exact, rounded or lower_bound 获转发精度',
    COMMENT COLUMN `comments_received` 'comments on all posts, as the account shows them 获评论',
    COMMENT COLUMN `comments_received_low` 'least true count that it may stand for 获评论下限',
    COMMENT COLUMN `comments_received_high` 'greatest true count that it may stand for; null: no upper bound 获评论上限',
    COMMENT COLUMN `comments_received_precision` 'exact, rounded or lower_bound 获评论精度',
    COMMENT COLUMN `likes_received` 'likes of all posts, as the account shows them 获赞',
    COMMENT COLUMN `likes_received_low` 'least true count that it may stand for 获赞下限',
    COMMENT COLUMN `likes_received_high` 'greatest true count that it may stand for; null: no upper bound 获赞上限',
    COMMENT COLUMN `likes_received_precision` 'exact, rounded or lower_bound 获赞精度',
    COMMENT COLUMN `followers_raw` 'the text as shown 粉丝数原文',
    COMMENT COLUMN `posts_raw` 'the text as shown 微博数原文',
    COMMENT COLUMN `verified` 'whether it carries a V 认证',
    COMMENT COLUMN `verified_type` 'Weibo''s own number: 1 government, 2 enterprise 认证类型',
    COMMENT COLUMN `verified_reason` 'the words of its verification 微博认证',
    COMMENT COLUMN `description` 'the account''s own words 简介',
    COMMENT COLUMN `region` 'where, as Weibo shows it IP属地',
    COMMENT COLUMN `printed_rank` 'rank that an imported list gave 所载名次',
    COMMENT COLUMN `via` 'where it was read 读取位置',
    COMMENT COLUMN `source` 'the device, app or publication named 来源',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from 数据来源',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC 入库时间',
    COMMENT COLUMN `software` 'what observed it, such as weiplomacy/0.1.0; null: not said 采集软件',
    COMMENT COLUMN `lane` 'lane that saw it; null: none, as in imports 会话通道'

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

-- statement: the words of receipts
ALTER TABLE weibo.receipts
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `cycle` 'the cycle of the visit 采集轮次',
    COMMENT COLUMN `spider` 'which spider 爬虫',
    COMMENT COLUMN `lane` 'the session that it used last 会话通道',
    COMMENT COLUMN `software` 'version of the program 软件版本',
    COMMENT COLUMN `started_at` 'begin of the visit, UTC 开始时间',
    COMMENT COLUMN `ended_at` 'end of the visit, UTC 结束时间',
    COMMENT COLUMN `ended_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `planned` 'requests planned 计划请求数',
    COMMENT COLUMN `fetched` 'answers that came, of any class 收到的应答数',
    COMMENT COLUMN `published` 'events handed to Kafka, by name 发往Kafka的事件',
    COMMENT COLUMN `acknowledged` 'events that Kafka acknowledged, by name Kafka已确认的事件',
    COMMENT COLUMN `responses` 'answers by response class 应答分类计数',
    COMMENT COLUMN `stop_reason` 'why the visit ended 结束原因',
    COMMENT COLUMN `complete` 'nothing planned is missing, all of it acknowledged 是否完整',
    COMMENT COLUMN `problems` 'what went wrong, in sentences 问题说明',
    COMMENT COLUMN `posts_reported` 'posts in all that the account reports 微博总数',
    COMMENT COLUMN `posts_reported_low` 'least true count that it may stand for 微博总数下限',
    COMMENT COLUMN `posts_reported_high` 'greatest true count that it may stand for; null: no upper bound 微博总数上限',
    COMMENT COLUMN `posts_reported_precision` 'exact, rounded or lower_bound 微博总数精度',
    COMMENT COLUMN `posts_captured` 'posts read in this visit 读到的微博数',
    COMMENT COLUMN `comments_reported` 'comments that the posts report 微博显示的评论数',
    COMMENT COLUMN `comments_captured` 'comments read in this visit 读到的评论数',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from 数据来源',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC 入库时间',
    COMMENT COLUMN `lists_post_id` 'lists under posts, entry by entry: the post 列表所属微博',
    COMMENT COLUMN `lists_order` 'hot, time, reply (all threads of the post together) or repost 列表种类',
    COMMENT COLUMN `lists_reported` 'how many the post says there are 微博所示条数',
    COMMENT COLUMN `lists_captured` 'how many were read, each counted once; for hot with their replies 读到的条数',
    COMMENT COLUMN `lists_pages` 'pages read 读到的页数',
    COMMENT COLUMN `lists_ended_by` 'end, cap (a setting), comments_closed, comments_curated, cursor_loop, interrupted, or the class of the answer that ended it 列表结束原因',
    COMMENT COLUMN `missing_kind` 'what is missing, entry by entry: its kind 缺失的种类',
    COMMENT COLUMN `missing_what` 'which one: a post, a thread, a page, or a range of posts 缺失的内容',
    COMMENT COLUMN `missing_count` 'how many things that is; null: not known 缺失的数量',
    COMMENT COLUMN `missing_reason` 'class of the answer, or cap, budget, interrupted, kafka 缺失原因',
    COMMENT COLUMN `missing_remedy` 'what will be done about it: next_visit, never, operator 后续处理',
    COMMENT COLUMN `watermark` 'newest post up to which everything is known and acknowledged; null: none yet 水位线',
    COMMENT COLUMN `raw_people` 'raw ids and names of people were switched on 是否保存原始个人信息',
    COMMENT COLUMN `lists_listed` 'how many the list says of itself; what is less than reported, nobody is shown 列表自称条数'

-- statement: the words of account_days
ALTER TABLE weibo.account_days
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `day` 'day in Beijing 日期（北京）',
    COMMENT COLUMN `posts_published` 'posts published 发布数',
    COMMENT COLUMN `last_post_at` 'when the newest post of the day was published, UTC; null: none 当日最后发布时间',
    COMMENT COLUMN `last_post_id` 'its id 当日最后一条微博',
    COMMENT COLUMN `posts_sampled` 'posts with a sample 采样微博数',
    COMMENT COLUMN `samples` 'samples 采样数',
    COMMENT COLUMN `reposts_gained` 'sum of the known changes, falls included 转发增量',
    COMMENT COLUMN `comments_gained` 'the same 评论增量',
    COMMENT COLUMN `likes_gained` 'the same 赞增量',
    COMMENT COLUMN `interactions_gained` 'the three together 互动增量',
    COMMENT COLUMN `interactions_gained_low` 'least true change of what was compared; null: not bounded 互动增量下限',
    COMMENT COLUMN `interactions_gained_high` 'greatest true change; null: not bounded 互动增量上限',
    COMMENT COLUMN `deltas_unknown` 'changes that are not in the sums: nothing earlier known, or lost in the rounding 未知增量数',
    COMMENT COLUMN `newest_sample_at` 'newest sample in it, UTC 最近采样',
    COMMENT COLUMN `followers` 'newest known by the end of the day 粉丝',
    COMMENT COLUMN `followers_low` 'least true count that it may stand for 粉丝下限',
    COMMENT COLUMN `followers_high` 'greatest; null: no upper bound 粉丝上限',
    COMMENT COLUMN `followers_precision` 'exact, rounded or lower_bound 粉丝精度',
    COMMENT COLUMN `followers_at` 'when that was seen, UTC 粉丝观察时间',
    COMMENT COLUMN `last_snapshot_at` 'newest snapshot of the day, UTC; null: none 当日最后快照时间',
    COMMENT COLUMN `posts_reported` 'posts in all that the account reports, newest known 微博总数',
    COMMENT COLUMN `posts_reported_high` 'greatest true count that it may stand for; null: no upper bound 微博总数上限',
    COMMENT COLUMN `visits` 'visits of the crawler that ended on the day, looking up names and trying lanes apart 采集次数',
    COMMENT COLUMN `visits_complete` 'those without a hole 完整采集次数',
    COMMENT COLUMN `last_visit_at` 'when the newest of these visits ended, UTC; null: none 最近采集时间',
    COMMENT COLUMN `last_stop_reason` 'why that one ended 结束原因',
    COMMENT COLUMN `comments_reported` 'comments that the posts of the visits report, visit by visit 报告评论数',
    COMMENT COLUMN `comments_captured` 'those that were read 采集评论数',
    COMMENT COLUMN `derived_at` 'machine time at which this row was computed, UTC: newer samples are not in it yet 计算时间',
    COMMENT COLUMN `most_moved` 'most that one post moved within an hour, as in account_hours 单条微博一小时内最大变动'

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

-- statement: the words of interference
ALTER TABLE weibo.interference
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid; null: the account itself 微博编号',
    COMMENT COLUMN `what` 'removed, edited, comments_closed, comments_curated, reposts_lost, comments_lost, likes_lost or account_gone 事件',
    COMMENT COLUMN `first_seen_at` 'when it was noticed first, UTC; of a count that fell: when its greatest was seen last 首次发现',
    COMMENT COLUMN `first_seen_at_beijing` 'the same in Beijing time 首次发现（北京）',
    COMMENT COLUMN `confirmed_at` 'when a second look said the same, UTC; null: not yet, or nothing to confirm 确认时间',
    COMMENT COLUMN `detail` 'kind and notice of a removal, fields that an edit changed, the list 详情',
    COMMENT COLUMN `before` 'count before 之前',
    COMMENT COLUMN `after` 'count now 之后',
    COMMENT COLUMN `ended_at` 'when the post or the account was seen again, UTC 重新出现'
