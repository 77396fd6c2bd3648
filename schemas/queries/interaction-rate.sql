-- group: performance
-- english: How many interactions come from a hundred followers, with followers as they were at posting time?
-- chinese: 互动率（按发帖时的粉丝数）
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: post_rate is the median over posts of interactions ÷ followers at posting × 100; account_rate is all interactions ÷ posts ÷ mean followers × 100; 单帖互动率取中位数；帐号互动率为总互动÷帖数÷平均粉丝×100
SELECT
    account_id, count() AS posts, count(interaction_rate) AS known,
    round(quantileExactInclusive(0.5)(interaction_rate), 4) AS post_rate,
    round(100 * sumIf(interactions, isNotNull(interaction_rate)) / nullIf(known, 0)
        / nullIf(avgIf(followers_at_posting, isNotNull(interaction_rate)), 0), 4) AS account_rate,
    min(followers_at_posting) AS fewest_followers, max(followers_at_posting) AS most_followers
FROM weibo.post_measures
WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY account_id
ORDER BY post_rate DESC NULLS LAST, account_id
