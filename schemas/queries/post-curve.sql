-- group: posts
-- english: How did a post rise, at the ages of the grid, beside what was expected of it?
-- chinese: 某条微博在各时点的计数与预期
-- parameter: post UInt64 required; the post's id (mid); 微博编号
-- note: interpolated values lie on a line between two samples, gap_s seconds apart; 插值取自相隔 gap_s 秒的两次观察之间
SELECT
    age_s, round(reposts, 1) AS reposts, round(comments, 1) AS comments, round(likes, 1) AS likes,
    round(interactions, 1) AS interactions, round(expected, 1) AS expected, round(ratio, 2) AS ratio,
    round(score, 2) AS score, benchmark, benchmark_posts, interpolated, gap_s
FROM weibo.counters_at_age
WHERE post_id = {post:UInt64}
    AND (account_id, created_at) IN (SELECT account_id, created_at FROM weibo.post_measures WHERE post_id = {post:UInt64})
    AND age_s IN (300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 259200, 604800, 2592000)
ORDER BY age_s
