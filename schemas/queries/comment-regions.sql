-- group: conversation
-- english: Where do an account's commenters write from, as Weibo shows it?
-- chinese: 评论者的IP属地分布
-- parameter: account String required; the account: id, uid or screen name; 帐号
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: regions of fewer than five people are put together; 不足五人的地区合并
WITH
    people AS
    (
        SELECT author_key, argMax(region, created_at) AS newest_region, count() AS written
        FROM weibo.comments
        WHERE account_id = {account:String} AND ifNull(author_account_id != account_id, true)
            AND post_id IN (SELECT post_id FROM weibo.post_measures WHERE account_id = {account:String})
            AND toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
        GROUP BY author_key
    ),
    regions AS
    (
        SELECT ifNull(newest_region, '') AS place, count() AS commenters, sum(written) AS comments FROM people GROUP BY place
    )
SELECT
    multiIf(commenters < 5, 'elsewhere', place = '', 'not shown', place) AS region, sum(commenters) AS people,
    sum(comments) AS comments_written, round(100 * people / sum(people) OVER (), 1) AS percent
FROM regions
GROUP BY region
ORDER BY people DESC, region
