-- The ranking finds the snapshots that count by their moments alone, and computes only what is asked for.

-- statement: ranking
CREATE OR REPLACE VIEW weibo.ranking AS
WITH
    if(
        length({at:String}) = 10,
        toDateTime64(toDate({at:String}) + 1, 3, 'Asia/Shanghai'),
        parseDateTime64BestEffort({at:String}, 3, 'UTC') + toIntervalMillisecond(1)
    ) AS until,
    toDateTime64(0, 3, 'UTC') AS never,
    -- Whole days are looked up; of the day that is not over at that moment the snapshots are read.
    moments AS
    (
        SELECT account_id, max(at) AS newest_at
        FROM
        (
            SELECT account_id, followers_at AS at
            FROM weibo_store.snapshot_days
            WHERE day < toDate32(until, 'Asia/Shanghai') AND followers_at > never
            UNION ALL
            SELECT account_id, observed_at
            FROM weibo_store.account_snapshots
            WHERE observed_at >= toStartOfDay(toTimeZone(until, 'Asia/Shanghai')) AND observed_at < until
                AND isNotNull(followers)
        )
        GROUP BY account_id
    ),
    printed_moments AS
    (
        SELECT account_id, max(at) AS newest_at
        FROM
        (
            SELECT account_id, printed_at AS at
            FROM weibo_store.snapshot_days
            WHERE day < toDate32(until, 'Asia/Shanghai') AND printed_at > never
            UNION ALL
            SELECT account_id, observed_at
            FROM weibo_store.account_snapshots
            WHERE observed_at >= toStartOfDay(toTimeZone(until, 'Asia/Shanghai')) AND observed_at < until
                AND isNotNull(printed_rank)
        )
        GROUP BY account_id
    ),
    -- Of an account nothing is newer than its own moment: what it has at others' moments is older, and does not count.
    latest AS
    (
        SELECT
            account_id,
            argMax(tuple(s.followers), (s.observed_at, kafka_offset)).1 AS followers,
            argMax(tuple(s.followers_below), (s.observed_at, kafka_offset)).1 AS followers_below,
            argMax(tuple(s.followers_above), (s.observed_at, kafka_offset)).1 AS followers_above,
            argMax(tuple(s.followers_raw), (s.observed_at, kafka_offset)).1 AS followers_raw,
            argMax(tuple(s.verified), (s.observed_at, kafka_offset)).1 AS verified,
            argMax(tuple(s.posts), (s.observed_at, kafka_offset)).1 AS posts,
            argMax(tuple(s.posts_below), (s.observed_at, kafka_offset)).1 AS posts_below,
            argMax(tuple(s.posts_above), (s.observed_at, kafka_offset)).1 AS posts_above,
            argMax(tuple(s.screen_name), (s.observed_at, kafka_offset)).1 AS screen_name,
            argMax(tuple(s.ce_source), (s.observed_at, kafka_offset)).1 AS ce_source,
            max(s.observed_at) AS observed_at
        FROM weibo_store.account_snapshots AS s
        WHERE s.observed_at IN (SELECT newest_at FROM moments)
            AND isNotNull(s.followers)
        GROUP BY account_id
    ),
    printed AS
    (
        SELECT account_id, argMax(printed_rank, (observed_at, kafka_offset)) AS newest_printed_rank
        FROM weibo_store.account_snapshots
        WHERE observed_at IN (SELECT newest_at FROM printed_moments)
            AND isNotNull(printed_rank)
        GROUP BY account_id
    )
SELECT
    rank() OVER (ORDER BY latest.followers DESC) AS rank,
    printed.newest_printed_rank AS printed_rank,
    latest.account_id AS account_id,
    accounts.name_en AS name_en,
    accounts.name_zh AS name_zh,
    accounts.country_code AS country_code,
    accounts.country_en AS country_en,
    accounts.country_zh AS country_zh,
    latest.screen_name AS screen_name,
    latest.verified AS verified,
    latest.followers AS followers,
    latest.followers - latest.followers_below AS followers_low,
    latest.followers + latest.followers_above AS followers_high,
    multiIf(isNull(latest.followers_above), 'lower_bound', latest.followers_below = 0 AND latest.followers_above = 0, 'exact', 'rounded') AS followers_precision,
    latest.followers_raw AS followers_raw,
    latest.posts AS posts,
    latest.posts - latest.posts_below AS posts_low,
    latest.posts + latest.posts_above AS posts_high,
    latest.observed_at AS observed_at,
    toTimeZone(latest.observed_at, 'Asia/Shanghai') AS observed_at_beijing,
    latest.ce_source AS ce_source
FROM latest
LEFT JOIN printed ON printed.account_id = latest.account_id
LEFT JOIN weibo.accounts AS accounts ON accounts.account_id = latest.account_id
ORDER BY rank, account_id
COMMENT 'Who leads at a moment, by followers: ranking(at = ''2016-12-31'') takes the end of that day in Beijing, ranking(at = ''2016-12-31T08:00:00Z'') that moment. printed_rank is the rank that an imported list gave (December 2016), rank is computed; equal counts share a rank. 任意日期的粉丝排名'
