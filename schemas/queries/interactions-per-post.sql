-- group: performance
-- english: How many interactions has a post of each account, as mean and as median?
-- chinese: 各帐号每条微博的互动：均值与中位数
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: one giraffe ruins a mean: look at the median; posts of which a counter is unknown are left out of both (known); 均值易被单帖拉高，请看中位数；未知计数的帖不计入
SELECT
    account_id, count() AS posts, count(interactions) AS known, round(avg(interactions), 1) AS mean,
    round(quantileExactInclusive(0.5)(interactions), 1) AS median, max(interactions) AS most,
    round(avg(reposts), 1) AS mean_reposts, round(avg(comments), 1) AS mean_comments, round(avg(likes), 1) AS mean_likes,
    min(observed_at) AS oldest_sample_at
FROM weibo.post_measures
WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY account_id
ORDER BY median DESC NULLS LAST, account_id
