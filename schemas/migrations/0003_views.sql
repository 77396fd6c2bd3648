-- The views for analysis. Times are UTC; columns ending in _beijing are the same moments in Beijing time. Of each
-- counter: the value shown, the least and the greatest true count that it may stand for, and its precision
-- (exact, rounded, lower_bound); null is unknown, never zero. Repeats of an event are shown once.

-- statement: accounts
CREATE OR REPLACE VIEW weibo.accounts AS
SELECT
    account_id, country_code, country_en, country_zh, name_en, name_zh, bloc, mission, screen_name,
    printed_screen_name, uid, related, valid_from, valid_to, tier
FROM weibo_store.accounts
WHERE loaded_at = (SELECT max(loaded_at) FROM weibo_store.accounts)
COMMENT 'The registry: which account is whose. 帐号登记表'

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
    source, ce_source, ingested_at
FROM weibo_store.account_snapshots
ORDER BY kafka_offset DESC
LIMIT 1 BY account_id, observed_at
COMMENT 'An account at every moment at which it was seen, once per moment. 帐号快照：粉丝、关注、微博数'

-- statement: ranking
CREATE OR REPLACE VIEW weibo.ranking AS
WITH
    if(
        length({at:String}) = 10,
        toDateTime64(toDate({at:String}) + 1, 3, 'Asia/Shanghai'),
        parseDateTime64BestEffort({at:String}, 3, 'UTC') + toIntervalMillisecond(1)
    ) AS until,
    latest AS
    (
        SELECT account_id, argMax(
            (
                followers, followers_below, followers_above, followers_raw, verified, posts, posts_below, posts_above,
                printed_rank, screen_name, observed_at, ce_source
            ),
            (observed_at, kafka_offset)
        ) AS newest
        FROM weibo_store.account_snapshots
        WHERE observed_at < until AND isNotNull(followers)
        GROUP BY account_id
    ),
    printed AS
    (
        SELECT account_id, argMax(printed_rank, (observed_at, kafka_offset)) AS newest_printed_rank
        FROM weibo_store.account_snapshots
        WHERE observed_at < until AND isNotNull(printed_rank)
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
    latest.newest.10 AS screen_name,
    latest.newest.5 AS verified,
    latest.newest.1 AS followers,
    latest.newest.1 - latest.newest.2 AS followers_low,
    latest.newest.1 + latest.newest.3 AS followers_high,
    multiIf(isNull(latest.newest.3), 'lower_bound', latest.newest.2 = 0 AND latest.newest.3 = 0, 'exact', 'rounded') AS followers_precision,
    latest.newest.4 AS followers_raw,
    latest.newest.6 AS posts,
    latest.newest.6 - latest.newest.7 AS posts_low,
    latest.newest.6 + latest.newest.8 AS posts_high,
    latest.newest.11 AS observed_at,
    toTimeZone(latest.newest.11, 'Asia/Shanghai') AS observed_at_beijing,
    latest.newest.12 AS ce_source
FROM latest
LEFT JOIN printed ON printed.account_id = latest.account_id
LEFT JOIN weibo.accounts AS accounts ON accounts.account_id = latest.account_id
ORDER BY rank, account_id
COMMENT 'Who leads at a moment, by followers: ranking(at = ''2016-12-31'') takes the end of that day in Beijing, ranking(at = ''2016-12-31T08:00:00Z'') that moment. printed_rank is the rank that an imported list gave (December 2016), rank is computed; equal counts share a rank. 任意日期的粉丝排名'

-- statement: ranking_growth
CREATE OR REPLACE VIEW weibo.ranking_growth AS
WITH
    if(
        length({since:String}) = 10,
        toDateTime64(toDate({since:String}) + 1, 3, 'Asia/Shanghai'),
        parseDateTime64BestEffort({since:String}, 3, 'UTC') + toIntervalMillisecond(1)
    ) AS begin,
    if(
        length({at:String}) = 10,
        toDateTime64(toDate({at:String}) + 1, 3, 'Asia/Shanghai'),
        parseDateTime64BestEffort({at:String}, 3, 'UTC') + toIntervalMillisecond(1)
    ) AS until,
    two AS
    (
        SELECT
            account_id,
            argMaxIf((followers, followers_below, followers_above, observed_at), (observed_at, kafka_offset), observed_at < begin) AS then,
            argMax((followers, followers_below, followers_above, observed_at), (observed_at, kafka_offset)) AS now
        FROM weibo_store.account_snapshots
        WHERE observed_at < until AND isNotNull(followers)
        GROUP BY account_id
    ),
    counts AS
    (
        SELECT
            account_id,
            now.1 AS followers,
            now.1 - now.2 AS followers_low,
            now.1 + now.3 AS followers_high,
            now.4 AS observed_at,
            then.1 AS followers_before,
            then.1 - then.2 AS followers_before_low,
            then.1 + then.3 AS followers_before_high,
            if(isNull(then.1), NULL, then.4) AS observed_before_at,
            now.2 = 0 AND ifNull(now.3 = 0, false) AND then.2 = 0 AND ifNull(then.3 = 0, false) AS exact
        FROM two
    )
SELECT
    rank() OVER (ORDER BY counts.followers DESC) AS rank,
    if(isNull(counts.followers_before), NULL, rank() OVER (ORDER BY counts.followers_before DESC NULLS LAST)) AS rank_before,
    counts.account_id AS account_id,
    accounts.name_en AS name_en,
    accounts.name_zh AS name_zh,
    accounts.country_code AS country_code,
    accounts.country_en AS country_en,
    counts.followers AS followers,
    counts.followers_before AS followers_before,
    if(
        exact OR ifNull(followers_low > followers_before_high, false) OR ifNull(followers_high < followers_before_low, false),
        toInt64(counts.followers) - toInt64(counts.followers_before),
        NULL
    ) AS growth,
    toInt64(followers_low) - toInt64(followers_before_high) AS growth_low,
    toInt64(followers_high) - toInt64(followers_before_low) AS growth_high,
    counts.observed_at AS observed_at,
    counts.observed_before_at AS observed_before_at
FROM counts
LEFT JOIN weibo.accounts AS accounts ON accounts.account_id = counts.account_id
ORDER BY rank, account_id
COMMENT 'Followers at two moments, ranking_growth(since = ''2016-12-24'', at = ''2016-12-31''), each as in ranking: ranks, change and its bounds. growth is null where one of the two is unknown or the change is lost in the rounding. 两个日期之间的粉丝增长'

-- statement: posts
CREATE OR REPLACE VIEW weibo.posts AS
WITH
    latest AS
    (
        SELECT *
        FROM weibo_store.post_versions
        ORDER BY ifNull(edit_count, 0) DESC, text_truncated, observed_at DESC, kafka_offset DESC
        LIMIT 1 BY account_id, post_id
    ),
    sightings AS
    (
        SELECT
            account_id,
            post_id,
            min(observed_at) AS first_observed_at,
            max(observed_at) AS last_observed_at,
            uniqExact(content_version) AS versions
        FROM weibo_store.post_versions
        GROUP BY account_id, post_id
    ),
    removals AS
    (
        SELECT
            account_id,
            post_id,
            argMax(removal, (isNotNull(confirmed_at), observed_at, kafka_offset)) AS removal,
            argMax((notice, first_missing_at, confirmed_at), (isNotNull(confirmed_at), observed_at, kafka_offset)) AS newest
        FROM weibo_store.post_removals
        GROUP BY account_id, post_id
    )
SELECT
    latest.account_id AS account_id,
    latest.post_id AS post_id,
    latest.bid AS bid,
    latest.created_at AS created_at,
    toTimeZone(latest.created_at, 'Asia/Shanghai') AS created_at_beijing,
    latest.text AS text,
    latest.text_truncated AS text_truncated,
    latest.kind AS kind,
    latest.format AS format,
    latest.reposted_post_id AS reposted_post_id,
    latest.reposted_author_name AS reposted_author_name,
    latest.reposted_text AS reposted_text,
    latest.reposted_removed AS reposted_removed,
    latest.topics AS topics,
    latest.links AS links,
    latest.media_kinds AS media_kinds,
    latest.media_urls AS media_urls,
    latest.source AS source,
    latest.region AS region,
    latest.edit_count AS edit_count,
    latest.edited_at AS edited_at,
    latest.pinned AS pinned,
    latest.content_version AS content_version,
    sightings.versions AS versions,
    sightings.first_observed_at AS first_observed_at,
    sightings.last_observed_at AS last_observed_at,
    if(removals.removal = '' OR removals.newest.2 < sightings.last_observed_at, NULL, removals.removal) AS removal,
    if(isNull(removal), NULL, removals.newest.1) AS removal_notice,
    if(isNull(removal), NULL, removals.newest.2) AS first_missing_at,
    if(isNull(removal), NULL, removals.newest.3) AS removal_confirmed_at,
    latest.ce_source AS ce_source
FROM latest
INNER JOIN sightings ON sightings.account_id = latest.account_id AND sightings.post_id = latest.post_id
LEFT JOIN removals ON removals.account_id = latest.account_id AND removals.post_id = latest.post_id
COMMENT 'The posts, each in its latest version: the newest edit, a full text before a truncated one; removed where it is no longer to be seen. 微博，每条取最新版本'

-- statement: removals
CREATE OR REPLACE VIEW weibo.removals AS
SELECT
    account_id, post_id, removal, notice, last_seen_at, first_missing_at,
    toTimeZone(first_missing_at, 'Asia/Shanghai') AS first_missing_at_beijing, confirmed_at, observed_at, ce_source, ingested_at
FROM weibo_store.post_removals
ORDER BY kafka_offset DESC
LIMIT 1 BY post_id, first_missing_at, isNull(confirmed_at), if(isNull(confirmed_at), '', removal)
COMMENT 'Posts that disappeared: each removal once per stage (missing, confirmed). 消失的微博'

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
    via, ce_source, ingested_at
FROM weibo_store.engagement_samples
ORDER BY kafka_offset DESC
LIMIT 1 BY account_id, post_id, observed_at
COMMENT 'A post''s counters at every moment at which it was seen, once per moment. 每条微博的转发、评论、赞、阅读数'

-- statement: latest_counters
CREATE OR REPLACE VIEW weibo.latest_counters AS
SELECT
    account_id,
    post_id,
    created_at,
    toTimeZone(created_at, 'Asia/Shanghai') AS created_at_beijing,
    first_observed_at,
    observed_at,
    toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing,
    if(toUnixTimestamp64Milli(reposts_state.4) != 0, reposts_state.1, NULL) AS reposts,
    if(toUnixTimestamp64Milli(reposts_state.4) != 0, reposts_state.1 - reposts_state.2, NULL) AS reposts_low,
    if(toUnixTimestamp64Milli(reposts_state.4) != 0, reposts_state.1 + reposts_state.3, NULL) AS reposts_high,
    multiIf(NOT (toUnixTimestamp64Milli(reposts_state.4) != 0), NULL, isNull(reposts_state.3), 'lower_bound', reposts_state.2 = 0 AND reposts_state.3 = 0, 'exact', 'rounded') AS reposts_precision,
    if(toUnixTimestamp64Milli(reposts_state.4) != 0, reposts_state.4, NULL) AS reposts_at,
    if(toUnixTimestamp64Milli(comments_state.4) != 0, comments_state.1, NULL) AS comments,
    if(toUnixTimestamp64Milli(comments_state.4) != 0, comments_state.1 - comments_state.2, NULL) AS comments_low,
    if(toUnixTimestamp64Milli(comments_state.4) != 0, comments_state.1 + comments_state.3, NULL) AS comments_high,
    multiIf(NOT (toUnixTimestamp64Milli(comments_state.4) != 0), NULL, isNull(comments_state.3), 'lower_bound', comments_state.2 = 0 AND comments_state.3 = 0, 'exact', 'rounded') AS comments_precision,
    if(toUnixTimestamp64Milli(comments_state.4) != 0, comments_state.4, NULL) AS comments_at,
    if(toUnixTimestamp64Milli(likes_state.4) != 0, likes_state.1, NULL) AS likes,
    if(toUnixTimestamp64Milli(likes_state.4) != 0, likes_state.1 - likes_state.2, NULL) AS likes_low,
    if(toUnixTimestamp64Milli(likes_state.4) != 0, likes_state.1 + likes_state.3, NULL) AS likes_high,
    multiIf(NOT (toUnixTimestamp64Milli(likes_state.4) != 0), NULL, isNull(likes_state.3), 'lower_bound', likes_state.2 = 0 AND likes_state.3 = 0, 'exact', 'rounded') AS likes_precision,
    if(toUnixTimestamp64Milli(likes_state.4) != 0, likes_state.4, NULL) AS likes_at,
    if(toUnixTimestamp64Milli(views_state.4) != 0, views_state.1, NULL) AS views,
    if(toUnixTimestamp64Milli(views_state.4) != 0, views_state.1 - views_state.2, NULL) AS views_low,
    if(toUnixTimestamp64Milli(views_state.4) != 0, views_state.1 + views_state.3, NULL) AS views_high,
    multiIf(NOT (toUnixTimestamp64Milli(views_state.4) != 0), NULL, isNull(views_state.3), 'lower_bound', views_state.2 = 0 AND views_state.3 = 0, 'exact', 'rounded') AS views_precision,
    if(toUnixTimestamp64Milli(views_state.4) != 0, views_state.4, NULL) AS views_at
FROM
(
    SELECT
        r.account_id AS account_id,
        r.post_id AS post_id,
        max(r.created_at) AS created_at,
        min(r.first_observed_at) AS first_observed_at,
        max(r.observed_at) AS observed_at,
        argMaxIfMerge(r.reposts) AS reposts_state,
        argMaxIfMerge(r.comments) AS comments_state,
        argMaxIfMerge(r.likes) AS likes_state,
        argMaxIfMerge(r.views) AS views_state
    FROM weibo_store.post_latest AS r
    GROUP BY r.account_id, r.post_id
)
COMMENT 'The newest known counters of each post; each has its own moment (_at), since a page may leave one out. 每条微博最新的转发、评论、赞、阅读数'

-- statement: hourly_deltas
CREATE OR REPLACE VIEW weibo.hourly_deltas AS
SELECT
    account_id,
    post_id,
    hour,
    toTimeZone(hour, 'Asia/Shanghai') AS hour_beijing,
    observed_at,
    if(toUnixTimestamp64Milli(reposts_now.4) != 0, reposts_now.1, NULL) AS reposts,
    if(toUnixTimestamp64Milli(reposts_now.4) != 0 AND toUnixTimestamp64Milli(reposts_before.4) != 0, toInt64(reposts_now.1 - reposts_now.2) - toInt64(reposts_before.1 + reposts_before.3), NULL) AS reposts_delta_low,
    if(toUnixTimestamp64Milli(reposts_now.4) != 0 AND toUnixTimestamp64Milli(reposts_before.4) != 0, toInt64(reposts_now.1 + reposts_now.3) - toInt64(reposts_before.1 - reposts_before.2), NULL) AS reposts_delta_high,
    if(
        toUnixTimestamp64Milli(reposts_now.4) != 0 AND toUnixTimestamp64Milli(reposts_before.4) != 0 AND (ifNull(reposts_delta_low = reposts_delta_high, false) OR ifNull(reposts_delta_low > 0, false) OR ifNull(reposts_delta_high < 0, false)),
        toInt64(reposts_now.1) - toInt64(reposts_before.1),
        NULL
    ) AS reposts_delta,
    if(toUnixTimestamp64Milli(comments_now.4) != 0, comments_now.1, NULL) AS comments,
    if(toUnixTimestamp64Milli(comments_now.4) != 0 AND toUnixTimestamp64Milli(comments_before.4) != 0, toInt64(comments_now.1 - comments_now.2) - toInt64(comments_before.1 + comments_before.3), NULL) AS comments_delta_low,
    if(toUnixTimestamp64Milli(comments_now.4) != 0 AND toUnixTimestamp64Milli(comments_before.4) != 0, toInt64(comments_now.1 + comments_now.3) - toInt64(comments_before.1 - comments_before.2), NULL) AS comments_delta_high,
    if(
        toUnixTimestamp64Milli(comments_now.4) != 0 AND toUnixTimestamp64Milli(comments_before.4) != 0 AND (ifNull(comments_delta_low = comments_delta_high, false) OR ifNull(comments_delta_low > 0, false) OR ifNull(comments_delta_high < 0, false)),
        toInt64(comments_now.1) - toInt64(comments_before.1),
        NULL
    ) AS comments_delta,
    if(toUnixTimestamp64Milli(likes_now.4) != 0, likes_now.1, NULL) AS likes,
    if(toUnixTimestamp64Milli(likes_now.4) != 0 AND toUnixTimestamp64Milli(likes_before.4) != 0, toInt64(likes_now.1 - likes_now.2) - toInt64(likes_before.1 + likes_before.3), NULL) AS likes_delta_low,
    if(toUnixTimestamp64Milli(likes_now.4) != 0 AND toUnixTimestamp64Milli(likes_before.4) != 0, toInt64(likes_now.1 + likes_now.3) - toInt64(likes_before.1 - likes_before.2), NULL) AS likes_delta_high,
    if(
        toUnixTimestamp64Milli(likes_now.4) != 0 AND toUnixTimestamp64Milli(likes_before.4) != 0 AND (ifNull(likes_delta_low = likes_delta_high, false) OR ifNull(likes_delta_low > 0, false) OR ifNull(likes_delta_high < 0, false)),
        toInt64(likes_now.1) - toInt64(likes_before.1),
        NULL
    ) AS likes_delta,
    if(toUnixTimestamp64Milli(views_now.4) != 0, views_now.1, NULL) AS views,
    if(toUnixTimestamp64Milli(views_now.4) != 0 AND toUnixTimestamp64Milli(views_before.4) != 0, toInt64(views_now.1 - views_now.2) - toInt64(views_before.1 + views_before.3), NULL) AS views_delta_low,
    if(toUnixTimestamp64Milli(views_now.4) != 0 AND toUnixTimestamp64Milli(views_before.4) != 0, toInt64(views_now.1 + views_now.3) - toInt64(views_before.1 - views_before.2), NULL) AS views_delta_high,
    if(
        toUnixTimestamp64Milli(views_now.4) != 0 AND toUnixTimestamp64Milli(views_before.4) != 0 AND (ifNull(views_delta_low = views_delta_high, false) OR ifNull(views_delta_low > 0, false) OR ifNull(views_delta_high < 0, false)),
        toInt64(views_now.1) - toInt64(views_before.1),
        NULL
    ) AS views_delta
FROM
(
    SELECT
        *,
        argMaxIf(reposts_now, hour, toUnixTimestamp64Milli(reposts_now.4) != 0) OVER earlier AS reposts_before,
        argMaxIf(comments_now, hour, toUnixTimestamp64Milli(comments_now.4) != 0) OVER earlier AS comments_before,
        argMaxIf(likes_now, hour, toUnixTimestamp64Milli(likes_now.4) != 0) OVER earlier AS likes_before,
        argMaxIf(views_now, hour, toUnixTimestamp64Milli(views_now.4) != 0) OVER earlier AS views_before
    FROM
    (
        SELECT
            r.account_id AS account_id,
            r.post_id AS post_id,
            r.hour AS hour,
            max(r.observed_at) AS observed_at,
            argMaxIfMerge(r.reposts) AS reposts_now,
            argMaxIfMerge(r.comments) AS comments_now,
            argMaxIfMerge(r.likes) AS likes_now,
            argMaxIfMerge(r.views) AS views_now
        FROM weibo_store.post_hours AS r
        GROUP BY r.account_id, r.post_id, r.hour
    )
    WINDOW earlier AS (PARTITION BY account_id, post_id ORDER BY hour ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
COMMENT 'What each post gained or lost per hour: the newest known count of the hour less that of the newest earlier hour with a known count. Falls are kept; a change is null where nothing earlier is known or where it is lost in the rounding (its bounds are given). 每小时增减'

-- statement: comments
CREATE OR REPLACE VIEW weibo.comments AS
SELECT
    account_id, post_id, comment_id, root_id, author_key, author_account_id, author_name, author_verified_type,
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
    posts_captured, comments_reported, comments_captured, ce_source, ingested_at
FROM weibo_store.receipts
ORDER BY kafka_offset DESC
LIMIT 1 BY account_id, spider, cycle
COMMENT 'What each visit to an account planned, fetched and published, and why it ended. 每次采集的回执'

-- statement: dead_letters
CREATE OR REPLACE VIEW weibo.dead_letters AS
SELECT
    topic, partition, `offset`, stage, reason, detail, software, message_at, observed_at,
    toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, message_key, message_value,
    message_header_names, message_header_values, ingested_at
FROM weibo_store.dead_letters
ORDER BY kafka_offset DESC
LIMIT 1 BY topic, partition, `offset`
COMMENT 'Messages that could not be loaded, once per original position: where, why, and their bytes in base64. 无法载入的消息'

