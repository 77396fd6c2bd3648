-- The expectation from peers, as it is by now, for the rows of post_ages that have none of their account's own: of posts
-- published on the days from {days_from} until before {days_until}, in Beijing. No sample is read.
-- A row stays as old as it was, less than what may have been computed from newer samples beside it.
-- Parameters: days_from and days_until Date32.
INSERT INTO weibo_store.post_ages
SELECT a.* REPLACE (
    if(p.posts > 0, p.expected, NULL) AS expected,
    if(p.posts > 0, p.posts, a.own_posts) AS benchmark_posts,
    if(p.posts > 0, 'peers', '') AS benchmark,
    a.derived_at + INTERVAL 1 MILLISECOND AS derived_at
)
FROM weibo_store.post_ages AS a FINAL
LEFT JOIN
(
    SELECT * FROM weibo_store.peer_expectations FINAL WHERE day >= {days_from:Date32} AND day < {days_until:Date32}
) AS p ON p.peer_group = a.peer_group AND p.age_s = a.age_s AND p.day = toDate32(a.created_at, 'Asia/Shanghai')
WHERE a.created_at >= toDateTime64({days_from:Date32}, 3, 'Asia/Shanghai')
    AND a.created_at < toDateTime64({days_until:Date32}, 3, 'Asia/Shanghai')
    AND a.benchmark IN ('', 'peers')
    AND (a.benchmark = 'peers' OR p.posts > 0)
    AND (a.benchmark = '' OR p.posts != a.benchmark_posts OR p.expected != ifNull(a.expected, 0))
