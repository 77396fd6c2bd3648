-- group: performance
-- english: How do the posts of the period compare when each had the same age?
-- chinese: 各微博在相同发布时长时的互动比较
-- parameter: age_s UInt32 in 300|900|1800|3600|10800|21600|43200|86400|172800|259200|604800|2592000 = 3600; age of the posts, seconds; 发布后秒数
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 7; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
SELECT
    account_id, post_id, created_at_beijing, age_s,
    round(interactions, 1) AS interactions, round(reposts, 1) AS reposts, round(comments, 1) AS comments,
    round(likes, 1) AS likes, round(expected, 1) AS expected, round(score, 2) AS score, benchmark_posts, interpolated, capped,
    gap_s
FROM weibo.counters_at_age
WHERE age_s = {age_s:UInt32} AND toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
ORDER BY interactions DESC NULLS LAST, account_id, post_id
LIMIT {limit:UInt16}
