-- What a visit covered and what it lacks, by name or as a counted range; and the health of lanes.

-- statement: receipts: lists under posts, what is missing, the watermark
ALTER TABLE weibo_store.receipts
    ADD COLUMN IF NOT EXISTS lists_post_id Array(UInt64) COMMENT 'lists under posts: the post' CODEC(Delta, ZSTD(1)) AFTER comments_captured,
    ADD COLUMN IF NOT EXISTS lists_order Array(LowCardinality(String)) COMMENT 'hot, time, reply or repost' AFTER lists_post_id,
    ADD COLUMN IF NOT EXISTS lists_reported Array(Nullable(UInt64)) COMMENT 'how many the post says there are' AFTER lists_order,
    ADD COLUMN IF NOT EXISTS lists_captured Array(UInt64) COMMENT 'how many were read' AFTER lists_reported,
    ADD COLUMN IF NOT EXISTS lists_pages Array(UInt64) COMMENT 'pages read' AFTER lists_captured,
    ADD COLUMN IF NOT EXISTS lists_ended_by Array(LowCardinality(String)) COMMENT 'end, cap, or a class of answers' AFTER lists_pages,
    ADD COLUMN IF NOT EXISTS missing_kind Array(LowCardinality(String)) COMMENT 'what is missing: its kind' AFTER lists_ended_by,
    ADD COLUMN IF NOT EXISTS missing_what Array(String) COMMENT 'which one, or which range' CODEC(ZSTD(3)) AFTER missing_kind,
    ADD COLUMN IF NOT EXISTS missing_count Array(Nullable(UInt64)) COMMENT 'how many things' AFTER missing_what,
    ADD COLUMN IF NOT EXISTS missing_reason Array(LowCardinality(String)) COMMENT 'class of the answer, or cap, budget, interrupted, kafka' AFTER missing_count,
    ADD COLUMN IF NOT EXISTS missing_remedy Array(LowCardinality(String)) COMMENT 'next_visit, never, operator' AFTER missing_reason,
    ADD COLUMN IF NOT EXISTS watermark Nullable(UInt64) COMMENT 'newest post up to which everything is known' AFTER missing_remedy,
    ADD COLUMN IF NOT EXISTS raw_people Bool DEFAULT false COMMENT 'raw ids and names of people were switched on' AFTER watermark

-- statement: A lane changed its health, one row per message.
CREATE TABLE IF NOT EXISTS weibo_store.lane_changes
(
    lane LowCardinality(String),
    worker LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    state LowCardinality(String) COMMENT 'healthy, degraded, challenged or dead',
    before LowCardinality(Nullable(String)),
    reason String CODEC(ZSTD(3)),
    response_class LowCardinality(Nullable(String)),
    resumes_at Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    software LowCardinality(String),
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    kafka_partition UInt16 COMMENT 'partition in weibo.lanes' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with' CODEC(Delta, ZSTD(1)),
    batch_last UInt64 COMMENT 'last offset of that batch' CODEC(Delta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (worker, lane, observed_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'A lane changed its health, one row per message.'

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
    lists_post_id, lists_order, lists_reported, lists_captured, lists_pages, lists_ended_by,
    missing_kind, missing_what, missing_count, missing_reason, missing_remedy, watermark, raw_people,
    ce_source, ingested_at
FROM weibo_store.receipts
ORDER BY kafka_offset DESC
LIMIT 1 BY account_id, spider, cycle
COMMENT 'What each visit to an account planned, fetched and published, what is missing, and why it ended. 每次采集的回执'

-- statement: lanes
CREATE OR REPLACE VIEW weibo.lanes AS
SELECT
    lane, worker, observed_at, toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, state, before, reason,
    response_class, resumes_at, software, ce_source, ingested_at
FROM weibo_store.lane_changes
ORDER BY kafka_offset DESC
LIMIT 1 BY worker, lane, observed_at, state
COMMENT 'Every change in the health of a lane: a session of the crawler with its way out. 采集通道的健康变化'

-- statement: the words of receipts
ALTER TABLE weibo.receipts
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `cycle` 'the cycle of the visit',
    COMMENT COLUMN `spider` 'which spider',
    COMMENT COLUMN `lane` 'the session that it used last',
    COMMENT COLUMN `software` 'version of the program',
    COMMENT COLUMN `started_at` 'begin of the visit, UTC',
    COMMENT COLUMN `ended_at` 'end of the visit, UTC',
    COMMENT COLUMN `ended_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `planned` 'requests planned',
    COMMENT COLUMN `fetched` 'answers that came, of any class',
    COMMENT COLUMN `published` 'events handed to Kafka, by name',
    COMMENT COLUMN `acknowledged` 'events that Kafka acknowledged, by name',
    COMMENT COLUMN `responses` 'answers by response class',
    COMMENT COLUMN `stop_reason` 'why the visit ended',
    COMMENT COLUMN `complete` 'nothing planned is missing, all of it acknowledged',
    COMMENT COLUMN `problems` 'what went wrong, in sentences',
    COMMENT COLUMN `posts_reported` 'posts in all that the account reports',
    COMMENT COLUMN `posts_reported_low` 'least true count that it may stand for',
    COMMENT COLUMN `posts_reported_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `posts_reported_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `posts_captured` 'posts read in this visit',
    COMMENT COLUMN `comments_reported` 'comments that the posts report',
    COMMENT COLUMN `comments_captured` 'comments read in this visit',
    COMMENT COLUMN `lists_post_id` 'lists under posts, entry by entry: the post',
    COMMENT COLUMN `lists_order` 'hot, time, reply (all threads of the post together) or repost',
    COMMENT COLUMN `lists_reported` 'how many the post says there are',
    COMMENT COLUMN `lists_captured` 'how many were read, each counted once',
    COMMENT COLUMN `lists_pages` 'pages read',
    COMMENT COLUMN `lists_ended_by` 'end, cap (a setting), or the class of the answer that ended it',
    COMMENT COLUMN `missing_kind` 'what is missing, entry by entry: its kind',
    COMMENT COLUMN `missing_what` 'which one: a post, a thread, a page, or a range of posts',
    COMMENT COLUMN `missing_count` 'how many things that is; null: not known',
    COMMENT COLUMN `missing_reason` 'class of the answer, or cap, budget, interrupted, kafka',
    COMMENT COLUMN `missing_remedy` 'what will be done about it: next_visit, never, operator',
    COMMENT COLUMN `watermark` 'newest post up to which everything is known and acknowledged; null: none yet',
    COMMENT COLUMN `raw_people` 'raw ids and names of people were switched on',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'

-- statement: the words of lanes
ALTER TABLE weibo.lanes
    COMMENT COLUMN `lane` 'the lane 通道',
    COMMENT COLUMN `worker` 'the worker that owns it',
    COMMENT COLUMN `observed_at` 'since when, UTC',
    COMMENT COLUMN `observed_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `state` 'healthy, degraded, challenged or dead',
    COMMENT COLUMN `before` 'its health before; null: it is new',
    COMMENT COLUMN `reason` 'why, as a sentence',
    COMMENT COLUMN `response_class` 'class of the answer that decided',
    COMMENT COLUMN `resumes_at` 'when it is tried again, UTC',
    COMMENT COLUMN `software` 'version of the program',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'
