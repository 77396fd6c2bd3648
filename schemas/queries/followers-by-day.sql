-- group: audience
-- english: How did an account's followers develop, day by day?
-- chinese: 某帐号粉丝逐日变化
-- parameter: account String required; the account: id, uid or screen name; 帐号
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: change is null where rounding may hide it, or nothing earlier is known; 变化被取整掩盖或之前未知时为空
SELECT
    day, followers, followers_low, followers_high, followers_precision,
    if(
        ifNull(change_low = change_high, false) OR ifNull(change_low > 0, false) OR ifNull(change_high < 0, false),
        toInt64(followers) - toInt64(earlier),
        NULL
    ) AS change,
    change_low, change_high, posts_published, followers_at
FROM
(
    SELECT
        day, followers, followers_low, followers_high, followers_precision, posts_published, followers_at,
        lagInFrame(toNullable(followers)) OVER before AS earlier,
        toInt64(followers_low) - toInt64(lagInFrame(toNullable(followers_high)) OVER before) AS change_low,
        toInt64(followers_high) - toInt64(lagInFrame(toNullable(followers_low)) OVER before) AS change_high
    FROM weibo.account_days
    WHERE account_id = {account:String} AND isNotNull(followers) AND day <= {until:Date}
    WINDOW before AS (ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE day BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
ORDER BY day
