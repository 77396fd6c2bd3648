-- The views for analysis. Times are UTC; columns ending in _beijing are the same moments in Beijing time. Of each
-- counter: the value shown, the least and the greatest true count that it may stand for, and its precision
-- (exact, rounded, lower_bound); null is unknown, never zero. Repeats of an event are shown once.

-- statement: accounts
CREATE OR REPLACE VIEW weibo.accounts AS
SELECT
    account_id, country_code, country_en, country_zh, name_en, name_zh, bloc, mission, screen_name,
    printed_screen_name, uid, uid_source, uid_confirmed_at, related, valid_from, valid_to, tier
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
    sampled AS
    (
        SELECT account_id, post_id, max(observed_at) AS newest FROM weibo_store.post_latest GROUP BY account_id, post_id
    ),
    versions AS
    (
        SELECT
            account_id,
            post_id,
            min(observed_at) AS first_observed_at,
            max(observed_at) AS newest,
            uniqExact(content_version) AS versions
        FROM weibo_store.post_versions
        GROUP BY account_id, post_id
    ),
    sightings AS
    (
        -- A post that says the same as before is only sampled.
        SELECT
            versions.account_id AS account_id,
            versions.post_id AS post_id,
            versions.first_observed_at AS first_observed_at,
            greatest(versions.newest, sampled.newest) AS last_observed_at,
            versions.versions AS versions
        FROM versions
        LEFT JOIN sampled ON sampled.account_id = versions.account_id AND sampled.post_id = versions.post_id
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

-- The words of the columns; views with parameters can have none, theirs stand in their comments.

-- statement: the words of accounts
ALTER TABLE weibo.accounts
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `country_code` 'ISO 3166-1 alpha-2, or EU',
    COMMENT COLUMN `country_en` 'country 国家',
    COMMENT COLUMN `country_zh` '国家',
    COMMENT COLUMN `name_en` 'mission 使馆',
    COMMENT COLUMN `name_zh` '使馆',
    COMMENT COLUMN `bloc` 'groups of states',
    COMMENT COLUMN `mission` 'embassy, section, tourism_office, delegation, chinese_mission, other',
    COMMENT COLUMN `screen_name` 'name on Weibo 昵称',
    COMMENT COLUMN `printed_screen_name` 'name as printed in December 2016',
    COMMENT COLUMN `uid` 'Weibo''s numeric id',
    COMMENT COLUMN `uid_source` 'who says that this is the uid',
    COMMENT COLUMN `uid_confirmed_at` 'when the site said so, UTC',
    COMMENT COLUMN `related` 'accounts beside it',
    COMMENT COLUMN `valid_from` 'first day, Beijing',
    COMMENT COLUMN `valid_to` 'last day, Beijing',
    COMMENT COLUMN `tier` 'its turn when requests are short'

-- statement: the words of comments
ALTER TABLE weibo.comments
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `comment_id` 'Weibo''s id of the comment',
    COMMENT COLUMN `root_id` 'the comment that this is a reply under; null at the top',
    COMMENT COLUMN `author_key` 'keyed hash of the author''s uid',
    COMMENT COLUMN `author_account_id` 'the author, where it is a registered account',
    COMMENT COLUMN `author_name` 'the author: verified institutions only',
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

-- statement: the words of dead_letters
ALTER TABLE weibo.dead_letters
    COMMENT COLUMN `topic` 'topic of the original message',
    COMMENT COLUMN `partition` 'its partition',
    COMMENT COLUMN `offset` 'its offset',
    COMMENT COLUMN `stage` 'decode, validate, encode, insert',
    COMMENT COLUMN `reason` 'not_json, invalid, unknown_type, newer_contract, too_large, refused',
    COMMENT COLUMN `detail` 'why, as a sentence',
    COMMENT COLUMN `software` 'version of the program',
    COMMENT COLUMN `message_at` 'Kafka''s timestamp of it, UTC',
    COMMENT COLUMN `observed_at` 'when we saw it, UTC 观察时间',
    COMMENT COLUMN `observed_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `message_key` 'base64',
    COMMENT COLUMN `message_value` 'base64',
    COMMENT COLUMN `message_header_names` 'names of its headers',
    COMMENT COLUMN `message_header_values` 'their values in base64',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'

-- statement: the words of hourly_deltas
ALTER TABLE weibo.hourly_deltas
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `hour` 'begin of the hour, UTC',
    COMMENT COLUMN `hour_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `observed_at` 'newest moment at which it was seen, UTC',
    COMMENT COLUMN `reposts` 'reposts 转发',
    COMMENT COLUMN `reposts_delta_low` 'least possible change',
    COMMENT COLUMN `reposts_delta_high` 'greatest possible change',
    COMMENT COLUMN `reposts_delta` 'gained or lost since the newest earlier known hour; null: unknown',
    COMMENT COLUMN `comments` 'comments 评论',
    COMMENT COLUMN `comments_delta_low` 'least possible change',
    COMMENT COLUMN `comments_delta_high` 'greatest possible change',
    COMMENT COLUMN `comments_delta` 'gained or lost since the newest earlier known hour; null: unknown',
    COMMENT COLUMN `likes` 'likes 赞',
    COMMENT COLUMN `likes_delta_low` 'least possible change',
    COMMENT COLUMN `likes_delta_high` 'greatest possible change',
    COMMENT COLUMN `likes_delta` 'gained or lost since the newest earlier known hour; null: unknown',
    COMMENT COLUMN `views` 'views 阅读 or 播放',
    COMMENT COLUMN `views_delta_low` 'least possible change',
    COMMENT COLUMN `views_delta_high` 'greatest possible change',
    COMMENT COLUMN `views_delta` 'gained or lost since the newest earlier known hour; null: unknown'

-- statement: the words of latest_counters
ALTER TABLE weibo.latest_counters
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC 发布时间',
    COMMENT COLUMN `created_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `first_observed_at` 'first seen, UTC',
    COMMENT COLUMN `observed_at` 'newest moment at which it was seen, UTC',
    COMMENT COLUMN `observed_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `reposts` 'reposts 转发',
    COMMENT COLUMN `reposts_low` 'least true count that it may stand for',
    COMMENT COLUMN `reposts_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `reposts_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `reposts_at` 'moment of this count, UTC',
    COMMENT COLUMN `comments` 'comments 评论',
    COMMENT COLUMN `comments_low` 'least true count that it may stand for',
    COMMENT COLUMN `comments_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `comments_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `comments_at` 'moment of this count, UTC',
    COMMENT COLUMN `likes` 'likes 赞',
    COMMENT COLUMN `likes_low` 'least true count that it may stand for',
    COMMENT COLUMN `likes_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `likes_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `likes_at` 'moment of this count, UTC',
    COMMENT COLUMN `views` 'views 阅读 or 播放',
    COMMENT COLUMN `views_low` 'least true count that it may stand for',
    COMMENT COLUMN `views_high` 'greatest true count that it may stand for; null: no upper bound',
    COMMENT COLUMN `views_precision` 'exact, rounded or lower_bound',
    COMMENT COLUMN `views_at` 'moment of this count, UTC'

-- statement: the words of posts
ALTER TABLE weibo.posts
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `bid` 'the id in links',
    COMMENT COLUMN `created_at` 'when Weibo says that it was published, UTC 发布时间',
    COMMENT COLUMN `created_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `text` 'plain text 正文',
    COMMENT COLUMN `text_truncated` 'the rest of a long text is still to come',
    COMMENT COLUMN `kind` 'original or repost 原创 / 转发',
    COMMENT COLUMN `format` 'text, picture, video, article or link',
    COMMENT COLUMN `reposted_post_id` 'the post that is passed on',
    COMMENT COLUMN `reposted_author_name` 'its author: verified institutions only',
    COMMENT COLUMN `reposted_text` 'its text',
    COMMENT COLUMN `reposted_removed` 'it is deleted or hidden',
    COMMENT COLUMN `topics` '话题, without the signs',
    COMMENT COLUMN `links` 'targets of links',
    COMMENT COLUMN `media_kinds` 'picture, live_photo, video',
    COMMENT COLUMN `media_urls` 'where they are',
    COMMENT COLUMN `source` 'the device, app or publication named',
    COMMENT COLUMN `region` 'where, as Weibo shows it IP属地',
    COMMENT COLUMN `edit_count` 'how often it was edited, where shown',
    COMMENT COLUMN `edited_at` 'the last edit, UTC',
    COMMENT COLUMN `pinned` 'shown at the top 置顶',
    COMMENT COLUMN `content_version` 'hash of what it says',
    COMMENT COLUMN `versions` 'different versions seen',
    COMMENT COLUMN `first_observed_at` 'first seen, UTC',
    COMMENT COLUMN `last_observed_at` 'last seen, UTC',
    COMMENT COLUMN `removal` 'deleted_by_author, removed_by_platform, hidden, account_gone, unknown; null: to be seen',
    COMMENT COLUMN `removal_notice` 'Weibo''s notice',
    COMMENT COLUMN `first_missing_at` 'first moment at which it was missing, UTC',
    COMMENT COLUMN `removal_confirmed_at` 'when the single-post answer said so, UTC',
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
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from',
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'

-- statement: the words of removals
ALTER TABLE weibo.removals
    COMMENT COLUMN `account_id` 'permanent id in the registry, uid:N outside it 帐号',
    COMMENT COLUMN `post_id` 'Weibo''s mid 微博编号',
    COMMENT COLUMN `removal` 'deleted_by_author, removed_by_platform, hidden, account_gone, unknown; null: to be seen',
    COMMENT COLUMN `notice` 'Weibo''s notice, verbatim',
    COMMENT COLUMN `last_seen_at` 'last moment at which it was seen, UTC',
    COMMENT COLUMN `first_missing_at` 'first moment at which it was missing, UTC',
    COMMENT COLUMN `first_missing_at_beijing` 'the same in Beijing time 北京时间',
    COMMENT COLUMN `confirmed_at` 'when the single-post answer said so, UTC; null: not yet',
    COMMENT COLUMN `observed_at` 'when we saw it, UTC 观察时间',
    COMMENT COLUMN `ce_source` 'live, replica, or the publication that it was imported from',
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
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'

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
    COMMENT COLUMN `ingested_at` 'when ClickHouse had it, UTC'
