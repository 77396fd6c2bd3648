-- Every row says by which software and in which lane it was observed. What is constant in a batch stands once, in a
-- table of batches, which also proves that nothing was left out; what only recovery needs expires.

-- statement: account_snapshots: who saw it, and how long its batch is kept
ALTER TABLE weibo_store.account_snapshots
    ADD COLUMN IF NOT EXISTS software LowCardinality(String) COMMENT 'what observed it; empty: older software, which did not say it' AFTER ce_source,
    ADD COLUMN IF NOT EXISTS lane LowCardinality(String) COMMENT 'lane whose answer it was read from; empty: none, or not said' AFTER software,
    MODIFY COLUMN batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    MODIFY COLUMN batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30)

-- statement: post_versions: who saw it, and how long its batch is kept
ALTER TABLE weibo_store.post_versions
    ADD COLUMN IF NOT EXISTS software LowCardinality(String) COMMENT 'what observed it; empty: older software, which did not say it' AFTER ce_source,
    ADD COLUMN IF NOT EXISTS lane LowCardinality(String) COMMENT 'lane whose answer it was read from; empty: none, or not said' AFTER software,
    MODIFY COLUMN batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    MODIFY COLUMN batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30)

-- statement: post_removals: who saw it, and how long its batch is kept
ALTER TABLE weibo_store.post_removals
    ADD COLUMN IF NOT EXISTS software LowCardinality(String) COMMENT 'what observed it; empty: older software, which did not say it' AFTER ce_source,
    ADD COLUMN IF NOT EXISTS lane LowCardinality(String) COMMENT 'lane whose answer it was read from; empty: none, or not said' AFTER software,
    MODIFY COLUMN batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    MODIFY COLUMN batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30)

-- statement: engagement_samples: who saw it, and how long its batch is kept
ALTER TABLE weibo_store.engagement_samples
    ADD COLUMN IF NOT EXISTS software LowCardinality(String) COMMENT 'what observed it; empty: older software, which did not say it' AFTER ce_source,
    ADD COLUMN IF NOT EXISTS lane LowCardinality(String) COMMENT 'lane whose answer it was read from; empty: none, or not said' AFTER software,
    MODIFY COLUMN batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    MODIFY COLUMN batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30)

-- statement: comment_versions: who saw it, and how long its batch is kept
ALTER TABLE weibo_store.comment_versions
    ADD COLUMN IF NOT EXISTS software LowCardinality(String) COMMENT 'what observed it; empty: older software, which did not say it' AFTER ce_source,
    ADD COLUMN IF NOT EXISTS lane LowCardinality(String) COMMENT 'lane whose answer it was read from; empty: none, or not said' AFTER software,
    MODIFY COLUMN batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    MODIFY COLUMN batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30)

-- statement: repost_versions: who saw it, and how long its batch is kept
ALTER TABLE weibo_store.repost_versions
    ADD COLUMN IF NOT EXISTS software LowCardinality(String) COMMENT 'what observed it; empty: older software, which did not say it' AFTER ce_source,
    ADD COLUMN IF NOT EXISTS lane LowCardinality(String) COMMENT 'lane whose answer it was read from; empty: none, or not said' AFTER software,
    MODIFY COLUMN batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    MODIFY COLUMN batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30)

-- statement: receipts: who saw it, and how long its batch is kept
ALTER TABLE weibo_store.receipts
    COMMENT COLUMN lane 'lane that the visit used last',
    COMMENT COLUMN software 'what made the visit',
    MODIFY COLUMN batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    MODIFY COLUMN batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30)

-- statement: lane_changes: who saw it, and how long its batch is kept
ALTER TABLE weibo_store.lane_changes
    COMMENT COLUMN lane 'the lane that changed',
    COMMENT COLUMN software 'what observed it',
    MODIFY COLUMN batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    MODIFY COLUMN batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30)

-- statement: dead_letters: who saw it, and how long its batch is kept
ALTER TABLE weibo_store.dead_letters
    COMMENT COLUMN software 'the loader that could not load it; no lane is concerned',
    MODIFY COLUMN batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    MODIFY COLUMN batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30)

-- statement: engagement_samples: a page samples ten posts at one moment
ALTER TABLE weibo_store.engagement_samples
    MODIFY COLUMN observed_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))

