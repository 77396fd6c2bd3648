-- Counters of posts at the ages of the grid, for posts published from {posts_from} on, and what was to be expected.
-- A value between two samples that lie further apart than the post is old is a guess: it counts for no expectation.
-- Posts that were seen first before {whole_from} keep the rows they have: some of their samples are there no more.
-- A row is written where it differs from what is there; with {anew} always.
-- Parameters: accounts Array(String), posts_from and whole_from DateTime64(3, 'UTC'), anew Bool.
-- Expected: CrowdTangle's rule (help.crowdtangle.com/en/articles/2013937): of the account's last 100 posts of the same
-- type at the same age, without the highest and the lowest quarter, the mean. Ours besides: none older than 365 days,
-- none from fewer than 20 posts, and all types together where one has too few.
INSERT INTO weibo_store.post_ages
WITH
    [300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 259200, 604800, 2592000] AS grid,
    published AS
    (
        SELECT r.account_id AS account_id, r.post_id AS post_id, assumeNotNull(max(r.created_at)) AS published_at
        FROM weibo_store.post_latest AS r
        WHERE r.account_id IN {accounts:Array(String)}
        GROUP BY r.account_id, r.post_id
        HAVING isNotNull(max(r.created_at)) AND min(r.first_observed_at) >= {whole_from:DateTime64(3, 'UTC')}
    ),
    posts AS
    (
        SELECT * FROM published WHERE published_at >= {posts_from:DateTime64(3, 'UTC')}
    ),
    -- They count for what is to be expected of others.
    kept AS
    (
        SELECT r.account_id, r.post_id
        FROM weibo_store.post_latest AS r
        WHERE r.account_id IN {accounts:Array(String)}
        GROUP BY r.account_id, r.post_id
        HAVING min(r.first_observed_at) < {whole_from:DateTime64(3, 'UTC')}
    ),
    kinds AS
    (
        SELECT account_id, post_id, argMax(kind, (observed_at, kafka_offset)) AS kind
        FROM weibo_store.post_versions
        WHERE account_id IN {accounts:Array(String)}
        GROUP BY account_id, post_id
    ),
    samples AS
    (
        SELECT
            s.account_id AS account_id,
            s.post_id AS post_id,
            p.published_at AS published_at,
            dateDiff('millisecond', p.published_at, s.observed_at) AS age,
            s.reposts AS reposts,
            s.comments AS comments,
            s.likes AS likes,
            s.views AS views,
            isNull(s.reposts_above) AS reposts_capped,
            isNull(s.comments_above) AS comments_capped,
            isNull(s.likes_above) AS likes_capped
        FROM weibo_store.engagement_samples AS s
        INNER JOIN posts AS p ON p.account_id = s.account_id AND p.post_id = s.post_id
        WHERE s.account_id IN {accounts:Array(String)} AND s.observed_at >= p.published_at
    ),
    -- Between two ages of the grid only the first and the last known count matter.
    ends AS
    (
        SELECT
            account_id,
            post_id,
            any(published_at) AS published_at,
            roundDown(intDiv(age, 1000), arrayConcat([0], grid)) AS slot,
            (argMinIf((age, reposts, reposts_capped), age, isNotNull(reposts)), argMaxIf((age, reposts, reposts_capped), age, isNotNull(reposts))) AS reposts_ends,
            (argMinIf((age, comments, comments_capped), age, isNotNull(comments)), argMaxIf((age, comments, comments_capped), age, isNotNull(comments))) AS comments_ends,
            (argMinIf((age, likes, likes_capped), age, isNotNull(likes)), argMaxIf((age, likes, likes_capped), age, isNotNull(likes))) AS likes_ends,
            (argMinIf((age, views, false), age, isNotNull(views)), argMaxIf((age, views, false), age, isNotNull(views))) AS views_ends
        FROM samples
        GROUP BY account_id, post_id, slot
    ),
    series AS
    (
        SELECT
            account_id,
            post_id,
            any(published_at) AS published_at,
            arraySort(groupArrayIf((slot, reposts_ends.1, reposts_ends.2), isNotNull(reposts_ends.1.2))) AS reposts_series,
            arraySort(groupArrayIf((slot, comments_ends.1, comments_ends.2), isNotNull(comments_ends.1.2))) AS comments_series,
            arraySort(groupArrayIf((slot, likes_ends.1, likes_ends.2), isNotNull(likes_ends.1.2))) AS likes_series,
            arraySort(groupArrayIf((slot, views_ends.1, views_ends.2), isNotNull(views_ends.1.2))) AS views_series
        FROM ends
        GROUP BY account_id, post_id
    ),
    neighbours AS
    (
        -- Of each counter the last known count before the age, 0 at the publication where there is none, and the
        -- first one from the age on: (milliseconds, count, capped).
        SELECT
            account_id,
            post_id,
            published_at,
            age_s,
            arrayLast(e -> e.1 < age_s, reposts_series).3 AS reposts_before,
            arrayFirst(e -> e.1 >= age_s, reposts_series).2 AS reposts_after,
            arrayLast(e -> e.1 < age_s, comments_series).3 AS comments_before,
            arrayFirst(e -> e.1 >= age_s, comments_series).2 AS comments_after,
            arrayLast(e -> e.1 < age_s, likes_series).3 AS likes_before,
            arrayFirst(e -> e.1 >= age_s, likes_series).2 AS likes_after,
            arrayLast(e -> e.1 < age_s, views_series).3 AS views_before,
            arrayFirst(e -> e.1 >= age_s, views_series).2 AS views_after
        FROM series
        ARRAY JOIN grid AS age_s
        WHERE isNotNull(reposts_after.2) OR isNotNull(comments_after.2) OR isNotNull(likes_after.2)
    ),
    fresh AS
    (
        SELECT
            n.account_id AS account_id,
            n.post_id AS post_id,
            n.published_at AS created_at,
            k.kind AS kind,
            n.age_s AS age_s,
            ifNull(reposts_before.2, 0) + (toInt64(reposts_after.2) - toInt64(ifNull(reposts_before.2, 0))) * (age_s * 1000 - reposts_before.1) / (reposts_after.1 - reposts_before.1) AS reposts,
            ifNull(comments_before.2, 0) + (toInt64(comments_after.2) - toInt64(ifNull(comments_before.2, 0))) * (age_s * 1000 - comments_before.1) / (comments_after.1 - comments_before.1) AS comments,
            ifNull(likes_before.2, 0) + (toInt64(likes_after.2) - toInt64(ifNull(likes_before.2, 0))) * (age_s * 1000 - likes_before.1) / (likes_after.1 - likes_before.1) AS likes,
            ifNull(views_before.2, 0) + (toInt64(views_after.2) - toInt64(ifNull(views_before.2, 0))) * (age_s * 1000 - views_before.1) / (views_after.1 - views_before.1) AS views,
            toBool(NOT (
                ifNull(reposts_after.2 IS NULL OR reposts_after.1 = age_s * 1000, true)
                AND ifNull(comments_after.2 IS NULL OR comments_after.1 = age_s * 1000, true)
                AND ifNull(likes_after.2 IS NULL OR likes_after.1 = age_s * 1000, true)
            )) AS interpolated,
            toBool(
                (isNotNull(reposts_after.2) AND (reposts_before.3 OR reposts_after.3))
                OR (isNotNull(comments_after.2) AND (comments_before.3 OR comments_after.3))
                OR (isNotNull(likes_after.2) AND (likes_before.3 OR likes_after.3))
            ) AS capped,
            toUInt32(intDiv(greatest(
                if(isNull(reposts_after.2), 0, reposts_after.1 - reposts_before.1),
                if(isNull(comments_after.2), 0, comments_after.1 - comments_before.1),
                if(isNull(likes_after.2), 0, likes_after.1 - likes_before.1)
            ), 1000)) AS gap_s,
            if(gap_s <= age_s, reposts + comments + likes, NULL) AS interactions
        FROM neighbours AS n
        LEFT JOIN kinds AS k ON k.account_id = n.account_id AND k.post_id = n.post_id
    ),
    earlier AS
    (
        SELECT account_id, post_id, created_at, kind, age_s, reposts, comments, likes, views, interpolated, capped, gap_s, if(gap_s <= age_s, reposts + comments + likes, NULL) AS interactions
        FROM weibo_store.post_ages FINAL
        WHERE account_id IN {accounts:Array(String)} AND (created_at < {posts_from:DateTime64(3, 'UTC')} OR (account_id, post_id) IN (SELECT * FROM kept))
    ),
    windows AS
    (
        SELECT
            *,
            groupArray((created_at, interactions)) OVER (PARTITION BY account_id, age_s, kind ORDER BY created_at, post_id ROWS BETWEEN 100 PRECEDING AND 1 PRECEDING) AS of_type,
            groupArray((created_at, interactions)) OVER (PARTITION BY account_id, age_s ORDER BY created_at, post_id ROWS BETWEEN 100 PRECEDING AND 1 PRECEDING) AS of_account
        FROM (SELECT * FROM fresh UNION ALL SELECT * FROM earlier)
    ),
    benchmarks AS
    (
        SELECT
            *,
            arraySort(arrayMap(x -> assumeNotNull(x.2), arrayFilter(x -> isNotNull(x.2) AND x.1 >= created_at - toIntervalDay(365), of_type))) AS type_values,
            arraySort(arrayMap(x -> assumeNotNull(x.2), arrayFilter(x -> isNotNull(x.2) AND x.1 >= created_at - toIntervalDay(365), of_account))) AS account_values,
            multiIf(length(type_values) >= 20, 'type', length(account_values) >= 20, 'account', '') AS benchmark,
            if(benchmark = 'type', type_values, account_values) AS values,
            intDiv(length(values), 4) AS cut
        FROM windows
        WHERE created_at >= {posts_from:DateTime64(3, 'UTC')} AND (account_id, post_id) NOT IN (SELECT * FROM kept)
    ),
    rows AS
    (
        SELECT
            account_id, post_id, created_at, kind, age_s, reposts, comments, likes, views, interpolated, capped, gap_s,
            if(benchmark = '', NULL, arrayAvg(arraySlice(values, cut + 1, length(values) - 2 * cut))) AS expected,
            toUInt16(length(values)) AS benchmark_posts,
            benchmark
        FROM benchmarks
    )
