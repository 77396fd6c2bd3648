-- group: interference
-- english: Which posts lost likes, comments or reposts for certain?
-- chinese: 哪些微博确定减少了赞、评论或转发？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 90; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
SELECT
    account_id, post_id, created_at_beijing, likes_lost, comments_lost, reposts_lost,
    ifNull(likes_lost, 0) + ifNull(comments_lost, 0) + ifNull(reposts_lost, 0) AS lost, likes, comments, reposts,
    round(100 * lost / nullIf(interactions + lost, 0), 2) AS lost_percent, samples, observed_at
FROM weibo.post_measures
WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date} AND lost > 0
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
ORDER BY lost DESC, account_id, post_id
LIMIT {limit:UInt16}
