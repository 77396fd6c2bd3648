-- The tables behind the views. Each row keeps its position in Kafka and the range of offsets that it was written
-- with: that is what makes a batch repeatable. Deduplication windows are explicit on every table that an insert
-- reaches, since the servers' defaults differ. Engines stand on lines of their own: a cluster's variant differs in
-- these (Replicated…) and in ON CLUSTER after the name, and in nothing else.

-- statement: the database of the tables
CREATE DATABASE IF NOT EXISTS weibo_store ENGINE = Atomic COMMENT 'The tables behind the views of weibo.'

-- statement: the database of the views
CREATE DATABASE IF NOT EXISTS weibo ENGINE = Atomic COMMENT 'Foreign embassies on Weibo: the views for analysis. 驻华使馆微博数据'

-- statement: An account''s own figures at one moment, one row per message.
CREATE TABLE IF NOT EXISTS weibo_store.account_snapshots
(
    account_id LowCardinality(String),
    observed_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    uid Nullable(UInt64) CODEC(ZSTD(1)),
    screen_name Nullable(String) CODEC(ZSTD(3)),
    followers Nullable(UInt64) COMMENT '粉丝' CODEC(Delta, ZSTD(1)),
    followers_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    followers_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    followers_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    following Nullable(UInt64) COMMENT '关注' CODEC(Delta, ZSTD(1)),
    following_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    following_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    following_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    posts Nullable(UInt64) COMMENT '微博' CODEC(Delta, ZSTD(1)),
    posts_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    posts_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    posts_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    reposts_received Nullable(UInt64) COMMENT 'reposts of all posts, as the account shows them' CODEC(Delta, ZSTD(1)),
    reposts_received_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    reposts_received_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    reposts_received_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    comments_received Nullable(UInt64) COMMENT 'comments on all posts, as the account shows them' CODEC(Delta, ZSTD(1)),
    comments_received_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    comments_received_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    comments_received_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    likes_received Nullable(UInt64) COMMENT 'likes of all posts, as the account shows them' CODEC(Delta, ZSTD(1)),
    likes_received_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    likes_received_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    likes_received_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    verified Nullable(Bool),
    verified_type Nullable(Int32),
    verified_reason Nullable(String) CODEC(ZSTD(3)),
    description Nullable(String) CODEC(ZSTD(3)),
    region LowCardinality(Nullable(String)),
    printed_rank Nullable(UInt32),
    via LowCardinality(String),
    source LowCardinality(Nullable(String)),
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    kafka_partition UInt16 COMMENT 'partition in weibo.accounts' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with' CODEC(Delta, ZSTD(1)),
    batch_last UInt64 COMMENT 'last offset of that batch' CODEC(Delta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(observed_at)
ORDER BY (account_id, observed_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'An account''s own figures at one moment, one row per message.'

-- statement: What a post says, one row per message; the same version may be seen often.
CREATE TABLE IF NOT EXISTS weibo_store.post_versions
(
    account_id LowCardinality(String),
    post_id UInt64 CODEC(Delta, ZSTD(1)),
    content_version String CODEC(ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    event LowCardinality(String) COMMENT 'post.seen or post.edited',
    uid UInt64 CODEC(ZSTD(1)),
    bid Nullable(String) CODEC(ZSTD(1)),
    created_at Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    text String CODEC(ZSTD(3)),
    text_truncated Bool,
    kind LowCardinality(String),
    format LowCardinality(String),
    reposted_post_id Nullable(UInt64) CODEC(ZSTD(1)),
    reposted_author_key Nullable(String) CODEC(ZSTD(1)),
    reposted_author_name Nullable(String) CODEC(ZSTD(3)),
    reposted_text Nullable(String) CODEC(ZSTD(3)),
    reposted_removed Nullable(Bool),
    topics Array(String) CODEC(ZSTD(3)),
    links Array(String) CODEC(ZSTD(3)),
    media_kinds Array(LowCardinality(String)),
    media_urls Array(String) CODEC(ZSTD(3)),
    source LowCardinality(Nullable(String)),
    region LowCardinality(Nullable(String)),
    edit_count Nullable(UInt32),
    edited_at Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    pinned Bool,
    previous_version Nullable(String) CODEC(ZSTD(1)),
    changed Array(LowCardinality(String)),
    via LowCardinality(String),
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    kafka_partition UInt16 COMMENT 'partition in weibo.posts' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with' CODEC(Delta, ZSTD(1)),
    batch_last UInt64 COMMENT 'last offset of that batch' CODEC(Delta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (account_id, post_id, content_version)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'What a post says, one row per message; the same version may be seen often.'

-- statement: A post that is no longer to be seen, one row per message.
CREATE TABLE IF NOT EXISTS weibo_store.post_removals
(
    account_id LowCardinality(String),
    post_id UInt64 CODEC(Delta, ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    removal LowCardinality(String),
    notice Nullable(String) CODEC(ZSTD(3)),
    last_seen_at Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    first_missing_at DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    confirmed_at Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    kafka_partition UInt16 COMMENT 'partition in weibo.posts' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with' CODEC(Delta, ZSTD(1)),
    batch_last UInt64 COMMENT 'last offset of that batch' CODEC(Delta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (account_id, post_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'A post that is no longer to be seen, one row per message.'

-- statement: A post''s counters at one moment, one row per message.
CREATE TABLE IF NOT EXISTS weibo_store.engagement_samples
(
    account_id LowCardinality(String),
    post_id UInt64 CODEC(Delta, ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    created_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
    reposts Nullable(UInt64) COMMENT '转发' CODEC(Delta, ZSTD(1)),
    reposts_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    reposts_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    reposts_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    comments Nullable(UInt64) COMMENT '评论' CODEC(Delta, ZSTD(1)),
    comments_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    comments_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    comments_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    likes Nullable(UInt64) COMMENT '赞' CODEC(Delta, ZSTD(1)),
    likes_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    likes_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    likes_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    views Nullable(UInt64) COMMENT '阅读 or 播放' CODEC(Delta, ZSTD(1)),
    views_below UInt32 COMMENT 'value − least possible count' CODEC(T64, ZSTD(1)),
    views_above Nullable(UInt32) DEFAULT 0 COMMENT 'greatest possible count − value; null: no upper bound' CODEC(T64, ZSTD(1)),
    views_raw String COMMENT 'the text as shown, where it is more than the digits' CODEC(ZSTD(1)),
    via LowCardinality(String),
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    kafka_partition UInt16 COMMENT 'partition in weibo.engagement' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with' CODEC(Delta, ZSTD(1)),
    batch_last UInt64 COMMENT 'last offset of that batch' CODEC(Delta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(observed_at)
ORDER BY (account_id, post_id, observed_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'A post''s counters at one moment, one row per message.'

-- statement: What a comment or reply says, one row per message. Authors are keyed hashes.
CREATE TABLE IF NOT EXISTS weibo_store.comment_versions
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
    kafka_partition UInt16 COMMENT 'partition in weibo.comments' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with' CODEC(Delta, ZSTD(1)),
    batch_last UInt64 COMMENT 'last offset of that batch' CODEC(Delta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (post_id, comment_id, content_version)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'What a comment or reply says, one row per message. Authors are keyed hashes.'

-- statement: What one visit to one account planned, did and left undone, one row per message.
CREATE TABLE IF NOT EXISTS weibo_store.receipts
(
    account_id LowCardinality(String),
    observed_at DateTime64(3, 'UTC') COMMENT 'end of the visit' CODEC(T64, ZSTD(1)),
    started_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    cycle String CODEC(ZSTD(1)),
    spider LowCardinality(String),
    lane LowCardinality(String),
    software LowCardinality(String),
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
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    kafka_partition UInt16 COMMENT 'partition in weibo.receipts' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with' CODEC(Delta, ZSTD(1)),
    batch_last UInt64 COMMENT 'last offset of that batch' CODEC(Delta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (account_id, observed_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'What one visit to one account planned, did and left undone, one row per message.'

-- statement: A message that could not be loaded, with its original bytes and position, one row per message.
CREATE TABLE IF NOT EXISTS weibo_store.dead_letters
(
    topic LowCardinality(String) COMMENT 'topic of the original message',
    partition UInt16 COMMENT 'its partition',
    `offset` UInt64 COMMENT 'its offset' CODEC(Delta, ZSTD(1)),
    message_key Nullable(String) COMMENT 'base64' CODEC(ZSTD(3)),
    message_value Nullable(String) COMMENT 'base64' CODEC(ZSTD(3)),
    message_header_names Array(String) CODEC(ZSTD(3)),
    message_header_values Array(Nullable(String)) COMMENT 'base64' CODEC(ZSTD(3)),
    message_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    stage LowCardinality(String),
    reason LowCardinality(String),
    detail String CODEC(ZSTD(3)),
    software LowCardinality(String) COMMENT 'version of the loader',
    observed_at DateTime64(3, 'UTC') COMMENT 'machine time at which it failed' CODEC(T64, ZSTD(1)),
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    kafka_partition UInt16 COMMENT 'partition in weibo.dead-letters' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with' CODEC(Delta, ZSTD(1)),
    batch_last UInt64 COMMENT 'last offset of that batch' CODEC(Delta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (topic, partition, `offset`)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'A message that could not be loaded, with its original bytes and position, one row per message.'

-- statement: the registry as a dimension
CREATE TABLE IF NOT EXISTS weibo_store.accounts
(
    loaded_at DateTime64(3, 'UTC') COMMENT 'the newest load counts',
    account_id String,
    country_code Nullable(String),
    country_en String,
    country_zh String,
    name_en String,
    name_zh String,
    bloc Array(String),
    mission String,
    screen_name Nullable(String) COMMENT 'the handle as corrected',
    printed_screen_name Nullable(String) COMMENT 'the handle as printed in December 2016',
    uid Nullable(UInt64),
    uid_source Nullable(String) COMMENT 'who says that this is the uid',
    uid_confirmed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'when the site said so',
    related Array(String) COMMENT 'accounts beside it: relation and name',
    valid_from Nullable(Date32),
    valid_to Nullable(Date32),
    tier String
)
ENGINE = MergeTree
ORDER BY (loaded_at, account_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'The registry of accounts, one row per account and load.'

-- statement: which Kafka topic the rows came from
CREATE TABLE IF NOT EXISTS weibo_store.kafka_topics
(
    topic String,
    topic_id String COMMENT 'the id that Kafka gave the topic when it was created',
    seen_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (topic, seen_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Offsets mean something only within one incarnation of a topic: the loader refuses another.'
