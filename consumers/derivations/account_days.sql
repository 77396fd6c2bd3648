-- Gains and figures of accounts per day in Beijing, from the day of {hours_from} on.
-- Rows of days that began before {replaced_from} are added and not replaced: the raw rows behind them are there no more.
-- Parameters: accounts Array(String), hours_from and replaced_from DateTime64(3, 'UTC').
INSERT INTO weibo_store.account_days
WITH
    toDate32({hours_from:DateTime64(3, 'UTC')}, 'Asia/Shanghai') AS first_day,
    toDateTime(toStartOfDay(toDateTime64({hours_from:DateTime64(3, 'UTC')}, 3, 'Asia/Shanghai')), 'UTC') AS first_hour,
    gains AS
    (
        SELECT
            account_id,
            toDate32(hour_beijing) AS day,
            toUInt32(0) AS published,
            toUInt32(uniqExact(post_id)) AS sampled,
            toUInt32(sum(samples)) AS seen,
            sum(ifNull(reposts_delta, 0)) AS reposts_gain,
            sum(ifNull(comments_delta, 0)) AS comments_gain,
            sum(ifNull(likes_delta, 0)) AS likes_gain,
            sum(ifNull(reposts_delta_low, 0) + ifNull(comments_delta_low, 0) + ifNull(likes_delta_low, 0)) AS low,
            sum(ifNull(reposts_delta_high, 0) + ifNull(comments_delta_high, 0) + ifNull(likes_delta_high, 0)) AS high,
            sum(toUInt32(isNull(reposts_delta_low) AND isNotNull(reposts_delta_high)) + toUInt32(isNull(comments_delta_low) AND isNotNull(comments_delta_high)) + toUInt32(isNull(likes_delta_low) AND isNotNull(likes_delta_high))) AS open_below,
            sum(toUInt32(isNotNull(reposts_delta_low) AND isNull(reposts_delta_high)) + toUInt32(isNotNull(comments_delta_low) AND isNull(comments_delta_high)) + toUInt32(isNotNull(likes_delta_low) AND isNull(likes_delta_high))) AS open_above,
            toUInt32(countIf(isNotNull(reposts) AND isNull(reposts_delta)) + countIf(isNotNull(comments) AND isNull(comments_delta)) + countIf(isNotNull(likes) AND isNull(likes_delta))) AS unknown,
            max(observed_at) AS newest,
            toUInt32(0) AS visits,
            toUInt32(0) AS complete_visits,
            toUInt64(0) AS reported,
            toUInt64(0) AS captured
        FROM weibo.hourly_deltas
        WHERE account_id IN {accounts:Array(String)} AND hour >= first_hour
        GROUP BY account_id, day
    ),
    publications AS
    (
        SELECT account_id, toDate32(published_at, 'Asia/Shanghai') AS day, toUInt32(count()) AS published
        FROM
        (
            SELECT account_id, post_id, max(created_at) AS published_at
            FROM weibo_store.post_versions
            WHERE account_id IN {accounts:Array(String)}
            GROUP BY account_id, post_id
        )
        WHERE ifNull(published_at >= first_hour, false)
        GROUP BY account_id, day
    ),
    visits AS
    (
        SELECT
            account_id,
            toDate32(ended_at, 'Asia/Shanghai') AS day,
            toUInt32(count()) AS visits,
            toUInt32(countIf(complete)) AS complete_visits,
            sum(ifNull(comments_reported, 0)) AS reported,
            sum(comments_captured) AS captured
        FROM weibo.receipts
        WHERE account_id IN {accounts:Array(String)} AND ended_at >= first_hour
        GROUP BY account_id, day
    ),
    figures AS
    (
        SELECT account_id, observed_at, followers, followers_below, followers_above, posts
        FROM weibo_store.account_snapshots
        WHERE account_id IN {accounts:Array(String)}
        ORDER BY kafka_offset DESC
        LIMIT 1 BY account_id, observed_at
    ),
    parts AS
    (
        SELECT * FROM gains
        UNION ALL
        SELECT account_id, assumeNotNull(day), published, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, toDateTime64(0, 3, 'UTC'), 0, 0, 0, 0 FROM publications
        UNION ALL
        SELECT account_id, day, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, toDateTime64(0, 3, 'UTC'), visits, complete_visits, reported, captured FROM visits
        UNION ALL
        SELECT DISTINCT account_id, toDate32(observed_at, 'Asia/Shanghai'), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, toDateTime64(0, 3, 'UTC'), 0, 0, 0, 0
        FROM figures
        WHERE observed_at >= first_hour
    ),
    days AS
    (
        SELECT
            account_id,
            day,
            toDateTime64(addDays(day, 1), 3, 'Asia/Shanghai') AS day_ends_at,
            sum(parts.published) AS published,
            sum(parts.sampled) AS sampled,
            sum(parts.seen) AS seen,
            sum(parts.reposts_gain) AS reposts_gain,
            sum(parts.comments_gain) AS comments_gain,
            sum(parts.likes_gain) AS likes_gain,
            if(sum(open_below) > 0, NULL, sum(parts.low)) AS low,
            if(sum(open_above) > 0, NULL, sum(parts.high)) AS high,
            sum(parts.unknown) AS unknown,
            max(newest) AS newest_at,
            sum(parts.visits) AS visits,
            sum(parts.complete_visits) AS complete_visits,
            sum(parts.reported) AS reported,
            sum(parts.captured) AS captured
        FROM parts
        WHERE toDateTime64(day, 3, 'Asia/Shanghai') >= {replaced_from:DateTime64(3, 'UTC')} OR (account_id, day) NOT IN
        (
            SELECT account_id, day
            FROM weibo_store.account_days
            WHERE account_id IN {accounts:Array(String)} AND day >= first_day AND toDateTime64(day, 3, 'Asia/Shanghai') < {replaced_from:DateTime64(3, 'UTC')}
        )
        GROUP BY account_id, day
    )
SELECT
    d.account_id,
    d.day,
    d.published,
    d.sampled,
    d.seen,
    d.reposts_gain,
    d.comments_gain,
    d.likes_gain,
    d.low,
    d.high,
    d.unknown,
    if(d.newest_at = toDateTime64(0, 3, 'UTC'), NULL, d.newest_at),
    f.followers,
    ifNull(f.followers_below, 0),
    if(isNull(f.followers), 0, f.followers_above),
    f.observed_at,
    p.posts,
    d.visits,
    d.complete_visits,
    d.reported,
    d.captured,
    now64(3, 'UTC')
FROM days AS d
ASOF LEFT JOIN (SELECT * FROM figures WHERE isNotNull(followers)) AS f ON f.account_id = d.account_id AND f.observed_at < d.day_ends_at
ASOF LEFT JOIN (SELECT * FROM figures WHERE isNotNull(posts)) AS p ON p.account_id = d.account_id AND p.observed_at < d.day_ends_at
SETTINGS join_use_nulls = 1
