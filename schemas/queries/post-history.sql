-- group: posts
-- english: Which counters did a post show, moment by moment?
-- chinese: 某条微博每次观察到的计数
-- parameter: post UInt64 required; the post's id (mid); 微博编号
SELECT
    observed_at_beijing, age_seconds, reposts, reposts_precision, comments, comments_precision, likes, likes_precision,
    views, via
FROM weibo.samples
WHERE post_id = {post:UInt64}
    -- Samples stand by account.
    AND account_id IN (SELECT account_id FROM weibo.posts WHERE post_id = {post:UInt64})
ORDER BY observed_at
