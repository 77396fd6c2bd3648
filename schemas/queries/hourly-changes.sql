-- group: posts
-- english: Which posts gained or lost most within an hour?
-- chinese: 一小时内增减最多的微博
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 1; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
-- note: a step is counted from the newest earlier hour in which the counter was known, of a post found within a day from 0: a pause shows as one larger step; 增减自上一个已知小时算起，发布一日内发现的帖自零算起，采集中断会显示为一大步
WITH
    -- The largest steps are in the account's days that hold the largest: of all others nothing has to be computed.
    largest AS
    (
        SELECT account_id, day
        FROM weibo.account_days
        WHERE day BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date} AND most_moved > 0
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
        ORDER BY most_moved DESC
        LIMIT {limit:UInt16} WITH TIES
    ),
    seen AS
    (
        SELECT
            account_id, post_id, toDate(toTimeZone(first_observed_at, 'Asia/Shanghai')) AS first_day,
            toDate(toTimeZone(observed_at, 'Asia/Shanghai')) AS last_day
        FROM weibo.post_measures
        WHERE account_id IN (SELECT account_id FROM largest)
            AND last_day >= {until:Date} - {days:UInt16} + 1 AND first_day <= {until:Date}
    ),
    posts AS
    (
        SELECT DISTINCT seen.account_id, seen.post_id
        FROM seen
        INNER JOIN largest ON largest.account_id = seen.account_id
        WHERE largest.day BETWEEN seen.first_day AND seen.last_day
    )
SELECT
    hour_beijing, account_id, post_id, reposts_delta, comments_delta, likes_delta, views_delta,
    abs(ifNull(reposts_delta, 0)) + abs(ifNull(comments_delta, 0)) + abs(ifNull(likes_delta, 0)) AS moved, observed_at
FROM weibo.hourly_deltas
WHERE (account_id, post_id) IN (SELECT * FROM posts)
    AND toDate(hour_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND moved > 0
ORDER BY moved DESC, hour, account_id, post_id
LIMIT {limit:UInt16}
