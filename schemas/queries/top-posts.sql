-- group: posts
-- english: Which posts of the period have the most interactions, by their newest known counters?
-- chinese: 期内互动最多的微博（最新已知计数）
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 7; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
SELECT
    account_id, post_id, created_at_beijing, kind, format, reposts, comments, likes, views, interactions,
    interactions_low, interactions_high, round(interaction_rate, 3) AS interaction_rate, removal, observed_at
FROM weibo.post_measures
WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
ORDER BY interactions DESC NULLS LAST, account_id, post_id
LIMIT {limit:UInt16}
