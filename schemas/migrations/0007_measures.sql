-- What analysts ask most, computed from the raw rows for what changed, and replaced: a row per post, per post and
-- age, per account and hour, per account and day. Each row says when it was computed. The raw rows stay the truth:
-- everything in these tables can be dropped and computed again. And the views over all that, with their words.

-- statement: which accounts changed, one row per account and insert
CREATE TABLE IF NOT EXISTS weibo_store.changes
(
    changed_at DateTime64(3, 'UTC') COMMENT 'machine time at which ClickHouse had the rows' CODEC(Delta, ZSTD(1)),
    account_id LowCardinality(String),
    source LowCardinality(String) COMMENT 'the table that got the rows',
    hours_from Nullable(DateTime64(3, 'UTC')) COMMENT 'hours and days from here on may differ; null: none' CODEC(ZSTD(1)),
    posts_from Nullable(DateTime64(3, 'UTC')) COMMENT 'posts published from here on may differ; null: none' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(changed_at)
ORDER BY (changed_at, account_id)
TTL toDateTime(changed_at) + INTERVAL 30 DAY
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Which accounts changed, one row per account and insert: what the derived tables follow.'

-- statement: changes of engagement_samples
CREATE MATERIALIZED VIEW IF NOT EXISTS weibo_store.engagement_samples_changes TO weibo_store.changes AS
SELECT
    max(s.ingested_at) AS changed_at,
    s.account_id AS account_id,
    'engagement_samples' AS source,
    toNullable(min(s.observed_at)) AS hours_from,
    toNullable(min(ifNull(s.created_at, toDateTime64(0, 3, 'UTC')))) AS posts_from
FROM weibo_store.engagement_samples AS s
GROUP BY account_id

-- statement: changes of account_snapshots
CREATE MATERIALIZED VIEW IF NOT EXISTS weibo_store.account_snapshots_changes TO weibo_store.changes AS
SELECT
    max(s.ingested_at) AS changed_at,
    s.account_id AS account_id,
    'account_snapshots' AS source,
    toNullable(min(s.observed_at)) AS hours_from,
    toNullable(min(s.observed_at)) AS posts_from
FROM weibo_store.account_snapshots AS s
GROUP BY account_id

-- statement: changes of post_versions
CREATE MATERIALIZED VIEW IF NOT EXISTS weibo_store.post_versions_changes TO weibo_store.changes AS
SELECT
    max(s.ingested_at) AS changed_at,
    s.account_id AS account_id,
    'post_versions' AS source,
    toNullable(min(s.created_at)) AS hours_from,
    toNullable(min(ifNull(s.created_at, toDateTime64(0, 3, 'UTC')))) AS posts_from
FROM weibo_store.post_versions AS s
GROUP BY account_id

-- statement: changes of post_removals
CREATE MATERIALIZED VIEW IF NOT EXISTS weibo_store.post_removals_changes TO weibo_store.changes AS
SELECT
    max(s.ingested_at) AS changed_at,
    s.account_id AS account_id,
    'post_removals' AS source,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS hours_from,
    toNullable(toDateTime64(0, 3, 'UTC')) AS posts_from
FROM weibo_store.post_removals AS s
GROUP BY account_id

-- statement: changes of receipts
CREATE MATERIALIZED VIEW IF NOT EXISTS weibo_store.receipts_changes TO weibo_store.changes AS
SELECT
    max(s.ingested_at) AS changed_at,
    s.account_id AS account_id,
    'receipts' AS source,
    toNullable(min(s.observed_at)) AS hours_from,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS posts_from
FROM weibo_store.receipts AS s
GROUP BY account_id

-- statement: what was derived when
CREATE TABLE IF NOT EXISTS weibo_store.derivations
(
    changes_until DateTime64(3, 'UTC') COMMENT 'changes up to here are in the derived tables',
    started_at DateTime64(3, 'UTC'),
    finished_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    accounts UInt32,
    software LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY finished_at
TTL toDateTime(finished_at) + INTERVAL 30 DAY
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Each run that brought the derived tables up to date.'

-- statement: measures of each post
CREATE TABLE IF NOT EXISTS weibo_store.post_measures
(
    account_id LowCardinality(String),
    post_id UInt64 CODEC(Delta, ZSTD(1)),
    created_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String),
    format LowCardinality(String),
    topics Array(String) CODEC(ZSTD(3)),
    language LowCardinality(String),
    text_length UInt32 CODEC(T64, ZSTD(1)),
    first_observed_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    samples UInt32 CODEC(T64, ZSTD(1)),
    reposts Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    reposts_low Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    reposts_high Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    comments Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    comments_low Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    comments_high Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    likes Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    likes_low Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    likes_high Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    views Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    views_low Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    views_high Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    followers_at_posting Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    velocity Nullable(Float64) CODEC(ZSTD(1)),
    settled Bool,
    hours_to_50 Nullable(Float64) CODEC(ZSTD(1)),
    hours_to_90 Nullable(Float64) CODEC(ZSTD(1)),
    half_life_hours Nullable(Float64) CODEC(ZSTD(1)),
    peak_at Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    reposts_lost UInt64 CODEC(T64, ZSTD(1)),
    comments_lost UInt64 CODEC(T64, ZSTD(1)),
    likes_lost UInt64 CODEC(T64, ZSTD(1)),
    reposts_most_at Nullable(DateTime64(3, 'UTC')) COMMENT 'when the greatest count was seen last, where it fell' CODEC(ZSTD(1)),
    comments_most_at Nullable(DateTime64(3, 'UTC')) COMMENT 'the same' CODEC(ZSTD(1)),
    likes_most_at Nullable(DateTime64(3, 'UTC')) COMMENT 'the same' CODEC(ZSTD(1)),
    score_age_s Nullable(UInt32) CODEC(ZSTD(1)),
    score_interactions Nullable(Float64) CODEC(ZSTD(1)),
    expected Nullable(Float64) CODEC(ZSTD(1)),
    benchmark_posts UInt16 CODEC(T64, ZSTD(1)),
    benchmark LowCardinality(String),
    removal LowCardinality(Nullable(String)),
    versions UInt32 CODEC(T64, ZSTD(1)),
    derived_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    gone UInt8 COMMENT '1: this row is no more, its post has another created_at'
)
ENGINE = ReplacingMergeTree(derived_at, gone)
PARTITION BY toYYYYMM(created_at)
ORDER BY (account_id, created_at, post_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Measures of each post, derived.'

-- statement: counters of each post at the ages of the grid
CREATE TABLE IF NOT EXISTS weibo_store.post_ages
(
    account_id LowCardinality(String),
    post_id UInt64 CODEC(Delta, ZSTD(1)),
    created_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String),
    age_s UInt32 CODEC(ZSTD(1)),
    reposts Nullable(Float64) CODEC(ZSTD(1)),
    comments Nullable(Float64) CODEC(ZSTD(1)),
    likes Nullable(Float64) CODEC(ZSTD(1)),
    views Nullable(Float64) CODEC(ZSTD(1)),
    interpolated Bool,
    capped Bool COMMENT 'a counter is no more than a lower bound',
    gap_s UInt32 CODEC(T64, ZSTD(1)),
    expected Nullable(Float64) CODEC(ZSTD(1)),
    benchmark_posts UInt16 CODEC(T64, ZSTD(1)),
    benchmark LowCardinality(String),
    derived_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    gone UInt8 COMMENT '1: this row is no more, its post has another created_at'
)
ENGINE = ReplacingMergeTree(derived_at, gone)
PARTITION BY toYYYYMM(created_at)
ORDER BY (age_s, account_id, created_at, post_id)
SETTINGS
    index_granularity = 1024,
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Counters of each post at the ages of the grid, derived.'

-- statement: gains of each account per hour
CREATE TABLE IF NOT EXISTS weibo_store.account_hours
(
    account_id LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    posts_published UInt32 CODEC(T64, ZSTD(1)),
    posts_sampled UInt32 CODEC(T64, ZSTD(1)),
    samples UInt32 CODEC(T64, ZSTD(1)),
    reposts_gained Int64 CODEC(T64, ZSTD(1)),
    comments_gained Int64 CODEC(T64, ZSTD(1)),
    likes_gained Int64 CODEC(T64, ZSTD(1)),
    interactions_gained_low Nullable(Int64) CODEC(ZSTD(1)),
    interactions_gained_high Nullable(Int64) CODEC(ZSTD(1)),
    deltas_unknown UInt32 CODEC(T64, ZSTD(1)),
    newest_sample_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    derived_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(derived_at)
PARTITION BY toYYYYMM(hour)
ORDER BY (account_id, hour)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Gains of each account per hour, derived.'

-- statement: gains and figures of each account per day in Beijing
CREATE TABLE IF NOT EXISTS weibo_store.account_days
(
    account_id LowCardinality(String),
    day Date32 COMMENT 'in Beijing' CODEC(Delta, ZSTD(1)),
    posts_published UInt32 CODEC(T64, ZSTD(1)),
    posts_sampled UInt32 CODEC(T64, ZSTD(1)),
    samples UInt32 CODEC(T64, ZSTD(1)),
    reposts_gained Int64 CODEC(T64, ZSTD(1)),
    comments_gained Int64 CODEC(T64, ZSTD(1)),
    likes_gained Int64 CODEC(T64, ZSTD(1)),
    interactions_gained_low Nullable(Int64) CODEC(ZSTD(1)),
    interactions_gained_high Nullable(Int64) CODEC(ZSTD(1)),
    deltas_unknown UInt32 CODEC(T64, ZSTD(1)),
    newest_sample_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    followers Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    followers_below UInt32 CODEC(T64, ZSTD(1)),
    followers_above Nullable(UInt32) CODEC(ZSTD(1)),
    followers_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    posts_reported Nullable(UInt64) CODEC(Delta, ZSTD(1)),
    visits UInt32 CODEC(T64, ZSTD(1)),
    visits_complete UInt32 CODEC(T64, ZSTD(1)),
    comments_reported UInt64 CODEC(T64, ZSTD(1)),
    comments_captured UInt64 CODEC(T64, ZSTD(1)),
    derived_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(derived_at)
PARTITION BY toYear(day)
ORDER BY (account_id, day)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Gains and figures of each account per day in Beijing, derived.'

-- statement: the old roll-up by post and hour goes: sparse samples do not shrink by it
DROP VIEW IF EXISTS weibo_store.post_hours_feed

-- statement: its table
DROP TABLE IF EXISTS weibo_store.post_hours

-- statement: latest_counters is no view for analysts any more
DROP VIEW IF EXISTS weibo.latest_counters

-- statement: removals is no view for analysts any more
DROP VIEW IF EXISTS weibo.removals

-- statement: lanes is no view for analysts any more
DROP VIEW IF EXISTS weibo.lanes

-- statement: dead_letters is no view for analysts any more
DROP VIEW IF EXISTS weibo.dead_letters

-- statement: posts
CREATE OR REPLACE VIEW weibo.posts AS
WITH
    -- Three tables laid under each other, not joined: so a condition on account or post reaches each of them.
    parts AS
    (
        SELECT
            account_id,
            post_id,
            [
                argMax(
                    (
                        bid, created_at, text, text_truncated, kind, format, reposted_post_id, reposted_author_name,
                        reposted_text, reposted_removed, topics, links, media_kinds, media_urls, source, region,
                        edit_count, edited_at, pinned, content_version, ce_source
                    ),
                    (ifNull(edit_count, 0), NOT text_truncated, observed_at, kafka_offset)
                )
            ] AS texts,
            [] AS counters,
            [] AS removals,
            min(observed_at) AS first_at,
            max(observed_at) AS last_at,
            uniqExact(content_version) AS seen_versions
        FROM weibo_store.post_versions
        GROUP BY account_id, post_id
        UNION ALL
        SELECT
            r.account_id AS account_id,
            r.post_id AS post_id,
            [],
            [(argMaxIfMerge(r.reposts), argMaxIfMerge(r.comments), argMaxIfMerge(r.likes), argMaxIfMerge(r.views))],
            [],
            toDateTime64('2299-12-31 00:00:00', 3, 'UTC'),
            max(r.observed_at),
            0
        FROM weibo_store.post_latest AS r
        GROUP BY account_id, post_id
        UNION ALL
        SELECT
            account_id,
            post_id,
            [],
            [],
            [argMax((removal, notice, first_missing_at, confirmed_at), (isNotNull(confirmed_at), observed_at, kafka_offset))],
            toDateTime64('2299-12-31 00:00:00', 3, 'UTC'),
            toDateTime64(0, 3, 'UTC'),
            0
        FROM weibo_store.post_removals
        GROUP BY account_id, post_id
    ),
    whole AS
    (
        SELECT
            account_id,
            post_id,
            groupArrayArray(texts)[1] AS said,
            groupArrayArray(counters)[1] AS counted,
            groupArrayArray(removals)[1] AS gone,
            min(first_at) AS first_seen_at,
            max(last_at) AS last_seen_at,
            sum(seen_versions) AS version_count
        FROM parts
        GROUP BY account_id, post_id
        HAVING version_count > 0
    )
SELECT
    account_id,
    post_id,
    said.1 AS bid,
    said.2 AS created_at,
    toTimeZone(created_at, 'Asia/Shanghai') AS created_at_beijing,
    said.3 AS text,
    said.4 AS text_truncated,
    said.5 AS kind,
    said.6 AS format,
    said.7 AS reposted_post_id,
    said.8 AS reposted_author_name,
    said.9 AS reposted_text,
    said.10 AS reposted_removed,
    said.11 AS topics,
    said.12 AS links,
    said.13 AS media_kinds,
    said.14 AS media_urls,
    said.15 AS source,
    said.16 AS region,
    said.17 AS edit_count,
    said.18 AS edited_at,
    said.19 AS pinned,
    said.20 AS content_version,
    version_count AS versions,
    first_seen_at AS first_observed_at,
    -- A post that says the same as before is only sampled.
    last_seen_at AS last_observed_at,
    if(toUnixTimestamp64Milli(counted.1.4) != 0, counted.1.1, NULL) AS reposts,
    reposts - counted.1.2 AS reposts_low,
    reposts + counted.1.3 AS reposts_high,
    multiIf(isNull(reposts), NULL, isNull(counted.1.3), 'lower_bound', counted.1.2 = 0 AND counted.1.3 = 0, 'exact', 'rounded') AS reposts_precision,
    if(toUnixTimestamp64Milli(counted.1.4) != 0, counted.1.4, NULL) AS reposts_at,
    if(toUnixTimestamp64Milli(counted.2.4) != 0, counted.2.1, NULL) AS comments,
    comments - counted.2.2 AS comments_low,
    comments + counted.2.3 AS comments_high,
    multiIf(isNull(comments), NULL, isNull(counted.2.3), 'lower_bound', counted.2.2 = 0 AND counted.2.3 = 0, 'exact', 'rounded') AS comments_precision,
    if(toUnixTimestamp64Milli(counted.2.4) != 0, counted.2.4, NULL) AS comments_at,
    if(toUnixTimestamp64Milli(counted.3.4) != 0, counted.3.1, NULL) AS likes,
    likes - counted.3.2 AS likes_low,
    likes + counted.3.3 AS likes_high,
    multiIf(isNull(likes), NULL, isNull(counted.3.3), 'lower_bound', counted.3.2 = 0 AND counted.3.3 = 0, 'exact', 'rounded') AS likes_precision,
    if(toUnixTimestamp64Milli(counted.3.4) != 0, counted.3.4, NULL) AS likes_at,
    if(toUnixTimestamp64Milli(counted.4.4) != 0, counted.4.1, NULL) AS views,
    views - counted.4.2 AS views_low,
    views + counted.4.3 AS views_high,
    multiIf(isNull(views), NULL, isNull(counted.4.3), 'lower_bound', counted.4.2 = 0 AND counted.4.3 = 0, 'exact', 'rounded') AS views_precision,
    if(toUnixTimestamp64Milli(counted.4.4) != 0, counted.4.4, NULL) AS views_at,
    if(gone.1 = '' OR gone.3 < last_observed_at, NULL, gone.1) AS removal,
    if(isNull(removal), NULL, gone.2) AS removal_notice,
    if(isNull(removal), NULL, gone.3) AS first_missing_at,
    if(isNull(removal), NULL, gone.4) AS removal_confirmed_at,
    said.21 AS ce_source
FROM whole
COMMENT 'The posts, each in its latest version (the newest edit, a full text before a truncated one) with its newest known counters; removed where it is no longer to be seen. 微博，每条取最新版本和最新计数'

-- statement: hourly_deltas
CREATE OR REPLACE VIEW weibo.hourly_deltas AS
WITH
    hours AS
    (
        SELECT
        s.account_id AS account_id,
        s.post_id AS post_id,
        toStartOfHour(toDateTime(s.observed_at, 'UTC')) AS hour,
        max(s.created_at) AS created_at,
        max(s.observed_at) AS observed_at,
        arrayUniq(groupArray(s.observed_at)) AS samples,
        argMaxIf((s.reposts, s.reposts_below, s.reposts_above, s.observed_at), s.observed_at, isNotNull(s.reposts)) AS reposts_now,
        argMaxIf((s.comments, s.comments_below, s.comments_above, s.observed_at), s.observed_at, isNotNull(s.comments)) AS comments_now,
        argMaxIf((s.likes, s.likes_below, s.likes_above, s.observed_at), s.observed_at, isNotNull(s.likes)) AS likes_now,
        argMaxIf((s.views, s.views_below, s.views_above, s.observed_at), s.observed_at, isNotNull(s.views)) AS views_now
        FROM weibo_store.engagement_samples AS s
        GROUP BY account_id, post_id, hour
    ),
    neighbours AS
    (
        SELECT
        *,
        max(created_at) OVER (PARTITION BY account_id, post_id) AS published_at,
        argMaxIf(reposts_now, hour, isNotNull(reposts_now.1)) OVER earlier AS reposts_earlier,
        argMaxIf(comments_now, hour, isNotNull(comments_now.1)) OVER earlier AS comments_earlier,
        argMaxIf(likes_now, hour, isNotNull(likes_now.1)) OVER earlier AS likes_earlier,
        argMaxIf(views_now, hour, isNotNull(views_now.1)) OVER earlier AS views_earlier
        FROM hours
        WINDOW earlier AS (PARTITION BY account_id, post_id ORDER BY hour ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ),
    pairs AS
    (
        SELECT
        *,
        if(
            isNull(reposts_earlier.1) AND isNotNull(reposts_now.1) AND ifNull(reposts_now.4 < published_at + toIntervalDay(1), false),
            ((0, 0, 0, published_at)::Tuple(Nullable(UInt64), UInt32, Nullable(UInt32), DateTime64(3, 'UTC'))),
            reposts_earlier
        ) AS reposts_before,
        if(
            isNull(comments_earlier.1) AND isNotNull(comments_now.1) AND ifNull(comments_now.4 < published_at + toIntervalDay(1), false),
            ((0, 0, 0, published_at)::Tuple(Nullable(UInt64), UInt32, Nullable(UInt32), DateTime64(3, 'UTC'))),
            comments_earlier
        ) AS comments_before,
        if(
            isNull(likes_earlier.1) AND isNotNull(likes_now.1) AND ifNull(likes_now.4 < published_at + toIntervalDay(1), false),
            ((0, 0, 0, published_at)::Tuple(Nullable(UInt64), UInt32, Nullable(UInt32), DateTime64(3, 'UTC'))),
            likes_earlier
        ) AS likes_before,
        if(
            isNull(views_earlier.1) AND isNotNull(views_now.1) AND ifNull(views_now.4 < published_at + toIntervalDay(1), false),
            ((0, 0, 0, published_at)::Tuple(Nullable(UInt64), UInt32, Nullable(UInt32), DateTime64(3, 'UTC'))),
            views_earlier
        ) AS views_before
        FROM neighbours
    )
SELECT
    account_id,
    post_id,
    hour,
    toTimeZone(hour, 'Asia/Shanghai') AS hour_beijing,
    published_at AS created_at,
    observed_at,
    samples,
    reposts_now.1 AS reposts,
    toInt64(reposts_now.1 - reposts_now.2) - toInt64(reposts_before.1 + reposts_before.3) AS reposts_delta_low,
    toInt64(reposts_now.1 + reposts_now.3) - toInt64(reposts_before.1 - reposts_before.2) AS reposts_delta_high,
    if(
        ifNull(reposts_delta_low = reposts_delta_high, false) OR ifNull(reposts_delta_low > 0, false) OR ifNull(reposts_delta_high < 0, false),
        toInt64(reposts_now.1) - toInt64(reposts_before.1),
        NULL
    ) AS reposts_delta,
    comments_now.1 AS comments,
    toInt64(comments_now.1 - comments_now.2) - toInt64(comments_before.1 + comments_before.3) AS comments_delta_low,
    toInt64(comments_now.1 + comments_now.3) - toInt64(comments_before.1 - comments_before.2) AS comments_delta_high,
    if(
        ifNull(comments_delta_low = comments_delta_high, false) OR ifNull(comments_delta_low > 0, false) OR ifNull(comments_delta_high < 0, false),
        toInt64(comments_now.1) - toInt64(comments_before.1),
        NULL
    ) AS comments_delta,
    likes_now.1 AS likes,
    toInt64(likes_now.1 - likes_now.2) - toInt64(likes_before.1 + likes_before.3) AS likes_delta_low,
    toInt64(likes_now.1 + likes_now.3) - toInt64(likes_before.1 - likes_before.2) AS likes_delta_high,
    if(
        ifNull(likes_delta_low = likes_delta_high, false) OR ifNull(likes_delta_low > 0, false) OR ifNull(likes_delta_high < 0, false),
        toInt64(likes_now.1) - toInt64(likes_before.1),
        NULL
    ) AS likes_delta,
    views_now.1 AS views,
    toInt64(views_now.1 - views_now.2) - toInt64(views_before.1 + views_before.3) AS views_delta_low,
    toInt64(views_now.1 + views_now.3) - toInt64(views_before.1 - views_before.2) AS views_delta_high,
    if(
        ifNull(views_delta_low = views_delta_high, false) OR ifNull(views_delta_low > 0, false) OR ifNull(views_delta_high < 0, false),
        toInt64(views_now.1) - toInt64(views_before.1),
        NULL
    ) AS views_delta
FROM pairs
COMMENT 'What each post gained or lost per hour: the newest known count of the hour less that of the newest earlier hour with a known count; of a post that was found within a day of its publication, the first count less 0. Falls are kept; a change is null where nothing earlier is known or where it is lost in the rounding (its bounds are given). 每小时增减'

-- statement: post_measures
CREATE OR REPLACE VIEW weibo.post_measures AS
SELECT
    account_id,
    post_id,
    created_at,
    toTimeZone(created_at, 'Asia/Shanghai') AS created_at_beijing,
    kind,
    format,
    topics,
    language,
    text_length,
    toHour(created_at_beijing) AS hour_beijing,
    first_observed_at,
    observed_at,
    samples,
    reposts, reposts_low, reposts_high,
    comments, comments_low, comments_high,
    likes, likes_low, likes_high,
    views, views_low, views_high,
    reposts + comments + likes AS interactions,
    reposts_low + comments_low + likes_low AS interactions_low,
    reposts_high + comments_high + likes_high AS interactions_high,
    followers_at_posting,
    interactions / nullIf(followers_at_posting, 0) * 100 AS interaction_rate,
    velocity,
    settled,
    hours_to_50,
    hours_to_90,
    half_life_hours,
    peak_at,
    comments / nullIf(likes, 0) AS comments_per_like,
    reposts / nullIf(likes, 0) AS reposts_per_like,
    reposts_lost,
    comments_lost,
    likes_lost,
    score_age_s,
    expected,
    if(score_interactions > expected AND score_interactions < 10, score_interactions / 10, score_interactions / nullIf(expected, 0)) AS ratio,
    benchmark_posts,
    benchmark,
    removal,
    versions,
    derived_at
FROM weibo_store.post_measures FINAL
COMMENT 'Measures of each post: newest counters, interaction rate with the followers at posting time, speed, half-life, settled or not, what fell, and how it stands beside what was to be expected at its age. Posts whose publication is known; computed from the samples for what changed: see derived_at. 每条微博的指标'

-- statement: counters_at_age
CREATE OR REPLACE VIEW weibo.counters_at_age AS
SELECT
    account_id,
    post_id,
    created_at,
    toTimeZone(created_at, 'Asia/Shanghai') AS created_at_beijing,
    kind,
    age_s,
    reposts,
    comments,
    likes,
    views,
    reposts + comments + likes AS interactions,
    interpolated,
    capped,
    gap_s,
    expected,
    benchmark_posts,
    benchmark,
    multiIf(gap_s > age_s, NULL, interactions > expected AND interactions < 10, interactions / 10, interactions / nullIf(expected, 0)) AS ratio,
    multiIf(isNull(expected) OR isNull(interactions) OR gap_s > age_s, NULL, interactions = 0, -2 * expected, interactions >= expected, ratio, -expected / interactions) AS score,
    derived_at
FROM weibo_store.post_ages FINAL
COMMENT 'Counters of each post at the same ages: 5, 15, 30, 60 minutes, 3, 6, 12, 24, 48, 72 hours, 7 and 30 days, as far as it has reached them, with what was to be expected (the middle half of the account''s last 100 posts of the type at that age). 相同年龄的计数与预期'

-- statement: account_hours
CREATE OR REPLACE VIEW weibo.account_hours AS
SELECT
    account_id,
    hour,
    toTimeZone(hour, 'Asia/Shanghai') AS hour_beijing,
    posts_published,
    posts_sampled,
    samples,
    reposts_gained,
    comments_gained,
    likes_gained,
    reposts_gained + comments_gained + likes_gained AS interactions_gained,
    interactions_gained_low,
    interactions_gained_high,
    deltas_unknown,
    newest_sample_at,
    derived_at
FROM weibo_store.account_hours FINAL
COMMENT 'What the posts of each account gained per hour, as in hourly_deltas, summed. A gain stands in the hour in which it was seen: after a pause it is one larger step. 每个帐号每小时的增量'

-- statement: account_days
CREATE OR REPLACE VIEW weibo.account_days AS
SELECT
    account_id,
    day,
    posts_published,
    posts_sampled,
    samples,
    reposts_gained,
    comments_gained,
    likes_gained,
    reposts_gained + comments_gained + likes_gained AS interactions_gained,
    interactions_gained_low,
    interactions_gained_high,
    deltas_unknown,
    newest_sample_at,
    followers,
    followers - followers_below AS followers_low,
    followers + followers_above AS followers_high,
    multiIf(isNull(followers), NULL, isNull(followers_above), 'lower_bound', followers_below = 0 AND followers_above = 0, 'exact', 'rounded') AS followers_precision,
    followers_at,
    posts_reported,
    visits,
    visits_complete,
    comments_reported,
    comments_captured,
    derived_at
FROM weibo_store.account_days FINAL
COMMENT 'Each account per day in Beijing: what its posts gained, its followers by the end of the day, and how well it was watched. A day without visit, post or figure has no row. 每个帐号每天（北京）'

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
        SELECT account_id, observed_at FROM weibo_store.receipts WHERE responses['account_gone'] > 0
    ),
    good_visits AS
    (
        SELECT account_id, observed_at FROM weibo_store.receipts WHERE complete AND responses['account_gone'] = 0
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
        WHERE ended IN ('comments_closed', 'comments_curated')
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

-- statement: ops' view of the lanes
CREATE OR REPLACE VIEW weibo_store.lanes AS
SELECT
    lane, worker, observed_at, toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, state, before, reason,
    response_class, resumes_at, software, ce_source, ingested_at
FROM weibo_store.lane_changes
ORDER BY kafka_offset DESC
LIMIT 1 BY worker, lane, observed_at, state
COMMENT 'Each change in the health of a lane (a session of the crawler), for ops. 会话通道的健康变化'

-- statement: ops' view of the dead letters
CREATE OR REPLACE VIEW weibo_store.refused_messages AS
SELECT
    topic, partition, `offset`, stage, reason, detail, software, message_at, observed_at,
    toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, message_key, message_value,
    message_header_names, message_header_values, ingested_at
FROM weibo_store.dead_letters
ORDER BY kafka_offset DESC
LIMIT 1 BY topic, partition, `offset`
COMMENT 'Messages that could not be loaded, once per original position: where, why, and their bytes in base64, for ops. 无法载入的消息'

-- statement: the words of posts
ALTER TABLE weibo.posts
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `bid` 'the id in links 链接编号',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC; null: not known 发布时间（UTC）',
    COMMENT COLUMN `created_at_beijing` 'the same in Beijing time 发布时间（北京）',
    COMMENT COLUMN `text` 'plain text 正文',
    COMMENT COLUMN `text_truncated` 'the rest of a long text was not read yet 是否截断',
    COMMENT COLUMN `kind` 'original or repost 原创或转发',
    COMMENT COLUMN `format` 'what it mainly shows: text, picture, video, article, link 形式',
    COMMENT COLUMN `reposted_post_id` 'the post that is passed on 被转微博编号',
    COMMENT COLUMN `reposted_author_name` 'its author: verified institutions only 被转作者',
    COMMENT COLUMN `reposted_text` 'its text, or Weibo''s notice 被转正文',
    COMMENT COLUMN `reposted_removed` 'whether it is deleted or hidden 被转微博是否消失',
    COMMENT COLUMN `topics` '#topics# without the signs 话题',
    COMMENT COLUMN `links` 'targets of links in the text 链接',
    COMMENT COLUMN `media_kinds` 'pictures and videos, in order: their kinds 媒体类型',
    COMMENT COLUMN `media_urls` 'and their addresses 媒体地址',
    COMMENT COLUMN `source` 'the device or app shown 来源',
    COMMENT COLUMN `region` 'where, as Weibo shows it IP属地',
    COMMENT COLUMN `edit_count` 'how often it was edited, where shown 编辑次数',
    COMMENT COLUMN `edited_at` 'last edit, UTC 编辑时间',
    COMMENT COLUMN `pinned` 'shown at the top out of order 置顶',
    COMMENT COLUMN `content_version` 'hash of what it says 内容版本',
    COMMENT COLUMN `versions` 'how many versions were seen 版本数',
    COMMENT COLUMN `first_observed_at` 'when it was seen first, UTC 首次观察',
    COMMENT COLUMN `last_observed_at` 'when it was seen last, UTC 最近观察',
    COMMENT COLUMN `reposts` 'reposts, newest known; null is unknown, not 0 转发',
    COMMENT COLUMN `reposts_low` 'least true count that it may stand for 转发下限',
    COMMENT COLUMN `reposts_high` 'greatest true count that it may stand for; null: no upper bound 转发上限',
    COMMENT COLUMN `reposts_precision` 'exact, rounded or lower_bound 转发精度',
    COMMENT COLUMN `reposts_at` 'when that count was seen, UTC 转发观察时间',
    COMMENT COLUMN `comments` 'comments, newest known; null is unknown, not 0 评论',
    COMMENT COLUMN `comments_low` 'least true count that it may stand for 评论下限',
    COMMENT COLUMN `comments_high` 'greatest true count that it may stand for; null: no upper bound 评论上限',
    COMMENT COLUMN `comments_precision` 'exact, rounded or lower_bound 评论精度',
    COMMENT COLUMN `comments_at` 'when that count was seen, UTC 评论观察时间',
    COMMENT COLUMN `likes` 'likes, newest known; null is unknown, not 0 赞',
    COMMENT COLUMN `likes_low` 'least true count that it may stand for 赞下限',
    COMMENT COLUMN `likes_high` 'greatest true count that it may stand for; null: no upper bound 赞上限',
    COMMENT COLUMN `likes_precision` 'exact, rounded or lower_bound 赞精度',
    COMMENT COLUMN `likes_at` 'when that count was seen, UTC 赞观察时间',
    COMMENT COLUMN `views` 'views, newest known; null is unknown, not 0 阅读',
    COMMENT COLUMN `views_low` 'least true count that it may stand for 阅读下限',
    COMMENT COLUMN `views_high` 'greatest true count that it may stand for; null: no upper bound 阅读上限',
    COMMENT COLUMN `views_precision` 'exact, rounded or lower_bound 阅读精度',
    COMMENT COLUMN `views_at` 'when that count was seen, UTC 阅读观察时间',
    COMMENT COLUMN `removal` 'why it is no longer to be seen; null: it is 消失原因',
    COMMENT COLUMN `removal_notice` 'Weibo''s notice 提示',
    COMMENT COLUMN `first_missing_at` 'first moment at which it was missing, UTC 首次缺失',
    COMMENT COLUMN `removal_confirmed_at` 'when the single-post answer said so, UTC; null: not yet 确认消失',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from 数据来源'

-- statement: the words of hourly_deltas
ALTER TABLE weibo.hourly_deltas
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `hour` 'begin of the hour, UTC 小时（UTC）',
    COMMENT COLUMN `hour_beijing` 'the same in Beijing time 小时（北京）',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC; null: not known 发布时间（UTC）',
    COMMENT COLUMN `observed_at` 'newest sample of the hour, UTC 本小时最近观察',
    COMMENT COLUMN `samples` 'samples in the hour 采样数',
    COMMENT COLUMN `reposts` 'reposts at the end of the hour, newest known 转发',
    COMMENT COLUMN `reposts_delta_low` 'least true change 转发增量下限',
    COMMENT COLUMN `reposts_delta_high` 'greatest true change; null: no upper bound 转发增量上限',
    COMMENT COLUMN `reposts_delta` 'change; null: nothing earlier known, or lost in the rounding 转发增量',
    COMMENT COLUMN `comments` 'comments at the end of the hour, newest known 评论',
    COMMENT COLUMN `comments_delta_low` 'least true change 评论增量下限',
    COMMENT COLUMN `comments_delta_high` 'greatest true change; null: no upper bound 评论增量上限',
    COMMENT COLUMN `comments_delta` 'change; null: nothing earlier known, or lost in the rounding 评论增量',
    COMMENT COLUMN `likes` 'likes at the end of the hour, newest known 赞',
    COMMENT COLUMN `likes_delta_low` 'least true change 赞增量下限',
    COMMENT COLUMN `likes_delta_high` 'greatest true change; null: no upper bound 赞增量上限',
    COMMENT COLUMN `likes_delta` 'change; null: nothing earlier known, or lost in the rounding 赞增量',
    COMMENT COLUMN `views` 'views at the end of the hour, newest known 阅读',
    COMMENT COLUMN `views_delta_low` 'least true change 阅读增量下限',
    COMMENT COLUMN `views_delta_high` 'greatest true change; null: no upper bound 阅读增量上限',
    COMMENT COLUMN `views_delta` 'change; null: nothing earlier known, or lost in the rounding 阅读增量'

-- statement: the words of post_measures
ALTER TABLE weibo.post_measures
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC; null: not known 发布时间（UTC）',
    COMMENT COLUMN `created_at_beijing` 'the same in Beijing time 发布时间（北京）',
    COMMENT COLUMN `kind` 'original or repost 原创或转发',
    COMMENT COLUMN `format` 'what it mainly shows 形式',
    COMMENT COLUMN `topics` '#topics# without the signs 话题',
    COMMENT COLUMN `language` 'as far as the script tells: zh, ja, ko, ru, ar, th, he, el, latin, other 语言',
    COMMENT COLUMN `text_length` 'characters 字数',
    COMMENT COLUMN `hour_beijing` 'hour of its publication in Beijing, 0 to 23 发布小时（北京）',
    COMMENT COLUMN `first_observed_at` 'first sample, UTC 首次采样',
    COMMENT COLUMN `observed_at` 'newest sample, UTC 最近采样',
    COMMENT COLUMN `samples` 'samples, each moment once 采样数',
    COMMENT COLUMN `reposts` 'reposts, newest known; null is unknown, not 0 转发',
    COMMENT COLUMN `reposts_low` 'least true count that it may stand for 转发下限',
    COMMENT COLUMN `reposts_high` 'greatest true count that it may stand for; null: no upper bound 转发上限',
    COMMENT COLUMN `comments` 'comments, newest known; null is unknown, not 0 评论',
    COMMENT COLUMN `comments_low` 'least true count that it may stand for 评论下限',
    COMMENT COLUMN `comments_high` 'greatest true count that it may stand for; null: no upper bound 评论上限',
    COMMENT COLUMN `likes` 'likes, newest known; null is unknown, not 0 赞',
    COMMENT COLUMN `likes_low` 'least true count that it may stand for 赞下限',
    COMMENT COLUMN `likes_high` 'greatest true count that it may stand for; null: no upper bound 赞上限',
    COMMENT COLUMN `views` 'views, newest known; null is unknown, not 0 阅读',
    COMMENT COLUMN `views_low` 'least true count that it may stand for 阅读下限',
    COMMENT COLUMN `views_high` 'greatest true count that it may stand for; null: no upper bound 阅读上限',
    COMMENT COLUMN `interactions` 'reposts, comments and likes; null where one is unknown 互动数',
    COMMENT COLUMN `interactions_low` 'least true number 互动下限',
    COMMENT COLUMN `interactions_high` 'greatest true number; null: no upper bound 互动上限',
    COMMENT COLUMN `followers_at_posting` 'followers of the account, newest known at its publication; null: none known by then 发布时粉丝数',
    COMMENT COLUMN `interaction_rate` 'interactions per hundred followers at posting time 互动率%',
    COMMENT COLUMN `velocity` 'interactions gained per hour between the two newest samples that knew all three counters 增速（每小时）',
    COMMENT COLUMN `settled` 'seven days old and gained less than 1 % in the last three 是否定局',
    COMMENT COLUMN `hours_to_50` 'hours from its publication to half of the newest number of interactions; null: nobody saw it pass 达到50%的小时数',
    COMMENT COLUMN `hours_to_90` 'the same, nine tenths 达到90%的小时数',
    COMMENT COLUMN `half_life_hours` 'hours from the peak until half of what was still to come had come 半衰期（小时）',
    COMMENT COLUMN `peak_at` 'end of the interval in which it grew fastest, UTC 增长峰值时间',
    COMMENT COLUMN `comments_per_like` 'comments per like; high where people object 评赞比',
    COMMENT COLUMN `reposts_per_like` 'reposts per like 转赞比',
    COMMENT COLUMN `reposts_lost` 'by how much the count certainly fell from its greatest 减少的转发',
    COMMENT COLUMN `comments_lost` 'the same 减少的评论',
    COMMENT COLUMN `likes_lost` 'the same 减少的赞',
    COMMENT COLUMN `score_age_s` 'greatest age of the grid at which its counters are known well enough (see counters_at_age), seconds 评分年龄（秒）',
    COMMENT COLUMN `expected` 'interactions that were to be expected at that age, see counters_at_age 预期互动',
    COMMENT COLUMN `ratio` 'interactions at that age per expected one; below ten interactions in all, per ten 超常倍数',
    COMMENT COLUMN `benchmark_posts` 'posts behind the expectation; below 20 there is none 基准微博数',
    COMMENT COLUMN `benchmark` 'type: posts of its kind; account: all posts of the account; empty: too few 基准',
    COMMENT COLUMN `removal` 'why it is no longer to be seen; null: it is 消失原因',
    COMMENT COLUMN `versions` 'how many versions were seen 版本数',
    COMMENT COLUMN `derived_at` 'machine time at which this row was computed, UTC: newer samples are not in it yet 计算时间'

-- statement: the words of counters_at_age
ALTER TABLE weibo.counters_at_age
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC; null: not known 发布时间（UTC）',
    COMMENT COLUMN `created_at_beijing` 'the same in Beijing time 发布时间（北京）',
    COMMENT COLUMN `kind` 'original or repost 原创或转发',
    COMMENT COLUMN `age_s` 'age of the post, seconds 年龄（秒）',
    COMMENT COLUMN `reposts` 'reposts at that age; null: not known 转发',
    COMMENT COLUMN `comments` 'comments at that age; null: not known 评论',
    COMMENT COLUMN `likes` 'likes at that age; null: not known 赞',
    COMMENT COLUMN `views` 'views at that age; null: not known 阅读',
    COMMENT COLUMN `interactions` 'reposts, comments and likes; null where one is unknown 互动数',
    COMMENT COLUMN `interpolated` 'computed between two samples, on a straight line; before the first one from 0 是否插值',
    COMMENT COLUMN `capped` 'a counter that it comes from is no more than a lower bound 是否封顶',
    COMMENT COLUMN `gap_s` 'seconds between the two samples; above age_s the value is a guess, has no ratio and counts for no expectation 采样间隔（秒）',
    COMMENT COLUMN `expected` 'interactions that were to be expected: of the account''s last 100 posts of the kind, none older than a year, without the highest and the lowest quarter, the mean; of all kinds where one has fewer than 20 预期互动',
    COMMENT COLUMN `benchmark_posts` 'posts behind the expectation; below 20 there is none 基准微博数',
    COMMENT COLUMN `benchmark` 'type, account, or empty: too few 基准',
    COMMENT COLUMN `ratio` 'interactions per expected one; below ten interactions in all, per ten 倍数',
    COMMENT COLUMN `score` 'the same as CrowdTangle shows it: below the expectation negative, expected per interaction; without any, minus twice the expectation 评分',
    COMMENT COLUMN `derived_at` 'machine time at which this row was computed, UTC: newer samples are not in it yet 计算时间'

-- statement: the words of account_hours
ALTER TABLE weibo.account_hours
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `hour` 'begin of the hour, UTC 小时（UTC）',
    COMMENT COLUMN `hour_beijing` 'the same in Beijing time 小时（北京）',
    COMMENT COLUMN `posts_published` 'posts published 发布数',
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
    COMMENT COLUMN `derived_at` 'machine time at which this row was computed, UTC: newer samples are not in it yet 计算时间'

-- statement: the words of account_days
ALTER TABLE weibo.account_days
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `day` 'day in Beijing 日期（北京）',
    COMMENT COLUMN `posts_published` 'posts published 发布数',
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
    COMMENT COLUMN `posts_reported` 'posts in all that the account reports, newest known 微博总数',
    COMMENT COLUMN `visits` 'visits of the crawler that ended on the day 采集次数',
    COMMENT COLUMN `visits_complete` 'those without a hole 完整采集次数',
    COMMENT COLUMN `comments_reported` 'comments that the posts of the visits report, visit by visit 报告评论数',
    COMMENT COLUMN `comments_captured` 'those that were read 采集评论数',
    COMMENT COLUMN `derived_at` 'machine time at which this row was computed, UTC: newer samples are not in it yet 计算时间'

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
