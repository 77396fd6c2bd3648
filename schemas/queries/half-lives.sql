-- group: posts
-- english: How long do an account's posts live: hours to 50 and 90 % of their interactions, half-life, peak?
-- chinese: 各帐号微博的寿命：达到50%与90%互动的时间、半衰期
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 90; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: medians over settled posts whose curve is known; 仅统计已稳定且曲线已知的微博，取中位数
SELECT
    account_id, count() AS settled_posts, count(hours_to_50) AS known,
    round(quantileExactInclusive(0.5)(hours_to_50), 2) AS median_hours_to_50,
    round(quantileExactInclusive(0.5)(hours_to_90), 2) AS median_hours_to_90,
    round(quantileExactInclusive(0.5)(half_life_hours), 2) AS median_half_life_hours,
    round(quantileExactInclusive(0.5)(samples)) AS median_samples
FROM weibo.post_measures
WHERE settled AND toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY account_id
ORDER BY median_hours_to_50 NULLS LAST, account_id
