-- Gains and figures of accounts per day in Beijing, from the day of {hours_from} on: sums of account_hours, which were
-- computed from {began} on; what stands there from before, the raw rows gave once and give no more.
-- Rows of days that began before {days_replaced_from} are added and not replaced: the raw rows behind them are there no
-- more. For hours that is {hours_replaced_from}.
-- Parameters: accounts Array(String); hours_from, began, hours_replaced_from and days_replaced_from
-- DateTime64(3, 'UTC').
INSERT INTO weibo_store.account_days
WITH
    toDate32({hours_from:DateTime64(3, 'UTC')}, 'Asia/Shanghai') AS first_day,
    toDateTime(toStartOfDay(toDateTime64({hours_from:DateTime64(3, 'UTC')}, 3, 'Asia/Shanghai')), 'UTC') AS first_hour,
    toDateTime64(0, 3, 'UTC') AS never,
    gains AS
    (
        SELECT
            account_id,
            toDate32(toTimeZone(hour, 'Asia/Shanghai')) AS day,
            sum(posts_published) AS published,
            toUInt64(0) AS sampled,
            sum(samples) AS seen,
            sum(reposts_gained) AS reposts_gain,
            sum(comments_gained) AS comments_gain,
            sum(likes_gained) AS likes_gain,
            sum(ifNull(interactions_gained_low, 0)) AS low,
            sum(ifNull(interactions_gained_high, 0)) AS high,
            countIf(isNull(interactions_gained_low)) AS open_below,
            countIf(isNull(interactions_gained_high)) AS open_above,
            sum(deltas_unknown) AS unknown,
            max(most_moved) AS moved,
            ifNull(max(newest_sample_at), never) AS newest,
            toUInt64(0) AS visits,
            toUInt64(0) AS complete_visits,
            toUInt64(0) AS reported,
            toUInt64(0) AS captured,
            (never, '') AS visit,
            (never, toUInt64(0)) AS post,
            never AS snapshot
        FROM weibo_store.account_hours FINAL
        WHERE account_id IN {accounts:Array(String)} AND hour >= first_hour
            AND (hour < {hours_replaced_from:DateTime64(3, 'UTC')} OR derived_at >= {began:DateTime64(3, 'UTC')})
        GROUP BY account_id, day
    ),
    sightings AS
    (
        SELECT account_id, toDate32(observed_at, 'Asia/Shanghai') AS day, uniqExact(post_id) AS sampled
        FROM weibo_store.engagement_samples
        WHERE account_id IN {accounts:Array(String)} AND observed_at >= first_hour
        GROUP BY account_id, day
    ),
    -- Looking up a name and trying a lane read no account.
    visits AS
    (
        SELECT
            account_id,
            toDate32(ended_at, 'Asia/Shanghai') AS day,
            count() AS visits,
            countIf(complete) AS complete_visits,
            sum(ifNull(comments_reported, 0)) AS reported,
            sum(comments_captured) AS captured,
            max((ended_at, toString(stop_reason))) AS visit
        FROM weibo.receipts
        WHERE account_id IN {accounts:Array(String)} AND ended_at >= first_hour AND spider NOT IN ('names', 'canary')
        GROUP BY account_id, day
    ),
    publications AS
    (
        SELECT account_id, toDate32(assumeNotNull(published_at), 'Asia/Shanghai') AS day, max((assumeNotNull(published_at), post_id)) AS post
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
    figures AS
    (
        SELECT account_id, observed_at, followers, followers_below, followers_above, posts, posts_above
        FROM weibo_store.account_snapshots
        WHERE account_id IN {accounts:Array(String)}
        ORDER BY kafka_offset DESC
        LIMIT 1 BY account_id, observed_at
    ),
    parts AS
    (
        SELECT * FROM gains
        UNION ALL
        SELECT account_id, day, 0, sampled, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, never, 0, 0, 0, 0, (never, ''), (never, 0), never FROM sightings
        UNION ALL
        SELECT account_id, day, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, never, visits, complete_visits, reported, captured, visit, (never, 0), never FROM visits
        UNION ALL
        SELECT account_id, day, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, never, 0, 0, 0, 0, (never, ''), post, never FROM publications
        UNION ALL
        SELECT account_id, toDate32(observed_at, 'Asia/Shanghai') AS day, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, never, 0, 0, 0, 0, (never, ''), (never, 0), max(observed_at)
        FROM figures
        WHERE observed_at >= first_hour
        GROUP BY account_id, day
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
            max(parts.moved) AS moved,
            max(newest) AS newest_at,
            sum(parts.visits) AS visits,
            sum(parts.complete_visits) AS complete_visits,
            sum(parts.reported) AS reported,
            sum(parts.captured) AS captured,
            max(parts.visit) AS visit,
            max(parts.post) AS post,
            max(parts.snapshot) AS snapshot
        FROM parts
        WHERE toDateTime64(day, 3, 'Asia/Shanghai') >= {days_replaced_from:DateTime64(3, 'UTC')} OR (account_id, day) NOT IN
        (
            SELECT account_id, day
            FROM weibo_store.account_days
            WHERE account_id IN {accounts:Array(String)} AND day >= first_day AND toDateTime64(day, 3, 'Asia/Shanghai') < {days_replaced_from:DateTime64(3, 'UTC')}
        )
        GROUP BY account_id, day
    )
SELECT
    d.account_id,
    d.day,
    d.published,
    if(d.post.1 = never, NULL, d.post.1),
    if(d.post.1 = never, NULL, d.post.2),
    d.sampled,
    d.seen,
    d.reposts_gain,
    d.comments_gain,
    d.likes_gain,
    d.low,
    d.high,
    d.unknown,
    d.moved,
    if(d.newest_at = never, NULL, d.newest_at),
    f.followers,
    ifNull(f.followers_below, 0),
    if(isNull(f.followers), 0, f.followers_above),
    f.observed_at,
    if(d.snapshot = never, NULL, d.snapshot),
    p.posts,
    p.posts + p.posts_above,
    d.visits,
    d.complete_visits,
    if(d.visit.1 = never, NULL, d.visit.1),
    d.visit.2,
    d.reported,
    d.captured,
    now64(3, 'UTC')
FROM days AS d
ASOF LEFT JOIN (SELECT * FROM figures WHERE isNotNull(followers)) AS f ON f.account_id = d.account_id AND f.observed_at < d.day_ends_at
ASOF LEFT JOIN (SELECT * FROM figures WHERE isNotNull(posts)) AS p ON p.account_id = d.account_id AND p.observed_at < d.day_ends_at
SETTINGS join_use_nulls = 1, optimize_move_to_prewhere_if_final = 1
