-- How much the post moved that moved most, per account and hour, and per day: so that the largest steps of all posts are
-- found without the samples of all accounts. Rows of before are computed again, since what was derived carries by now
-- the revision of the statements that derived it.

-- statement: account_hours: how much one post moved at most
ALTER TABLE weibo_store.account_hours
    ADD COLUMN IF NOT EXISTS most_moved UInt64 CODEC(T64, ZSTD(1)) AFTER deltas_unknown

-- statement: account_days: how much one post moved at most
ALTER TABLE weibo_store.account_days
    ADD COLUMN IF NOT EXISTS most_moved UInt64 CODEC(T64, ZSTD(1)) AFTER deltas_unknown

-- statement: derivations: by which statements
ALTER TABLE weibo_store.derivations
    ADD COLUMN IF NOT EXISTS revision UInt16 COMMENT 'revision of the statements; what another one derived is computed again' AFTER accounts

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
    most_moved,
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
    most_moved,
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
    COMMENT COLUMN `most_moved` 'most that one post moved: reposts, comments and likes together, falls counted like gains; of posts whose publication is known 单条微博最大变动',
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
    COMMENT COLUMN `most_moved` 'most that one post moved within an hour, as in account_hours 单条微博一小时内最大变动',
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
