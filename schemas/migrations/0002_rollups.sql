-- Rollups of the samples, kept by materialized views. Their states are right under late, repeated and out-of-order
-- rows: of each counter the newest known value with its interval and its moment; nothing is summed or counted.
-- A counter that a page did not show leaves the state as it was: unknown is not zero.

-- statement: newest known counters per post
CREATE TABLE IF NOT EXISTS weibo_store.post_latest
(
    account_id LowCardinality(String),
    post_id UInt64 CODEC(Delta, ZSTD(1)),
    created_at SimpleAggregateFunction(max, Nullable(DateTime64(3, 'UTC'))),
    first_observed_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    observed_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    reposts AggregateFunction(argMaxIf, Tuple(UInt64, UInt32, Nullable(UInt32), DateTime64(3, 'UTC')), Tuple(DateTime64(3, 'UTC'), UInt64), UInt8),
    comments AggregateFunction(argMaxIf, Tuple(UInt64, UInt32, Nullable(UInt32), DateTime64(3, 'UTC')), Tuple(DateTime64(3, 'UTC'), UInt64), UInt8),
    likes AggregateFunction(argMaxIf, Tuple(UInt64, UInt32, Nullable(UInt32), DateTime64(3, 'UTC')), Tuple(DateTime64(3, 'UTC'), UInt64), UInt8),
    views AggregateFunction(argMaxIf, Tuple(UInt64, UInt32, Nullable(UInt32), DateTime64(3, 'UTC')), Tuple(DateTime64(3, 'UTC'), UInt64), UInt8)
)
ENGINE = AggregatingMergeTree
ORDER BY (account_id, post_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Newest known counters per post: states of (value, below, above, observed_at).'

-- statement: what fills it
CREATE MATERIALIZED VIEW IF NOT EXISTS weibo_store.post_latest_feed TO weibo_store.post_latest AS
SELECT
    s.account_id AS account_id,
    s.post_id AS post_id,
    max(s.created_at) AS created_at,
    min(s.observed_at) AS first_observed_at,
    max(s.observed_at) AS observed_at,
    argMaxIfState((assumeNotNull(s.reposts), s.reposts_below, s.reposts_above, s.observed_at), (s.observed_at, s.kafka_offset), isNotNull(s.reposts)) AS reposts,
    argMaxIfState((assumeNotNull(s.comments), s.comments_below, s.comments_above, s.observed_at), (s.observed_at, s.kafka_offset), isNotNull(s.comments)) AS comments,
    argMaxIfState((assumeNotNull(s.likes), s.likes_below, s.likes_above, s.observed_at), (s.observed_at, s.kafka_offset), isNotNull(s.likes)) AS likes,
    argMaxIfState((assumeNotNull(s.views), s.views_below, s.views_above, s.observed_at), (s.observed_at, s.kafka_offset), isNotNull(s.views)) AS views
FROM weibo_store.engagement_samples AS s
GROUP BY account_id, post_id

-- statement: newest known counters per post and hour
CREATE TABLE IF NOT EXISTS weibo_store.post_hours
(
    account_id LowCardinality(String),
    post_id UInt64 CODEC(Delta, ZSTD(1)),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    created_at SimpleAggregateFunction(max, Nullable(DateTime64(3, 'UTC'))),
    observed_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    reposts AggregateFunction(argMaxIf, Tuple(UInt64, UInt32, Nullable(UInt32), DateTime64(3, 'UTC')), Tuple(DateTime64(3, 'UTC'), UInt64), UInt8),
    comments AggregateFunction(argMaxIf, Tuple(UInt64, UInt32, Nullable(UInt32), DateTime64(3, 'UTC')), Tuple(DateTime64(3, 'UTC'), UInt64), UInt8),
    likes AggregateFunction(argMaxIf, Tuple(UInt64, UInt32, Nullable(UInt32), DateTime64(3, 'UTC')), Tuple(DateTime64(3, 'UTC'), UInt64), UInt8),
    views AggregateFunction(argMaxIf, Tuple(UInt64, UInt32, Nullable(UInt32), DateTime64(3, 'UTC')), Tuple(DateTime64(3, 'UTC'), UInt64), UInt8)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (account_id, post_id, hour)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Newest known counters per post and hour: states of (value, below, above, observed_at).'

-- statement: what fills it
CREATE MATERIALIZED VIEW IF NOT EXISTS weibo_store.post_hours_feed TO weibo_store.post_hours AS
SELECT
    s.account_id AS account_id,
    s.post_id AS post_id,
    toStartOfHour(toDateTime(s.observed_at, 'UTC')) AS hour,
    max(s.created_at) AS created_at,
    max(s.observed_at) AS observed_at,
    argMaxIfState((assumeNotNull(s.reposts), s.reposts_below, s.reposts_above, s.observed_at), (s.observed_at, s.kafka_offset), isNotNull(s.reposts)) AS reposts,
    argMaxIfState((assumeNotNull(s.comments), s.comments_below, s.comments_above, s.observed_at), (s.observed_at, s.kafka_offset), isNotNull(s.comments)) AS comments,
    argMaxIfState((assumeNotNull(s.likes), s.likes_below, s.likes_above, s.observed_at), (s.observed_at, s.kafka_offset), isNotNull(s.likes)) AS likes,
    argMaxIfState((assumeNotNull(s.views), s.views_below, s.views_above, s.observed_at), (s.observed_at, s.kafka_offset), isNotNull(s.views)) AS views
FROM weibo_store.engagement_samples AS s
GROUP BY account_id, post_id, hour
