-- Which posts of the period have the most interactions, out of the samples.
SELECT
    account_id, post_id, any(created_at) AS published_at,
    argMaxIf(reposts, observed_at, isNotNull(reposts)) + argMaxIf(comments, observed_at, isNotNull(comments)) + argMaxIf(likes, observed_at, isNotNull(likes)) AS interactions
FROM weibo_store.engagement_samples
WHERE toDate(toTimeZone(created_at, 'Asia/Shanghai')) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND observed_at >= toDateTime64({until:Date} - {days:UInt16}, 3, 'UTC')
    AND ({country:String} = '' OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY account_id, post_id
ORDER BY interactions DESC
LIMIT {limit:UInt16}
