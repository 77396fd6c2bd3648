-- group: activity
-- english: Which accounts have just begun: few posts in all, or the first one not long ago?
-- chinese: 哪些帐号刚刚起步？
-- parameter: most UInt32 = 100; posts in all at most; 微博总数上限
-- parameter: days UInt16 = 90; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: first_post is the oldest that was read: from_the_start says whether all that the account reports were; first_post 为已读最早一条，from_the_start 表示是否已读全
WITH
    read AS
    (
        SELECT account_id, min(created_at_beijing) AS first_post, count() AS posts_read
        FROM weibo.post_measures
        WHERE toDate(created_at_beijing) <= {until:Date}
        GROUP BY account_id
    ),
    reported AS
    (
        SELECT
            account_id, argMaxIf((posts, posts_high), observed_at, isNotNull(posts)) AS newest,
            min(observed_at) AS first_seen, argMax(followers, observed_at) AS followers
        FROM weibo.snapshots
        WHERE toDate(observed_at_beijing) <= {until:Date}
        GROUP BY account_id
    )
SELECT
    reported.account_id AS account_id, newest.1 AS posts_in_all, posts_read,
    if(posts_read = 0, NULL, first_post) AS first_post_at_beijing,
    toBool(ifNull(posts_read >= newest.2, false)) AS from_the_start, followers, first_seen AS first_seen_at
FROM reported
LEFT JOIN read ON read.account_id = reported.account_id
WHERE ifNull(posts_in_all <= {most:UInt32}, false)
    OR (from_the_start AND ifNull(toDate(first_post_at_beijing) > {until:Date} - {days:UInt16}, false))
ORDER BY posts_in_all NULLS LAST, account_id