SELECT
    account_id, post_id, created_at, kind, age_s, reposts, comments, likes, views, interpolated, capped, gap_s, expected,
    benchmark_posts, benchmark, now64(3, 'UTC'), 0
FROM rows
WHERE (account_id, post_id, age_s, cityHash64(toString((created_at, kind, reposts, comments, likes, views, interpolated, capped, gap_s, expected, benchmark_posts, benchmark)))) NOT IN
(
    SELECT account_id, post_id, age_s, cityHash64(toString((created_at, kind, reposts, comments, likes, views, interpolated, capped, gap_s, expected, benchmark_posts, benchmark)))
    FROM weibo_store.post_ages FINAL
    WHERE account_id IN {accounts:Array(String)} AND created_at >= {posts_from:DateTime64(3, 'UTC')} AND NOT {anew:Bool}
)
UNION ALL
-- Where a post turns out to have been published at another moment, the row of the first one goes.
SELECT
    o.account_id, o.post_id, o.created_at, o.kind, o.age_s, o.reposts, o.comments, o.likes, o.views, o.interpolated,
    o.capped, o.gap_s, o.expected, o.benchmark_posts, o.benchmark,
    now64(3, 'UTC'), 1
FROM weibo_store.post_ages AS o FINAL
INNER JOIN published AS p ON p.account_id = o.account_id AND p.post_id = o.post_id
WHERE o.account_id IN {accounts:Array(String)} AND o.created_at != p.published_at
