-- group: activity
-- english: What did an account post and gain, week by week (Monday to Sunday, Beijing)?
-- chinese: 某帐号每周（周一至周日）发帖与获得的互动
-- parameter: account String required; the account: id, uid or screen name; 帐号
-- parameter: days UInt16 = 84; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: days_covered counts days with a visit that missed nothing: a week with fewer than 7 may lack posts; days_covered 为无遗漏的天数，少于7天的周可能缺帖
SELECT
    toMonday(day) AS week, sum(posts_published) AS posts, sumIf(toNullable(interactions_gained), samples > 0) AS interactions,
    sumIf(toNullable(reposts_gained), samples > 0) AS reposts,
    sumIf(toNullable(comments_gained), samples > 0) AS comments, sumIf(toNullable(likes_gained), samples > 0) AS likes,
    argMax(followers, day) AS followers, countIf(visits_complete > 0) AS days_covered, sum(deltas_unknown) AS unknown
FROM weibo.account_days
WHERE account_id = {account:String} AND day BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
GROUP BY week
ORDER BY week
