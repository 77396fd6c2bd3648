-- group: content
-- english: Which formats are used, and which do best: text, picture, video, article, link?
-- chinese: 哪种形式（文字、图片、视频、文章、链接）效果最好？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 90; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: compare median_rate or median_ratio: they allow for followers and for what the account usually gets; 比较时看 median_rate 或 median_ratio，已计入粉丝数与平常水平
SELECT
    format, count() AS posts, uniqExact(account_id) AS accounts, count(interactions) AS known,
    round(quantileExactInclusive(0.5)(interactions), 1) AS median_interactions, round(avg(interactions), 1) AS mean_interactions,
    round(quantileExactInclusive(0.5)(interaction_rate), 4) AS median_rate,
    round(quantileExactInclusive(0.5)(ratio), 2) AS median_ratio
FROM weibo.post_measures
WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY format
ORDER BY median_interactions DESC NULLS LAST, format
