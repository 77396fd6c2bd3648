-- Gains of accounts per UTC hour, from {hours_from} on: sums of the known deltas of their posts.
-- Rows of hours before {replaced_from} are added and not replaced: the samples behind them are there no more.
-- Parameters: accounts Array(String), hours_from and replaced_from DateTime64(3, 'UTC').
INSERT INTO weibo_store.account_hours
WITH
    toStartOfHour(toDateTime({hours_from:DateTime64(3, 'UTC')}, 'UTC')) AS first_hour,
    gains AS
    (
        SELECT
            account_id,
            hour,
            toUInt32(0) AS published,
            toUInt32(count()) AS sampled,
            toUInt32(sum(samples)) AS seen,
            sum(ifNull(reposts_delta, 0)) AS reposts_gain,
            sum(ifNull(comments_delta, 0)) AS comments_gain,
            sum(ifNull(likes_delta, 0)) AS likes_gain,
            sum(ifNull(reposts_delta_low, 0) + ifNull(comments_delta_low, 0) + ifNull(likes_delta_low, 0)) AS low,
            sum(ifNull(reposts_delta_high, 0) + ifNull(comments_delta_high, 0) + ifNull(likes_delta_high, 0)) AS high,
            -- A bound that is missing where the other is known: a counter that was capped.
            sum(toUInt32(isNull(reposts_delta_low) AND isNotNull(reposts_delta_high)) + toUInt32(isNull(comments_delta_low) AND isNotNull(comments_delta_high)) + toUInt32(isNull(likes_delta_low) AND isNotNull(likes_delta_high))) AS open_below,
            sum(toUInt32(isNotNull(reposts_delta_low) AND isNull(reposts_delta_high)) + toUInt32(isNotNull(comments_delta_low) AND isNull(comments_delta_high)) + toUInt32(isNotNull(likes_delta_low) AND isNull(likes_delta_high))) AS open_above,
            toUInt32(countIf(isNotNull(reposts) AND isNull(reposts_delta)) + countIf(isNotNull(comments) AND isNull(comments_delta)) + countIf(isNotNull(likes) AND isNull(likes_delta))) AS unknown,
            max(observed_at) AS newest
        FROM weibo.hourly_deltas
        WHERE account_id IN {accounts:Array(String)} AND hour >= first_hour
        GROUP BY account_id, hour
    ),
    publications AS
    (
        SELECT account_id, toStartOfHour(toDateTime(published_at, 'UTC')) AS hour, toUInt32(count()) AS published
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
        SELECT account_id, assumeNotNull(hour), published, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, toDateTime64(0, 3, 'UTC') FROM publications
    )
SELECT
    account_id,
    hour,
    sum(published),
    sum(sampled),
    sum(seen),
    sum(reposts_gain),
    sum(comments_gain),
    sum(likes_gain),
    if(sum(open_below) > 0, NULL, sum(low)),
    if(sum(open_above) > 0, NULL, sum(high)),
    sum(unknown),
    if(sum(seen) > 0, max(newest), NULL),
    now64(3, 'UTC')
FROM both
WHERE hour >= {replaced_from:DateTime64(3, 'UTC')} OR (account_id, hour) NOT IN
(
    SELECT account_id, hour
    FROM weibo_store.account_hours
    WHERE account_id IN {accounts:Array(String)} AND hour >= first_hour AND hour < {replaced_from:DateTime64(3, 'UTC')}
)
GROUP BY account_id, hour
