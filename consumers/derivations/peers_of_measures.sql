-- The expectation of post_ages, as it is by now, for the scores that rest on peers or on nothing: of posts published on
-- the days from {days_from} until before {days_until}, in Beijing. No sample is read.
-- A row stays as old as it was, less than what may have been computed from newer samples beside it.
-- Parameters: days_from and days_until Date32.
INSERT INTO weibo_store.post_measures
SELECT m.* REPLACE (
    a.expected AS expected,
    a.benchmark_posts AS benchmark_posts,
    a.benchmark AS benchmark,
    m.derived_at + INTERVAL 1 MILLISECOND AS derived_at
)
FROM weibo_store.post_measures AS m FINAL
INNER JOIN
(
    SELECT account_id, created_at, post_id, age_s, expected, benchmark_posts, benchmark
    FROM weibo_store.post_ages FINAL
    WHERE created_at >= toDateTime64({days_from:Date32}, 3, 'Asia/Shanghai')
        AND created_at < toDateTime64({days_until:Date32}, 3, 'Asia/Shanghai')
        AND benchmark IN ('', 'peers')
) AS a ON a.account_id = m.account_id AND a.created_at = m.created_at AND a.post_id = m.post_id AND a.age_s = m.score_age_s
WHERE m.created_at >= toDateTime64({days_from:Date32}, 3, 'Asia/Shanghai')
    AND m.created_at < toDateTime64({days_until:Date32}, 3, 'Asia/Shanghai')
    AND m.benchmark IN ('', 'peers')
    AND (m.benchmark != a.benchmark OR m.benchmark_posts != a.benchmark_posts OR ifNull(m.expected, -1) != ifNull(a.expected, -1))
