-- What an account gained, week by week, out of the samples.
SELECT toMonday(toDate(toTimeZone(observed_at, 'Asia/Shanghai'))) AS week, sum(gained)
FROM
(
    SELECT
        observed_at,
        toInt64(reposts + comments + likes) - lagInFrame(toNullable(toInt64(reposts + comments + likes))) OVER
            (PARTITION BY post_id ORDER BY observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS gained
    FROM weibo_store.engagement_samples
    WHERE account_id = {account:String} AND observed_at >= toDateTime64({until:Date} - {days:UInt16}, 3, 'UTC')
        AND observed_at < toDateTime64({until:Date} + 1, 3, 'UTC')
)
GROUP BY week
ORDER BY week
