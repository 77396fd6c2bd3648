-- Who passes posts on; how much of a list nobody is shown; raw ids of people, where the operator switched them on.

-- statement: Who passed a post on, one row per message. Authors are keyed hashes.
CREATE TABLE IF NOT EXISTS weibo_store.repost_versions
(
    post_id UInt64 CODEC(Delta, ZSTD(1)),
    repost_id UInt64 CODEC(Delta, ZSTD(1)),
    content_version String CODEC(ZSTD(1)),
    observed_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    account_id LowCardinality(String) COMMENT 'the account whose post is passed on',
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
    ce_source LowCardinality(String) COMMENT 'live, replica or the publication that it was imported from',
    kafka_partition UInt16 COMMENT 'partition in weibo.reposts' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with' CODEC(Delta, ZSTD(1)),
    batch_last UInt64 COMMENT 'last offset of that batch' CODEC(Delta, ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (post_id, repost_id, content_version)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Who passed a post on, one row per message. Authors are keyed hashes.'

-- statement: receipts: how many a list says of itself
ALTER TABLE weibo_store.receipts
    ADD COLUMN IF NOT EXISTS lists_listed Array(Nullable(UInt64)) COMMENT 'how many the list says of itself' AFTER lists_reported

-- statement: comments: raw ids of people
ALTER TABLE weibo_store.comment_versions
    ADD COLUMN IF NOT EXISTS author_uid Nullable(UInt64) COMMENT 'null unless raw values are switched on' CODEC(ZSTD(1)) AFTER author_name

-- statement: reposts
CREATE OR REPLACE VIEW weibo.reposts AS
SELECT
    account_id, post_id, repost_id, author_key, author_account_id, author_name, author_uid, author_verified_type,
    created_at, toTimeZone(created_at, 'Asia/Shanghai') AS created_at_beijing, text, region,
    likes AS likes,
    likes - likes_below AS likes_low,
    likes + likes_above AS likes_high,
    multiIf(isNull(likes), NULL, isNull(likes_above), 'lower_bound', likes_below = 0 AND likes_above = 0, 'exact', 'rounded') AS likes_precision,
    content_version, observed_at, ce_source
FROM weibo_store.repost_versions
ORDER BY observed_at DESC, kafka_offset DESC
LIMIT 1 BY post_id, repost_id
COMMENT 'Who passed a post on, when and with which words, each in its latest version, as far as the list goes. Authors are keyed hashes; institutions keep their names. 转发'

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
    has_picture, list_order, content_version, observed_at, ce_source
FROM weibo_store.comment_versions
ORDER BY observed_at DESC, kafka_offset DESC
LIMIT 1 BY post_id, comment_id
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
ORDER BY kafka_offset DESC
LIMIT 1 BY account_id, spider, cycle
COMMENT 'What each visit to an account planned, fetched and published, what is missing, and why it ended. 每次采集的回执'

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
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from'

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
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from'

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
    COMMENT COLUMN `lists_listed` 'how many the list says of itself; what is less than reported, nobody is shown',
    COMMENT COLUMN `lists_captured` 'how many were read, each counted once; for hot with their replies',
    COMMENT COLUMN `lists_pages` 'pages read',
    COMMENT COLUMN `lists_ended_by` 'end, cap (a setting), comments_closed, comments_curated, cursor_loop, interrupted, or the class of the answer that ended it',
    COMMENT COLUMN `missing_kind` 'what is missing, entry by entry: its kind',
    COMMENT COLUMN `missing_what` 'which one: a post, a thread, a page, or a range of posts',
    COMMENT COLUMN `missing_count` 'how many things that is; null: not known',
    COMMENT COLUMN `missing_reason` 'class of the answer, or cap, budget, interrupted, kafka',
    COMMENT COLUMN `missing_remedy` 'what will be done about it: next_visit, never, operator',
    COMMENT COLUMN `watermark` 'newest post up to which everything is known and acknowledged; null: none yet',
    COMMENT COLUMN `raw_people` 'raw ids and names of people were switched on',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'
