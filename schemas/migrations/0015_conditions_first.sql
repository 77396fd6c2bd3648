-- Of derived rows only the newest counts; a condition on account, post or period is held against them before these are
-- laid over each other, and not after (conditions on other columns still are). And interference looks at ids first.
-- Time in Beijing is written beside what is left of the repeats: so a condition on it reaches the tables.

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
SETTINGS optimize_move_to_prewhere_if_final = 1
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
SETTINGS optimize_move_to_prewhere_if_final = 1
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
    most_moved,
    newest_sample_at,
    derived_at
FROM weibo_store.account_hours FINAL
SETTINGS optimize_move_to_prewhere_if_final = 1
COMMENT 'What the posts of each account gained per hour, as in hourly_deltas, summed. A gain stands in the hour in which it was seen: after a pause it is one larger step. 每个帐号每小时的增量'

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
SETTINGS optimize_move_to_prewhere_if_final = 1
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
            WHERE r.post_id IN (SELECT post_id FROM weibo_store.post_removals)
            GROUP BY r.account_id, r.post_id
            UNION ALL
            SELECT account_id, post_id, max(observed_at)
            FROM weibo_store.post_versions
            WHERE post_id IN (SELECT post_id FROM weibo_store.post_removals)
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
        FROM (SELECT * FROM weibo_store.receipts WHERE hasAny(lists_ended_by, ['comments_closed', 'comments_curated']))
        ARRAY JOIN lists_post_id AS under, lists_order AS listed, lists_ended_by AS ended
        WHERE ended IN ('comments_closed', 'comments_curated')
        GROUP BY account_id, under, ended, listed
        UNION ALL
        SELECT account_id, post_id, fall.1, fall.4, NULL, '', fall.2, fall.3, NULL
        FROM
        (
            SELECT *
            FROM weibo_store.post_measures FINAL
            PREWHERE post_id IN (SELECT post_id FROM weibo_store.post_measures WHERE reposts_lost > 0 OR comments_lost > 0 OR likes_lost > 0)
        )
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

-- statement: receipts
CREATE OR REPLACE VIEW weibo.receipts AS
SELECT
    account_id, cycle, spider, lane, software, started_at, ended_at, toTimeZone(ended_at, 'Asia/Shanghai') AS
    ended_at_beijing, planned, fetched, published, acknowledged, responses, stop_reason, complete, problems,
    posts_reported, posts_reported_low, posts_reported_high, posts_reported_precision, posts_captured,
    comments_reported, comments_captured, lists_post_id, lists_order, lists_reported, lists_listed,
    lists_captured, lists_pages, lists_ended_by, missing_kind, missing_what, missing_count, missing_reason,
    missing_remedy, watermark, raw_people, ce_source, ingested_at
FROM
(
    SELECT
        account_id, cycle, spider, lane, software, started_at, observed_at AS ended_at,
        planned, fetched, published, acknowledged, responses,
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
)
COMMENT 'What each visit to an account planned, fetched and published, what is missing, and why it ended. 每次采集的回执'

-- statement: snapshots
CREATE OR REPLACE VIEW weibo.snapshots AS
SELECT
    account_id, observed_at, toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, uid, screen_name,
    followers, followers_low, followers_high, followers_precision, following, following_low, following_high,
    following_precision, posts, posts_low, posts_high, posts_precision, reposts_received, reposts_received_low,
    reposts_received_high, reposts_received_precision, comments_received, comments_received_low,
    comments_received_high, comments_received_precision, likes_received, likes_received_low,
    likes_received_high, likes_received_precision, followers_raw, posts_raw, verified, verified_type,
    verified_reason, description, region, printed_rank, via, source, ce_source, software, lane, ingested_at
FROM
(
    SELECT
        account_id, observed_at, uid, screen_name,
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
)
COMMENT 'An account at every moment at which it was seen, once per moment. 帐号快照：粉丝、关注、微博数'

-- statement: samples
CREATE OR REPLACE VIEW weibo.samples AS
SELECT
    account_id, post_id, observed_at, toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing,
    created_at, age_seconds, reposts, reposts_low, reposts_high, reposts_precision, comments, comments_low,
    comments_high, comments_precision, likes, likes_low, likes_high, likes_precision, views, views_low,
    views_high, views_precision, via, ce_source, software, lane, ingested_at
