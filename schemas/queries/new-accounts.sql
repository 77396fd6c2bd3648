-- group: activity
-- english: Which accounts have just begun: few posts in all, or the first one not long ago?
-- chinese: 哪些帐号刚刚起步？
-- parameter: most UInt32 = 100; posts in all at most; 微博总数上限
-- parameter: days UInt16 = 90; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: first_post_on is the day of the oldest that was read: from_the_start says whether all that the account reports were; first_post_on 为已读最早一条之日，from_the_start 表示是否已读全
SELECT
    account_id, argMaxIf(posts_reported, day, isNotNull(posts_reported)) AS posts_in_all, sum(posts_published) AS posts_read,
    minIf(toNullable(day), posts_published > 0) AS first_post_on,
    toBool(ifNull(posts_read >= argMaxIf(posts_reported_high, day, isNotNull(posts_reported)), false)) AS from_the_start,
    argMaxIf(followers, day, isNotNull(followers)) AS followers, minIf(day, isNotNull(last_snapshot_at)) AS first_seen_on
FROM weibo.account_days AS days
WHERE day <= {until:Date}
GROUP BY account_id
HAVING countIf(isNotNull(last_snapshot_at)) > 0
    AND (ifNull(posts_in_all <= {most:UInt32}, false)
        OR (from_the_start AND ifNull(first_post_on > {until:Date} - {days:UInt16}, false)))
ORDER BY posts_in_all NULLS LAST, account_id