-- statement: batches
CREATE TABLE IF NOT EXISTS weibo_store.batches
(
    topic LowCardinality(String),
    partition UInt16 COMMENT 'partition of the topic' CODEC(ZSTD(1)),
    first UInt64 COMMENT 'offset of its first message' CODEC(Delta, ZSTD(1)),
    last UInt64 COMMENT 'offset of its last message; the next batch of the partition begins behind it' CODEC(Delta, ZSTD(1)),
    messages UInt32 COMMENT 'messages in it' CODEC(T64, ZSTD(1)),
    rows UInt32 COMMENT 'rows that they became' CODEC(T64, ZSTD(1)),
    dead_letters UInt32 COMMENT 'those that could not be loaded: messages less rows' CODEC(T64, ZSTD(1)),
    software LowCardinality(String) COMMENT 'what loaded it',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which it was in every table' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (topic, partition, last)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'What was loaded, one row per batch, written when all of its rows and dead letters are: gapless ranges per partition mean that nothing is lost.'

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
ORDER BY kafka_offset DESC
LIMIT 1 BY account_id, observed_at
COMMENT 'An account at every moment at which it was seen, once per moment. 帐号快照：粉丝、关注、微博数'

-- statement: samples
CREATE OR REPLACE VIEW weibo.samples AS
SELECT
    account_id, post_id, observed_at, toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, created_at,
    dateDiff('second', created_at, observed_at) AS age_seconds,
    reposts AS reposts,
    reposts - reposts_below AS reposts_low,
    reposts + reposts_above AS reposts_high,
    multiIf(isNull(reposts), NULL, isNull(reposts_above), 'lower_bound', reposts_below = 0 AND reposts_above = 0, 'exact', 'rounded') AS reposts_precision,
    comments AS comments,
    comments - comments_below AS comments_low,
    comments + comments_above AS comments_high,
    multiIf(isNull(comments), NULL, isNull(comments_above), 'lower_bound', comments_below = 0 AND comments_above = 0, 'exact', 'rounded') AS comments_precision,
    likes AS likes,
    likes - likes_below AS likes_low,
    likes + likes_above AS likes_high,
    multiIf(isNull(likes), NULL, isNull(likes_above), 'lower_bound', likes_below = 0 AND likes_above = 0, 'exact', 'rounded') AS likes_precision,
    views AS views,
    views - views_below AS views_low,
    views + views_above AS views_high,
    multiIf(isNull(views), NULL, isNull(views_above), 'lower_bound', views_below = 0 AND views_above = 0, 'exact', 'rounded') AS views_precision,
    via, ce_source, nullIf(software, '') AS software, nullIf(lane, '') AS lane, ingested_at
FROM weibo_store.engagement_samples
ORDER BY kafka_offset DESC
LIMIT 1 BY account_id, post_id, observed_at
COMMENT 'A post''s counters at every moment at which it was seen, once per moment. 每条微博的转发、评论、赞、阅读数'

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
ORDER BY observed_at DESC, kafka_offset DESC
LIMIT 1 BY account_id, post_id, comment_id
COMMENT 'Comments and replies, each in its latest version. Authors are keyed hashes; institutions keep their names. 评论'

-- statement: reposts
CREATE OR REPLACE VIEW weibo.reposts AS
SELECT
    account_id, post_id, repost_id, author_key, author_account_id, author_name, author_uid, author_verified_type,
    created_at, toTimeZone(created_at, 'Asia/Shanghai') AS created_at_beijing, text, region,
    likes AS likes,
    likes - likes_below AS likes_low,
    likes + likes_above AS likes_high,
    multiIf(isNull(likes), NULL, isNull(likes_above), 'lower_bound', likes_below = 0 AND likes_above = 0, 'exact', 'rounded') AS likes_precision,
    content_version, observed_at, ce_source, nullIf(software, '') AS software, nullIf(lane, '') AS lane, ingested_at
FROM weibo_store.repost_versions
ORDER BY observed_at DESC, kafka_offset DESC
LIMIT 1 BY account_id, post_id, repost_id
COMMENT 'Who passed a post on, when and with which words, each in its latest version, as far as the list goes. Authors are keyed hashes; institutions keep their names. 转发'

-- statement: the words of snapshots
ALTER TABLE weibo.snapshots
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `observed_at` 'when we saw it, UTC 观察时间',
    COMMENT COLUMN `observed_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `uid` 'Weibo''s numeric id',
    COMMENT COLUMN `screen_name` 'name on Weibo 昵称',
    COMMENT COLUMN `followers` 'followers 粉丝',
    COMMENT COLUMN `followers_low` 'least true count that it may stand for',
    COMMENT COLUMN `followers_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `followers_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `following` 'accounts followed 关注',
    COMMENT COLUMN `following_low` 'least true count that it may stand for',
    COMMENT COLUMN `following_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `following_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `posts` 'posts in all 微博',
    COMMENT COLUMN `posts_low` 'least true count that it may stand for',
    COMMENT COLUMN `posts_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `posts_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `reposts_received` 'reposts of all posts, as the account shows them',
    COMMENT COLUMN `reposts_received_low` 'least true count that it may stand for',
    COMMENT COLUMN `reposts_received_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `reposts_received_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `comments_received` 'comments on all posts, as the account shows them',
    COMMENT COLUMN `comments_received_low` 'least true count that it may stand for',
    COMMENT COLUMN `comments_received_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `comments_received_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `likes_received` 'likes of all posts, as the account shows them',
    COMMENT COLUMN `likes_received_low` 'least true count that it may stand for',
    COMMENT COLUMN `likes_received_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `likes_received_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `followers_raw` 'the text as shown',
    COMMENT COLUMN `posts_raw` 'the text as shown',
    COMMENT COLUMN `verified` 'whether it carries a V 认证',
    COMMENT COLUMN `verified_type` 'Weibo''s own number: 1 government, 2 enterprise',
    COMMENT COLUMN `verified_reason` '微博认证',
    COMMENT COLUMN `description` 'the account''s own words 简介',
    COMMENT COLUMN `region` 'where, as Weibo shows it IP属地',
    COMMENT COLUMN `printed_rank` 'rank that an imported list gave',
    COMMENT COLUMN `via` 'where it was read',
    COMMENT COLUMN `source` 'the device, app or publication named',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from',
    COMMENT COLUMN `software` 'what observed it, such as weiplomacy/0.1.0; null: not said 采集软件',
    COMMENT COLUMN `lane` 'lane that saw it; null: none, as in imports 会话通道',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'

-- statement: the words of samples
ALTER TABLE weibo.samples
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `observed_at` 'when we saw it, UTC 观察时间',
    COMMENT COLUMN `observed_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC 发布时间',
    COMMENT COLUMN `age_seconds` 'age of the post at that moment',
    COMMENT COLUMN `reposts` 'reposts 转发',
    COMMENT COLUMN `reposts_low` 'least true count that it may stand for',
    COMMENT COLUMN `reposts_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `reposts_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `comments` 'comments 评论',
    COMMENT COLUMN `comments_low` 'least true count that it may stand for',
    COMMENT COLUMN `comments_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `comments_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `likes` 'likes 赞',
    COMMENT COLUMN `likes_low` 'least true count that it may stand for',
    COMMENT COLUMN `likes_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `likes_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `views` 'views 阅读 or 播放',
    COMMENT COLUMN `views_low` 'least true count that it may stand for',
    COMMENT COLUMN `views_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `views_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `via` 'where it was read',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from',
    COMMENT COLUMN `software` 'what observed it, such as weiplomacy/0.1.0; null: not said 采集软件',
    COMMENT COLUMN `lane` 'lane that saw it; null: none, as in imports 会话通道',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'

-- statement: the words of comments
ALTER TABLE weibo.comments
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `comment_id` 'Weibo''s id of the comment',
    COMMENT COLUMN `root_id` 'the comment that this is a reply under; null at the top',
    COMMENT COLUMN `author_key` 'keyed hash of the author''s uid',
    COMMENT COLUMN `author_account_id` 'the author, where it is a registered account',
    COMMENT COLUMN `author_name` 'the author: verified institutions only, unless raw values are switched on',
    COMMENT COLUMN `author_uid` 'the author''s uid: null unless the operator switched raw values on',
    COMMENT COLUMN `author_verified_type` 'Weibo''s own number',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC 发布时间',
    COMMENT COLUMN `created_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `text` 'plain text 正文',
    COMMENT COLUMN `region` 'where, as Weibo shows it IP属地',
    COMMENT COLUMN `likes` 'likes 赞',
    COMMENT COLUMN `likes_low` 'least true count that it may stand for',
    COMMENT COLUMN `likes_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `likes_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `replies` 'replies 回复',
    COMMENT COLUMN `replies_low` 'least true count that it may stand for',
    COMMENT COLUMN `replies_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `replies_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `has_picture` 'whether it shows a picture',
    COMMENT COLUMN `list_order` 'the list that it was read in: hot, time, reply',
    COMMENT COLUMN `content_version` 'hash of what it says',
    COMMENT COLUMN `observed_at` 'when we saw it, UTC 观察时间',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from',
    COMMENT COLUMN `software` 'what observed it, such as weiplomacy/0.1.0; null: not said 采集软件',
    COMMENT COLUMN `lane` 'lane that saw it; null: none, as in imports 会话通道',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'

-- statement: the words of reposts
ALTER TABLE weibo.reposts
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `repost_id` 'Weibo''s id of the repost',
    COMMENT COLUMN `author_key` 'keyed hash of the author''s uid',
    COMMENT COLUMN `author_account_id` 'the author, where it is a registered account',
    COMMENT COLUMN `author_name` 'the author: verified institutions only, unless raw values are switched on',
    COMMENT COLUMN `author_uid` 'the author''s uid: null unless the operator switched raw values on',
    COMMENT COLUMN `author_verified_type` 'Weibo''s own number',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC 发布时间',
    COMMENT COLUMN `created_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `text` 'plain text 正文',
    COMMENT COLUMN `region` 'where, as Weibo shows it IP属地',
    COMMENT COLUMN `likes` 'likes 赞',
    COMMENT COLUMN `likes_low` 'least true count that it may stand for',
    COMMENT COLUMN `likes_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `likes_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `content_version` 'hash of what it says',
    COMMENT COLUMN `observed_at` 'when we saw it, UTC 观察时间',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from',
    COMMENT COLUMN `software` 'what observed it, such as weiplomacy/0.1.0; null: not said 采集软件',
    COMMENT COLUMN `lane` 'lane that saw it; null: none, as in imports 会话通道',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'
