-- Gains of accounts per UTC hour, from the day in Beijing of {hours_from} on: sums of the known deltas of their posts,
-- as weibo.hourly_deltas shows them. Here each post is a row of arrays, its samples in order: that costs a fifth of
-- the view's groups and windows.
-- Rows of hours before {hours_replaced_from} are added and not replaced: the samples behind them are there no more.
-- Parameters: accounts Array(String), hours_from and hours_replaced_from DateTime64(3, 'UTC').
INSERT INTO weibo_store.account_hours
WITH
    toDateTime(toStartOfDay(toDateTime64({hours_from:DateTime64(3, 'UTC')}, 3, 'Asia/Shanghai')), 'UTC') AS first_hour,
    3600000 AS an_hour,
    -- What a count is compared with: the last known one, or 0 where the first was found within a day of the publication.
    (bound, last_known, known_at, published) -> multiIf(last_known >= 0, nullIf(bound, -1), ifNull(known_at < published + 24 * an_hour, false), 0, NULL) AS earlier,
    (low, high, change) -> if(ifNull(low = high, false) OR ifNull(low > 0, false) OR ifNull(high < 0, false), change, NULL) AS certain,
    -- Milliseconds. A count that is unknown, and a bound that is open, is -1.
    samples AS
    (
        SELECT
            account_id,
            post_id,
            created_at,
            toUnixTimestamp64Milli(observed_at) AS at,
            ifNull(toInt64(s.reposts), -1) AS reposts,
            reposts - reposts_below AS reposts_low,
            ifNull(reposts + reposts_above, -1) AS reposts_high,
            ifNull(toInt64(s.comments), -1) AS comments,
            comments - comments_below AS comments_low,
            ifNull(comments + comments_above, -1) AS comments_high,
            ifNull(toInt64(s.likes), -1) AS likes,
            likes - likes_below AS likes_low,
            ifNull(likes + likes_above, -1) AS likes_high
        FROM weibo_store.engagement_samples AS s
        WHERE account_id IN {accounts:Array(String)} AND (account_id, post_id) IN
        (
            SELECT account_id, post_id
            FROM weibo_store.post_latest
            WHERE account_id IN {accounts:Array(String)} AND observed_at >= first_hour
        )
        ORDER BY account_id, post_id, observed_at
    ),
    posts AS
    (
        SELECT
            account_id,
            post_id,
            toUnixTimestamp64Milli(max(created_at)) AS published,
            groupArray(at) AS times,
            groupArray(reposts) AS r,
            groupArray(reposts_low) AS r_low,
            groupArray(reposts_high) AS r_high,
            groupArray(comments) AS c,
            groupArray(comments_low) AS c_low,
            groupArray(comments_high) AS c_high,
            groupArray(likes) AS l,
            groupArray(likes_low) AS l_low,
            groupArray(likes_high) AS l_high
        FROM samples
        GROUP BY account_id, post_id
        SETTINGS max_block_size = 256
    ),
    marked AS
    (
        SELECT
            *,
            arrayMap(x -> intDiv(x, an_hour), times) AS in_hour,
            arrayMap((x, y) -> x != y, in_hour, arrayPopFront(arrayPushBack(in_hour, 0))) AS last,
            arrayCumSum(arrayMap((x, y) -> x != y, times, arrayPopBack(arrayPushFront(times, 0)))) AS number,
            arrayMap(x -> x >= 0, r) AS r_known,
            arrayMap(x -> x >= 0, c) AS c_known,
            arrayMap(x -> x >= 0, l) AS l_known
        FROM posts
    ),
    -- Per hour of a post: what was known last by its end, and since when.
    ends AS
    (
        SELECT
            account_id,
            published,
            arrayFilter((x, is) -> is, in_hour, last) AS hours,
            arrayFilter((x, is) -> is, times, last) AS newest,
            arrayFilter((x, is) -> is, number, last) AS seen,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, times, r_known), last) AS r_at,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, r, r_known), last) AS r_now,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, r_low, r_known), last) AS r_low_now,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, r_high, r_known), last) AS r_high_now,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, times, c_known), last) AS c_at,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, c, c_known), last) AS c_now,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, c_low, c_known), last) AS c_low_now,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, c_high, c_known), last) AS c_high_now,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, times, l_known), last) AS l_at,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, l, l_known), last) AS l_now,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, l_low, l_known), last) AS l_low_now,
            arrayFilter((x, is) -> is, arrayFill((x, is) -> is, l_high, l_known), last) AS l_high_now
        FROM marked
    ),
    pairs AS
    (
        SELECT
            account_id, published, hour, hour * an_hour AS hour_ms, newest, seen, seen_before,
            r_at, r_now, r_low_now, r_high_now, r_before, r_low_before, r_high_before,
            c_at, c_now, c_low_now, c_high_now, c_before, c_low_before, c_high_before,
            l_at, l_now, l_low_now, l_high_now, l_before, l_low_before, l_high_before
        FROM ends
        ARRAY JOIN
            hours AS hour, newest, seen, arrayPopBack(arrayPushFront(seen, 0)) AS seen_before,
            r_at, r_now, r_low_now, r_high_now,
            arrayPopBack(arrayPushFront(r_now, -1)) AS r_before,
            arrayPopBack(arrayPushFront(r_low_now, -1)) AS r_low_before,
            arrayPopBack(arrayPushFront(r_high_now, -1)) AS r_high_before,
            c_at, c_now, c_low_now, c_high_now,
            arrayPopBack(arrayPushFront(c_now, -1)) AS c_before,
            arrayPopBack(arrayPushFront(c_low_now, -1)) AS c_low_before,
            arrayPopBack(arrayPushFront(c_high_now, -1)) AS c_high_before,
            l_at, l_now, l_low_now, l_high_now,
            arrayPopBack(arrayPushFront(l_now, -1)) AS l_before,
            arrayPopBack(arrayPushFront(l_low_now, -1)) AS l_low_before,
            arrayPopBack(arrayPushFront(l_high_now, -1)) AS l_high_before
        WHERE hour >= intDiv(toUnixTimestamp(first_hour), 3600)
    ),
    changes AS
    (
        SELECT
            account_id,
            published,
            toDateTime(hour * 3600, 'UTC') AS hour,
            seen - seen_before AS samples,
            newest,
            r_now >= 0 AND r_at >= hour_ms AS reposts_known,
            if(reposts_known, r_low_now - earlier(r_high_before, r_before, r_at, published), NULL) AS reposts_low,
            if(reposts_known, nullIf(r_high_now, -1) - earlier(r_low_before, r_before, r_at, published), NULL) AS reposts_high,
            certain(reposts_low, reposts_high, r_now - earlier(r_before, r_before, r_at, published)) AS reposts_change,
            c_now >= 0 AND c_at >= hour_ms AS comments_known,
            if(comments_known, c_low_now - earlier(c_high_before, c_before, c_at, published), NULL) AS comments_low,
            if(comments_known, nullIf(c_high_now, -1) - earlier(c_low_before, c_before, c_at, published), NULL) AS comments_high,
            certain(comments_low, comments_high, c_now - earlier(c_before, c_before, c_at, published)) AS comments_change,
            l_now >= 0 AND l_at >= hour_ms AS likes_known,
            if(likes_known, l_low_now - earlier(l_high_before, l_before, l_at, published), NULL) AS likes_low,
            if(likes_known, nullIf(l_high_now, -1) - earlier(l_low_before, l_before, l_at, published), NULL) AS likes_high,
            certain(likes_low, likes_high, l_now - earlier(l_before, l_before, l_at, published)) AS likes_change
        FROM pairs
    ),
    gains AS
    (
        SELECT
            account_id,
            hour,
            toUInt32(0) AS publications,
            toUInt32(count()) AS sampled,
            toUInt32(sum(samples)) AS seen,
            sum(ifNull(reposts_change, 0)) AS reposts_gain,
            sum(ifNull(comments_change, 0)) AS comments_gain,
            sum(ifNull(likes_change, 0)) AS likes_gain,
            sum(ifNull(reposts_low, 0) + ifNull(comments_low, 0) + ifNull(likes_low, 0)) AS low,
            sum(ifNull(reposts_high, 0) + ifNull(comments_high, 0) + ifNull(likes_high, 0)) AS high,
            -- A bound that is missing where the other is known: a counter that was capped.
            countIf(isNull(reposts_low) AND isNotNull(reposts_high) OR isNull(comments_low) AND isNotNull(comments_high) OR isNull(likes_low) AND isNotNull(likes_high)) AS open_below,
            countIf(isNotNull(reposts_low) AND isNull(reposts_high) OR isNotNull(comments_low) AND isNull(comments_high) OR isNotNull(likes_low) AND isNull(likes_high)) AS open_above,
            toUInt32(sum((reposts_known AND isNull(reposts_change)) + (comments_known AND isNull(comments_change)) + (likes_known AND isNull(likes_change)))) AS unknown,
            maxIf(abs(ifNull(reposts_change, 0)) + abs(ifNull(comments_change, 0)) + abs(ifNull(likes_change, 0)), isNotNull(published)) AS moved,
            fromUnixTimestamp64Milli(max(newest), 'UTC') AS newest_at
        FROM changes
        GROUP BY account_id, hour
    ),
    publications AS
    (
        SELECT account_id, toStartOfHour(toDateTime(published_at, 'UTC')) AS hour, toUInt32(count()) AS publications
        FROM
        (
            SELECT account_id, post_id, max(created_at) AS published_at
            FROM weibo_store.post_versions
            WHERE account_id IN {accounts:Array(String)}
            GROUP BY account_id, post_id
        )
        WHERE ifNull(published_at >= first_hour, false)
        GROUP BY account_id, hour
    ),
    both AS
    (
        SELECT * FROM gains
        UNION ALL
        SELECT account_id, assumeNotNull(hour), publications, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, toDateTime64(0, 3, 'UTC') FROM publications
    )
SELECT
    account_id,
    hour,
    sum(publications),
    sum(sampled),
    sum(seen),
    sum(reposts_gain),
    sum(comments_gain),
    sum(likes_gain),
    if(sum(open_below) > 0, NULL, sum(low)),
    if(sum(open_above) > 0, NULL, sum(high)),
    sum(unknown),
    max(moved),
    if(sum(seen) > 0, max(newest_at), NULL),
    now64(3, 'UTC')
FROM both
WHERE hour >= {hours_replaced_from:DateTime64(3, 'UTC')} OR (account_id, hour) NOT IN
(
    SELECT account_id, hour
    FROM weibo_store.account_hours
    WHERE account_id IN {accounts:Array(String)} AND hour >= first_hour AND hour < {hours_replaced_from:DateTime64(3, 'UTC')}
)
GROUP BY account_id, hour
-- One thread, and nothing spilled: so the arrays keep the order of their samples.
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 0, max_bytes_ratio_before_external_group_by = 0, optimize_move_to_prewhere_if_final = 1
