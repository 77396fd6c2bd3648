-- group: posts
-- english: Which posts gained or lost most within an hour?
-- chinese: 一小时内增减最多的微博
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 1; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
-- note: a step is counted from the newest earlier hour in which the counter was known, of a post found within a day from 0: a pause shows as one larger step; 增减自上一个已知小时算起，发布一日内发现的帖自零算起，采集中断会显示为一大步
SELECT
    hour_beijing, account_id, post_id, reposts_delta, comments_delta, likes_delta, views_delta,
    abs(ifNull(reposts_delta, 0)) + abs(ifNull(comments_delta, 0)) + abs(ifNull(likes_delta, 0)) AS moved, observed_at
FROM weibo.hourly_deltas
WHERE toDate(hour_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
    AND post_id IN
    (
        -- Posts that were seen in the period: of all others nothing has to be computed.
        SELECT post_id
        FROM weibo.post_measures
        WHERE toDate(toTimeZone(observed_at, 'Asia/Shanghai')) >= {until:Date} - {days:UInt16} + 1
            AND toDate(toTimeZone(first_observed_at, 'Asia/Shanghai')) <= {until:Date}
    )
    AND moved > 0
ORDER BY moved DESC, hour, account_id, post_id
LIMIT {limit:UInt16}
