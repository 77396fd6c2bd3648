-- The counters that a post showed, moment by moment, as they are stored.
SELECT observed_at, reposts, comments, likes, views
FROM weibo_store.engagement_samples
WHERE post_id = {post:UInt64}
ORDER BY observed_at
