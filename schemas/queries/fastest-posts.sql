-- group: posts
-- english: Which posts gain interactions fastest at their newest sample?
-- chinese: 目前增速最快的微博
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 3; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
-- note: velocity is per hour between the last two samples that knew all counters: observed_at says how old that is; 速度按最近两次完整观察计算，见 observed_at
SELECT
    account_id, post_id, created_at_beijing, round(velocity, 2) AS interactions_per_hour, interactions,
    round(ratio, 2) AS ratio, benchmark_posts, samples, observed_at
FROM weibo.post_measures
WHERE isNotNull(velocity) AND toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
ORDER BY velocity DESC, account_id, post_id
LIMIT {limit:UInt16}
