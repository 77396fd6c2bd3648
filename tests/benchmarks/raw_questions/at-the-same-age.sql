-- The first counters that each post of the period showed from an age on, out of the samples.
SELECT account_id, post_id, argMin(reposts + comments + likes, observed_at) AS interactions
FROM weibo_store.engagement_samples
WHERE toDate(toTimeZone(created_at, 'Asia/Shanghai')) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND observed_at >= created_at + toIntervalSecond({age_s:UInt32})
    AND observed_at >= toDateTime64({until:Date} - {days:UInt16}, 3, 'UTC')
    AND ({country:String} = '' OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY account_id, post_id
ORDER BY interactions DESC
LIMIT {limit:UInt16}
