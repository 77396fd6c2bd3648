-- group: posts
-- english: Where did the posts that have settled come to rest, and how fast were they there?
-- chinese: 已稳定微博的最终计数与到达时间
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
SELECT
    account_id, post_id, created_at_beijing, reposts, comments, likes, views, interactions,
    round(hours_to_50, 2) AS hours_to_50, round(hours_to_90, 2) AS hours_to_90,
    round(half_life_hours, 2) AS half_life_hours, peak_at, samples, observed_at
FROM weibo.post_measures
WHERE settled AND toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
ORDER BY interactions DESC NULLS LAST, account_id, post_id
LIMIT {limit:UInt16}
