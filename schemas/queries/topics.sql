-- group: content
-- english: Which topics are posted about, by whom, and which do best?
-- chinese: 哪些话题被使用，效果如何？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 90; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: least UInt32 = 1; posts with the topic at least; 话题下至少多少条
-- parameter: limit UInt16 = 20; rows at most; 行数上限
SELECT
    topic, count() AS posts, uniqExact(account_id) AS accounts, count(interactions) AS known,
    round(quantileExactInclusive(0.5)(interactions), 1) AS median_interactions,
    round(quantileExactInclusive(0.5)(ratio), 2) AS median_ratio,
    min(toDate(created_at_beijing)) AS first_day, max(toDate(created_at_beijing)) AS last_day
FROM weibo.post_measures
ARRAY JOIN topics AS topic
WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY topic
HAVING posts >= {least:UInt32}
ORDER BY posts DESC, median_interactions DESC NULLS LAST, topic
LIMIT {limit:UInt16}