FROM
(
    SELECT
        account_id, post_id, observed_at, created_at,
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
)
COMMENT 'A post''s counters at every moment at which it was seen, once per moment. 每条微博的转发、评论、赞、阅读数'

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
    COMMENT COLUMN `benchmark` 'type: posts of its kind; account: all posts of the account; peers: posts of accounts with as many digits of followers; empty: too few 基准（同类、本帐号、粉丝位数相同的帐号，空为不足）',
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
    COMMENT COLUMN `expected` 'interactions that were to be expected: of the account''s last 100 posts of the kind, none older than a year, without the highest and the lowest quarter, the mean; of all kinds where one has fewer than 20; where these are fewer too, of posts that accounts with as many digits of followers published in the thirty days before, at most 100 of a day, its own among them 预期互动（依次取本帐号同类、本帐号全部、粉丝位数相同的帐号近30天的微博）',
    COMMENT COLUMN `benchmark_posts` 'posts behind the expectation; below 20 there is none 基准微博数',
    COMMENT COLUMN `benchmark` 'type, account, peers, or empty: too few 基准（同类、本帐号、粉丝位数相同的帐号，空为不足）',
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
    COMMENT COLUMN `derived_at` 'machine time at which this row was computed, UTC: newer samples are not in it yet 计算时间',
    COMMENT COLUMN `most_moved` 'most that one post moved: reposts, comments and likes together, falls counted like gains; of posts whose publication is known 单条微博最大变动'

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
    COMMENT COLUMN `visits` 'visits of the crawler that ended on the day, looking up names and trying lanes apart 采集次数',
    COMMENT COLUMN `visits_complete` 'those without a hole 完整采集次数',
    COMMENT COLUMN `comments_reported` 'comments that the posts of the visits report, visit by visit 报告评论数',
    COMMENT COLUMN `comments_captured` 'those that were read 采集评论数',
    COMMENT COLUMN `derived_at` 'machine time at which this row was computed, UTC: newer samples are not in it yet 计算时间',
    COMMENT COLUMN `most_moved` 'most that one post moved within an hour, as in account_hours 单条微博一小时内最大变动',
    COMMENT COLUMN `last_post_at` 'when the newest post of the day was published, UTC; null: none 当日最后发布时间',
    COMMENT COLUMN `last_post_id` 'its id 当日最后一条微博',
    COMMENT COLUMN `last_snapshot_at` 'newest snapshot of the day, UTC; null: none 当日最后快照时间',
    COMMENT COLUMN `posts_reported_high` 'greatest true count that it may stand for; null: no upper bound 微博总数上限',
    COMMENT COLUMN `last_visit_at` 'when the newest of these visits ended, UTC; null: none 最近采集时间',
    COMMENT COLUMN `last_stop_reason` 'why that one ended 结束原因'

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

-- statement: the words of samples
ALTER TABLE weibo.samples
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `observed_at` 'when we saw it, UTC 观察时间',
    COMMENT COLUMN `observed_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC 发布时间',
    COMMENT COLUMN `age_seconds` 'age of the post at that moment 微博年龄（秒）',
    COMMENT COLUMN `reposts` 'reposts 转发',
    COMMENT COLUMN `reposts_low` 'least true count that it may stand for 转发下限',
    COMMENT COLUMN `reposts_high` 'greatest true count that it may stand for; null: no upper bound 转发上限',
    COMMENT COLUMN `reposts_precision` 'exact, rounded or lower_bound 转发精度',
    COMMENT COLUMN `comments` 'comments 评论',
    COMMENT COLUMN `comments_low` 'least true count that it may stand for 评论下限',
    COMMENT COLUMN `comments_high` 'greatest true count that it may stand for; null: no upper bound 评论上限',
    COMMENT COLUMN `comments_precision` 'exact, rounded or lower_bound 评论精度',
    COMMENT COLUMN `likes` 'likes 赞',
    COMMENT COLUMN `likes_low` 'least true count that it may stand for 赞下限',
    COMMENT COLUMN `likes_high` 'greatest true count that it may stand for; null: no upper bound 赞上限',
    COMMENT COLUMN `likes_precision` 'exact, rounded or lower_bound 赞精度',
    COMMENT COLUMN `views` 'views 阅读 or 播放',
    COMMENT COLUMN `views_low` 'least true count that it may stand for 阅读下限',
    COMMENT COLUMN `views_high` 'greatest true count that it may stand for; null: no upper bound 阅读上限',
    COMMENT COLUMN `views_precision` 'exact, rounded or lower_bound 阅读精度',
    COMMENT COLUMN `via` 'where it was read 读取位置',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from 数据来源',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC 入库时间',
    COMMENT COLUMN `software` 'what observed it, such as weiplomacy/0.1.0; null: not said 采集软件',
    COMMENT COLUMN `lane` 'lane that saw it; null: none, as in imports 会话通道'
